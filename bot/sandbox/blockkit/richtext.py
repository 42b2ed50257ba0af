"""Slack's limits for rich text: its sections and lists, and the dates in them.

Sources: docs.slack.dev/reference/block-kit/blocks and slack_sdk/models/blocks (3.47).
"""

import re
from collections.abc import Mapping
from typing import Final

from bot.sandbox.blockkit.checks import Findings, choice, count, keys, length, maximum
from bot.sandbox.shape import text

_PARTS: Final = frozenset(
    {"text", "link", "user", "channel", "emoji", "usergroup", "team", "date", "broadcast", "color"}
)
_RICH: Final = frozenset({"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"})
_DATE: Final = frozenset({"type", "timestamp", "format", "timezone", "url", "fallback", "style"})
_TOKEN: Final = re.compile(r"\{([^{}]*)\}")
_DATE_TOKENS: Final = frozenset(
    {"date_num", "date_slash", "date_long", "date_long_full", "date_long_pretty", "date", "date_pretty"}
    | {"date_short", "date_short_pretty", "day_divider_pretty", "time", "time_secs", "ago"}
)


def rich_text(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check a rich_text block, or a cell that is one."""
    for index, part in enumerate(count(found, value.get("elements"), f"{at}/elements", 1000)):
        _rich(found, part, f"{at}/elements/{index}")


def _rich(found: Findings, value: Mapping[str, object], at: str) -> None:
    kind = value.get("type")
    if kind not in _RICH:
        found.add(f"unsupported type: {kind}", f"{at}/type")
        return
    choice(found, value, "style", at, ("bullet", "ordered"))
    for index, part in enumerate(count(found, value.get("elements"), f"{at}/elements", 1000, least=0)):
        place = f"{at}/elements/{index}"
        if kind == "rich_text_list":
            _rich(found, part, place)
            continue
        if part.get("type") not in _PARTS:
            found.add(f"unsupported type: {part.get('type')}", f"{place}/type")
        elif part["type"] == "text":
            keys(found, part, {"type", "text", "style"}, place)
            length(found, part.get("text"), f"{place}/text", 250_000)
        elif part["type"] == "date":
            _date(found, part, place)


def _date(found: Findings, value: Mapping[str, object], at: str) -> None:
    # docs.slack.dev/reference/block-kit/block-elements/date-element; `timestamp` is in seconds.
    keys(found, value, _DATE, at)
    moment = value.get("timestamp")
    if not isinstance(moment, int | float) or isinstance(moment, bool):
        found.add("must be a number", f"{at}/timestamp")
    length(found, value.get("format"), f"{at}/format", 250_000)
    # Slack would show the fallback, or the token as it stands; here a slip is loud.
    for token in _TOKEN.findall(text(value.get("format"))):
        if token not in _DATE_TOKENS:
            found.add(f"unknown date token: {{{token}}}", f"{at}/format")
    maximum(found, value, {"url": 3000, "fallback": 250_000}, at)
