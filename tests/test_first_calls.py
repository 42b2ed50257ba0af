"""Watching for first calls, on both databases: one reading a minute, one telling, whoever is running."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.outcome import Done, Thing
from bot.domain.proof import Call, Proof
from bot.domain.records import NewOperation, Purpose, Record
from bot.domain.transitions.moves import WATCHED
from bot.domain.transitions.proofs import called
from bot.domain.transitions.sendings import begin, settle
from bot.runtime.clock import milliseconds
from bot.store.ledger import Ledger
from bot.store.schema import turns
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.transport import Answer
from bot.workflow.first_calls import EVERY, PAUSE, FirstCalls
from tests.conftest import TurnedClock
from tests.pure.test_calls import CALLED, CALLER, TRUNK, page, row
from tests.test_ledger import confirmed, moved, stored

ACCOUNT = "MA_1"


@dataclass
class Records:
    """The call records, as Vobiz answers for them."""

    body: Mapping[str, object] = field(default_factory=page)
    reads: int = 0
    status: int = 200
    auth_id: str = ACCOUNT

    async def read(self, call: str, path: str, *, tries: int) -> Answer | Unreachable:
        assert (call, path, tries) == ("cdr", "cdr?page=1&per_page=100", 1)
        self.reads += 1
        await asyncio.sleep(0)
        return (
            Answer(200, {}, json.dumps(self.body).encode()) if self.status == 200 else Unreachable("http_500")
        )


@dataclass
class World:
    """Two instances over one database."""

    ledgers: tuple[Ledger, Ledger]
    records: Records
    clock: TurnedClock
    instances: tuple[FirstCalls, FirstCalls]

    async def round(self) -> None:
        """Have both look around at once."""
        await asyncio.gather(*(each.round() for each in self.instances))

    async def set_up(self, trunk: str = TRUNK, new: NewOperation | None = None) -> Record:
        """Have a trunk set up whose first call is waited for."""
        ledger = self.ledgers[0]
        new = new or confirmed(proof=Proof(watched=True))
        await stored(ledger, new)
        sent = await moved(ledger, new.id, begin)
        made = Done(Thing(id=trunk), 201, None)
        return await moved(ledger, new.id, partial(settle, sent=sent, outcome=made, resource="trunk"))

    def call(self, after: float = 60.0, **changes: object) -> dict[str, object]:
        """Return the record of a call that began so many seconds from now."""
        began = datetime.fromtimestamp(self.clock.time + after, UTC)
        return row(start_time=began.isoformat(), **changes)

    async def told(self, record: Record) -> list[Call | None]:
        now = await self.ledgers[1].get(record.operation.id)
        assert now is not None
        assert now.operation.proof is not None
        notices = await self.ledgers[1].outbox.of(record.operation.id)
        calls = [one for one in notices if one.purpose is Purpose.CALL]
        return [now.operation.proof.call] * len(calls)


@pytest.fixture
def world(database: AsyncEngine, clock: TurnedClock) -> World:
    records = Records()
    vobiz = cast("VobizClient", records)
    ledgers = (Ledger(database, clock, "one"), Ledger(database, clock, "two"))
    instances = (FirstCalls(ledgers[0], vobiz, clock), FirstCalls(ledgers[1], vobiz, clock))
    return World(ledgers, records, clock, instances)


async def test_where_nothing_is_watched_nothing_is_read_or_written(
    world: World, database: AsyncEngine
) -> None:
    await world.set_up(new=confirmed(proof=Proof()))
    await world.round()
    assert world.records.reads == 0
    async with database.connect() as connection:
        assert (await connection.execute(sa.select(turns))).all() == []


async def test_all_instances_together_read_at_most_once_a_minute_for_all_trunks(world: World) -> None:
    await world.set_up()
    await world.set_up("t-2")
    for seconds, reads in ((0, 1), (EVERY, 1), (EVERY, 1), (EVERY, 2), (0, 2)):
        world.clock.time += seconds
        await world.round()
        assert world.records.reads == reads
    assert PAUSE == 60_000


async def test_the_first_call_is_told_once_whoever_sees_it(world: World, database: AsyncEngine) -> None:
    record = await world.set_up()
    other = await world.set_up("11111111-1234-5678-90ab-cdef12345678")
    world.records.body = page(world.call())
    await world.round()
    (call,) = await world.told(record)
    assert call is not None
    assert (call.answered, call.seconds) == (True, 34)
    assert await world.told(other) == []
    # A later one, another minute, another process: nobody is told again.
    world.records.body = page(world.call(90, billsec=5), world.call())
    world.clock.time += 61
    again = FirstCalls(
        Ledger(database, world.clock, "three"), cast("VobizClient", world.records), world.clock
    )
    await asyncio.gather(again.round(), world.round())
    assert await world.told(record) == [call]
    events = (await world.ledgers[0].chronicle.story(record.operation.id)).events
    assert [event.kind for event in events].count("called") == 1
    stored = repr((events, await world.ledgers[0].get(record.operation.id)))
    assert not any(said in stored for said in (CALLER, CALLED, "John"))


async def test_two_who_saw_it_at_once_tell_it_once(world: World) -> None:
    record = await world.set_up()
    calls = (Call(at=milliseconds(world.clock), answered=True, seconds=n) for n in (1, 2))
    await asyncio.gather(
        *(
            ledger.change(record.operation.id, partial(called, call=call))
            for ledger, call in zip(world.ledgers, calls, strict=True)
        )
    )
    assert len(await world.told(record)) == 1


async def test_a_day_after_the_set_up_nothing_is_read_any_more(world: World) -> None:
    record = await world.set_up()
    assert record.watch_until == milliseconds(world.clock) + WATCHED
    world.clock.time += WATCHED / 1000 - 1
    await world.round()
    assert world.records.reads == 1
    world.clock.time += 61
    await world.round()
    assert world.records.reads == 1


async def test_of_a_trunk_at_another_account_nothing_is_said(world: World) -> None:
    record = await world.set_up()
    world.records.auth_id = "MA_2"
    world.records.body = page(world.call())
    await world.round()
    assert (world.records.reads, await world.told(record)) == (0, [])


async def test_records_that_cannot_be_read_say_nothing_and_are_logged_once_an_hour(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    record = await world.set_up()
    caplog.set_level(logging.DEBUG, "bot.first_calls")
    one = world.instances[0]
    for status, body in ((500, page()), (200, {"error": "no"}), (500, page())):
        world.records.status, world.records.body = status, body
        await one.round()
        world.clock.time += 61
    assert world.records.reads == 3
    lines = [each for each in caplog.records if each.name == "bot.first_calls"]
    assert [each.levelno for each in lines] == [logging.DEBUG]
    assert await world.told(record) == []
    world.clock.time += 3600
    await one.round()
    assert len([each for each in caplog.records if each.name == "bot.first_calls"]) == 2


async def test_an_error_ends_no_watch(world: World) -> None:
    record = await world.set_up()
    world.records.body = page(world.call(0))
    broken = world.records.read
    rounds = 0

    async def breaks(call: str, path: str, *, tries: int) -> Answer | Unreachable:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ValueError
        return await broken(call, path, tries=tries)

    world.records.read = breaks  # type: ignore[method-assign]  # a stand-in that breaks once
    watch = asyncio.create_task(world.instances[0].watch())
    async with asyncio.timeout(10):
        while not await world.told(record):  # noqa: ASYNC110 - the database wakes nobody
            await asyncio.sleep(0)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    assert rounds >= 2
