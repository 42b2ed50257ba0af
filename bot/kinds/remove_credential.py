"""A trunk without its SIP login: the login is detached, and deleted from the account if that is wanted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from bot.blockkit.report import Fact
from bot.blockkit.text import Code, Line, Said
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.attach import Attach
from bot.kinds.attached.delete import DeleteRecord, DeleteWords
from bot.kinds.attached.fields import LOGIN
from bot.kinds.attached.kind import record_claim
from bot.kinds.attached.logins import FIELD, VERB, LoginWords
from bot.kinds.attached.removal import DETACH, RemovalKind, RemovalWords
from bot.kinds.stages import Stage
from bot.vobiz.lists import Part


class DeleteLoginWords(DeleteWords):
    """What is said of deleting the login."""

    noun: ClassVar[str] = "SIP login"


_STAGES: Final[Mapping[str, Stage]] = MappingProxyType(
    {
        DETACH: Attach("Detach the login from the trunk"),
        f"delete_{LOGIN}": DeleteRecord(LOGIN, Part.CREDENTIALS, DeleteLoginWords()),
    }
)


class RemoveWords(RemovalWords, LoginWords):
    """How the bot speaks of removing a login."""

    stages = _STAGES
    noun, verb, doing, done = "SIP login of trunk", "remove", "removing", "removed"
    one: ClassVar[str] = "SIP login"
    short: ClassVar[str] = "the login"
    none: ClassVar[str] = "This trunk has no SIP login."
    lost: ClassVar[str] = "PBXs that sign in with it cannot place calls through this trunk any more."
    asks: ClassVar[str] = "What happens to the login?"
    only_detach: ClassVar[str] = "Detach it from this trunk"
    delete_too: ClassVar[str] = "Detach it and delete it"

    @property
    def title(self) -> str:
        """Title the form."""
        return "Remove SIP login"

    def brief(self, request: Data) -> str:
        """Say whether it is deleted too."""
        return "detached and deleted" if request.get("deleting") else "detached, and kept in the account"

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Name the login."""
        off = object_in(request, "taken_off")
        told: Line = (Said(str(off.get("text")), 100), ", ", Code(str(off.get("id"))))
        return (*super().asked(request), Fact("SIP login", told, lasting=True))

    def ids(self, thing: Thing) -> tuple[Fact, ...]:
        """Say nothing more of the trunk or the login: both are named."""
        return ()

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what the trunk lacks now."""
        return (("Without a login an outbound trunk takes calls from allowed addresses only.",),)


class RemoveCredential(RemovalKind):
    """Take a trunk's login away."""

    name, kind, way = "remove_credential", LOGIN, VERB
    part: ClassVar[Part] = Part.CREDENTIALS
    points: ClassVar[tuple[str, ...]] = (FIELD,)
    stages = _STAGES
    words: ClassVar[RemovalWords] = RemoveWords()

    def claim(self, account: str, request: Data) -> str:
        """Claim the login by its user name."""
        return record_claim(LOGIN, account, object_in(request, "taken_off")["text"])
