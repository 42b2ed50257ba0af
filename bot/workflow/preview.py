"""The look at the account that follows the opening of a form: what to tell, and what was there before.

It never stands in a person's way: the form is open before it starts and confirming does not wait for it. One
look serves all forms that opened before it began. A look a form would be two more requests to Vobiz a
command, and under a burst they took two thirds of our time and kept forms from opening (docs/benchmarks.md).
What was seen is kept in the ledger, so that it serves whichever instance takes the confirmation.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from bot.domain.outcome import Data
from bot.kinds.base import Kind
from bot.runtime.clock import Clock
from bot.runtime.tasks import end
from bot.store.ledger import Ledger
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.snapshot import Snapshot, dump_snapshot, read_snapshot

# All in seconds.
_GATHER: Final = 0.02  # from the first form that waits to the look that serves it
_APART: Final = 0.25  # between the beginnings of two looks
_CEILING_KEPT: Final = 300
_NO_CEILING_KEPT: Final = 60
_CEILING_WITHIN: Final = 0.25  # that what was seen waits for the account's ceiling
_KEEP_WITHIN: Final = 0.5  # that what was seen waits for the database
_RENEW_WITHIN: Final = 0.3  # that whoever confirms waits for a look, where the last one is too old
_SHOWN: Final = 600  # seconds for which a reading says what is there
_FRESH: Final = 15  # while a reading is the newest for sure, or as good as that of another instance

_log = structlog.get_logger("bot.looks")


@dataclass(frozen=True, slots=True)
class Opened:
    """A form that just opened. `annotate` is called at most once, with what to show of the account."""

    operation: str
    kind: Kind
    known: Data
    annotate: Callable[[Data], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was seen of the account. `ceiling` are the most calls that it may have at once, if that is known.

    `snapshot_id` names it in the ledger; None when it could not be kept, or is not worth it.
    """

    snapshot_id: str | None
    snapshot: Snapshot
    ceiling: int | None


class Preview:
    """Looks at the account for the forms that wait for it."""

    def __init__(self, vobiz: VobizClient, ledger: Ledger, clock: Clock) -> None:
        self._vobiz = vobiz
        self._ledger = ledger
        self._clock = clock
        self._waiting: list[Opened] = []
        self._wanted = asyncio.Event()
        self._ceiling: int | None = None
        self._ceiling_until = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._latest: Reading | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def after(self, opened: Opened) -> None:
        """Have the account looked at for a form that just opened."""
        self._waiting.append(opened)
        self._wanted.set()

    async def keep_looking(self) -> None:
        """Serve the forms that wait, for ever; run it as a task and cancel it."""
        try:
            while True:
                await self._wanted.wait()
                await self._clock.sleep(_GATHER)
                self._wanted.clear()
                served, self._waiting = self._waiting, []
                await self._look(served)
                await self._clock.sleep(_APART)
        finally:
            await end(self._tasks)

    async def reading(self) -> Reading | None:
        """Return what was seen of the account last, by this instance or another; None when nothing was.

        What is too old to be shown is seen anew, for a moment: a form may have been open for long.
        """
        known = await self._known()
        if known is None or not self._is_old(known):
            return known
        if self._renewing is None or self._renewing.done():
            self._renewing = self._start(self._look([]))
        await asyncio.wait({self._renewing}, timeout=_RENEW_WITHIN)
        own = self._latest
        return own if own is not None and own.snapshot.taken_at > known.snapshot.taken_at else known

    async def _known(self) -> Reading | None:
        own = self._latest
        if own is not None and self._clock.now() - own.snapshot.taken_at / 1000 < _FRESH:
            return own
        stored = await self._ledger.snapshots.newest(self._vobiz.auth_id)
        if stored is None or (own is not None and own.snapshot_id == stored.id):
            return own
        snapshot = read_snapshot(stored.account, stored.taken_at, stored.ahead, stored.content)
        return Reading(stored.id, snapshot, self._ceiling)

    async def ceiling(self) -> int | None:
        """Return the most calls that the account may have at once, if that is known in a moment."""
        await asyncio.wait({self._asked_ceiling()}, timeout=_CEILING_WITHIN)
        return self._ceiling

    def seen(self, kind: Kind, known: Data, reading: Reading | None) -> Data:
        """Return what a form of a kind shows of the account beside what is known of the request.

        An old reading is good to compare with later, and not to be shown as what is there.
        """
        if reading is not None and self._is_old(reading):
            reading = None
        return kind.seen(known, *((reading.snapshot, reading.ceiling) if reading else (None, None)))

    def _is_old(self, reading: Reading) -> bool:
        return self._clock.now() - reading.snapshot.taken_at / 1000 > _SHOWN

    async def _look(self, served: list[Opened]) -> None:
        ceiling = self._asked_ceiling()
        snapshot = await self._vobiz.snapshot()
        if isinstance(snapshot, Unreachable):
            self._annotate(served, None)
            return
        self._latest = Reading(await self._keep(snapshot), snapshot, self._ceiling)
        # A ceiling that hangs holds up nothing: what is worth telling without it is told.
        await asyncio.wait({ceiling}, timeout=_CEILING_WITHIN)
        self._latest = replace(self._latest, ceiling=self._ceiling)
        left = self._annotate(served, self._latest)
        if left and not ceiling.done():
            self._start(self._annotate_later(left, self._latest, ceiling))

    async def _annotate_later(
        self, served: list[Opened], reading: Reading, ceiling: asyncio.Task[None]
    ) -> None:
        await asyncio.wait({ceiling})
        self._annotate(served, replace(reading, ceiling=self._ceiling))

    def _annotate(self, served: Iterable[Opened], reading: Reading | None) -> list[Opened]:
        """Show what there is to show, in all forms at once; return those for which there is nothing (yet)."""
        left = []
        for opened in served:
            seen = self.seen(opened.kind, opened.known, reading)
            asked = opened.kind.guarded or opened.kind.needs(opened.known).parts
            if asked or opened.kind.words.alerts(opened.known, seen):
                self._start(opened.annotate(seen))
            else:
                left.append(opened)
        return left

    async def _keep(self, snapshot: Snapshot) -> str | None:
        """Keep a reading in the ledger and return its id.

        Nothing can be concluded from one that is not whole: it must not stand in front of one that is.
        """
        if not snapshot.whole:
            return None
        keeping = asyncio.create_task(
            self._ledger.snapshots.keep(
                snapshot.account, snapshot.taken_at, snapshot.ahead, dump_snapshot(snapshot)
            )
        )
        keeping.add_done_callback(_heard)
        done, _ = await asyncio.wait({keeping}, timeout=_KEEP_WITHIN)
        return keeping.result() if done and keeping.exception() is None else None

    def _asked_ceiling(self) -> asyncio.Task[None]:
        """Have the ceiling read, unless it is being read; it changes when capacity is bought."""
        if self._asking is None or self._asking.done():
            self._asking = self._start(self._read_ceiling())
        return self._asking

    async def _read_ceiling(self) -> None:
        if self._clock.now() >= self._ceiling_until:
            self._ceiling = await self._vobiz.ceiling()
            # An account may have none: it is not asked at every look.
            kept = _CEILING_KEPT if self._ceiling is not None else _NO_CEILING_KEPT
            self._ceiling_until = self._clock.now() + kept

    def _start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_heard)
        return task


def _heard(task: asyncio.Task[object]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        # A form without its annotation is whole.
        _log.warning("what was seen could not be shown or kept", error=type(error).__name__)
