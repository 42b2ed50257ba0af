"""Loops that must not end: one that does is started again, with a line in the log, and shows in `/readyz`."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

import structlog

from bot.runtime.clock import Clock
from bot.runtime.log import where
from bot.runtime.tasks import end

_AGAIN: Final = 5.0  # seconds until a loop that ended is started again
_SHOWN: Final = 60.0  # seconds that an end is told of: who scrapes once a minute sees each

_log = structlog.get_logger("bot.supervision")

Loop = Callable[[], Coroutine[object, object, None]]


class Supervisor:
    """Runs loops, each as a task of its own, until it is stopped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._ended: dict[str, float] = {}

    def start(self, name: str, loop: Loop) -> None:
        """Run a loop for ever; `name` is for people who read logs."""
        self._tasks.append(asyncio.create_task(self._keep(name, loop)))

    async def check(self) -> str | None:
        """Say which loops ended lately, if any did."""
        since = self._clock.now() - _SHOWN
        ended = sorted(name for name, at in self._ended.items() if at >= since)
        return f"ended and started again: {', '.join(ended)}" if ended else None

    async def stop(self) -> None:
        """End all loops."""
        await end(self._tasks)

    async def _keep(self, name: str, loop: Loop) -> None:
        while True:
            try:
                await loop()
                _log.error("a loop ended", loop=name)
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop has to go on
                _log.error("a loop ended", loop=name, error=type(error).__name__, where=where(error))
            self._ended[name] = self._clock.now()
            await self._clock.sleep(_AGAIN)
