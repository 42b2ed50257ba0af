"""Readings of the account, shared: at most 10 s old where a person only reads, fresh where it decides.

Whoever asks while something is being read hears that reading; what changes meanwhile makes it old at once.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Final, Generic, TypeVar

from bot.runtime.clock import Clock
from bot.runtime.tasks import end
from bot.vobiz.client import VobizClient
from bot.vobiz.details import Detail
from bot.vobiz.listing import Unreachable
from bot.vobiz.lists import Listed
from bot.vobiz.looking import (
    Gone,
    combined,
    look,
    no_trunk,
    nothing,
    read_numbers,
    read_part,
    read_trunk_alone,
)
from bot.vobiz.snapshot import Needs, Snapshot

SHARED_FOR: Final = 10.0  # seconds
_KEPT: Final = 100  # trunks that were read by themselves: 2 KB each

T = TypeVar("T")


class _Shelf(Generic[T]):
    """Readings by key, each as the task that reads it; what failed is not kept."""

    def __init__(self, clock: Clock, good: Callable[[T], bool]) -> None:
        self._clock = clock
        self._good = good
        self.reading: set[asyncio.Task[T]] = set()
        self.kept: dict[str, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, key: str, read: Callable[[], Coroutine[object, object, T]]) -> T:
        at, task = self.kept.get(key, (0.0, None))
        if task is None or self._clock.now() - at > SHARED_FOR:
            if len(self.kept) >= _KEPT:
                self.kept.clear()
            task = asyncio.create_task(read())
            self.reading.add(task)
            task.add_done_callback(self.reading.discard)
            self.kept[key] = (self._clock.now(), task)
        value = await asyncio.shield(task)
        if not self._good(value) and self.kept.get(key, (0.0, None))[1] is task:
            del self.kept[key]
        return value


class Readings:
    """What was read of the account lately."""

    def __init__(self, vobiz: VobizClient, clock: Clock) -> None:
        self._vobiz = vobiz
        self._trunks: _Shelf[Snapshot | Unreachable] = _Shelf(clock, lambda one: isinstance(one, Snapshot))
        self._alone: _Shelf[Detail | Gone | Unreachable] = _Shelf(clock, lambda one: isinstance(one, Detail))
        self._parts: _Shelf[Listed] = _Shelf(clock, lambda one: one.whole)

    async def fresh(self, needs: Needs) -> Snapshot | Unreachable:
        """Read now."""
        return await look(self._vobiz, needs)

    async def recent(self, needs: Needs) -> Snapshot | Unreachable:
        """Return what was read in the last SHARED_FOR seconds, or is being read; else read it."""
        vobiz, parts, trunk = self._vobiz, sorted(needs.parts), needs.trunk
        trunks, one, lists, numbers = await asyncio.gather(
            self._trunks.get("all", vobiz.snapshot) if needs.trunks else nothing(vobiz),
            no_trunk()
            if trunk is None
            else self._alone.get(trunk.casefold(), partial(read_trunk_alone, vobiz, trunk)),
            asyncio.gather(*(self._parts.get(part, partial(read_part, vobiz, part)) for part in parts)),
            read_numbers(vobiz, needs.numbers),
        )
        return combined(trunks, one, dict(zip(parts, lists, strict=True)), numbers)

    def forget(self) -> None:
        """Have everything read anew: something was changed, or is being."""
        for shelf in (self._trunks, self._alone, self._parts):
            shelf.kept.clear()

    async def stop(self) -> None:
        """Cut what is being read."""
        await end(set(self._trunks.reading))
        await end(set(self._alone.reading))
        await end(set(self._parts.reading))
