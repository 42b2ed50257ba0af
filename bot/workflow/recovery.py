"""What keeps promises when processes die: takeover, the sweep, retention.

The sweep looks at the ledger, not at the engine: whatever should be moving and has no living workflow gets
one. Such a run sends only what was never sent (the ledger proves it), and looks for everything else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

import structlog

from bot.domain.records import Record
from bot.runtime.clock import Clock, milliseconds
from bot.runtime.log import about
from bot.runtime.tasks import end
from bot.store.ledger import Ledger
from bot.workflow.engine import Durable
from bot.workflow.slots import Slot

TAKE_OVER: Final = 2.0  # seconds between looks for dead processes; their work resumes within 10
SWEEP: Final = 30.0
RETAIN: Final = 3600.0
KEPT: Final = timedelta(days=30)  # longer than any form lives: a forgotten id could run again
_GRACE: Final = 10.0  # seconds without a move before a workflow is missed
# Seconds without a finished round after which the engine is not well. A database may be away for a moment.
_PATIENCE: Final = MappingProxyType({"take_over": 60.0, "sweep": 180.0, "retain": 3 * RETAIN})
_RUNS: Final = 20  # workflows of one operation, after which repeating is not the cure

_log = structlog.get_logger("bot.caretaker")


class Caretaker:
    """Runs its rounds in the background until it is stopped."""

    def __init__(
        self,
        ledger: Ledger,
        durable: Durable,
        slot: Slot,
        clock: Clock,
        lost: Callable[[], None],
    ) -> None:
        """Keep what is needed; `lost` is called when this process no longer holds its slot."""
        self._ledger = ledger
        self._durable = durable
        self._slot = slot
        self._clock = clock
        self._lost = lost
        self._given_up: set[str] = set()
        self._rounds: list[asyncio.Task[None]] = []
        self._finished: dict[str, float] = {}

    def start(self) -> None:
        """Begin the rounds."""
        for wait, work in ((TAKE_OVER, self.take_over), (SWEEP, self.sweep), (RETAIN, self.retain)):
            self._finished[work.__name__] = self._clock.now()
            self._rounds.append(asyncio.create_task(self._round(wait, work)))

    async def stop(self) -> None:
        """End the rounds."""
        await end(self._rounds)

    async def check(self) -> str | None:
        """Say why operations are not looked after, if so: the engine is not there, or rounds do not end."""
        if not self._durable.launched or not self._finished:
            return "not launched"
        now = self._clock.now()
        late = [name for name, at in self._finished.items() if now - at > _PATIENCE[name]]
        return f"no round finished lately: {', '.join(late)}" if late else None

    async def take_over(self) -> None:
        """Continue the workflows of slots whose process is dead; stop when our own slot was lost."""
        if not await self._slot.held():
            _log.critical("this process no longer holds its slot: it stops, so that no work is done twice")
            self._lost()
            return
        for name in await self._durable.running_elsewhere():
            async with self._slot.take_over(name) as dead:
                # Listed again under the lock: a process may have started in this slot meanwhile.
                left = (await self._durable.running_elsewhere()).get(name, []) if dead else []
                if left:
                    _log.warning("continuing the work of a dead process", slot=name, workflows=len(left))
                    await self._durable.adopt(left)

    async def sweep(self) -> None:
        """Give a workflow to whatever should be moving and has none."""
        before = milliseconds(self._clock) - int(_GRACE * 1000)
        async for record in self._ledger.unattended(before):
            with about(record.operation.id):
                await self._attend(record)

    async def _attend(self, record: Record) -> None:
        operation = record.operation
        runs, alive = await self._durable.runs(operation.id)
        if alive:
            return
        if runs >= _RUNS:
            if operation.id not in self._given_up:
                self._given_up.add(operation.id)
                _log.error("an operation needs a person who knows the code", runs=runs)
            return
        _log.warning("continuing an operation that was left", state=operation.state)
        await self._durable.start(f"{operation.id}-{record.round}-{runs}", operation.id)

    async def retain(self) -> None:
        """Delete what the engine no longer needs; the ledger is kept."""
        before = datetime.fromtimestamp(self._clock.now(), UTC) - KEPT
        deleted = await self._durable.forget(before.isoformat())
        if deleted:
            _log.info("forgot finished workflows", count=deleted)

    async def _round(self, wait: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
                self._finished[work.__name__] = self._clock.now()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round has to come
                _log.error("a round was not finished", work=work.__name__, error=type(error).__name__)
            await self._clock.sleep(wait)
