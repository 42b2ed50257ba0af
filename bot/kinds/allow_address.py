"""Allowing an address for a trunk: an IP ACL record, made or taken from the account, and attached in a PUT.

A trunk points to one such record, and a record has one address or range. So another one replaces it.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.text import Line
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.kinds.attached.address import (
    ADDRESS_MAX,
    Address,
    AddressWords,
    CreateAddress,
    check_address,
    warn_of,
)
from bot.kinds.attached.attach import Attach
from bot.kinds.attached.create import CreateWords
from bot.kinds.attached.fields import ADDRESS
from bot.kinds.attached.kind import attached_row, misplaced, trunk_as_seen
from bot.kinds.attached.place import OnPlace, PlaceKind
from bot.kinds.attached.place_words import ATTACH, FORMATS, PlaceWords
from bot.kinds.stages import Stage
from bot.kinds.wording import Alert, Words
from bot.vobiz.lists import Part

_FIELD: Final = "acl"
_STAGES: Final[Mapping[str, Stage]] = {
    f"create_{ADDRESS}": CreateAddress(guarded=True),
    ATTACH: Attach("Attach the address to the trunk"),
}
_MADE: Final = AddressWords()


class Allow(OnPlace):
    """What was confirmed."""

    ip_acl: Address


class AllowWords(PlaceWords):
    """How the bot speaks of allowing an address."""

    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    made: ClassVar[CreateWords] = _MADE
    opens: ClassVar[str] = "allow"
    short: ClassVar[str] = "address"
    button: ClassVar[str] = "Addresses"

    @property
    def act(self) -> str:
        """Name what it does, in front of the trunk's name."""
        return "Change the allowed address of trunk"

    @property
    def title(self) -> str:
        """Title the form."""
        return "Allow an address"

    @property
    def submit(self) -> str:
        """Label its button."""
        return "Allow address"

    @property
    def now(self) -> str:
        """Label it where no approval is waited for."""
        return "Allow address now"

    @property
    def offer(self) -> str:
        """Label the button in the form of another kind."""
        return "Allow an address…"

    def called(self, request: Data) -> str:
        """Name what the trunk points to."""
        return "allowed address"

    def brief(self, request: Data) -> str:
        """Give the address: what it is for is said before."""
        value = str(_MADE.wanted(request).get("ip"))
        return "" if set(value) & FORMATS else value

    def now_does(self, request: Data) -> str:
        """Say what the trunk does now."""
        return "now takes calls from"

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what is replaced and who else uses it, and what to think of before this address is allowed."""
        alerts = [*misplaced(seen, "an allowed address", "outbound")]
        if row := attached_row(seen, _FIELD):
            keep = " Trunks that share the old one keep it." if row.get("count") else ""
            text = "A trunk has one allowed address or range: another one replaces it."
            alerts.append(Alert(f"{text}{keep}", self.shared(seen)))
        if warning := warn_of(str(_MADE.wanted(known).get("ip") or "")):
            alerts.append(Alert(warning, must_see=True))
        return tuple(alerts)

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what usually follows."""
        return (("Send calls from this address to the trunk's SIP domain, and place a test call.",),)

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return (
            (f'{verb} "Sales"', "shows which address may send calls on a trunk, to change or remove it"),
            (f'{verb} "Sales" 203.0.114.5', "opens the form with this address"),
        )


class AllowAddress(PlaceKind):
    """Let calls from an IPv4 address, or a range, use a trunk without a login."""

    name, verb, proves = "allow_address", "allow", True
    synonyms = frozenset({"address", "addresses", "acl", "ip", "whitelist", "allowlist"})
    part: ClassVar[Part] = Part.ADDRESSES
    points: ClassVar[tuple[str, ...]] = (_FIELD,)
    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    made: ClassVar[CreateWords] = _MADE
    hint: ClassVar[str] = "The public IPv4 address that calls come from, or a range such as 203.0.114.0/28."
    most: ClassVar[int] = ADDRESS_MAX
    Request: ClassVar[type[BaseModel]] = Allow
    words: ClassVar[Words] = AllowWords()

    def check(self, text: str) -> tuple[str, str]:
        """Check an address."""
        return check_address(text)

    def field(self, wanted: Mapping[str, object]) -> str:
        """Name the trunk's field."""
        return _FIELD

    def request(self, wanted: Mapping[str, object], seen: Data) -> BaseModel:
        """Build the request."""
        more = {"ip_acl": dict(wanted), "in_place_of": self.former(wanted, seen)}
        return Allow.model_validate(trunk_as_seen(seen) | more)

    def offered(self, fields: Data) -> bool:
        """Offer it beside trunks that send calls out, and those that have an address."""
        return fields.get("direction") != "inbound" or bool(fields.get(_FIELD))

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Offer to remove the address that is there."""
        return ("remove_address",) if attached_row(seen, _FIELD) else ()

    def inverse(self, op: Operation) -> tuple[str, Data] | None:
        """Attach again what was there before, or take the address away."""
        former, trunk = op.request.get("in_place_of"), {"trunk_id": op.request["trunk_id"]}
        if isinstance(former, Mapping):
            return self.name, {**trunk, "ip_acl": {"record": former["id"], "ip": former["text"]}}
        return "remove_address", trunk
