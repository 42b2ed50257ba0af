"""Ending tasks for sure, work that no request waits for, and asking what may not answer."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_PATIENCE: Final = 1.0  # seconds before a task is cancelled once more
_FINISH_WITHIN: Final = 3.0  # seconds for small work when the process stops


async def end(tasks: Collection[asyncio.Task[T]]) -> None:
    """Cancel tasks until they have ended: a library that swallows one cancellation is asked again."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_PATIENCE)


def _heard(task: asyncio.Task[T]) -> None:
    # What nobody waits for any more may fail: asyncio would log it, in words of the library's.
    if not task.cancelled():
        task.exception()


@dataclass
class Background:
    """Small work that no request waits for, and that may be cut at the end."""

    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run work beside the request; whoever wants to may wait for the task."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def finish(self, within: float = _FINISH_WITHIN) -> None:
        """Wait up to `within` seconds for what is left and for what that starts, then cut."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self.tasks:
                    await asyncio.wait(self.tasks)
        await self.stop()

    async def stop(self) -> None:
        """Cut what is left."""
        await end(self.tasks)


class Question(Generic[T]):
    """Work that is done once however many wait for it, and that holds up none of them.

    asyncio.timeout() waits for the end of what it cancels, and psycopg takes up to 10 s to end a query that
    the server does not answer. Here only the task waits for that; who asks meanwhile gets no second one.
    """

    def __init__(self, work: Callable[[], Coroutine[object, object, T]]) -> None:
        self._work = work
        self._task: asyncio.Task[T] | None = None

    async def ask(self, within: float) -> T:
        """Return or raise what the work does; raises TimeoutError when that takes longer (seconds)."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        task = self._task
        done, _ = await asyncio.wait({task}, timeout=within)
        if not done:
            if not task.cancelling():
                task.cancel()
                task.add_done_callback(_heard)
            raise TimeoutError
        if task.cancelled():
            raise TimeoutError
        return task.result()

    async def stop(self) -> None:
        """End the work."""
        if self._task is not None:
            await end({self._task})
