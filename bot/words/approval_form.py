"""What the form has besides, when the request needs approval: why, where, a reason, and how to go on."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.blockkit.blocks import Block, paragraph, wording
from bot.words import form
from bot.words.phrases import REASON_MAX

HOW: Final = "how"  # block_id and action_id
ASK: Final = "ask"
BREAK_GLASS: Final = "break_glass"


@dataclass(frozen=True, slots=True)
class Approval:
    """Why a request needs approval, and where it will be asked for.

    `above` is the threshold of concurrent calls, None for a requester. `channel` is None when it will be
    asked for in the channel of the request. `alone` says that to go without one was chosen.
    """

    above: int | None
    break_glass: bool
    channel: str | None = None
    alone: bool = False

    @property
    def submit(self) -> str:
        """What the button says: what it does."""
        return form.NOW if self.alone else form.ASK


@lru_cache(maxsize=256)
def approval_blocks(approval: Approval, channel: str | None) -> tuple[Block, ...]:
    """Lay out what the form has besides; `channel` is that of the request, None when it is yet to choose."""
    asked_in = channel if approval.channel is None else approval.channel
    why = paragraph(form.approval(approval.above, asked_in))
    hint = form.ALONE_HINT if approval.alone else form.REASON_HINT
    reason = reason_input(hint, optional=not approval.alone)
    return (why, reason, _HOW[approval.alone]) if approval.break_glass else (why, reason)


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


def _how(alone: bool) -> Block:
    options: list[Block] = [
        {"text": wording(form.HOW_ASK), "value": ASK},
        {"text": wording(form.HOW_BREAK_GLASS), "value": BREAK_GLASS},
    ]
    return {
        "type": "input",
        "block_id": HOW,
        "label": wording(form.HOW),
        # Told of at once, so that the button of the form can say what it does.
        "dispatch_action": True,
        "element": {
            "type": "radio_buttons",
            "action_id": HOW,
            "options": options,
            "initial_option": options[alone],
        },
    }


_HOW: Final = {alone: _how(alone) for alone in (False, True)}
