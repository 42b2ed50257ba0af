"""Builds the modals that can only be closed: how an operation stands, and what is said in place of a form."""

from typing import Final

from bot.blockkit.blocks import Block, alert, wording
from bot.blockkit.layout import Message, details, listed_tasks, opening
from bot.blockkit.report import Item, Report, Tone
from bot.blockkit.text import spoken
from bot.domain.operation import Operation
from bot.domain.policy import Members
from bot.kinds.wording import Words
from bot.words.form_words import CLOSE, NOTICE_TITLE
from bot.words.question import NOBODY
from bot.words.status import report


def operation_modal(
    op: Operation,
    words: Words,
    settle: int | None = None,
    approvals: str | None = None,
    deciders: Members = NOBODY,
) -> Block:
    """Build the modal that shows how an operation stands: the same report as the message has.

    It has no buttons of its own; where a decision is due it says where to take it.
    """
    told = report(op, words, settle, approvals, deciders)
    alarming = told.tone in {Tone.WARNING, Tone.ERROR, Tone.QUESTION}
    hint = () if told.hint is None else (told.hint,)
    shown = Report(
        told.tone,
        () if alarming else told.headline,
        (*told.body, *hint),
        told.tasks,
        told.warnings,
        told.facts,
        told.checks,
        told.steps,
        tuple(Item(item.line) for item in told.items),
    )
    head = [alert(spoken(told.headline), told.tone)] if alarming else []
    return _closing([*head, *opening(shown), *listed_tasks(shown), *details(shown)], wording(words.title))


def notice_modal(message: Message) -> Block:
    """Put a message in the place of a form that cannot be used (any more), whatever the form was for."""
    return _closing(list(message.blocks), _NOTICE_TITLE)


def _closing(blocks: list[Block], title: Block) -> Block:
    return {"type": "modal", "title": title, "close": _CLOSE, "blocks": blocks}


_NOTICE_TITLE: Final = wording(NOTICE_TITLE)
_CLOSE: Final = wording(CLOSE)
