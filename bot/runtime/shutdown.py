"""The end of this process in bounded time: one deadline for everything that is to be put away."""

import asyncio
import faulthandler
import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

STOP_WITHIN: Final = 25.0  # seconds from SIGTERM until all is put away, or left
_EXIT_WITHIN: Final = 2.5  # seconds more until the process is gone; Procfile hosts kill 30 s after SIGTERM
_LEAST: Final = 0.1  # seconds that a part gets even when no time is left

_log = structlog.get_logger("bot.stopping")


class Deadline:
    """Counts from `begin`. What does not end in time is left: no work is lost when the process dies in it."""

    def __init__(self, within: float = STOP_WITHIN) -> None:
        self._within = within
        self._at: float | None = None
        self._left_behind: list[asyncio.Future[None]] = []

    def begin(self) -> None:
        """Count from now, unless it counts already."""
        if self._at is None:
            self._at = time.monotonic() + self._within

    def left(self) -> float:
        """Return the seconds that are left; all of them before the beginning."""
        return self._within if self._at is None else max(0.0, self._at - time.monotonic())

    def enforce(self) -> None:
        """Begin, and see to it that this process ends.

        A thread that waits for the database cannot be ended, and Python waits for it at the exit: that is
        cut, with exit code 1, after writing to stderr where each thread is.
        """
        self.begin()
        faulthandler.dump_traceback_later(self.left() + _EXIT_WITHIN, exit=True)

    def leave(self, code: int) -> None:
        """End this process here if something was left: asyncio and Python would wait for it."""
        if self._left_behind:
            logging.shutdown()
            os._exit(code)

    async def put_away(
        self, name: str, part: Callable[[], Awaitable[None]], *, most: float | None = None, keep: float = 0.0
    ) -> None:
        """Have a part end, for at most `most` seconds and such that `keep` are left for those after it."""
        self.begin()
        within = max(_LEAST, self.left() - keep)
        ending = asyncio.ensure_future(part())
        done, _ = await asyncio.wait({ending}, timeout=within if most is None else min(most, within))
        if done:
            ending.result()
            return
        _log.warning("a part did not end in time", part=name)
        self._left_behind.append(ending)  # the loop itself would not keep it
        ending.add_done_callback(_forget)
        ending.cancel()


def _forget(ended: asyncio.Future[None]) -> None:
    if not ended.cancelled():
        ended.exception()  # else asyncio complains that nobody asked
