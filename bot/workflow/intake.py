"""Taking confirmations, and starting a workflow for each: the seam between people and workflows.

Accepting returns only after the operation is committed to the ledger. Its workflow is started at once and
directly; should the process die in between, recovery starts it.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.records import NewOperation
from bot.runtime.clock import Clock
from bot.runtime.tasks import end
from bot.store.database import PASSING
from bot.store.ledger import Accepting, Already, Claimed, Ledger, Repeated, Stored, TooLate, Unsure
from bot.workflow.engine import Engine

__all__ = ["STORE_WITHIN", "Acceptance", "Intake", "NotStored", "Unsure"]

_STOP_WITHIN: Final = 5.0  # seconds for what is being stored when the process stops
STORE_WITHIN: Final = 2.0  # seconds; Slack waits 3 for the answer to a submission
_AFTER_ALL: Final = (0.5, 1, 2, 5, 10)  # seconds between looks for what a lost commit may have stored

_log = structlog.get_logger("bot.engine")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotStored:
    """Nothing was stored: the ledger did not commit in time, or the process is stopping."""

    stopping: bool


Acceptance = Accepting | NotStored | Unsure


class Intake:
    """Takes confirmations, starts workflows, and finishes at the end what it tracks."""

    def __init__(self, ledger: Ledger, engine: Engine, clock: Clock) -> None:
        self._ledger = ledger
        self._engine = engine
        self._clock = clock
        self._tasks: set[asyncio.Task[object]] = set()
        self.stopping = False

    async def accept(self, new: NewOperation) -> Acceptance:
        """Store a confirmed operation and start it; the answer comes within STORE_WITHIN seconds.

        Whoever hears NotStored or Unsure may confirm again: the operation's id makes it the same operation.
        """
        if self.stopping:
            return NotStored(stopping=True)
        # Not cancelled with who waits for it: what was stored is started.
        return await asyncio.shield(self.track(self._store(new)))

    def begin(self, workflow: str, operation: str) -> None:
        """Start a workflow for an operation, without waiting for it."""
        self.track(self._start(workflow, operation))

    async def _start(self, workflow: str, operation: str) -> None:
        try:
            await self._engine.start(workflow, operation)
        except PASSING as error:
            # The ledger has the operation: the sweep starts it, or whoever finds the engine's row goes on.
            _log.warning("an operation is started later", error=type(error).__name__)

    def track(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        """Run work that is finished before the process stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Accept nothing more, and let what is being stored or started finish."""
        self.stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_WITHIN):
                while self._tasks:  # what is stored meanwhile is still to be started
                    await asyncio.wait(self._tasks, timeout=_STOP_WITHIN)
        await end(self._tasks)  # the ledger has it, or never had it: the next start knows

    async def _store(self, new: NewOperation) -> Acceptance:
        try:
            answer = await self._ledger.accept(new, self._clock.now() + STORE_WITHIN)
        except SQLAlchemyError as error:
            _log.error("an operation could not be stored", error=type(error).__name__)
            return NotStored(stopping=False)
        match answer:
            case Stored() | Already():
                # For one that is there already this starts nothing, unless nothing could be started before.
                self.begin(new.id, new.id)
            case Unsure():
                _log.error("it is not known whether an operation was stored")
                self.track(self._begin_after_all(new.id))
            case TooLate():
                return NotStored(stopping=False)
            case Claimed() | Repeated():
                pass
        return answer

    async def _begin_after_all(self, operation: str) -> None:
        """Start what turns out to have been stored, sooner than recovery would miss it."""
        for wait in _AFTER_ALL:
            await self._clock.sleep(wait)
            if self.stopping:
                return
            with contextlib.suppress(SQLAlchemyError):
                if await self._ledger.get(operation) is not None:
                    self.begin(operation, operation)
                    return
