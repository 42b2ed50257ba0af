"""Counting the operations that are under way, for a scrape: a few rows of an index, now and then."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import LIVE, State, StepState
from bot.runtime.clock import Clock
from bot.runtime.tasks import Question
from bot.store.schema import operations, steps

_KEPT: Final = 5.0  # seconds; /metrics may be asked by many, and costs the database this much at most
_WITHIN: Final = 1.0  # seconds
# What is live stands as its state says; an unknown operation has one unknown step.
_UNKNOWN: Final = sa.and_(
    operations.c.standing == State.UNKNOWN.value,
    steps.c.operation == operations.c.id,
    steps.c.state == StepState.UNKNOWN.value,
)
# Served by the index `operations_by_standing`.
_QUERY: Final = (
    sa.select(operations.c.standing, sa.func.count(), sa.func.min(steps.c.sent_at))
    .select_from(operations.outerjoin(steps, _UNKNOWN))
    .where(operations.c.standing.in_(sorted(LIVE)))
    .group_by(operations.c.standing)
)

_log = structlog.get_logger("bot.census")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many operations are in which state, and since when the oldest unknown one is (ms, epoch)."""

    live: dict[State, int]
    oldest_unknown: int | None


class Census:
    """Counts at most every five seconds, however many ask."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._reader = engine.execution_options(reading=True)
        self._clock = clock
        self._reading = Question(self._read)
        self._last: Counted | None = None
        self._at = float("-inf")

    async def count(self) -> Counted | None:
        """Return the counts, at most five seconds old; None when the database did not say in a second."""
        if abs(self._clock.now() - self._at) >= _KEPT:
            try:
                self._last = await self._reading.ask(_WITHIN)
            except Exception as error:  # noqa: BLE001 - whatever it was, the other metrics have to be told
                _log.info("the operations could not be counted", error=type(error).__name__)
                self._last = None
            self._at = self._clock.now()
        return self._last

    async def stop(self) -> None:
        """End a count that is under way."""
        await self._reading.stop()

    async def _read(self) -> Counted:
        async with self._reader.connect() as connection:
            rows = (await connection.execute(_QUERY)).all()
        live = {State(str(state)): int(count) for state, count, _ in rows}
        return Counted(live, next((sent for state, _, sent in rows if state == State.UNKNOWN), None))
