"""A new password for the SIP login of a trunk. Nothing can verify it: Vobiz never shows one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.blocks import Block, paragraph
from bot.blockkit.report import Fact, Tone
from bot.blockkit.text import Code, Line
from bot.domain.outcome import Data, rows_in
from bot.kinds.attached.kind import attached_row
from bot.kinds.attached.login import ROTATE, Login, RotateLogin, login_of, spoken_username
from bot.kinds.attached.logins import FIELD, LoginKind, LoginWords
from bot.kinds.base import Errors, Limits, Typed
from bot.kinds.stages import Stage
from bot.kinds.trunks.inputs import trunk_block
from bot.kinds.trunks.kind import OnTrunk, fields, seen_id
from bot.kinds.trunks.lost import attached_lines, attached_seen, others_changed
from bot.kinds.wording import Alert, Words
from bot.vobiz.snapshot import Needs, Snapshot

_EFFECT: Final = (
    "With the old password nobody can sign in any more: give the new one to every PBX that uses it."
)
_STAGES: Final[Mapping[str, Stage]] = MappingProxyType({ROTATE: RotateLogin()})


class NewPassword(OnTrunk):
    """What was confirmed: the trunk, and the login that it has."""

    sip_login: Login


class RotateWords(LoginWords):
    """How the bot speaks of a new password."""

    stages = _STAGES
    alone = ROTATE
    noun, verb, doing, done = "SIP password of trunk", "change", "changing", "changed"
    password: ClassVar[bool] = True

    @property
    def offer(self) -> str:
        """Label the button that leads to the form."""
        return "Set a new password…"

    @property
    def title(self) -> str:
        """Title the form."""
        return "New SIP password"

    @property
    def submit(self) -> str:
        """Label the button of the form."""
        return "Set a new password"

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say why there is nothing to change, if so."""
        if fields(seen) and attached_row(seen, FIELD) is None:
            return (Alert("This trunk has no SIP login.", tone=Tone.INFO),)
        if fields(seen) and seen.get("all_seen") is not True:
            unread = "I could not read which other trunks use this login. Close this and try again."
            return (Alert(unread), *super().alerts(known, seen))
        return super().alerts(known, seen)

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what becomes of the old one, and who else uses the login."""
        return (Alert(_EFFECT, tuple(attached_lines(seen))),)

    def brief(self, request: Data) -> str:
        """Name the login."""
        return spoken_username(login_of(request).get("username"))

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Name the trunk and the login."""
        login: Line = (Code(str(login_of(request).get("record"))),)
        return (*super().asked(request), Fact("SIP login ID", login, lasting=True))

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what the PBX needs."""
        return (("Enter the new password at every PBX that uses this login.",),)

    # One step: what is said while it is not known what became of it is the step's.

    @property
    def looking(self) -> str:
        """Say that looking shows nothing."""
        return _STAGES[ROTATE].words.looking

    @property
    def missing(self) -> str:
        """Head the question."""
        return _STAGES[ROTATE].words.missing

    def absent(self, within: str) -> str:
        """Say what is known, and what is safe."""
        return _STAGES[ROTATE].words.absent(within)

    @property
    def either(self) -> str:
        """Say that nothing is known."""
        return _STAGES[ROTATE].words.either

    @property
    def twice(self) -> str:
        """Say what sending again may do."""
        return _STAGES[ROTATE].words.twice

    @property
    def stays(self) -> str:
        """Say what giving up means."""
        return _STAGES[ROTATE].words.stays


class RotateCredential(LoginKind):
    """Set a new password of the login that a trunk has."""

    name, verb = "rotate_credential", ""
    stages = _STAGES
    Request: ClassVar[type[BaseModel]] = NewPassword
    words: ClassVar[Words] = RotateWords()

    def ready(self, seen: Data) -> bool:
        """Tell whether the trunk has a login, and it is known which other trunks use it."""
        return super().ready(seen) and seen.get("all_seen") is True and attached_row(seen, FIELD) is not None

    def guards(self, request: Data) -> Needs:
        """Read the other trunks as well."""
        return Needs(trunk=str(request["trunk_id"]), parts=frozenset({self.part}))

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, whether the login is still there, and who else uses it."""
        if (there := super().guard(request, seen, now)) is not None or now.detail is None:
            return there
        record = str(login_of(request).get("record")).casefold()
        if not any(item.id.casefold() == record for item in now.part(self.part).items):
            return {"login": "gone"}
        rows = (row for row in attached_seen(now.detail.trunk, now) if row["field"] == FIELD)
        return others_changed(rows_in(seen, "attached"), rows)

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Show the login, and let the person confirm by the button alone."""
        made = "The bot makes the new password. You can see it afterwards, and nobody else can."
        return [trunk_block(seen), paragraph(((made,),))]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return the trunk: there is nothing to type."""
        return {"trunk_id": seen_id(seen)}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form."""
        name, row = str(fields(seen).get("name", seen_id(seen))), attached_row(seen, FIELD) or {}
        login = {"username": row.get("named") or row.get("id"), "record": row.get("id")}
        request = {"trunk_id": seen_id(seen), "name": name, "sip_login": login}
        return NewPassword.model_validate(request)

    def steps(self, request: Data) -> tuple[str, ...]:
        """Send it."""
        return (ROTATE,)
