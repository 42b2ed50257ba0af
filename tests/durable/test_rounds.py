"""Whether operations are looked after, as readiness sees it: the engine is there, and its rounds end."""

import asyncio
from pathlib import Path

from bot.kinds.registry import KINDS
from bot.workflow.recovery import Recovery
from bot.workflow.slots import FileSlot
from tests.conftest import TurnedClock
from tests.durable.houses import on_sqlite
from tests.durable.parts import parts
from tests.flow.conftest import House


class Standing(TurnedClock):
    """A clock that a test turns; who waits on it waits for ever, and is counted."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.Event().wait()

    async def waited_on(self, times: int) -> None:
        """Wait until so many rounds have ended."""
        for _ in range(500):
            if len(self.slept) == times:
                return
            await asyncio.sleep(0.01)
        raise TimeoutError


class Silent(FileSlot):
    """A slot that says that it is held when it is let, as a database that hangs."""

    def __init__(self, database: Path) -> None:
        super().__init__(database)
        self.let = asyncio.Event()

    async def held(self) -> bool:
        await self.let.wait()
        return True


@on_sqlite
async def test_a_round_that_does_not_end_is_seen_until_one_does(house: House, tmp_path: Path) -> None:
    clock, slot = Standing(), Silent(tmp_path / "ledger.db")
    async with parts(house) as built:
        recovery = Recovery(built.ledger, KINDS, built.engine, slot, clock, lost=lambda: None)
        assert await recovery.check() == "not launched"
        recovery.start()
        await clock.waited_on(2)
        clock.time += 60
        assert await recovery.check() is None
        clock.time += 1
        assert await recovery.check() == "no round finished lately: take_over"
        slot.let.set()
        await clock.waited_on(3)
        assert await recovery.check() is None
        clock.time += 181
        assert await recovery.check() == "no round finished lately: take_over, sweep"
        await recovery.stop()
