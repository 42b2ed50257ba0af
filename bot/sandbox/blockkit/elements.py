"""Slack's limits for the elements of blocks: which there are, where they stand, and what they share.

Sources: docs.slack.dev/reference/block-kit/block-elements and slack_sdk/models (3.47).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.sandbox.blockkit import choices, inputs
from bot.sandbox.blockkit.checks import PLAIN, Findings, choice, flags, keys, length, maximum, wording
from bot.sandbox.blockkit.checks import required_wording as required
from bot.sandbox.shape import mapping

_SELECTS: Final = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
_MULTI: Final = tuple(f"multi_{name}" for name in _SELECTS)
_PICKERS: Final = ("datepicker", "timepicker", "datetimepicker")
_TYPED: Final = ("plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input")

# Which block takes which element (the "works with block types" line of each element's page).
IN_ACTIONS: Final = frozenset(
    {"button", "overflow", "radio_buttons", "checkboxes", "workflow_button", *_SELECTS, *_MULTI, *_PICKERS}
)
IN_SECTION: Final = IN_ACTIONS | {"image"}
IN_INPUT: Final = frozenset(
    {"radio_buttons", "checkboxes", "file_input", *_SELECTS, *_MULTI, *_PICKERS, *_TYPED}
)

INTERACTIVE: Final = IN_ACTIONS | IN_INPUT

_COMMON: Final = frozenset({"type", "action_id", "confirm", "focus_on_load"})
_INPUT: Final = _COMMON | {"placeholder", "dispatch_action_config", "initial_value"}
_FIELDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "button": _COMMON | {"text", "value", "url", "style", "accessibility_label"},
        "static_select": _COMMON | {"placeholder", "options", "option_groups", "initial_option"},
        "multi_static_select": _COMMON
        | {"placeholder", "options", "option_groups", "initial_options", "max_selected_items"},
        "radio_buttons": _COMMON | {"options", "initial_option"},
        "checkboxes": _COMMON | {"options", "initial_options"},
        "overflow": _COMMON | {"options"},
        "plain_text_input": _INPUT | {"min_length", "max_length", "multiline"},
        "number_input": _INPUT | {"is_decimal_allowed", "min_value", "max_value"},
        "conversations_select": _COMMON
        | {"placeholder", "initial_conversation", "default_to_current_conversation"}
        | {"response_url_enabled", "filter"},
        "users_select": _COMMON | {"placeholder", "initial_user"},
        "image": frozenset({"type", "image_url", "alt_text", "slack_file"}),
    }
)
_CONFIRM: Final = frozenset({"title", "text", "confirm", "deny", "style"})


def element(found: Findings, value: Mapping[str, object], at: str, allowed: frozenset[str]) -> None:
    """Check one element of a block that takes only the `allowed` types."""
    kind = value.get("type")
    if kind is None:
        found.missing("type", at)
        return
    if not isinstance(kind, str) or kind not in allowed:
        found.add(f"unsupported type: {kind}", f"{at}/type")
        return
    if kind in _FIELDS:
        keys(found, value, _FIELDS[kind], at)
    if "action_id" in value:
        length(found, value["action_id"], f"{at}/action_id", 255)
    if "placeholder" in value:
        wording(found, value["placeholder"], f"{at}/placeholder", 150, PLAIN)
    if "confirm" in value:
        _confirm(found, mapping(value["confirm"]), f"{at}/confirm")
    flags(found, value, at, "focus_on_load", "multiline", "is_decimal_allowed")
    flags(found, value, at, "default_to_current_conversation", "response_url_enabled")
    if kind in _RULES:
        _RULES[kind](found, value, at)


def image(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check the address (3000) and the required alternative text (2000) of an image."""
    if "image_url" in value:
        length(found, value["image_url"], f"{at}/image_url", 3000)
    elif "slack_file" not in value:
        found.missing("image_url", at)
    if "alt_text" in value:
        length(found, value["alt_text"], f"{at}/alt_text", 2000, least=0)
    else:
        found.missing("alt_text", at)


def _confirm(found: Findings, value: Mapping[str, object], at: str) -> None:
    keys(found, value, _CONFIRM, at)
    for field, most in (("title", 100), ("confirm", 30), ("deny", 30)):
        required(found, value, field, at, most)
    wording(found, value.get("text"), f"{at}/text", 300)
    choice(found, value, "style", at, ("primary", "danger"))


def _button(found: Findings, value: Mapping[str, object], at: str) -> None:
    required(found, value, "text", at, 75)
    maximum(found, value, {"value": 2000, "url": 3000, "accessibility_label": 75}, at)
    choice(found, value, "style", at, ("primary", "danger"))


_RULES: Final[Mapping[str, Callable[[Findings, Mapping[str, object], str], None]]] = MappingProxyType(
    {
        "button": _button,
        "static_select": choices.select,
        "multi_static_select": choices.select,
        "conversations_select": choices.conversations,
        "radio_buttons": choices.boxes,
        "checkboxes": choices.boxes,
        "overflow": choices.overflow,
        "plain_text_input": inputs.plain_text_input,
        "number_input": inputs.number_input,
        "image": image,
    }
)
