"""The inputs of a form that edits a trunk: texts, limits, and transport with encryption as one choice."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.blockkit.blocks import Block, paragraph, wording
from bot.blockkit.text import Code, Said, plain
from bot.domain.outcome import Data
from bot.kinds.trunks.kind import fields, integer, seen_id

KEEP: Final = "keep"
_OPTION: Final = 75  # characters of an option, and of what is said about it
# Transport and encryption are one choice: TLS without SRTP gives silent calls that are billed.
SIGNALLING: Final[Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {"udp": ("udp", False), "tcp": ("tcp", False), "tls": ("tls", True)}
)
_SPOKEN: Final = MappingProxyType(
    {
        "udp": ("UDP", "No encryption"),
        "tcp": ("TCP", "No encryption"),
        "tls": ("TLS with SRTP", "Signalling and media encrypted; the PBX must do both"),
    }
)


def signalled(choice: str | None) -> dict[str, object]:
    """Return what a choice sets; nothing where all stays as it is."""
    if choice is None or choice not in SIGNALLING:
        return {}
    transport, secure = SIGNALLING[choice]
    return {"transport": transport, "secure": secure}


def chosen(value: Data) -> str:
    """Return the choice that a trunk's fields are."""
    pair = (value.get("transport"), value.get("secure") or False)
    return next((choice for choice, known in SIGNALLING.items() if known == pair), KEEP)


def trunk_block(seen: Data) -> Block:
    """Say above the inputs which trunk the form is about."""
    name = str(fields(seen).get("name", seen_id(seen)))
    return paragraph((("Trunk: ", Said(name, 80), ", ", Code(seen_id(seen))),))


def text_input(block: str, name: str, hint: str, value: str, most: int) -> Block:
    """Make an input of one line, filled in."""
    # Slack counts in UTF-16, perhaps: what is there already must fit. The server checks.
    room = max(most, len(value.encode("utf-16-le", "surrogatepass")) // 2)
    element: Block = {"type": "plain_text_input", "action_id": block, "max_length": room}
    if value:
        element["initial_value"] = value
    return {
        "type": "input",
        "block_id": block,
        "label": wording(name),
        "hint": wording(hint),
        "element": element,
    }


def number_input(block: str, name: str, hint: str, value: object, most: int) -> Block:
    """Make an input of a whole number, 1 to `most`, filled in."""
    element: Block = {
        "type": "number_input",
        "action_id": block,
        "is_decimal_allowed": False,
        "min_value": "0" if value == 0 else "1",
        "max_value": str(most),
    }
    number = integer(value)
    if number is not None and number <= most:
        element["initial_value"] = str(number)
    return {
        "type": "input",
        "block_id": block,
        "label": wording(name),
        "hint": wording(hint),
        "element": element,
        "optional": value is None,
    }


def radio_input(block: str, name: str, choices: Mapping[str, tuple[str, str]], chosen: str) -> Block:
    """Make a choice between a few: the text of each and what is said about it, by value."""
    options = {
        value: _option(value, plain(text, _OPTION), plain(about, _OPTION))
        for value, (text, about) in choices.items()
    }
    return {
        "type": "input",
        "block_id": block,
        "label": wording(name),
        "element": {
            "type": "radio_buttons",
            "action_id": block,
            "options": list(options.values()),
            "initial_option": options.get(chosen) or next(iter(options.values())),
        },
    }


def signalling_input(now: str, marked: str) -> Block:
    """Make the choice; `now` is how the trunk is, `marked` what is chosen."""
    options = {key: _option(key, *said) for key, said in _SPOKEN.items()}
    if now == KEEP:
        options[KEEP] = _option(KEEP, "As it is now", "What Vobiz has is none of these")
    element: Block = {
        "type": "radio_buttons",
        "action_id": "signalling",
        "options": list(options.values()),
        "initial_option": options.get(marked) or options[now],
    }
    return {
        "type": "input",
        "block_id": "signalling",
        "label": wording("Transport and encryption"),
        "hint": wording("They belong together: TLS without SRTP gives silent calls that are billed."),
        "element": element,
    }


def _option(value: str, text: str, about: str) -> Block:
    return {"text": wording(text), "value": value, "description": wording(about)}
