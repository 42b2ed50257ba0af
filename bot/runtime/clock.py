"""Time as a dependency: the wall clock and waiting, so that a test never waits for real."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the bot asks of time."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def milliseconds(clock: Clock) -> int:
    """Return the clock's time as the ledger keeps it: whole milliseconds since the epoch."""
    return int(clock.now() * 1000)
