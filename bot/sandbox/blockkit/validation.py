"""What Slack would object to in a message or a view: a pure validator of every Block Kit limit.

`problems("message", {"text": ..., "blocks": [...]})` and `problems("modal", view)` return the lines that
Slack puts into `response_metadata.messages`; an empty list means that Slack takes the payload.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from bot.sandbox.blockkit.blocks import block
from bot.sandbox.blockkit.checks import PLAIN, Findings, count, flags, keys, length, maximum, wording
from bot.sandbox.shape import Json, items, mapping, text

Surface = Literal["message", "modal", "home"]

BLOCKS_MAX: Final[Mapping[str, int]] = {"message": 50, "modal": 100, "home": 100}
VIEW_BYTES_MAX: Final = 250_000  # docs.slack.dev/reference/methods/views.open: `view_too_large`
TEXT_MAX: Final = 40_000  # chat.postMessage truncates what is longer
ATTACHMENTS_MAX: Final = 100
MARKDOWN_MAX: Final = 12_000  # all markdown blocks of one message together

_VIEW_FIELDS: Final = frozenset(
    {"type", "blocks", "private_metadata", "callback_id", "external_id", "title", "submit", "close"}
    | {"clear_on_close", "notify_on_close", "submit_disabled"}
)
_HOME_FIELDS: Final = frozenset({"type", "blocks", "private_metadata", "callback_id", "external_id"})


def problems(surface: Surface, payload: Mapping[str, object]) -> list[str]:
    """Name everything that Slack would refuse in a message (`text`, `blocks`, `attachments`) or a view."""
    found = Findings()
    if surface == "message":
        _message(found, payload)
    else:
        _view(found, payload, surface)
    return found.messages


def size(view: Mapping[str, object]) -> int:
    """Return the size of a view as compact JSON in UTF-8, in bytes; Slack takes 250,000."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def parts(blocks: object) -> Iterator[tuple[str, Json]]:
    """Yield (block_id, element) for each interactive element of a list of blocks."""
    for value in items(blocks):
        holder = mapping(value)
        single = [holder[field] for field in ("element", "accessory") if field in holder]
        for part in [*single, *items(holder.get("elements")), *items(holder.get("actions"))]:
            yield text(holder.get("block_id")), mapping(part)


def _message(found: Findings, payload: Mapping[str, object]) -> None:
    if "text" in payload and payload["text"] is not None:
        length(found, payload["text"], "/text", TEXT_MAX, least=0)
    if len(items(payload.get("attachments"))) > ATTACHMENTS_MAX:
        found.add(f"no more than {ATTACHMENTS_MAX} items allowed", "/attachments")
    if payload.get("blocks") is None:
        if not payload.get("text") and not payload.get("attachments"):
            found.missing("text", "/text")
        return
    _blocks(found, payload["blocks"], "/blocks", "message")
    blocks = [mapping(value) for value in items(payload["blocks"])]
    if (
        sum(len(text(value.get("text"))) for value in blocks if value.get("type") == "markdown")
        > MARKDOWN_MAX
    ):
        found.add(f"markdown blocks must be less than {MARKDOWN_MAX + 1} characters together", "/blocks")
    # docs.slack.dev/reference/block-kit/blocks/table-block: a second one is `invalid_attachments`.
    if sum(value.get("type") == "table" for value in blocks) > 1:
        found.add("only one table is allowed", "/blocks")


def _view(found: Findings, view: Mapping[str, object], surface: Surface) -> None:
    if view.get("type") != surface:
        found.add(f"unsupported type: {view.get('type')}", "/view/type")
    keys(found, view, _VIEW_FIELDS if surface == "modal" else _HOME_FIELDS, "/view")
    maximum(found, view, {"private_metadata": 3000, "callback_id": 255, "external_id": 255}, "/view")
    flags(found, view, "/view", "clear_on_close", "notify_on_close", "submit_disabled")
    if surface == "modal":
        if "title" not in view:
            found.missing("title", "/view")
        for field in ("title", "submit", "close"):
            if field in view:
                wording(found, view[field], f"/view/{field}", 24, PLAIN)
        if "submit" not in view and any(mapping(b).get("type") == "input" for b in items(view.get("blocks"))):
            found.add("submit is required when an input block is in the view", "/view/submit")
    if "blocks" in view:
        _blocks(found, view["blocks"], "/view/blocks", surface)
    else:
        found.missing("blocks", "/view")
    if size(view) > VIEW_BYTES_MAX:
        found.add(f"must be less than {VIEW_BYTES_MAX + 1} bytes", "/view")


def _blocks(found: Findings, value: object, at: str, surface: Surface) -> None:
    blocks = count(found, value, at, BLOCKS_MAX[surface], least=0 if surface == "message" else 1)
    for index, item in enumerate(blocks):
        block(found, item, f"{at}/{index}", surface)
    taken: set[object] = set()
    for index, item in enumerate(blocks):
        name = item.get("block_id")
        if isinstance(name, str) and name in taken:
            found.add(f"block_id already exists: {name}", f"{at}/{index}/block_id")
        taken.add(name if isinstance(name, str) else None)
        actions = [part.get("action_id") for _, part in parts([item]) if "action_id" in part]
        for action in {a for a in actions if isinstance(a, str) and actions.count(a) > 1}:
            found.add(f"action_id already exists in this block: {action}", f"{at}/{index}")
    if sum(part.get("focus_on_load") is True for _, part in parts(blocks)) > 1:
        found.add("focus_on_load is allowed for one element only", at)
