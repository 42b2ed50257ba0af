"""The inputs of a form in which phone numbers are chosen or typed, and how they are read.

Several kinds ask for numbers: these are functions of what was typed and of what the form knows (`Numbers`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from bot.blockkit.blocks import Block, wording
from bot.blockkit.text import plain
from bot.domain.outcome import Data
from bot.kinds.base import Errors, Typed
from bot.kinds.numbers.assign import rows_of
from bot.kinds.numbers.number import MOST, BadNumber, check_number
from bot.kinds.numbers.seen import Numbers, Routed, same

CHOSEN: Final = "phone_numbers"  # block_id and action_id of the inputs
TYPED: Final = "typed_number"
_OPTIONS: Final = 100  # what a menu of Slack's takes
_OPTION: Final = 75  # characters of one
_NAME: Final = 25  # characters of a trunk's name in one
_TYPED_MAX: Final = 60

Complaint = Callable[[str], str | None]  # why a number cannot be taken; None when it can


def option(number: str, one: Routed) -> str:
    """Write what there is to choose: a number, and what happens to it if it is routed elsewhere."""
    if one.trunk is None:
        return number
    return plain(f"{number} (on “{plain(one.name or one.trunk, _NAME)}”: will be moved)", _OPTION)


def number_inputs(
    label: str, offered: Sequence[tuple[str, str]], wanted: Sequence[str], *, whole: bool, typed: str = ""
) -> list[Block]:
    """Build the inputs: a list to choose from, as pairs of number and text, and one to type a number in.

    The latter is there when these are not the `whole` of what could be chosen, when one is `wanted` that is
    not offered, or when what was `typed` is no number.
    """
    shown = {number: _option(number, text) for number, text in offered[:_OPTIONS]}
    bad = typed if typed and isinstance(check_number(typed), BadNumber) else ""
    value = bad or next((number for number in wanted if number not in shown), "")
    blocks = [_select(label, shown, [number for number in wanted if number in shown])] if shown else []
    if value or not (whole and shown and len(offered) <= _OPTIONS):
        blocks.append(_text(value, alone=not shown))
    return blocks


def wanted_numbers(known: Data) -> tuple[str, ...]:
    """Return the numbers that are asked for, each once: those that were chosen, and one that was typed."""
    typed = check_number(str(known.get(TYPED) or ""))
    numbers = [str(row["e164"]) for row in rows_of(known)]
    return tuple(dict.fromkeys([*numbers, *([typed] if isinstance(typed, str) else [])]))


def typed_numbers(typed: Typed, numbers: Numbers) -> Data:
    """Return what is known from a form that may be unfinished: what was chosen, and the text as it is."""
    chosen = (check_number(line) for line in (typed(CHOSEN) or "").split("\n"))
    known: dict[str, object] = {CHOSEN: rows((one for one in chosen if isinstance(one, str)), numbers)}
    return known | ({TYPED: text[:_TYPED_MAX]} if (text := typed(TYPED)) else {})


def read_chosen(typed: Typed, complain: Complaint) -> tuple[str, ...] | Errors:
    """Read a submitted form: the numbers in their order, each once, or what is wrong under which input."""
    errors: dict[str, str] = {}
    chosen = [line for line in (typed(CHOSEN) or "").split("\n") if line]
    found = []
    for text, block in [*((line, CHOSEN) for line in chosen), *((one, TYPED) for one in _one(typed(TYPED)))]:
        number = check_number(text)
        says = number.says if isinstance(number, BadNumber) else complain(number)
        if says is not None:
            errors[block] = says
        elif isinstance(number, str):
            found.append(number)
    numbers = tuple(dict.fromkeys(found))
    first = TYPED if typed(CHOSEN) is None else CHOSEN
    if not errors and not numbers:
        errors[first] = "Choose at least one number."
    if len(numbers) > MOST:
        errors[first] = f"At most {MOST} numbers at once. You chose {len(numbers)}."
    return Errors(errors) if errors else numbers


def rows(numbers: Iterable[str], known: Numbers) -> list[Mapping[str, object]]:
    """Write numbers as a request has them: each with the trunk that it is on until then."""
    return [{"e164": number, "moved_from": known.of(number).trunk} for number in numbers]


def why_not_assigned(number: str, known: Numbers, trunk: str) -> str | None:
    """Say why a number cannot be assigned to a trunk, as far as the form knows; None when it may be."""
    one = known.of(number)
    if not one.seen:
        return f"{number} is not a number of this account." if known.whole else None
    if one.why is not None:
        return f"{number} {one.why}."
    if trunk and same(one.trunk, trunk):
        return f"{number} is on this trunk already. There is nothing to do."
    return None


def _one(text: str | None) -> list[str]:
    return [text] if text is not None and text.strip() else []


def _option(number: str, text: str) -> Block:
    return {"text": wording(text), "value": number}


def _select(label: str, options: Mapping[str, Block], chosen: Sequence[str]) -> Block:
    element: Block = {
        "type": "multi_static_select",
        "action_id": CHOSEN,
        "placeholder": wording("Choose numbers"),
        "options": list(options.values()),
        "max_selected_items": MOST,
    }
    if chosen:
        element["initial_options"] = [options[number] for number in chosen[:MOST]]
    return {
        "type": "input",
        "block_id": CHOSEN,
        "label": wording(label),
        "hint": wording(f"Choose up to {MOST}."),
        # Told of at once, so that the form can say what moving takes.
        "dispatch_action": True,
        "optional": True,
        "element": element,
    }


def _text(value: str, *, alone: bool) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": TYPED, "max_length": _TYPED_MAX}
    if value:
        element["initial_value"] = value[:_TYPED_MAX]
    return {
        "type": "input",
        "block_id": TYPED,
        "label": wording("Phone number" if alone else "Another number"),
        "hint": wording("With + and its country code. Spaces, dashes, dots and parentheses do not matter."),
        "optional": not alone,
        "element": element,
    }
