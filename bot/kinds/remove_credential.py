"""A trunk without its SIP login: the login is detached, and deleted from the account if that is wanted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from pydantic import BaseModel

from bot.blockkit.blocks import Block
from bot.blockkit.report import Fact
from bot.blockkit.text import Code, Line, Said
from bot.domain.outcome import Data, Thing
from bot.kinds.attached.attach import Attach
from bot.kinds.attached.delete import DeleteRecord, DeleteWords
from bot.kinds.attached.fields import LOGIN
from bot.kinds.attached.kind import OnRecords, attached_row, trunk_as_seen
from bot.kinds.attached.login import Login, login_of
from bot.kinds.attached.logins import FIELD, OnLogin, OnLoginWords, login_seen
from bot.kinds.base import Errors, Limits, Typed
from bot.kinds.stages import Stage
from bot.kinds.trunks.inputs import radio_input, trunk_block
from bot.kinds.trunks.kind import integer, seen_id
from bot.kinds.wording import Words
from bot.vobiz.lists import Part

HOW: Final = "remove_login"  # block_id and action_id of the input
_KEEP, _DELETE = "keep", "delete"
_DETACH: Final = "detach"
_DELETE_STEP: Final = f"delete_{LOGIN}"


class DeleteLoginWords(DeleteWords):
    """What is said of deleting the login."""

    noun: ClassVar[str] = "SIP login"


_STAGES: Final[Mapping[str, Stage]] = MappingProxyType(
    {
        _DETACH: Attach("Detach the login from the trunk"),
        _DELETE_STEP: DeleteRecord(LOGIN, Part.CREDENTIALS, DeleteLoginWords()),
    }
)


class RemovedLogin(OnRecords):
    """What was confirmed: the login that the trunk had `formerly`, and whether it is deleted as well."""

    formerly: Login
    detaching: tuple[Literal["credential"]]
    deleting: Login | None = None


class RemoveWords(OnLoginWords):
    """How the bot speaks of removing a login."""

    stages = _STAGES
    alone = _DETACH
    noun, verb, doing, done = "SIP login of trunk", "remove", "removing", "removed"

    @property
    def offer(self) -> str:
        """Label the button that leads to the form."""
        return "Remove the login…"

    @property
    def title(self) -> str:
        """Title the form."""
        return "Remove SIP login"

    @property
    def submit(self) -> str:
        """Label the button of the form."""
        return "Remove the login"

    @property
    def effect(self) -> str:
        """Say what it does to those who use it."""
        return "PBXs that sign in with it cannot place calls through this trunk any more."

    def brief(self, request: Data) -> str:
        """Say whether it is deleted too."""
        return "detached and deleted" if request.get("deleting") else "detached, and kept in the account"

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Name the login."""
        login = login_of(request, "formerly")
        told: Line = (Said(str(login.get("username")), 100), ", ", Code(str(login.get("record"))))
        return (*super().asked(request), Fact("SIP login", told, lasting=True))

    def ids(self, thing: Thing) -> tuple[Fact, ...]:
        """Say nothing more of the trunk or the login: both are named."""
        return ()

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what the trunk lacks now."""
        return (("Without a login an outbound trunk takes calls from allowed addresses only.",),)


class RemoveCredential(OnLogin):
    """Take a trunk's login away."""

    name, verb = "remove_credential", ""
    stages = _STAGES
    Request: ClassVar[type[BaseModel]] = RemovedLogin
    words: ClassVar[Words] = RemoveWords()

    def login(self, request: Data) -> Data:
        """Return the login."""
        return login_of(request, "formerly")

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Ask whether it is deleted as well; who else would lose it stands there too."""
        count = integer((attached_row(seen, FIELD) or {}).get("count")) or 0
        others = f"{count} other {'trunk loses' if count == 1 else 'trunks lose'} it too."
        choices = {
            _KEEP: ("Detach it from this trunk", "It stays in the account, with its password"),
            _DELETE: ("Detach it and delete it", others if count else "For good. No other trunk uses it"),
        }
        chosen = _DELETE if known.get("deleting") else _KEEP
        return [trunk_block(seen), radio_input(HOW, "What happens to the login?", choices, chosen)]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return the trunk, and what was chosen."""
        return {"trunk_id": seen_id(seen), "deleting": login_seen(seen) if typed(HOW) == _DELETE else None}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form; without a choice nothing is removed."""
        if typed(HOW) not in {_KEEP, _DELETE}:
            return Errors({HOW: "Choose what happens to the login."})
        request = {**trunk_as_seen(seen), "formerly": login_seen(seen), "detaching": [FIELD]}
        return RemovedLogin.model_validate(
            request | {"deleting": login_seen(seen) if typed(HOW) == _DELETE else None}
        )

    def steps(self, request: Data) -> tuple[str, ...]:
        """Detach it, and then delete it."""
        return (_DETACH, _DELETE_STEP) if request.get("deleting") else (_DETACH,)
