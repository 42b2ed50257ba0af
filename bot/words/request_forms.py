"""Builds the modals around requests: the form with a choice of channel, and the reason for a denial."""

from dataclasses import replace
from typing import Final

from bot.blockkit.blocks import Block, wording
from bot.blockkit.layout import details, opening
from bot.blockkit.report import Report, Tone
from bot.blockkit.text import Line, Person
from bot.domain.operation import Operation
from bot.words import form
from bot.words.approval_form import Approval, reason_input
from bot.words.approval_status import request_facts
from bot.words.create_form import Draft, Notice, Terms, create_modal

SHORTCUT_FORM: Final = "create_from_shortcut"  # callback_id
DENY_FORM: Final = "deny_request"  # callback_id


def shortcut_modal(
    draft: Draft,
    terms: Terms,
    metadata: str,
    notice: Notice | None = None,
    approval: Approval | None = None,
    *,
    again: bool = False,
) -> Block:
    """Build the form with a choice of the channel, for who starts it where there is none.

    `terms.channel` is not looked at.
    """
    view = create_modal(draft, replace(terms, channel=None), metadata, notice, approval, again=again)
    blocks = view["blocks"]
    made = [*blocks, _CHANNEL] if isinstance(blocks, list) else [_CHANNEL]
    return {**view, "callback_id": SHORTCUT_FORM, "blocks": made}


def deny_modal(op: Operation, metadata: str) -> Block:
    """Build the form in which who denies a request gives the reason."""
    told: Line = (Person(op.requester), " will be told that you denied it, and why.")
    shown = Report(Tone.INFO, body=(told,), facts=request_facts(op))
    return {
        "type": "modal",
        "callback_id": DENY_FORM,
        "private_metadata": metadata,
        "title": _DENY_TITLE,
        "submit": _DENY,
        "close": _CANCEL,
        "blocks": [*opening(shown), *details(shown), _DENY_REASON],
    }


_CHANNEL: Final[Block] = {
    "type": "input",
    "block_id": "channel",
    "label": wording(form.CHANNEL),
    "hint": wording(form.CHANNEL_HINT),
    "element": {
        "type": "conversations_select",
        "action_id": "channel",
        "default_to_current_conversation": True,
        # Elsewhere the bot could not answer: it is no member of other people's direct messages.
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    },
}
_DENY_TITLE: Final = wording(form.DENY_TITLE)
_DENY: Final = wording(form.DENY)
_CANCEL: Final = wording(form.CANCEL)
_DENY_REASON: Final = reason_input(form.DENY_HINT, optional=False)
