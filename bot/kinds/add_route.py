"""Setting where the calls of a trunk go: an origination URI, made or taken from the account, and attached.

A trunk points to two of them: the primary route, and the one that is tried when that fails.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.blocks import Block
from bot.blockkit.text import Line
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.kinds.attached.attach import Attach
from bot.kinds.attached.create import CreateWords
from bot.kinds.attached.fields import ROUTE, field_of
from bot.kinds.attached.kind import attached_row, misplaced, trunk_as_seen
from bot.kinds.attached.place import OnPlace, PlaceKind
from bot.kinds.attached.place_words import ATTACH, PlaceWords
from bot.kinds.attached.route import URI_MAX, CreateRoute, Route, RouteWords, check_uri
from bot.kinds.base import Limits, Typed
from bot.kinds.stages import Stage
from bot.kinds.trunks.inputs import radio_input
from bot.kinds.wording import Alert, Words
from bot.vobiz.lists import Part

_PLACE: Final = "route_place"  # block_id and action_id
_PRIMARY: Final = "primary"
_FALLBACK: Final = "fallback"
_FIELDS: Final = ("route", "fallback")
_STAGES: Final[Mapping[str, Stage]] = {
    f"create_{ROUTE}": CreateRoute(guarded=True),
    ATTACH: Attach("Attach the route to the trunk"),
}
_MADE: Final = RouteWords()


class AddedRoute(OnPlace):
    """What was confirmed."""

    sip_route: Route


class AddRouteWords(PlaceWords):
    """How the bot speaks of setting a route."""

    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    made: ClassVar[CreateWords] = _MADE
    opens: ClassVar[str] = "route"
    short: ClassVar[str] = "route"
    button: ClassVar[str] = "Route"

    @property
    def act(self) -> str:
        """Name what it does, in front of the trunk's name."""
        return "Change a route of trunk"

    @property
    def title(self) -> str:
        """Title the form."""
        return "Where calls go"

    @property
    def submit(self) -> str:
        """Label its button."""
        return "Set route"

    @property
    def now(self) -> str:
        """Label it where no approval is waited for."""
        return "Set route now"

    @property
    def offer(self) -> str:
        """Label the button in the form of another kind."""
        return "Say where calls go…"

    def called(self, request: Data) -> str:
        """Name what the trunk points to."""
        return "fallback route" if _MADE.wanted(request).get(_FALLBACK) is True else "primary route"

    def now_does(self, request: Data) -> str:
        """Say what the trunk does now."""
        fallback = _MADE.wanted(request).get(_FALLBACK) is True
        return "now falls back to" if fallback else "now sends its calls to"

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what is replaced, and who else uses it."""
        alerts = misplaced(seen, "a route", "inbound")
        rows = [row for field in _FIELDS if (row := attached_row(seen, field))]
        if not rows:
            return alerts
        text = "A trunk has one primary route and one fallback: a new one replaces the one of its kind."
        keep = " Trunks that share it keep it." if any(row.get("count") for row in rows) else ""
        return (*alerts, Alert(f"{text}{keep}", self.shared(seen)))

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what usually follows."""
        return (("Have the PBX there accept calls from Vobiz, and place a test call.",),)

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return (
            (f'{verb} "Sales"', "shows where a trunk's calls go, to change or remove it"),
            (f'{verb} "Sales" sip:pbx.example.com', "opens the form with this SIP URI"),
        )


class AddRoute(PlaceKind):
    """Have a trunk's calls go to a SIP URI, or fall back to one."""

    name, verb, proves = "add_route", "route", True
    synonyms = frozenset({"routes", "uri", "destination", "origination", "forward"})
    part: ClassVar[Part] = Part.ROUTES
    points: ClassVar[tuple[str, ...]] = _FIELDS
    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    made: ClassVar[CreateWords] = _MADE
    hint: ClassVar[str] = "sip:host, sip:host:port or sip:user@host, such as sip:pbx.example.com."
    most: ClassVar[int] = URI_MAX
    Request: ClassVar[type[BaseModel]] = AddedRoute
    words: ClassVar[Words] = AddRouteWords()

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Ask also whether it is the primary route or the fallback."""
        rows = {field: attached_row(seen, field) for field in _FIELDS}
        choices = {
            _PRIMARY: ("Primary route", _said(rows["route"])),
            _FALLBACK: ("Fallback route", _said(rows["fallback"])),
        }
        asked = _MADE.wanted(known).get(_FALLBACK)
        # The one that is free replaces nothing.
        fallback = asked if isinstance(asked, bool) else bool(rows["route"] and not rows["fallback"])
        place = radio_input(_PLACE, "Which route", choices, _FALLBACK if fallback else _PRIMARY)
        trunk, *inputs = super().inputs(known, limits, seen)
        return [trunk, place, *inputs]

    def chosen(self, typed: Typed, seen: Data) -> dict[str, object]:
        """Return which of the two."""
        return {_FALLBACK: typed(_PLACE) == _FALLBACK}

    def check(self, text: str) -> tuple[str, str]:
        """Check a SIP URI."""
        return check_uri(text)

    def field(self, wanted: Mapping[str, object]) -> str:
        """Name the trunk's field."""
        return field_of("sip_route", wanted)

    def request(self, wanted: Mapping[str, object], seen: Data) -> BaseModel:
        """Build the request."""
        more = {"sip_route": dict(wanted), "in_place_of": self.former(wanted, seen)}
        return AddedRoute.model_validate(trunk_as_seen(seen) | more)

    def offered(self, fields: Data) -> bool:
        """Offer it beside trunks that take calls in, and those that have a route."""
        return fields.get("direction") != "outbound" or any(fields.get(field) for field in _FIELDS)

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Offer to remove a route that is there."""
        return ("remove_route",) if any(attached_row(seen, field) for field in _FIELDS) else ()

    def inverse(self, op: Operation) -> tuple[str, Data] | None:
        """Attach again what was there before, or take the route away."""
        former, trunk = op.request.get("in_place_of"), {"trunk_id": op.request["trunk_id"]}
        fallback = _MADE.wanted(op.request).get(_FALLBACK)
        if isinstance(former, Mapping):
            was = {"record": former["id"], "uri": former["text"], _FALLBACK: fallback}
            return self.name, {**trunk, "sip_route": was}
        return "remove_route", {**trunk, "detaching": ["fallback" if fallback else "route"]}


def _said(row: Mapping[str, object] | None) -> str:
    return "None so far" if row is None else f"Now {row.get('named', row['id'])}"
