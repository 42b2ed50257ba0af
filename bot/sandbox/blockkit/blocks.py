"""Slack's limits for each kind of block.

Sources: docs.slack.dev/reference/block-kit/blocks and slack_sdk/models/blocks (3.47).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.sandbox.blockkit import elements
from bot.sandbox.blockkit.checks import (
    PLAIN,
    TEXTS,
    Findings,
    choice,
    count,
    flags,
    keys,
    length,
    maximum,
    required_wording,
    wording,
)
from bot.sandbox.blockkit.richtext import rich_text
from bot.sandbox.blockkit.surfaces import FIELDS, SURFACES
from bot.sandbox.blockkit.tables import data_table, table
from bot.sandbox.shape import mapping

# What a container may hold (@slack/types 3.2, ContainerBlock).
_CHILDREN: Final = frozenset(
    {"actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table"}
    | {"video"}
)


def block(found: Findings, value: Mapping[str, object], at: str, surface: str) -> None:
    """Check one block on a surface."""
    kind = value.get("type")
    if kind is None:
        found.missing("type", at)
        return
    if not isinstance(kind, str) or kind not in SURFACES or surface not in SURFACES[kind]:
        found.add(f"unsupported type: {kind}", f"{at}/type")
        return
    if "block_id" in value:
        length(found, value["block_id"], f"{at}/block_id", 255)
    if kind in FIELDS:
        keys(found, value, FIELDS[kind] | {"type", "block_id"}, at)
    if kind == "container":
        _container(found, value, at, surface)
    elif kind in _RULES:
        _RULES[kind](found, value, at)


def _container(found: Findings, value: Mapping[str, object], at: str, surface: str) -> None:
    if not {"title", "rich_text_title"} & set(value):
        found.missing("title", at)
    for field in ("title", "subtitle"):
        if field in value:
            wording(found, value[field], f"{at}/{field}", 150)
    if "rich_text_title" in value:
        rich_text(found, mapping(value["rich_text_title"]), f"{at}/rich_text_title")
    flags(found, value, at, "is_collapsible", "default_collapsed")
    for index, child in enumerate(count(found, value.get("child_blocks"), f"{at}/child_blocks", 10)):
        place = f"{at}/child_blocks/{index}"
        if child.get("type") not in _CHILDREN:
            found.add(f"unsupported type: {child.get('type')}", f"{place}/type")
        else:
            block(found, child, place, surface)


def _section(found: Findings, value: Mapping[str, object], at: str) -> None:
    if "text" not in value and "fields" not in value:
        found.missing("text", at)
    if "text" in value:
        wording(found, value["text"], f"{at}/text", 3000)
    if "fields" in value:
        for index, field in enumerate(count(found, value["fields"], f"{at}/fields", 10)):
            wording(found, field, f"{at}/fields/{index}", 2000)
    if "accessory" in value:
        elements.element(found, mapping(value["accessory"]), f"{at}/accessory", elements.IN_SECTION)


def _header(found: Findings, value: Mapping[str, object], at: str) -> None:
    required_wording(found, value, "text", at, 150)


def _context(found: Findings, value: Mapping[str, object], at: str) -> None:
    for index, part in enumerate(count(found, value.get("elements"), f"{at}/elements", 10)):
        place = f"{at}/elements/{index}"
        if part.get("type") == "image":
            elements.element(found, part, place, frozenset({"image"}))
        else:
            wording(found, part, place, 3000)


def _actions(found: Findings, value: Mapping[str, object], at: str) -> None:
    parts = count(found, value.get("elements"), f"{at}/elements", 25)
    for index, part in enumerate(parts):
        elements.element(found, part, f"{at}/elements/{index}", elements.IN_ACTIONS)
    # A rule of the button's page ("primary should be used for only one button within a set").
    if sum(part.get("style") == "primary" for part in parts) > 1:
        found.add("only one primary button is allowed", f"{at}/elements")


def _input(found: Findings, value: Mapping[str, object], at: str) -> None:
    required_wording(found, value, "label", at, 2000)
    if "hint" in value:
        wording(found, value["hint"], f"{at}/hint", 2000, PLAIN)
    flags(found, value, at, "optional", "dispatch_action")
    if "element" in value:
        elements.element(found, mapping(value["element"]), f"{at}/element", elements.IN_INPUT)
    else:
        found.missing("element", at)


def _image(found: Findings, value: Mapping[str, object], at: str) -> None:
    elements.image(found, value, at)
    if "title" in value:
        wording(found, value["title"], f"{at}/title", 2000, PLAIN)


def _alert(found: Findings, value: Mapping[str, object], at: str) -> None:
    wording(found, value.get("text"), f"{at}/text", 200)
    choice(found, value, "level", at, ("default", "info", "warning", "error", "success"))


def _card(found: Findings, value: Mapping[str, object], at: str) -> None:
    if not {"hero_image", "title", "body", "actions"} & set(value):
        found.missing("title", at)
    for field, most in (("title", 150), ("subtitle", 150), ("body", 200)):
        if field in value:
            wording(found, value[field], f"{at}/{field}", most, TEXTS)
    for field in ("hero_image", "icon"):
        if field in value:
            elements.element(found, mapping(value[field]), f"{at}/{field}", frozenset({"image"}))
    if "actions" in value:
        for index, part in enumerate(count(found, value["actions"], f"{at}/actions", 25)):
            elements.element(found, part, f"{at}/actions/{index}", elements.IN_ACTIONS)


def _markdown(found: Findings, value: Mapping[str, object], at: str) -> None:
    length(found, value.get("text"), f"{at}/text", 12_000)


def _carousel(found: Findings, value: Mapping[str, object], at: str) -> None:
    for index, card in enumerate(count(found, value.get("elements"), f"{at}/elements", 10)):
        _card(found, card, f"{at}/elements/{index}")


def _task(found: Findings, value: Mapping[str, object], at: str) -> None:
    for field in ("task_id", "title", "status"):
        if field not in value:
            found.missing(field, at)
    choice(found, value, "status", at, ("pending", "in_progress", "complete", "error"))
    for field in ("details", "output"):
        if field in value:
            rich_text(found, mapping(value[field]), f"{at}/{field}")


def _plan(found: Findings, value: Mapping[str, object], at: str) -> None:
    if "title" not in value:
        found.missing("title", at)
    for index, task in enumerate(count(found, value.get("tasks"), f"{at}/tasks", 50, least=0)):
        place = f"{at}/tasks/{index}"
        if task.get("type") != "task_card":
            found.add(f"unsupported type: {task.get('type')}", f"{place}/type")
        _task(found, task, place)


def _video(found: Findings, value: Mapping[str, object], at: str) -> None:
    maximum(found, value, {"video_url": 3000, "thumbnail_url": 3000, "alt_text": 2000, "author_name": 49}, at)
    required_wording(found, value, "title", at, 199)


_RULES: Final[Mapping[str, Callable[[Findings, Mapping[str, object], str], None]]] = MappingProxyType(
    {
        "section": _section,
        "header": _header,
        "context": _context,
        "actions": _actions,
        "input": _input,
        "rich_text": rich_text,
        "image": _image,
        "alert": _alert,
        "card": _card,
        "table": table,
        "data_table": data_table,
        "markdown": _markdown,
        "carousel": _carousel,
        "plan": _plan,
        "task_card": _task,
        "video": _video,
    }
)
