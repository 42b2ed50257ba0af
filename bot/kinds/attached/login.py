"""A SIP login (credential): its user name, creating it and setting its password.

A user name is unique on the account and permanent. Whether punctuation is taken is contradictory in the
documents, letters and digits are in all of them. Its password is never shown again by Vobiz, so that nothing
can verify it.
"""

import re
import unicodedata
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.blockkit.report import Act, Button, Fact
from bot.blockkit.text import Code, Line, Said
from bot.domain.operation import Step
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.create import fitting
from bot.kinds.attached.fields import LOGIN, PATHS
from bot.kinds.base import At, CannotTell, Finding, NotThere, Several, ThisOne, Trace
from bot.kinds.create_trunk.find import RECENT
from bot.kinds.stages import Stage
from bot.kinds.trunks.kind import fields
from bot.kinds.wording import Difference, MakingWords, Words
from bot.vobiz.lists import Item, Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import UUID, read_id
from bot.vobiz.verdicts import speaks_of_success
from bot.vobiz.writes import Write

USERNAME_MAX: Final = 100
_USERNAME: Final = re.compile(f"[A-Za-z0-9]{{1,{USERNAME_MAX}}}")
# What an answer without the login may say of a new password; other words may say the opposite.
_SET: Final = re.compile(
    r"(?:sip )?(?:password|credential|login)s? (?:was |has been )?"
    r"(?:set|updated|changed|reset)(?: successfully)?[.!]?",
    re.IGNORECASE,
)
_SUGGESTED: Final = 40  # characters of a user name that is suggested
_NAME: Final = 100  # characters of a user name that is shown: those that exist already may have any

Uuid = Annotated[str, Field(pattern=f"^{UUID.pattern}$")]


class Login(BaseModel):
    """A login by its user name: `record` is the id of one that exists, None of one that is to be made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    username: Annotated[str, Field(min_length=1, max_length=500)]
    record: Uuid | None = None


def check_username(text: str) -> tuple[str, str]:
    """Return a user name for a new login, and what is wrong with it, if anything."""
    name = text.strip()
    if not name:
        return "", "Enter a user name."
    if len(name) > USERNAME_MAX:
        return name, f"At most {USERNAME_MAX} characters."
    if not _USERNAME.fullmatch(name):
        return name, "Use letters (a to z) and digits only: Vobiz can refuse anything else."
    return name, ""


def suggested(name: object) -> str:
    """Suggest a user name: what of a trunk's name may be in one, in small letters."""
    text = unicodedata.normalize("NFKD", name if isinstance(name, str) else "").lower()
    return "".join(char for char in text if char.isascii() and char.isalnum())[:_SUGGESTED]


def login_of(request: Data, key: str = "sip_login") -> Data:
    """Return what a request says of a login."""
    return object_in(request, key)


def login_facts(request: Data, seen: Data, done: tuple[Step, ...]) -> tuple[Fact, ...]:
    """List what a PBX signs in with beside the password, as far as it is known."""
    made = next((step.thing for step in done if step.name in {CREATE, ROTATE} and step.thing), None)
    data = made.data if made is not None else {}
    return pbx_facts({**login_of(request), **data}, _trunk_fields(seen, done))


def renew_button(trunk: str) -> Button:
    """Offer to set a new password of the login that a trunk has."""
    return Button(f"{Act.CHANGE}.{ROTATE}", "Set a new password", f"{ROTATE} {trunk}")


def pbx_facts(login: Data, trunk: Data) -> tuple[Fact, ...]:
    """List user name, realm, SIP domain and transport, each where it is known."""
    told = {
        "User name": login.get("username"),
        "Realm": login.get("realm"),
        "SIP domain": trunk.get("domain"),
    }
    facts = [Fact(label, (Code(str(value)[:_NAME]),)) for label, value in told.items() if value]
    if isinstance(transport := trunk.get("transport"), str):
        secured = {True: " with SRTP", False: ", not encrypted"}.get(trunk.get("secure") is True)
        facts.append(Fact("Transport", (Said(transport.upper(), 20), str(secured))))
    return tuple(facts)


CREATE: Final = f"create_{LOGIN}"
ROTATE: Final = f"rotate_{LOGIN}"


def spoken_username(username: object) -> str:
    """Say a user name inside of words of the bot's; one that may hold anything is not said there."""
    return f"user name {username}" if _USERNAME.fullmatch(str(username)) else ""


class CreateLoginWords(MakingWords):
    """What is said while it is not known whether the login was created."""

    noun: ClassVar[str] = "SIP login"
    record: ClassVar[str] = "SIP login"
    password: ClassVar[bool] = True

    @property
    def found(self) -> str:
        """Say how it is known."""
        return "I found the SIP login in the account, by its user name."

    @property
    def twice(self) -> str:
        """Say what sending again may do: a user name is unique."""
        return "be refused, because the user name is there already"

    def which(self, count: int) -> str:
        """Ask whether it is the one that was found."""
        del count
        return "is this the SIP login?"

    def matching(self, count: int) -> str:
        """Say why that is a question."""
        del count
        return (
            "A SIP login with this user name is in the account. It was made for this request, or somebody"
            " else made one. If it is the request's, its password is the one that “Show password” shows."
        )

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return "If Vobiz did create the SIP login, it stays in the account, and no trunk uses it."

    def describe(self, thing: Thing) -> Line:
        """Describe a login in one line."""
        named = thing.data.get("username")
        return (Code(thing.id), *((" ", Said(str(named), _NAME)) if named else ()))

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """Say where Vobiz made another user name of it."""
        asked, got = login_of(request).get("username"), thing.data.get("username")
        if not asked or not got or str(asked).casefold() == str(got).casefold():
            return ()
        return (Difference("user name", str(asked), str(got)),)


class CreateLogin(Stage):
    """Make a login with the user name that the request has.

    With `guarded` the account's logins were read right before, and none had this user name. Only then one
    that turns up is this one, and only for as long as nobody else had time or reason to make one: that one's
    password would be another than the bot shows.
    """

    makes = LOGIN
    secret = True
    words: Words = CreateLoginWords()

    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return "Create the SIP login"

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the POST."""
        body = {"username": login_of(at.request)["username"], "password": secret}
        return Write(CREATE, "POST", PATHS[LOGIN], body)

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read the login; nothing of a password is kept."""
        return read_login(body)

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether it has another user name: it may be one that was there before."""
        return str(thing.data.get("username")).casefold() != _wanted(at)

    def afterwards(self, at: At) -> Needs | None:
        """Read the account's logins."""
        return Needs(trunks=False, parts=frozenset({Part.CREDENTIALS}))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Add what the list says of it, and what else a PBX has to know."""
        items = () if now is None else now.part(Part.CREDENTIALS).items
        found = next((one for one in items if thing and one.id.casefold() == thing.id.casefold()), None)
        if thing is None:
            return None
        data = {**({} if found is None else _told(found)), **thing.data, **_trunk(at)}
        return thing.model_copy(update={"data": data})

    def find(self, trace: Trace) -> Finding:
        """Look for its user name, which is unique on the account; what other operations made is not it."""
        listed, wanted = trace.now.part(Part.CREDENTIALS), _wanted(trace)
        found = fitting(trace, listed.items, lambda text: text.casefold() == wanted)
        if not found:
            return NotThere() if listed.whole else CannotTell()
        things = tuple(Thing(id=item.id, data={**_told(item), **_trunk(trace)}) for item in found)
        # A conflict at once says that it was there, a reading right before that it was not.
        contradicted = trace.step.reason == "conflict" and trace.step.sendings == 1
        sure = self._guarded and not contradicted and _soon(trace)
        if len(found) == 1 and sure and found[0].text.casefold() == wanted:
            return ThisOne(things[0], "the only login with this user name, which nobody had before")
        return Several(things)


def _wanted(at: At) -> str:
    return str(login_of(at.request).get("username")).casefold()


def _soon(trace: Trace) -> bool:
    """Whether nobody was asked yet, and it is not long since the sending.

    Who is asked may make the login by hand, or have done so by the time that a stopped bot looks.
    """
    began = trace.step.began_at
    return trace.step.look is None and (began is None or trace.now.taken_at - began <= RECENT)


class RotateWords(Words):
    """What is said of setting a new password."""

    noun: ClassVar[str] = "password"
    record: ClassVar[str] = "SIP login"
    verb, doing, done = "set", "setting", "set"
    password: ClassVar[bool] = True

    @property
    def looking(self) -> str:
        """Say that looking shows nothing."""
        return "Vobiz shows no passwords, so I can only wait a moment for its answer."

    @property
    def missing(self) -> str:
        """Head the question: it is always the same."""
        return "nobody can read which password is in force"

    def absent(self, within: str) -> str:
        """Say what is known, and what is safe."""
        del within
        return "Vobiz shows no passwords, so nothing can verify it. Sending it again sends the same password."

    @property
    def either(self) -> str:
        """Say that nothing is known."""
        return "the old password may be in force, or the new one"

    @property
    def twice(self) -> str:
        """Say what sending again may do."""
        return "set the same password again, which does no harm"

    @property
    def stays(self) -> str:
        """Say what giving up means for those who have the old one."""
        return "If Vobiz did set it, the old password does not work any more, and the new one is erased."


class RotateLogin(Stage):
    """Set a new password of a login that exists."""

    secret = True
    words: Words = RotateWords()

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return "Set a new password"

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the PUT: only what changes."""
        path = f"{PATHS[LOGIN]}/{login_of(at.request)['record']}"
        return Write(ROTATE, "PUT", path, {"password": secret})

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read the login, or take what says that it was done; nothing of a password is kept.

        Words that may say something else do not count (“No fields were changed”): nothing can verify a
        password later.
        """
        read = read_login(body)
        return None if body is None or (isinstance(read, str) and _says_set(body)) else read

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether it is another login."""
        return thing.id.casefold() != str(login_of(at.request)["record"]).casefold()

    def afterwards(self, at: At) -> Needs | None:
        """Read the account's logins."""
        return Needs(trunks=False, parts=frozenset({Part.CREDENTIALS}))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Return the login as the list has it."""
        login = login_of(at.request)
        items = () if now is None else now.part(Part.CREDENTIALS).items
        found = next((one for one in items if one.id.casefold() == str(login["record"]).casefold()), None)
        data = thing.data if thing is not None else {"username": login.get("username")}
        told = {} if found is None else _told(found)
        return Thing(id=str(login["record"]), data={**data, **told, **_trunk(at)})

    def find(self, trace: Trace) -> Finding:
        """Conclude nothing: no password can be read. While the login is there it may be sent again."""
        listed = trace.now.part(Part.CREDENTIALS)
        record = str(login_of(trace.request)["record"]).casefold()
        return NotThere() if any(one.id.casefold() == record for one in listed.items) else CannotTell()


def _says_set(body: Data) -> bool:
    message = body.get("message")
    return speaks_of_success(body) or (isinstance(message, str) and _SET.fullmatch(message) is not None)


def read_login(body: Data | None) -> Thing | str:
    """Read a login from an answer, or say in a word why it is none."""
    if body is None:
        return "unreadable"
    identity, username = read_id(body.get("id")), body.get("username")
    if identity is None:
        return "no_id"
    if not isinstance(username, str) or not username:
        return "incomplete"  # an id alone may be that of a job, or of the request
    realm, enabled = body.get("realm"), body.get("enabled")
    return Thing(id=identity, data=_data(username, realm, enabled))


def _trunk(at: At) -> Data:
    trunk = _trunk_fields(at.seen, at.done)
    return {key: trunk[key] for key in ("domain", "transport", "secure") if key in trunk}


def _trunk_fields(seen: Data, done: tuple[Step, ...]) -> Data:
    created = next((step.thing for step in done if step.name == "create_trunk" and step.thing), None)
    return fields(seen) or (created.data if created is not None else {})


def _told(item: Item) -> Data:
    return _data(item.text, item.realm, item.enabled)


def _data(username: str, realm: object, enabled: object) -> Data:
    data = {
        "username": username[:500],
        "realm": realm[:500] if isinstance(realm, str) and realm else None,
        "enabled": enabled if isinstance(enabled, bool) else None,
    }
    return {key: value for key, value in data.items() if value is not None}
