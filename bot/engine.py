"""Accepting operations and carrying them out durably: the seam between people and workflows.

Accepting returns only after the operation is committed to the ledger. Its workflow is started at once and
directly; should the process die in between, the caretaker starts it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.accepting import Already, Stored, Twin
from bot.clock import Clock, milliseconds
from bot.delivery import Delivery
from bot.durable import Durable
from bot.ledger import Change, Ledger
from bot.operations import Choice, Found, State, digest
from bot.records import NewOperation, Record
from bot.tasks import end
from bot.writing import BOT, Limit, TooLate

_STOP_WITHIN: Final = 5.0  # seconds for what is being stored when the process stops
STORE_WITHIN: Final = 2.0  # seconds; Slack waits 3 for the answer to a submission

_log = structlog.get_logger("bot.engine")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotStored:
    """Nothing was stored: the ledger did not commit in time, or the process is stopping."""

    stopping: bool


@dataclass(frozen=True, slots=True)
class Unsure:
    """It is not known whether it was stored: nothing came back of the commit."""


Acceptance = Stored | Already | Twin | NotStored | Unsure


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
    """An identical request is in flight, so this one still waits."""

    twin: Record


@dataclass(frozen=True, slots=True)
class Made:
    """Identical requests (`number`, the latest is `twin`) made trunks while this one waited, as it does."""

    record: Record
    twin: Record
    number: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The question is not open (any more); here is where the operation stands."""

    record: Record


ApprovalAnswer = Decided | Settled | Changed | Held | Made | None  # None: there is no such operation


class Engine:
    """Takes confirmations and decisions, and starts a workflow for each."""

    def __init__(self, ledger: Ledger, durable: Durable, delivery: Delivery, clock: Clock) -> None:
        self._ledger = ledger
        self._durable = durable
        self._delivery = delivery
        self._clock = clock
        self._tasks: set[asyncio.Task[object]] = set()
        self._stopping = False

    async def accept(self, new: NewOperation, answered: asyncio.Event) -> Acceptance:
        """Store a confirmed operation and start it; the answer comes within STORE_WITHIN seconds.

        Whoever hears NotStored or Unsure may confirm again: the operation's id makes it the same operation.
        """
        return await self.in_time(lambda limit: self._store(new, answered, limit))

    async def in_time(self, work: Callable[[Limit], Coroutine[object, object, T]]) -> T | NotStored | Unsure:
        """Do work that a form waits for; the answer comes within STORE_WITHIN seconds.

        The work is given the limit after which it must not commit anything.
        """
        if self._stopping:
            return NotStored(stopping=True)
        limit = Limit(self._clock.now() + STORE_WITHIN)
        # The task is not cancelled with the wait: a commit that was under way is followed by its run.
        task = self._track(_stored(work(limit), limit))
        done, _ = await asyncio.wait({task}, timeout=STORE_WITHIN)
        return task.result() if done else _not_stored(limit)

    async def decide(
        self, operation: str, choice: Choice, actor: str, asked: int | None, trunk: str | None
    ) -> Decided | Settled | None:
        """Record what a person decided and carry it out; None when there is no such operation.

        It holds for the question that the person saw, which is the one of the round `asked`, and for what
        that one offers.
        """
        before = await self._ledger.get(operation)
        if before is None:
            return None
        fits = before.round == asked and choice in before.operation.choices
        after = await self._decide(before, choice, actor, trunk) if fits else None
        if after is None:
            return Settled(await self._ledger.get(operation) or before)
        self._begin(f"{operation}-{after.round}", operation)
        return Decided(after)

    async def approve(self, operation: str, bound: str, actor: str, known: int = 0) -> ApprovalAnswer:
        """Approve exactly what `bound` is the digest of, and start it. The first decision wins.

        `known` is of how many identical requests that made a trunk meanwhile the approver was told.
        """
        before = await self._ledger.get(operation)
        if before is None:
            return None
        # Computed from what would be sent: a row that was edited does not pass with its old digest.
        fits = bound == _digest(before)
        answer: ApprovalAnswer = None
        # Twice: an identical one may have been in the way and have ended when it is looked up.
        for _ in range(2):
            approved = (
                await self._ledger.requests.approve(before.operation, bound, actor, known) if fits else None
            )
            if approved is not None:
                self._begin(f"{operation}-{approved.round}", operation)
                self._track(self._delivery.decided(approved))
                return Decided(approved)
            answer = await self._not_approved(operation, bound, known)
            if not fits or not isinstance(answer, Changed):
                break
        return answer

    async def _not_approved(self, operation: str, bound: str, known: int) -> ApprovalAnswer:
        record = await self._ledger.get(operation)
        if record is None:
            return None
        if record.operation.state is not State.AWAITING_APPROVAL:
            return Settled(record)
        expires = record.operation.expires_at
        if expires is not None and expires <= milliseconds(self._clock):
            # The caretaker's next round would say it; who presses hears it now.
            await self.close_request(operation, State.EXPIRED, BOT)
            return Settled(await self._ledger.get(operation) or record)
        if bound != _digest(record):
            return Changed(record)
        number, made = await self._ledger.requests.created_meanwhile(record.operation)
        if made is not None and number != known:
            return Made(record, made, number)
        twin = await self._ledger.twin(record.operation)
        return Changed(record) if twin is None else Held(twin)

    async def close_request(
        self, operation: str, after: State, actor: str, denial: str | None = None
    ) -> Decided | Settled | None:
        """Deny, withdraw or expire a request and tell whom it concerns."""
        closed = await self._ledger.requests.close(operation, after, actor=actor, denial=denial)
        return await self._closed(operation, closed)

    async def deny(
        self, operation: str, actor: str, reason: str, limit: Limit
    ) -> Decided | Settled | NotStored | None:
        """Deny a request and tell whom it concerns; NotStored when the limit of time was over."""
        try:
            closed = await self._ledger.requests.close(
                operation, State.DENIED, actor=actor, denial=reason, limit=limit
            )
        except SQLAlchemyError:
            closed = await self._after_all(operation, limit)
            if closed is None or (closed.operation.state, closed.operation.decider) != (State.DENIED, actor):
                raise
        return NotStored(stopping=False) if limit.passed else await self._closed(operation, closed)

    async def _closed(self, operation: str, closed: Record | None) -> Decided | Settled | None:
        if closed is not None:
            self._begin(f"{operation}-{closed.round}", operation)
            return Decided(closed)
        record = await self._ledger.get(operation)
        return None if record is None else Settled(record)

    async def stop(self) -> None:
        """Accept nothing more, and let what is being stored or started finish."""
        self._stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_WITHIN):
                while self._tasks:  # what is stored meanwhile is still to be started
                    await asyncio.wait(self._tasks, timeout=_STOP_WITHIN)
        await end(self._tasks)  # the ledger has it, or never had it: the next start knows

    async def _store(self, new: NewOperation, answered: asyncio.Event, limit: Limit) -> Acceptance:
        answer: Stored | Already | Twin | TooLate
        try:
            answer = await self._ledger.accept(new, limit)
        except SQLAlchemyError:
            record = await self._after_all(new.id, limit)
            if record is None:
                raise
            answer = Stored(record)
        match answer:
            case Stored():
                self._delivery.hold(new.id, answered)
                self._begin(new.id, new.id)
                return answer
            case Already():
                self._begin(new.id, new.id)  # nothing, unless who pressed before could not be told of it
                return answer
            case TooLate():
                return NotStored(stopping=False)
            case Twin():
                return answer

    async def _after_all(self, operation: str, limit: Limit) -> Record | None:
        """Return an operation whose commit failed: what was lost may have been no more than the answer."""
        if not limit.committing:
            return None
        record = await self._ledger.settled(operation)  # raises when this can not be found out now
        limit.committing = False
        return record

    async def _decide(self, before: Record, choice: Choice, actor: str, trunk: str | None) -> Record | None:
        match choice:
            case Choice.CHECK_AGAIN | Choice.SEND_AGAIN:
                return await self._ledger.decide(before.operation.id, choice, actor, before.round)
            case Choice.GIVE_UP:
                return await self._close(before, State.NOT_CREATED, actor, Change(decided_by=actor))
            case Choice.PICK:
                look = before.operation.look
                picked = [t for t in (look.candidates if look else ()) if t.id == trunk]
                change = Change(trunk=picked[0], found=Found.PERSON, decided_by=actor) if picked else None
                return await self._close(before, State.CREATED, actor, change) if change else None
            case Choice.TRY_AGAIN:
                raise AssertionError("unreachable: trying again opens a form, see handlers/retry.py")

    async def _close(self, before: Record, after: State, actor: str, change: Change) -> Record | None:
        trunk = change.trunk.id if change.trunk else None
        return await self._ledger.move(
            before.operation.id,
            State.UNKNOWN,
            after,
            actor=actor,
            evidence={"trunk_id": trunk},
            change=change,
            asked=before.round,
        )

    def _begin(self, workflow: str, operation: str) -> None:
        self._track(self._durable.start(workflow, operation))

    def _track(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _stored(work: Coroutine[object, object, T], limit: Limit) -> T | NotStored | Unsure:
    try:
        return await work
    except SQLAlchemyError as error:
        sure = not limit.committing
        _log.error("an operation could not be stored", sure=sure, error=type(error).__name__)
        return _not_stored(limit)


def _not_stored(limit: Limit) -> NotStored | Unsure:
    return Unsure() if limit.committing else NotStored(stopping=False)


def _digest(record: Record) -> str:
    op = record.operation
    return digest(op.id, op.account, op.request, op.requester, op.channel)
