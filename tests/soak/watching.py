"""What is watched while the bot runs: memory, processor time, and how soon it answers what needs no work."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import psutil  # type: ignore[import-untyped]  # it has no types of its own

_EVERY: Final = 1.0  # seconds between two looks at the memory
_PROBE: Final = 0.1  # seconds between two questions that need no work: their time is the event loop's lag


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds since the start, and resident memory in MB."""

    at: float
    memory: float


@dataclass(slots=True)
class Watch:
    """One process, until cancelled."""

    pid: int
    url: str
    samples: list[Sample] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    processor: float = 0.0

    async def run(self) -> None:
        """Watch it."""
        process = psutil.Process(self.pid)
        began, looked = time.monotonic(), 0.0
        async with aiohttp.ClientSession() as session:
            while True:
                now = time.monotonic()
                if now - looked >= _EVERY:
                    looked = now
                    self.samples.append(Sample(now - began, process.memory_info().rss / 1e6))
                    used = process.cpu_times()
                    self.processor = (used.user + used.system) / max(now - began, 1.0)
                asked = time.perf_counter()
                async with session.get(f"{self.url}/healthz") as answer:
                    await answer.read()
                self.lags.append((time.perf_counter() - asked) * 1000)
                await asyncio.sleep(_PROBE)


def growth(samples: Sequence[Sample]) -> float:
    """Return how memory grows in the second half of the samples, in MB a minute (least squares)."""
    half = samples[len(samples) // 2 :]
    if len(half) < 2:
        return 0.0
    slope: float = statistics.linear_regression([s.at for s in half], [s.memory for s in half]).slope
    return slope * 60


def share(values: Sequence[float], part: float) -> float:
    """Return a quantile, 0 when there is nothing."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0
