"""Ending tasks for sure, and asking what may not answer."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Generic, TypeVar

T = TypeVar("T")

_PATIENCE = 1.0  # seconds before a task is cancelled once more


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
