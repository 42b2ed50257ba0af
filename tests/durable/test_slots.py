"""A slot of a Postgres that was away: its process takes it again, or stops when somebody else has it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config.settings import Settings
from bot.kinds.registry import KINDS
from bot.runtime.clock import SystemClock
from bot.workflow.recovery import Recovery
from bot.workflow.slots import FileSlot, PostgresSlot, Regained
from tests.conftest import TurnedClock
from tests.durable.houses import on_postgres
from tests.durable.parts import parts
from tests.durable.postgres import terminated
from tests.flow.conftest import House


def driven(house: House) -> str:
    settings: Settings = house.settings
    return settings.database_url.get_secret_value()


async def test_it_is_taken_again_under_its_name(postgres_house: House) -> None:
    slot = PostgresSlot(driven(postgres_house))
    assert await slot.take()
    name = slot.name
    assert await terminated(driven(postgres_house)) == 1
    assert not await slot.held()
    assert await slot.regain() is Regained.OURS
    assert (slot.name, await slot.held()) == (name, True)
    await slot.release()


async def test_what_the_server_still_keeps_for_a_connection_that_is_gone_is_no_other_process(
    postgres_house: House,
) -> None:
    """As after a network that was cut: the server learns of it much later."""
    slot = PostgresSlot(driven(postgres_house))
    assert await slot.take()
    kept = slot._connection
    assert kept is not None
    slot._connection = None
    assert await slot.regain() is Regained.AWAY
    # Its process was told to end; when it has, nobody hears of.
    async with asyncio.timeout(10):
        while (regained := await slot.regain()) is not Regained.OURS:
            assert regained is Regained.AWAY
    await kept.invalidate()
    await kept.close()
    await slot.release()


@on_postgres
async def test_a_process_stops_when_another_has_its_slot_and_not_when_one_looks(house: House) -> None:
    url, lost = driven(house), asyncio.Event()
    async with parts(house) as built:
        clock = TurnedClock()
        recovery = Recovery(built.ledger, KINDS, built.engine, built.slot, clock, lost=lost.set)
        assert await terminated(url) == 1
        other = PostgresSlot(url)
        assert await other.take()
        assert other.name == built.slot.name
        for _ in range(3):
            await recovery.take_over()
        assert not lost.is_set()
        recovery._finished["sweep"] = clock.now()
        assert await recovery.check() == "its place in the database is not held"
        await recovery.take_over()
        assert lost.is_set()
        await other.release()
        await recovery.take_over()
        assert await built.slot.held()
        assert await recovery.check() is None


@on_postgres
async def test_after_an_outage_nobody_is_taken_for_dead_for_a_while(house: House) -> None:
    """Others lost theirs with ours, and are about to take them again."""
    async with parts(house) as built:
        clock = TurnedClock(SystemClock().now())
        recovery = Recovery(built.ledger, KINDS, built.engine, built.slot, clock, lost=lambda: None)
        assert await terminated(driven(house)) == 1
        looked = []

        async def unfinished() -> dict[str, list[object]]:
            return {"slot-9": []}

        @asynccontextmanager
        async def take_over(_name: str) -> AsyncIterator[bool]:
            looked.append(clock.time)
            yield False

        built.engine.unfinished = unfinished  # type: ignore[method-assign,assignment]
        built.slot.take_over = take_over  # type: ignore[method-assign,assignment]
        for _ in range(3):
            await recovery.take_over()
        assert looked == []
        clock.time += 21
        await recovery.take_over()
        assert len(looked) == 1


async def test_a_file_that_is_reached_through_a_link_as_well_has_one_slot(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    (tmp_path / "link.db").symlink_to("ledger.db")
    one, other = FileSlot(tmp_path / "ledger.db"), FileSlot(tmp_path / "link.db")
    assert await one.take()
    assert not await other.take()
    await one.release()
    assert await other.take()
    await other.release()
