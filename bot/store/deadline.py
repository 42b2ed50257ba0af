"""Storing within a time: whoever waits gets an answer by then, and it will not turn out untrue."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.runtime.clock import Clock
from bot.runtime.tasks import end

T = TypeVar("T")

_log = structlog.get_logger("bot.ledger")


@dataclass(frozen=True, slots=True)
class TooLate:
    """Nothing was stored, nor will be: the time was over, or the database failed, before the commit."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """A commit was begun, and nothing came back of it: it may be stored or not."""


class Deadline:
    """Until when a transaction may commit (`until`, seconds, epoch), and how far it came."""

    def __init__(self, clock: Clock, until: float) -> None:
        self._clock = clock
        self._until = until
        self._given_up = False
        self._committing = False

    @property
    def over(self) -> bool:
        """Whether it is too late to commit."""
        return self._given_up or self._clock.now() > self._until

    def begin_commit(self) -> bool:
        """Say whether the commit may follow; from then on no answer says that nothing was stored."""
        self._committing = not self.over
        return self._committing

    def committed_nothing(self) -> None:
        """Note that the commit failed for sure."""
        self._committing = False

    def give_up(self) -> TooLate | Unsure:
        """Let nothing commit that has not begun to, and say what that means."""
        self._given_up = True
        return Unsure() if self._committing else TooLate()


class Punctual:
    """Runs work that has a deadline in tasks of its own: who stops waiting cuts no commit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[object]] = set()

    async def run(
        self, work: Callable[[Deadline], Coroutine[object, object, T]], until: float
    ) -> T | TooLate | Unsure:
        """Do work and return what it does, or by `until` (seconds, epoch) what is known of it."""
        deadline = Deadline(self._clock, until)
        task = asyncio.create_task(_safely(work(deadline), deadline))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        done, _ = await asyncio.wait({task}, timeout=max(0.0, until - self._clock.now()))
        return task.result() if done else deadline.give_up()

    async def stop(self) -> None:
        """Cut what nobody waits for any more and the database does not answer."""
        await end(self._tasks)


async def _safely(work: Coroutine[object, object, T], deadline: Deadline) -> T | TooLate | Unsure:
    try:
        return await work
    except SQLAlchemyError as error:
        answer = deadline.give_up()
        _log.error("an operation could not be stored", sure=answer == TooLate(), error=type(error).__name__)
        return answer
