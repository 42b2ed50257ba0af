"""Which words belong to a notice, as its operation stands now. Pure; the words are in bot.words."""

from collections.abc import Sequence

from bot.blockkit.blocks import Block
from bot.blockkit.layout import Message
from bot.domain.operation import Operation, State
from bot.domain.policy import Members
from bot.domain.records import Purpose, Record, Telling
from bot.kinds.registry import Kinds
from bot.words.approval_message import approval_message, break_glass_message, reminder_message
from bot.words.first_call import first_call_message
from bot.words.modal import operation_modal
from bot.words.status import (
    answered_message,
    late_message,
    operation_message,
    question_message,
    repeat_message,
    settled_message,
)


class Messages:
    """Words for notices. `approvers` are mentioned in questions; `settle` is for how many seconds is looked.

    `others` are all notices of the operation: what became of the request for approval is told too.
    """

    def __init__(self, kinds: Kinds, approvers: Members, settle: float) -> None:
        self._kinds = kinds
        self._approvers = approvers
        self._settle = round(settle)

    def result(
        self, op: Operation, others: Sequence[Telling], *, repeat: bool = False, elsewhere: bool = False
    ) -> Message:
        """Tell what is true of an operation; `elsewhere` than in its channel, where the bot may not post."""
        approval = _approval(others)
        return operation_message(
            op,
            self._kinds.words(op),
            settle=self._settle,
            repeat=repeat,
            instead_of=op.channel if elsewhere else None,
            approvals=_asked_in(approval),
            unheard=approval is not None and approval.due_at is None and approval.shown is None,
            deciders=self._approvers,
        )

    def again(self, op: Operation) -> Message:
        """Say in one line what may have been said before."""
        return repeat_message(op, self._kinds.words(op))

    def modal(self, op: Operation, others: Sequence[Telling]) -> Block:
        """Show in the form that was submitted how its operation stands."""
        asked_in = _asked_in(_approval(others))
        return operation_modal(op, self._kinds.words(op), self._settle, asked_in, self._approvers)

    def for_operators(self, telling: Telling, record: Record) -> Message | None:
        """Ask for an approval, announce that there is none, or tell what became of it.

        None when it is too late. A repeat mentions them again: what Slack did not confirm may have woken
        nobody.
        """
        op, said = record.operation, telling.place is not None
        words, waits = self._kinds.words(op), op.state is State.AWAITING_APPROVAL
        if telling.shown is not None and not said:
            return None  # it was said where nothing can be edited
        if op.break_glass:
            return break_glass_message(op, words, self._approvers, repeat=telling.unsure)
        if not waits and not said:
            return None
        if waits and telling.purpose is Purpose.REMINDER:
            return reminder_message(op, words, self._approvers, record.digest)
        decided_at = op.approval.decided_at if op.approval is not None else None
        return approval_message(
            op, words, self._approvers, record.digest, decided_at=decided_at, repeat=telling.unsure
        )

    def reply(self, telling: Telling, op: Operation) -> Message | None:
        """Word a reply to the operation's message; None when it is too late for it."""
        words = self._kinds.words(op)
        match telling.purpose:
            case Purpose.QUESTION:
                open_still = op.asking and telling.key == str(op.round)
                if open_still:
                    return question_message(op, words, self._approvers, repeat=telling.unsure)
                return None if telling.place is None else answered_message(op, words)
            case Purpose.SETTLED:
                return self.again(op) if telling.unsure else settled_message(op, words)
            case Purpose.CALL:
                return first_call_message(op, words, repeat=telling.unsure)
            case _:
                return late_message(op, words, telling.data or {}, repeat=telling.unsure)


def _approval(others: Sequence[Telling]) -> Telling | None:
    return next((telling for telling in others if telling.purpose is Purpose.APPROVAL), None)


def _asked_in(approval: Telling | None) -> str | None:
    return approval.place.channel if approval is not None and approval.place is not None else None
