"""What a modal's inputs hold, and what Slack's client refuses before it sends them. Pure.

The values are Slack's `state.values`: block_id -> action_id -> an object whose key depends on the input.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.sandbox.shape import Json, items, mapping, text
from bot.sandbox.slack import pickers
from bot.sandbox.slack.people import Channel

Values = dict[str, dict[str, Json]]

_TYPED: Final = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input"})
_HELD: Final = ("value", "selected_option", "selected_options", "selected_conversation")
_CHOSEN: Final = frozenset({"static_select", "radio_buttons"})
_SEVERAL: Final = frozenset({"checkboxes", "multi_static_select"})

# The client's words; their exact wording is not documented.
REQUIRED: Final = "Please complete this required field."


def initial(blocks: list[Json], place: Channel | None = None) -> Values:
    """Return the state of a fresh view: what `initial_value`, `initial_option` and the like say.

    `place` is the conversation that the person was viewing when the view opened.
    """
    values: Values = {}
    for block, element in fields(blocks):
        kind = text(element.get("type"))
        if kind in _TYPED:
            state: Json = {"type": kind, "value": element.get("initial_value")}
        elif kind in _CHOSEN:
            state = {"type": kind, "selected_option": element.get("initial_option")}
        elif kind in _SEVERAL:
            state = {"type": kind, "selected_options": items(element.get("initial_options"))}
        elif kind == pickers.SELECT:
            state = {"type": kind, "selected_conversation": pickers.starting(element, place)}
        else:
            continue
        values.setdefault(text(block.get("block_id")), {})[text(element.get("action_id"))] = state
    return values


def kept(old: Values, blocks: list[Json], place: Channel | None = None) -> Values:
    """Return the state after an update: what was typed stays where block_id and action_id stay the same."""
    values = initial(blocks, place)
    for block_id, actions in values.items():
        for action_id, state in actions.items():
            typed = old.get(block_id, {}).get(action_id)
            if typed is not None and typed.get("type") == state.get("type"):
                actions[action_id] = typed
    return values


def filled(
    blocks: list[Json], values: Values, changes: Mapping[str, object], places: Iterable[Channel] = ()
) -> Values:
    """Return the state after a person typed or chose.

    `changes` maps block_id to a text, an option's value, those of several, or a conversation's id; `places`
    are the person's conversations. Raises LookupError for a field or an option that the form does not have.
    """
    open_to = list(places)
    made = {block_id: dict(actions) for block_id, actions in values.items()}
    known = {text(block.get("block_id")): element for block, element in fields(blocks)}
    for block_id, value in changes.items():
        if block_id not in known:
            message = f"the form has no field {block_id!r}, only {sorted(known)}"
            raise LookupError(message)
        element = known[block_id]
        made.setdefault(block_id, {})[text(element.get("action_id"))] = _state(element, value, open_to)
    return made


def refusals(blocks: list[Json], values: Values) -> dict[str, str]:
    """Return what Slack's client writes under the inputs instead of sending them, by block_id."""
    found: dict[str, str] = {}
    for block, element in fields(blocks):
        if block.get("type") != "input":
            continue
        block_id = text(block.get("block_id"))
        state = mapping(values.get(block_id, {}).get(text(element.get("action_id"))))
        held = next((state[key] for key in _HELD if state.get(key)), None)
        if not held:
            if not block.get("optional"):
                found[block_id] = REQUIRED
        elif isinstance(held, str) and "value" in state:
            refusal = (
                _number(element, held) if element.get("type") == "number_input" else _text(element, held)
            )
            if refusal:
                found[block_id] = refusal
    return found


def dispatches(blocks: list[Json], block_id: str) -> str | None:
    """Return the action_id of a choice that Slack's client tells the bot of as soon as it is made."""
    for block, element in fields(blocks):
        if block.get("block_id") == block_id and block.get("dispatch_action") is True:
            return text(element.get("action_id")) if element.get("type") in _CHOSEN | _SEVERAL else None
    return None


def fields(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """Return each (block, element) that can hold a value."""
    found = []
    for block in blocks:
        holders = [block.get("element"), block.get("accessory")]
        if block.get("type") == "actions":
            holders += items(block.get("elements"))
        found += [(block, mapping(element)) for element in holders if isinstance(element, dict)]
    return found


def _state(element: Json, value: object, places: list[Channel]) -> Json:
    kind = text(element.get("type"))
    if kind == pickers.SELECT:
        return {"type": kind, "selected_conversation": pickers.chosen(element, value, places)}
    if kind in _TYPED:
        return {"type": kind, "value": None if value is None else str(value)}
    groups = [mapping(group).get("options") for group in items(element.get("option_groups"))]
    options = [mapping(o) for held in (element.get("options"), *groups) for o in items(held)]
    if kind in _SEVERAL:
        chosen = value if isinstance(value, list | tuple) else [value]
        return {
            "type": kind,
            "selected_options": _several(element, [_option(options, one) for one in chosen]),
        }
    return {"type": kind, "selected_option": _option(options, value)}


def _option(options: list[Json], value: object) -> Json:
    for option in options:
        if option.get("value") == value:
            return option
    message = f"there is no option {value!r}, only {[option.get('value') for option in options]}"
    raise LookupError(message)


def _several(element: Json, chosen: list[Json]) -> list[Json]:
    most = element.get("max_selected_items")
    if isinstance(most, int) and len(chosen) > most:
        message = f"at most {most} can be chosen, not {len(chosen)}"
        raise LookupError(message)
    return chosen


def _text(element: Json, held: str) -> str | None:
    least, most = element.get("min_length"), element.get("max_length")
    if isinstance(least, int) and len(held) < least:
        return f"Please use at least {least} characters."
    if isinstance(most, int) and len(held) > most:
        return f"Please use at most {most} characters."
    return None


def _number(element: Json, held: str) -> str | None:
    # The client takes ASCII digits only: int() and Decimal() would take ٣ as well.
    try:
        number = Decimal(held) if held.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and "." in held:
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if isinstance(least, str) and number < Decimal(least):
        return f"Please enter a number of at least {least}."
    if isinstance(most, str) and number > Decimal(most):
        return f"Please enter a number of at most {most}."
    return None
