"""What Slack answers to what it does not do: an error by its name, with what is wrong in blocks or a view.

Errors are named as on the methods' pages (docs.slack.dev/reference/methods).
"""

from collections.abc import Mapping
from typing import Final

from bot.sandbox.blockkit.validation import ATTACHMENTS_MAX, TEXT_MAX, VIEW_BYTES_MAX, Surface, problems, size
from bot.sandbox.shape import Json, items, text

Args = Mapping[str, object]
RATE_LIMITED: Final = "ratelimited"


def refused(error: str, messages: list[str] | None = None) -> Json:
    """Return Slack's answer to what it does not do; `messages` say what is wrong with blocks or a view."""
    answer: Json = {"ok": False, "error": error}
    if messages:
        answer["response_metadata"] = {"messages": messages}
    return answer


def view_refusal(view: Args, surface: Surface) -> Json | None:
    """Name what is wrong with a view on its surface, or return None."""
    if not view:
        return refused("invalid_arguments", ["[ERROR] missing required field: view [json-pointer:/view]"])
    if size(view) > VIEW_BYTES_MAX:
        return refused("view_too_large")
    found = problems(surface, view)
    return refused("invalid_arguments", found) if found else None


def content_refusal(args: Args) -> Json | None:
    """Name what is wrong with a message's text and blocks, or return None."""
    if args.get("blocks") is not None and not isinstance(args["blocks"], list):
        return refused("invalid_blocks_format")
    if not args.get("text") and not items(args.get("blocks")) and not items(args.get("attachments")):
        return refused("no_text")
    if len(text(args.get("text"))) > TEXT_MAX:
        return refused("msg_too_long")
    if len(items(args.get("attachments"))) > ATTACHMENTS_MAX:
        return refused("too_many_attachments")
    found = problems("message", args)
    return refused("invalid_blocks", found) if found else None
