"""The look at the account that follows the opening of a modal: what to tell, then and later, and a baseline.

It never stands in a person's way: the modal is open before it starts and confirming does not wait for it.
One look serves all modals that opened before it began. A look a modal would be two more requests to Vobiz a
command, and under a burst they took two thirds of our time and kept modals from opening (docs/benchmarks.md).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final

import structlog

from bot.domain.records import Baseline
from bot.domain.resources import Trunk
from bot.runtime.clock import Clock
from bot.vobiz.client import Listing, Unreachable, VobizClient
from bot.words.create_form import Draft, Notice

_GATHER: Final = 0.02  # seconds from the first modal that waits to the look that serves it
_APART: Final = 0.25  # seconds between the beginnings of two looks
_CEILING_KEPT: Final = 300  # seconds; it changes when capacity is bought
_KEPT: Final = (
    1000  # open modals of which it is remembered what was seen; losing it costs precision, not safety
)

_log = structlog.get_logger("bot.looks")


@dataclass(frozen=True, slots=True)
class Opened:
    """A modal that just opened. `annotate` is called with what its person should know, if anything."""

    operation: str
    draft: Draft
    annotate: Callable[[Notice], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look showed for a modal that was opened with this name; `same` are the trunks that have it."""

    name: str | None
    same: tuple[Trunk, ...] = ()
    ahead: int | None = None
    ceiling: int | None = None
    reachable: bool = True

    def notice(self, draft: Draft) -> Notice | None:
        if not self.reachable:
            return Notice(reachable=False)
        same = self.same if draft.name == self.name else ()
        over = self.ceiling is not None and draft.calls is not None and draft.calls > self.ceiling
        return Notice(same, self.ceiling if over else None) if same or over else None


class Looks:
    """Looks at the account for the modals that wait for it, and keeps what it saw for each operation."""

    def __init__(self, vobiz: VobizClient, clock: Clock) -> None:
        self._vobiz = vobiz
        self._clock = clock
        self._waiting: list[Opened] = []
        self._wanted = asyncio.Event()
        self._ceiling: tuple[float, int | None] = (0, None)
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def after(self, opened: Opened) -> None:
        """Have the account looked at for a modal that just opened."""
        self._waiting.append(opened)
        self._wanted.set()

    async def keep_looking(self) -> None:
        """Serve the modals that wait, for ever; run it as a task and cancel it."""
        while True:
            await self._wanted.wait()
            await self._clock.sleep(_GATHER)
            self._wanted.clear()
            served, self._waiting = self._waiting, []
            try:
                await self._look(served)
            except Exception:  # noqa: BLE001 - a modal without its annotation is whole; looking has to go on
                _log.exception("a look failed")
            await self._clock.sleep(_APART)

    def baseline(self, operation: str, name: str) -> Baseline:
        """Return the baseline for what was confirmed.

        Known ids only count for the name that was looked for; Vobiz's clock counts for any.
        """
        seen = self._seen.get(operation, _Seen(None))
        known = frozenset(trunk.id for trunk in seen.same) if seen.name == name else frozenset[str]()
        return Baseline(known, seen.ahead)

    def notice(self, operation: str, draft: Draft) -> Notice | None:
        """Return what the person should know of a form that is shown again, as far as was looked for it."""
        seen = self._seen.get(operation)
        return None if seen is None else seen.notice(draft)

    def forget(self, operation: str) -> None:
        """Forget what was seen: the operation is stored, and its form gone."""
        self._seen.pop(operation, None)

    async def _look(self, served: list[Opened]) -> None:
        listing, ceiling = await asyncio.gather(self._vobiz.trunks(), self._account_ceiling())
        for opened in served:
            seen = self._seen[opened.operation] = self._conclude(opened.draft, listing, ceiling)
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
            notice = seen.notice(opened.draft)
            if notice is not None:
                await opened.annotate(notice)

    def _conclude(self, draft: Draft, listing: Listing | Unreachable, ceiling: int | None) -> _Seen:
        if isinstance(listing, Unreachable):
            return _Seen(draft.name, reachable=False)
        same = tuple(trunk for trunk in listing.trunks if draft.name is not None and trunk.name == draft.name)
        ahead = int((listing.now.timestamp() - self._clock.now()) * 1000) if listing.now else None
        return _Seen(draft.name, same, ahead, ceiling)

    async def _account_ceiling(self) -> int | None:
        read_at, ceiling = self._ceiling
        if ceiling is None or self._clock.now() - read_at > _CEILING_KEPT:
            ceiling = await self._vobiz.ceiling()
            self._ceiling = (self._clock.now(), ceiling)
        return ceiling
