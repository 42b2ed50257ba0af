"""Taking confirmations, and starting a workflow for each: the seam between people and workflows.

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

from bot.domain.records import NewOperation, Record
from bot.notify.modal import Modals
from bot.runtime.clock import Clock
from bot.runtime.tasks import end
from bot.store.accept import Already, Stored, Twin
from bot.store.events import Limit, TooLate
from bot.store.ledger import Ledger
from bot.workflow.engine import Durable

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


class Engine:
    """Takes confirmations, starts workflows, and finishes at the end what it tracks."""

    def __init__(self, ledger: Ledger, durable: Durable, modals: Modals, clock: Clock) -> None:
        self._ledger = ledger
        self._durable = durable
        self._modals = modals
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
        task = self.track(_stored(work(limit), limit))
        done, _ = await asyncio.wait({task}, timeout=STORE_WITHIN)
        return task.result() if done else _not_stored(limit)

    async def after_all(self, operation: str, limit: Limit) -> Record | None:
        """Return an operation whose commit failed: what was lost may have been no more than the answer."""
        if not limit.committing:
            return None
        record = await self._ledger.settled(operation)  # raises when this can not be found out now
        limit.committing = False
        return record

    def begin(self, workflow: str, operation: str) -> None:
        """Start a workflow for an operation, without waiting for it."""
        self.track(self._durable.start(workflow, operation))

    def track(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        """Run work that is finished before the process stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

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
            record = await self.after_all(new.id, limit)
            if record is None:
                raise
            answer = Stored(record)
        match answer:
            case Stored():
                self._modals.hold(new.id, answered)
                self.begin(new.id, new.id)
                return answer
            case Already():
                self.begin(new.id, new.id)  # nothing, unless who pressed before could not be told of it
                return answer
            case TooLate():
                return NotStored(stopping=False)
            case Twin():
                return answer


async def _stored(work: Coroutine[object, object, T], limit: Limit) -> T | NotStored | Unsure:
    try:
        return await work
    except SQLAlchemyError as error:
        sure = not limit.committing
        _log.error("an operation could not be stored", sure=sure, error=type(error).__name__)
        return _not_stored(limit)


def _not_stored(limit: Limit) -> NotStored | Unsure:
    return Unsure() if limit.committing else NotStored(stopping=False)
