"""Ending tasks for sure."""

import asyncio
from collections.abc import Collection
from typing import TypeVar

T = TypeVar("T")

_PATIENCE = 1.0  # seconds before a task is cancelled once more


async def end(tasks: Collection[asyncio.Task[T]]) -> None:
    """Cancel tasks until they have ended: a library that swallows one cancellation is asked again."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_PATIENCE)
