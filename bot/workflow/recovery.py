"""What keeps promises when processes die, or the database does: takeover, the sweep, retention.

The sweep looks at the ledger, not at the engine: whatever is due and has no living workflow gets one, be it
left by a process that died or due later than a run waits for. Such a run sends only what was never sent (the
ledger proves it), and looks for everything else.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

import structlog
from dbos import WorkflowStatus

from bot.domain.operation import State
from bot.domain.records import Record
from bot.kinds.registry import Kinds
from bot.runtime.clock import Clock, milliseconds
from bot.runtime.log import about
from bot.runtime.tasks import end
from bot.store.database import PASSING
from bot.store.ledger import Ledger
from bot.workflow.engine import Engine
from bot.workflow.schedule import Act, what_is_next
from bot.workflow.slots import Regained, Slot

TAKE_OVER: Final = 2.0  # seconds between looks for dead processes; their work resumes within 10
SWEEP: Final = 3.0
RETAIN: Final = 3600.0
KEPT: Final = timedelta(days=30)  # longer than any form lives: a forgotten id could run again
_RETURN: Final = 20.0  # seconds after an outage in which others take their slots again, as we did
_LOOKS: Final = 3
_SIGHTINGS: Final = 5  # rounds: on a slow database what was started takes a while to begin
_GRACE: Final = 1.0  # seconds past its time after which an operation is missed
# Seconds without a finished round after which the engine is not well. A database may be away for a moment.
_PATIENCE: Final = MappingProxyType({"take_over": 60.0, "sweep": 180.0, "retain": 3 * RETAIN})
_RUNS: Final = 20  # workflows that left an operation as it was, after which repeating is not the cure

_log = structlog.get_logger("bot.recovery")


class Recovery:
    """Runs its rounds in the background until it is stopped."""

    def __init__(
        self,
        ledger: Ledger,
        kinds: Kinds,
        engine: Engine,
        slot: Slot,
        clock: Clock,
        *,
        lost: Callable[[], None],
    ) -> None:
        """Keep what is needed; `lost` is called when this process no longer holds its slot."""
        self._ledger = ledger
        self._kinds = kinds
        self._engine = engine
        self._slot = slot
        self._clock = clock
        self._lost = lost
        self._given_up: set[str] = set()
        self._unrun: Counter[str] = Counter()
        self._taken = 0
        self._unheld = False
        self._quiet_until = float("-inf")
        self._waiting: set[str] = set()
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
        if not self._engine.launched or not self._finished:
            return "not launched"
        if self._unheld:
            return "its place in the database is not held"
        now = self._clock.now()
        late = [name for name, at in self._finished.items() if now - at > _PATIENCE[name]]
        return f"no round finished lately: {', '.join(late)}" if late else None

    async def take_over(self) -> None:
        """Continue the workflows of slots whose process is dead; stop when our own slot was lost."""
        if not (await self._slot.held() or await self._regained()):
            return
        unfinished = await self._engine.unfinished()
        await self._continue(unfinished.pop(self._engine.slot, []))
        if self._clock.now() < self._quiet_until:
            return
        for name in unfinished:
            async with self._slot.take_over(name) as dead:
                # Listed again under the lock: a process may have started in this slot meanwhile.
                left = (await self._engine.unfinished()).get(name, []) if dead else []
                if left:
                    _log.warning("continuing the work of a dead process", slot=name, workflows=len(left))
                    await self._engine.adopt(left)

    async def _continue(self, ours: Sequence[WorkflowStatus]) -> None:
        """Continue what this process should run and does not: seen often, since one may just begin."""
        self._unrun = Counter({one.workflow_id: self._unrun[one.workflow_id] + 1 for one in ours})
        left = [workflow for workflow in ours if self._unrun[workflow.workflow_id] >= _SIGHTINGS]
        if left:
            _log.warning("continuing work that the database had cut", workflows=len(left))
            await self._engine.adopt(left)

    async def _regained(self) -> bool:
        """Take our own slot again, after the database was away."""
        regained = await self._slot.regain()
        self._unheld = regained is not Regained.OURS
        match regained:
            case Regained.OURS:
                _log.info("this process holds its slot again")
                self._taken = 0
                self._quiet_until = self._clock.now() + _RETURN
                return True
            case Regained.AWAY:
                return False
            case Regained.TAKEN:
                self._taken += 1
        # Once or twice it may be somebody who just looks whether we are dead.
        if self._taken > _LOOKS:
            _log.critical("another process has the slot of this one: it stops, so that no work is done twice")
            self._lost()
        return False

    async def sweep(self) -> None:
        """Give a workflow to whatever should be moving and has none."""
        before = milliseconds(self._clock) - int(_GRACE * 1000)
        async for record in self._ledger.due(before):
            with about(record.operation.id):
                await self._attend(record)

    async def _attend(self, record: Record) -> None:
        op = record.operation
        known = self._kinds.knows(op)
        # When a look after the end is due depends on settings; a run knows it.
        if what_is_next(record, 0, known=known).act is Act.NOTHING:
            if not known and self._is_news(op.id):
                _log.error("an operation is of a kind that this version does not know", kind=op.kind)
            return
        # By revision: what moves on is not stuck, however many runs it takes.
        prefix = f"{op.id}-{record.revision}-"
        runs, alive = await self._engine.runs(op.id, prefix)
        if alive:
            return
        if runs >= _RUNS:
            if self._is_news(op.id):
                _log.error("an operation is stuck after repeated attempts: manual help needed", runs=runs)
            return
        if op.state in {State.ACCEPTED, State.RUNNING} or record.decision is not None:
            _log.warning("continuing an operation that was left", state=op.state)
        await self._engine.start(f"{prefix}{runs}", op.id)

    def _is_news(self, operation: str) -> bool:
        known = operation in self._given_up
        self._given_up.add(operation)
        return not known

    async def retain(self) -> None:
        """Delete what nobody needs any more: readings, finished workflows. The record is kept."""
        await self._ledger.snapshots.prune()
        before = datetime.fromtimestamp(self._clock.now(), UTC) - KEPT
        deleted = await self._engine.forget(before.isoformat())
        if deleted:
            _log.info("forgot finished workflows", count=deleted)

    async def _round(self, wait: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
                self._finished[work.__name__] = self._clock.now()
                self._waiting.discard(work.__name__)
            except PASSING as error:
                if work.__name__ not in self._waiting:
                    _log.warning(
                        "a round waits for the database", work=work.__name__, error=type(error).__name__
                    )
                self._waiting.add(work.__name__)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round has to come
                _log.error("a round was not finished", work=work.__name__, error=type(error).__name__)
            await self._clock.sleep(wait)
