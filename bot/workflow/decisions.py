"""Carrying out what people decided: the answer to a question, an approval, the end of a request.

The first decision wins, and whoever comes later is told where the operation stands. What a decision starts is
tracked by the intake, which finishes it when the process stops.
"""

from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.operation import Choice, State
from bot.domain.records import Record
from bot.domain.transitions.decisions import answer_question, approve, close
from bot.domain.transitions.moves import BOT
from bot.kinds.registry import Kinds
from bot.runtime.clock import Clock, milliseconds
from bot.store.ledger import Ledger, Taken, TooLate, Unsure
from bot.workflow.intake import STORE_WITHIN, Intake, NotStored

_log = structlog.get_logger("bot.decisions")


@dataclass(frozen=True, slots=True)
class Decided:
    """The choice was recorded and is being carried out."""

    record: Record


@dataclass(frozen=True, slots=True)
class Changed:
    """What is stored is not what was approved: nothing was done."""

    record: Record


@dataclass(frozen=True, slots=True)
class Held:
    """What this one would claim belongs to one that is in flight, so this one still waits."""

    twin: Record


@dataclass(frozen=True, slots=True)
class Made:
    """The same was done `number` times (the latest is `twin`) while this one waited, as it does."""

    record: Record
    twin: Record
    number: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The question is not open (any more); here is where the operation stands."""

    record: Record


ApprovalAnswer = Decided | Settled | Changed | Held | Made | None  # None: there is no such operation


class Decisions:
    """Records decisions, and has a workflow started for what they set going."""

    def __init__(self, ledger: Ledger, intake: Intake, kinds: Kinds, clock: Clock) -> None:
        self._ledger = ledger
        self._intake = intake
        self._kinds = kinds
        self._clock = clock

    async def decide(
        self, operation: str, choice: Choice, actor: str, asked: int | None, picked: str | None
    ) -> Decided | Settled | None:
        """Record what a person decided and carry it out; None when there is no such operation.

        It holds for the question that the person saw, which is the one of the round `asked`, and for what
        that one offers. A record that belongs to another operation by now cannot be picked.
        """
        before = await self._ledger.get(operation)
        if before is None:
            return None
        kind = self._kinds.of(before.operation.kind)
        after: Record | Taken | None = None
        if kind is not None and self._kinds.knows(before.operation):
            says = partial(
                answer_question,
                choice=choice,
                actor=actor,
                asked=asked,
                picked=picked,
                resource=kind.makes(before.operation.step.name),
            )
            after = await self._ledger.change(operation, says)
        if not isinstance(after, Record):
            return Settled(await self._ledger.get(operation) or before)
        self._begin(after)
        return Decided(after)

    async def approve(self, operation: str, bound: str, actor: str, known: int = 0) -> ApprovalAnswer:
        """Approve exactly what `bound` is the digest of, and start it. The first decision wins.

        `known` is of how many operations that did the same meanwhile the approver was told.
        """
        # Twice: one that was in the way may have ended when it is looked up.
        answer: ApprovalAnswer = None
        for _ in range(2):
            record = await self._ledger.get(operation)
            if record is None:
                return None
            answer = await self._approve(record, bound, actor, known)
            if answer is not None:
                return answer
            answer = Changed(record)
        return answer

    async def _approve(self, record: Record, bound: str, actor: str, known: int) -> ApprovalAnswer:
        """Approve it or say why not; None when what was in the way has gone, or ended, meanwhile."""
        op = record.operation
        if op.state is not State.AWAITING_APPROVAL:
            return Settled(record)
        if op.expires_at is not None and op.expires_at <= milliseconds(self._clock):
            # The next round of bot.workflow.expiry would say it; who presses hears it now.
            await self.close(op.id, State.EXPIRED, BOT)
            return Settled(await self._ledger.get(op.id) or record)
        # Computed from what would be sent: a row that was edited does not pass with its old digest.
        if not bound == op.bound == record.digest:
            return Changed(record)
        number, made = await self._ledger.same_since(op)
        if made is not None and number != known:
            return Made(record, made, number)
        latest = await self._ledger.snapshots.newest(op.account)
        says = partial(approve, bound=bound, actor=actor, snapshot=latest.id if latest else None)
        after = await self._ledger.change(op.id, says, alike=number)
        if isinstance(after, Record):
            self._begin(after)
            return Decided(after)
        holder = await self._ledger.holder(record.claims, besides=op.id)
        return None if holder is None else Held(holder)

    async def close(self, operation: str, end: State, actor: str) -> Decided | Settled | None:
        """Withdraw or expire a request; None when there is no such operation."""
        closed = await self._ledger.change(operation, partial(close, end=end, actor=actor))
        return await self._closed(operation, closed)

    async def deny(
        self, operation: str, actor: str, reason: str
    ) -> Decided | Settled | NotStored | Unsure | None:
        """Deny a request; the answer comes within STORE_WITHIN seconds."""
        if self._intake.stopping:
            return NotStored(stopping=True)
        says = partial(close, end=State.DENIED, actor=actor, denial=reason)
        until = self._clock.now() + STORE_WITHIN
        try:
            closed = await self._ledger.change_in_time(operation, says, until)
        except SQLAlchemyError as error:
            _log.error("a denial could not be stored", error=type(error).__name__)
            return NotStored(stopping=False)
        if isinstance(closed, TooLate):
            return NotStored(stopping=False)
        return closed if isinstance(closed, Unsure) else await self._closed(operation, closed)

    async def _closed(self, operation: str, closed: Record | Taken | None) -> Decided | Settled | None:
        if isinstance(closed, Record):
            return Decided(closed)
        record = await self._ledger.get(operation)
        return None if record is None else Settled(record)

    def _begin(self, record: Record) -> None:
        self._intake.begin(f"{record.operation.id}-{record.revision}", record.operation.id)
