"""What the form has besides, when the request needs approval: why, where, a reason, and how to go on."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.slack import form
from bot.slack.blocks import Block, paragraph, wording
from bot.slack.phrases import REASON_MAX

ASK: Final = "ask"
BREAK_GLASS: Final = "break_glass"


@dataclass(frozen=True, slots=True)
class Approval:
    """Why a request needs approval, and where it will be asked for.

    `above` is the threshold of concurrent calls, None for a requester. `channel` is None when it will be
    asked for in the channel of the request.
    """

    above: int | None
    break_glass: bool
    channel: str | None = None


@lru_cache(maxsize=256)
def approval_blocks(approval: Approval, channel: str | None) -> tuple[Block, ...]:
    """Lay out what the form has besides; `channel` is that of the request, None when it is yet to choose."""
    asked_in = channel if approval.channel is None else approval.channel
    why = paragraph(form.approval(approval.above, asked_in))
    reason = reason_input(form.REASON_HINT, optional=True)
    return (why, reason, _HOW) if approval.break_glass else (why, reason)


def reason_input(hint: str, *, optional: bool) -> Block:
    """Make the input of a reason, of several lines."""
    return {
        "type": "input",
        "block_id": "reason",
        "optional": optional,
        "label": wording(form.REASON),
        "hint": wording(hint),
        "element": {
            "type": "plain_text_input",
            "action_id": "reason",
            "multiline": True,
            "max_length": REASON_MAX,
        },
    }


_ASK_OPTION: Final[Block] = {"text": wording(form.HOW_ASK), "value": ASK}
_HOW: Final[Block] = {
    "type": "input",
    "block_id": "how",
    "label": wording(form.HOW),
    "element": {
        "type": "radio_buttons",
        "action_id": "how",
        "options": [_ASK_OPTION, {"text": wording(form.HOW_BREAK_GLASS), "value": BREAK_GLASS}],
        "initial_option": _ASK_OPTION,
    },
}
