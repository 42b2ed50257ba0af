"""Tells everyone who waits that something in the sandbox changed."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """A version that grows with each change, and a way to sleep until it does."""

    def __init__(self) -> None:
        """Start at version 1."""
        self.version = 1
        self._next = asyncio.Event()

    def note(self) -> None:
        """Wake everyone who waits. Call it after the change, in the loop's thread."""
        self.version += 1
        self._next.set()
        self._next = asyncio.Event()

    async def after(self, version: int, timeout: float) -> bool:  # noqa: ASYNC109 (the caller's heartbeat)
        """Wait until the version is past `version`; false when `timeout` seconds went by first."""
        try:
            async with asyncio.timeout(timeout):
                while self.version <= version:
                    await self._next.wait()
        except TimeoutError:
            return False
        return True

    async def wait_for(self, predicate: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109 (patience)
        """Wait until the predicate is true and return its value, or raise TimeoutError after `timeout` s."""
        async with asyncio.timeout(timeout):
            while True:
                changed = self._next
                value = predicate()
                if value:
                    return value
                await changed.wait()
