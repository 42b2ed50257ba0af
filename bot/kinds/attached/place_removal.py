"""What taking an address and a route off a trunk share: how they speak of it, and what they claim."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.report import Fact
from bot.blockkit.text import Code, Line, Said
from bot.domain.outcome import Data, object_in
from bot.kinds.attached.kind import record_claim
from bot.kinds.attached.place_words import FORMATS
from bot.kinds.attached.removal import RemovalKind, RemovalWords
from bot.kinds.trunks.lost import TEXT
from bot.kinds.trunks.record import label
from bot.kinds.wording import first_up

_NAMES: Final = MappingProxyType({"acl": "allowed address"})


class PlaceRemovalWords(RemovalWords):
    """How such a kind speaks: of the address or the URI."""

    verb, doing, done = "change", "changing", "changed"

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Say what is taken off; whether it is deleted is said with what became of it."""
        off = object_in(request, "taken_off")
        value: Line = (Code(str(off.get("text"))), " (", Code(str(off.get("id"))), ")")
        return (*super().asked(request), Fact(first_up(self.called(request)), value, lasting=True))

    def called(self, request: Data) -> str:
        """Name what is taken off."""
        names = request.get("detaching")
        fields = names if isinstance(names, list | tuple) else ()
        return " and ".join(_NAMES.get(str(field), label(str(field))) for field in fields)

    def headline(self, subject: Said, request: Data) -> Line:
        """Head a result that is as it was requested."""
        end = ", and deleted" if request.get("deleting") else ""
        return (
            f"{first_up(self.called(request))} ",
            Said(_value(request), TEXT),
            " taken off trunk “",
            subject,
            f"”{end}",
        )

    def brief(self, request: Data) -> str:
        """Say the same in a few words."""
        gone, value = "removed and deleted" if request.get("deleting") else "removed", _value(request)
        known = f" {value}" if not set(value) & FORMATS else ""
        return f"{self.called(request)}{known} {gone}"


class PlaceRemoval(RemovalKind):
    """A kind that takes an address or a route off a trunk."""

    def claim(self, account: str, request: Data) -> str:
        """Claim the record by its id."""
        return record_claim(self.kind, account, object_in(request, "taken_off")["id"])


def _value(request: Data) -> str:
    return str(object_in(request, "taken_off").get("text")).removeprefix("sip:")
