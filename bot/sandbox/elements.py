"""Slack's limits for interactive elements: buttons, selects, radio buttons and inputs.

Sources: docs.slack.dev/reference/block-kit/block-elements and slack_sdk/models (3.47).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from bot.sandbox.checks import PLAIN, TEXTS, Findings, choice, count, flags, keys, length, maximum, wording
from bot.sandbox.checks import required_wording as required
from bot.sandbox.shape import Json, items, mapping

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

TYPED_MAX: Final = 3000  # characters of a plain_text_input

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
_FILTER: Final = frozenset({"include", "exclude_external_shared_channels", "exclude_bot_users"})
_CONVERSATIONS: Final = ("im", "mpim", "private", "public")
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


def _option(found: Findings, value: Mapping[str, object], at: str, kinds: tuple[str, ...]) -> None:
    keys(found, value, {"text", "value", "description", "url"}, at)
    wording(found, value.get("text"), f"{at}/text", 75, kinds)
    length(found, value.get("value"), f"{at}/value", 150)
    if "description" in value:
        wording(found, value["description"], f"{at}/description", 75, kinds)


def _options(
    found: Findings, value: Mapping[str, object], at: str, most: int, kinds: tuple[str, ...]
) -> list[Json]:
    if "options" not in value:
        found.missing("options", at)
        return []
    options = count(found, value["options"], f"{at}/options", most)
    for index, option in enumerate(options):
        _option(found, option, f"{at}/options/{index}", kinds)
    return options


def _initial(found: Findings, value: Mapping[str, object], at: str, options: list[Json]) -> None:
    chosen = [value["initial_option"]] if "initial_option" in value else items(value.get("initial_options"))
    for option in chosen:
        if option not in options:
            found.add("initial option must match one of the options", f"{at}/initial_option")


def _select(found: Findings, value: Mapping[str, object], at: str) -> None:
    if "option_groups" not in value:
        _initial(found, value, at, _options(found, value, at, 100, PLAIN))
        return
    if "options" in value:
        found.add("only one of options and option_groups is allowed", at)
    options: list[Json] = []
    for index, group in enumerate(count(found, value["option_groups"], f"{at}/option_groups", 100)):
        place = f"{at}/option_groups/{index}"
        required(found, group, "label", place, 75)
        options += _options(found, group, place, 100, PLAIN)
    _initial(found, value, at, options)


def _boxes(found: Findings, value: Mapping[str, object], at: str) -> None:
    _initial(found, value, at, _options(found, value, at, 10, TEXTS))


def _overflow(found: Findings, value: Mapping[str, object], at: str) -> None:
    _options(found, value, at, 5, PLAIN)


def _conversations(found: Findings, value: Mapping[str, object], at: str) -> None:
    if "initial_conversation" in value:
        length(found, value["initial_conversation"], f"{at}/initial_conversation", 255)
    if "filter" in value:
        _filter(found, mapping(value["filter"]), f"{at}/filter")


def _filter(found: Findings, value: Mapping[str, object], at: str) -> None:
    # docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object
    keys(found, value, _FILTER, at)
    if not value:
        found.add("must have at least one property", at)
    if "include" in value:
        kinds = items(value["include"])
        if not kinds:
            found.add("no fewer than 1 items allowed", f"{at}/include")
        for index, kind in enumerate(kinds):
            if kind not in _CONVERSATIONS:
                found.add("must be a valid enum value", f"{at}/include/{index}")
    flags(found, value, at, "exclude_external_shared_channels", "exclude_bot_users")


def _plain_text_input(found: Findings, value: Mapping[str, object], at: str) -> None:
    limits: dict[str, int] = {}
    for field, least in (("min_length", 0), ("max_length", 1)):
        limit = value.get(field)
        if field not in value:
            continue
        if not isinstance(limit, int) or isinstance(limit, bool) or not least <= limit <= TYPED_MAX:
            found.add(f"must be an integer between {least} and {TYPED_MAX}", f"{at}/{field}")
        else:
            limits[field] = limit
    if limits.get("min_length", 0) > limits.get("max_length", TYPED_MAX):
        found.add("min_length must not exceed max_length", f"{at}/min_length")
    if "initial_value" in value:
        length(
            found, value["initial_value"], f"{at}/initial_value", limits.get("max_length", TYPED_MAX), least=0
        )


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _number_input(found: Findings, value: Mapping[str, object], at: str) -> None:
    if "is_decimal_allowed" not in value:
        found.missing("is_decimal_allowed", at)
    numbers: dict[str, Decimal] = {}
    for field in ("min_value", "max_value", "initial_value"):
        if field not in value:
            continue
        number = _number(value[field])
        if number is None:
            found.add("must be a string that holds a number", f"{at}/{field}")
        else:
            numbers[field] = number
            if value.get("is_decimal_allowed") is False and number != number.to_integral_value():
                found.add("decimal numbers are not allowed", f"{at}/{field}")
    least, most = numbers.get("min_value"), numbers.get("max_value")
    if least is not None and most is not None and least > most:
        found.add("min_value must not exceed max_value", f"{at}/min_value")
    initial = numbers.get("initial_value")
    if initial is not None and (
        (least is not None and initial < least) or (most is not None and initial > most)
    ):
        found.add("initial_value must be between min_value and max_value", f"{at}/initial_value")


_RULES: Final[Mapping[str, Callable[[Findings, Mapping[str, object], str], None]]] = MappingProxyType(
    {
        "button": _button,
        "static_select": _select,
        "multi_static_select": _select,
        "conversations_select": _conversations,
        "radio_buttons": _boxes,
        "checkboxes": _boxes,
        "overflow": _overflow,
        "plain_text_input": _plain_text_input,
        "number_input": _number_input,
        "image": image,
    }
)
