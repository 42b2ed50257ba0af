"""Builds the form in which an approver says why they deny a request."""

from typing import Final

from bot.blockkit.blocks import Block, wording
from bot.blockkit.layout import details, opening
from bot.blockkit.report import Report, Tone
from bot.blockkit.text import Line, Person
from bot.domain.operation import Operation
from bot.kinds.wording import Words
from bot.words import form_words
from bot.words.approval_status import request_facts
from bot.words.form import reason_input
from bot.words.phrases import named

DENY_FORM: Final = "deny_request"  # callback_id


def deny_modal(op: Operation, words: Words, metadata: str) -> Block:
    """Build the form; `metadata` travels in `private_metadata` (3000 characters)."""
    told: Line = (Person(op.requester), " will read that you denied it, and why.")
    shown = Report(Tone.INFO, named(op, words), (told,), facts=request_facts(op, words))
    return {
        "type": "modal",
        "callback_id": DENY_FORM,
        "private_metadata": metadata,
        "title": _TITLE,
        "submit": _DENY,
        "close": _CANCEL,
        "blocks": [*opening(shown), *details(shown), _REASON],
    }


_TITLE: Final = wording(form_words.DENY_TITLE)
_DENY: Final = wording(form_words.DENY)
_CANCEL: Final = wording(form_words.CANCEL)
_REASON: Final = reason_input(form_words.DENY_HINT, optional=False)
