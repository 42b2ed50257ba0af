"""Slack's limits for what is chosen from: options, their groups, and conversations.

Sources: docs.slack.dev/reference/block-kit/block-elements and slack_sdk/models (3.47).
"""

from collections.abc import Mapping
from typing import Final

from bot.sandbox.blockkit.checks import PLAIN, TEXTS, Findings, count, flags, keys, length, wording
from bot.sandbox.blockkit.checks import required_wording as required
from bot.sandbox.shape import Json, items, mapping

_FILTER: Final = frozenset({"include", "exclude_external_shared_channels", "exclude_bot_users"})
_CONVERSATIONS: Final = ("im", "mpim", "private", "public")


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


def select(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check the options of a select, or its groups of them."""
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


def boxes(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check radio buttons or checkboxes."""
    _initial(found, value, at, _options(found, value, at, 10, TEXTS))


def overflow(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check an overflow menu."""
    _options(found, value, at, 5, PLAIN)


def conversations(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check a select of conversations."""
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
