"""The inputs of the form in which a trunk is asked for: shown, and read again, whatever the client checked.

Creating a form is on the way from command to `views.open` (a trigger lives 3 s), so what never changes
is built once, and shared: nobody changes a block after it was made.
"""

from functools import lru_cache
from types import MappingProxyType
from typing import Final

from bot.blockkit.blocks import Block, wording
from bot.domain.outcome import Data
from bot.kinds.base import Errors, Typed
from bot.kinds.create_trunk.request import NAME_MAX, Direction, Fault, Request, check_calls, check_name

NAME: Final = "name"  # block_id and action_id of the inputs
DIRECTION: Final = "direction"
CALLS: Final = "calls"

_LABEL: Final = wording("Name")
_HINT: Final = wording(f"1 to {NAME_MAX} characters. Two trunks may have the same name.")
_CALLS_LABEL: Final = wording("Max concurrent calls")
_NAME_ERRORS: Final = MappingProxyType(
    {
        Fault.NAME_EMPTY: "Enter a name.",
        Fault.NAME_LONG: f"At most {NAME_MAX} characters.",
        Fault.NAME_CHARACTER: (
            "It holds a control character or one that reverses text. Type it instead of pasting it."
        ),
    }
)


def inputs(known: Data, max_calls: int, *, tells: bool = False) -> list[Block]:
    """Build the inputs, filled in with what is known; `tells`: a change of the direction is told at once."""
    return [
        _name_input(known.get(NAME)),
        _direction_input(known_direction(known), tells=tells),
        _calls_input(known, max_calls),
    ]


def typed(values: Typed, max_calls: int) -> Data:
    """Read what is known from a form that may be unfinished."""
    known: dict[str, object] = {}
    if (name := values(NAME)) is not None:
        known[NAME] = name
    if (direction := values(DIRECTION)) in {*Direction}:
        known[DIRECTION] = direction
    if isinstance(calls := check_calls(values(CALLS) or "", max_calls), int):
        known[CALLS] = calls
    return known


def read(values: Typed, max_calls: int) -> Request | Errors:
    """Read a submitted form."""
    errors: dict[str, str] = {}
    if isinstance(name := check_name(values(NAME) or ""), Fault):
        errors[NAME] = _NAME_ERRORS[name]
    if (direction := values(DIRECTION)) not in {*Direction}:
        errors[DIRECTION] = "Choose inbound or outbound."
    if isinstance(calls := check_calls(values(CALLS) or "", max_calls), Fault):
        errors[CALLS] = f"Enter a whole number from 1 to {max_calls}."
    if errors:
        return Errors(errors)
    return Request.model_validate({"name": name, "direction": direction, "calls": calls})


def _name_input(name: object) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": NAME, "min_length": 1, "max_length": NAME_MAX}
    if isinstance(name, str):
        element["initial_value"] = name
        # Slack does not say in which units it counts; in UTF-16 a character may be two. The server checks.
        element["max_length"] = max(NAME_MAX, len(name.encode("utf-16-le", "surrogatepass")) // 2)
    return {"type": "input", "block_id": NAME, "label": _LABEL, "hint": _HINT, "element": element}


def _option(direction: Direction, hint: str) -> Block:
    text = wording(direction.value.capitalize())
    return {"text": text, "value": direction.value, "description": wording(hint)}


_OPTIONS: Final = {
    Direction.INBOUND: _option(Direction.INBOUND, "Calls come in from Vobiz"),
    Direction.OUTBOUND: _option(Direction.OUTBOUND, "Calls go out through Vobiz"),
}


def known_direction(known: Data) -> Direction | None:
    """Return the direction, if it is known."""
    direction = known.get(DIRECTION)
    return Direction(direction) if isinstance(direction, str) and direction in {*Direction} else None


@lru_cache(maxsize=8)
def _direction_input(chosen: Direction | None, *, tells: bool) -> Block:
    element: Block = {"type": "radio_buttons", "action_id": DIRECTION, "options": list(_OPTIONS.values())}
    if chosen is not None:
        element["initial_option"] = _OPTIONS[chosen]
    made: Block = {"type": "input", "block_id": DIRECTION, "label": wording("Direction"), "element": element}
    return made | {"dispatch_action": True} if tells else made


@lru_cache(maxsize=4)
def _calls_hint(max_calls: int) -> Block:
    return wording(f"Calls that may be live at once, 1 to {max_calls}.")


def _calls_input(known: Data, max_calls: int) -> Block:
    element: Block = {
        "type": "number_input",
        "action_id": CALLS,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(max_calls),
    }
    if isinstance(calls := known.get(CALLS), int):
        element["initial_value"] = str(calls)
    hint = _calls_hint(max_calls)
    return {"type": "input", "block_id": CALLS, "label": _CALLS_LABEL, "hint": hint, "element": element}
