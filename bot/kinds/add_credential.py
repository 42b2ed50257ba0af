"""A SIP login for a trunk: a new one, or one that the account has already; the trunk points to one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.blocks import Block, wording
from bot.blockkit.report import Act, Button, Fact
from bot.blockkit.text import Code, Line, plain
from bot.domain.operation import Operation, StepState
from bot.domain.outcome import Data
from bot.kinds.attached.attach import Attach
from bot.kinds.attached.kind import OnRecords, attached_row, misplaced, records_of, trunk_as_seen
from bot.kinds.attached.login import (
    CREATE,
    USERNAME_MAX,
    CreateLogin,
    Login,
    check_username,
    login_of,
    spoken_username,
    suggested,
)
from bot.kinds.attached.logins import FIELD, VERB, LoginKind, LoginWords
from bot.kinds.base import Errors, Limits, Typed
from bot.kinds.stages import Stage
from bot.kinds.trunks.inputs import text_input, trunk_block
from bot.kinds.trunks.kind import fields, integer, seen_id
from bot.kinds.trunks.lost import attached_lines, kept
from bot.kinds.wording import Alert, Words
from bot.vobiz.snapshot import Snapshot

_NAME: Final = "add_credential"
# block_id and action_id of the inputs
WHICH: Final = "which_login"
USERNAME: Final = "username"
_NEW: Final = "new"
_ATTACH: Final = "attach"
_LABEL: Final = 75  # characters of an option
_STAGES: Final[Mapping[str, Stage]] = MappingProxyType(
    {CREATE: CreateLogin(guarded=True), _ATTACH: Attach("Attach the login to the trunk")}
)


class WantedLogin(OnRecords):
    """What was confirmed: the trunk, and the login that it shall have."""

    sip_login: Login


class AddWords(LoginWords):
    """How the bot speaks of giving a trunk a login."""

    stages = _STAGES
    alone = _ATTACH
    noun, verb, doing, done = "SIP login for trunk", "set", "setting", "set"
    button: ClassVar[str] = "SIP login"

    @property
    def act(self) -> str:
        """Put the article before it."""
        return "Set a SIP login for trunk"

    @property
    def title(self) -> str:
        """Title the form."""
        return "SIP login"

    @property
    def submit(self) -> str:
        """Label the button of the form."""
        return "Set the SIP login"

    def brief(self, request: Data) -> str:
        """Name a new login; one that exists may have any name."""
        login = login_of(request)
        return "one that exists already" if login.get("record") else spoken_username(login.get("username"))

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Name the trunk and the login."""
        name = str(login_of(request).get("username"))
        return (*super().asked(request), Fact("User name", (Code(name[:100]),)))

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what it replaces."""
        alerts = misplaced(seen, "a SIP login", "outbound")
        if attached_row(seen, FIELD) is None:
            return alerts
        text = "The trunk has a login, and can have one only: PBXs that use it must change to this one."
        return (*alerts, Alert(text, tuple(attached_lines(seen))))

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what the PBX needs."""
        if login_of(request).get("record"):
            return (("PBXs that have the password of this login can use the trunk now.",),)
        return (("Enter user name and password at the PBX that places the calls.",),)

    def left(self, op: Operation) -> tuple[Button, ...]:
        """Offer to attach a login that was made before it stopped."""
        made = next((one.thing for one in op.steps if one.name == CREATE and one.thing is not None), None)
        if made is None or op.steps[-1].state is StepState.DONE:
            return ()
        value = f"{_NAME} {op.request['trunk_id']} {made.id}"
        return (Button(f"{Act.CHANGE}.{VERB}", "Attach the login…", value),)

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return ((f'{verb} "Sales"', "sets a trunk's SIP login or its password, or removes it"),)


class AddCredential(LoginKind):
    """Give a trunk a login."""

    name, verb, proves = _NAME, VERB, True
    synonyms = frozenset({"login", "password", "credentials", "auth", "register"})
    redraws = frozenset({WHICH})
    stages = _STAGES
    Request: ClassVar[type[BaseModel]] = WantedLogin
    words: ClassVar[Words] = AddWords()

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Lead to what else can be done with the login that the trunk has."""
        return () if attached_row(seen, FIELD) is None else ("rotate_credential", "remove_credential")

    def picked(self, known: Data, value: str) -> Data:
        """Take the trunk, and a login for it where one is named too."""
        trunk, _, record = value.partition(" ")
        chosen = super().picked(known, trunk)
        return {**chosen, "sip_login": {"record": record}} if record else chosen

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Ask which login, and for a new one its user name."""
        others, login = _others(seen), login_of(known)
        record = login.get("record")
        new = record not in others
        typed = str(login.get("username") or "") if new else ""
        name = text_input(
            USERNAME,
            "User name of the new login",
            f"Letters and digits only, at most {USERNAME_MAX}. It cannot be changed later.",
            typed or _free(suggested(fields(seen).get("name")), seen),
            USERNAME_MAX,
        )
        which = [_which(others, None if new else str(record), seen)] if others else []
        return [trunk_block(seen), *which, *([name] if new else [])]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""
        record, others = typed(WHICH), _others(seen)
        if record in others:
            return {"trunk_id": seen_id(seen), "sip_login": {"username": others[record], "record": record}}
        username = typed(USERNAME)
        login = {} if username is None else {"sip_login": {"username": username}}
        return {"trunk_id": seen_id(seen), **login}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form."""
        record, others = typed(WHICH), _others(seen)
        if record not in {None, _NEW}:
            if record not in others:
                return Errors({WHICH: "This login cannot be used. Choose another one."})
            login: dict[str, object] = {"username": others[record], "record": record}
        else:
            username, wrong = check_username(typed(USERNAME) or "")
            if not wrong and kept(username).casefold() in _taken(seen):
                wrong = "The account has a login with this user name. Choose another name, or that login."
            if wrong:
                return Errors({USERNAME: wrong})
            login = {"username": username}
        return WantedLogin.model_validate({**trunk_as_seen(seen), "sip_login": login})

    def steps(self, request: Data) -> tuple[str, ...]:
        """Make it, if it is to be made, and attach it."""
        return (_ATTACH,) if login_of(request).get("record") else (CREATE, _ATTACH)

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, and whether the user name is still free, or the login still there."""
        if (there := super().guard(request, seen, now)) is not None:
            return there
        login, listed = login_of(request), now.part(self.part).items
        if record := login.get("record"):
            found = any(item.id.casefold() == str(record).casefold() for item in listed)
            return None if found else {"login": "gone"}
        wanted = str(login["username"]).casefold()
        return {"login": "taken"} if any(item.text.casefold() == wanted for item in listed) else None


def _others(seen: Data) -> dict[str, str]:
    """Return the logins that can be attached: those of the account but for the trunk's own."""
    own = (attached_row(seen, FIELD) or {}).get("id")
    return {record: name for record, name in records_of(seen).items() if record != own}


def _taken(seen: Data) -> frozenset[str]:
    own = (attached_row(seen, FIELD) or {}).get("named")
    return frozenset(name.casefold() for name in (*records_of(seen).values(), *([str(own)] if own else ())))


def _free(name: str, seen: Data) -> str:
    """Return a user name that nobody has, as far as is known: with a number where it is taken."""
    taken = _taken(seen)
    tried = (name, *(f"{name}{number}" for number in range(2, 100)))
    return next((one for one in tried if one and one not in taken), "")


def _which(others: Mapping[str, str], chosen: str | None, seen: Data) -> Block:
    uses = seen.get("uses")
    counts: Data = uses if isinstance(uses, Mapping) else {}
    options = {_NEW: _option(_NEW, "A new login", "Its password is made by the bot, for you to see")}
    for record, name in others.items():
        count = integer(counts.get(record)) or 0
        about = "Used by no trunk" if not count else f"Used by {count} {'trunk' if count == 1 else 'trunks'}"
        options[record] = _option(record, plain(name, _LABEL), about)
    logins = integer(seen.get("logins")) or 0
    hint = "An existing login keeps its password."
    if logins > len(others) + 1:
        hint += f" {len(others)} of the account's {logins} logins are offered here."
    return {
        "type": "input",
        "block_id": WHICH,
        "label": wording("Which login?"),
        "hint": wording(hint),
        "dispatch_action": True,
        "element": {
            "type": "static_select",
            "action_id": WHICH,
            "options": list(options.values()),
            "initial_option": options[chosen or _NEW],
        },
    }


def _option(value: str, text: str, about: str) -> Block:
    return {"text": wording(text), "value": value, "description": wording(about)}
