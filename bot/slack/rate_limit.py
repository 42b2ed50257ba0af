"""Slack's rate limits: a 429 holds back its own line, in the order of asking, and nothing else.

A line is a method and what its limit counts: chat.postMessage takes about one message a second and channel,
with bursts. One call of a line is under way at a time, since only so do messages arrive in the order in
which they were asked for. Nothing is slowed down before Slack says so.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from bot.runtime.clock import Clock

PATIENCE: Final = 60.0  # seconds; as many messages leave in it, and who has more to say says it later

Line = tuple[str, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limited:
    """Nothing was carried out; Slack asks to wait this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class _Hold:
    since: float
    seconds: float

    def left(self, now: float) -> float:
        # A clock that was set back must not make it longer.
        return max(0.0, self.seconds - (now - self.since)) if now >= self.since else 0.0


class Pace:
    """Lets calls out: lines beside each other, within a line one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._locks: WeakValueDictionary[Line, asyncio.Lock] = WeakValueDictionary()
        self._holds: dict[Line, _Hold] = {}

    async def keep(
        self, line: Line, call: Callable[[], Awaitable[T | Limited]], patience: float = PATIENCE
    ) -> T | Limited:
        """Call when the line is free, and again after each Limited, for `patience` seconds.

        Limited comes back when that would take longer. The call is never cut: what has been asked of Slack
        is waited for.
        """
        asked = self._clock.now()
        lock = self._locks.setdefault(line, asyncio.Lock())
        try:
            async with asyncio.timeout(patience):
                await lock.acquire()
        except TimeoutError:
            return Limited(self._left(line))
        try:
            while True:
                wait = self._left(line)
                if wait:
                    if self._clock.now() - asked + wait > patience:
                        return Limited(wait)
                    await self._clock.sleep(wait)
                answer = await call()
                if not isinstance(answer, Limited):
                    return answer
                self._hold(line, answer.seconds)
        finally:
            lock.release()

    def _left(self, line: Line) -> float:
        hold = self._holds.get(line)
        return 0.0 if hold is None else hold.left(self._clock.now())

    def _hold(self, line: Line, seconds: float) -> None:
        now = self._clock.now()
        self._holds = {other: hold for other, hold in self._holds.items() if hold.left(now)}
        self._holds[line] = _Hold(now, seconds)
