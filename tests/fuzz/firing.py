"""A run: a bot in this process, its two neighbours on loopback, and shots into its ASGI application."""

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.runtime.clock import SystemClock
from bot.store.database import open_engine
from tests.durable.houses import housed
from tests.fuzz.corpus import collect
from tests.fuzz.mutations import shot
from tests.fuzz.shooting import RAISED, send
from tests.fuzz.watching import Lines, effects, forget, resident

_AT_ONCE: Final = 8
_STEP: Final = 0.5  # seconds of the bot's time a request: what it remembers of each, it may forget again
_BATCH: Final = 500


class MarchingClock(SystemClock):
    """The machine's clock, ahead by what the test adds."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


@dataclass
class Run:
    """What happened. Memory is in bytes, at the half of the run and at its end."""

    seed: int
    requests: int
    statuses: Counter[int] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    raised: list[int] = field(default_factory=list)
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    half: int = 0
    end: int = 0
    seconds: float = 0.0

    @property
    def failures(self) -> int:
        """How many answers were 5xx, or none where the caller was still there."""
        return sum(count for status, count in self.statuses.items() if status >= 500)

    @property
    def grown(self) -> int:
        """Bytes that the second half added."""
        return self.end - self.half


async def fire(url: str, folder: Path, requests: int, seed: int) -> Run:
    """Fire so many shots at a bot on this database (seconds: a thousandth of their number, about)."""
    run, lines, clock = Run(seed, requests), Lines(), MarchingClock()
    logging.getLogger().handlers = [lines]
    async with housed(url, folder) as house:
        watched = open_engine(house.settings.database_url.get_secret_value())
        async with house.bot(clock) as bot:
            corpus = await collect(house)
            run.before = await effects(house, watched)
            forget(house.sandbox)
            secret = house.sandbox.signing_secret.encode()
            numbers = iter(range(requests))
            lines.seen.clear()
            began = time.monotonic()

            async def work() -> None:
                for number in numbers:
                    clock.ahead += _STEP
                    status = await send(bot.asgi, shot(corpus, seed, number), secret, clock.now())
                    run.statuses[status] += 1
                    if status == RAISED:
                        run.raised.append(number)
                    if number % _BATCH == 0:
                        run.said += forget(house.sandbox)
                    if number == requests // 2:
                        run.half = resident()

            await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
            run.seconds = time.monotonic() - began
            run.said += forget(house.sandbox)
            run.end = resident()
            run.after = await effects(house, watched)
        await watched.dispose()
    run.lines = lines.seen
    return run
