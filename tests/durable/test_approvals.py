"""Requests and approvals on two processes and one Postgres."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.operation import State
from bot.domain.outcome import Done, Thing
from bot.domain.records import Asking, Record
from bot.domain.transitions.decisions import approve
from bot.domain.transitions.sendings import begin, settle
from bot.runtime.clock import SystemClock
from bot.store.database import open_engine
from bot.store.ledger import Ledger, Stored
from tests.durable.parts import all_told, order
from tests.durable.processes import Fleet
from tests.flow.conftest import ASHA, OMAR, RIA, VOICE, House
from tests.flow.test_approvals import APPROVE_BUTTON, ask, has, pressed, updated, value_of

FAR = 9e12


@pytest.mark.long
async def test_of_two_who_approve_on_two_instances_at_once_one_does(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    async with postgres_fleet.two() as (one, other):
        value = value_of(await ask(house), APPROVE_BUTTON)
        # The front gives the one press to the one process, and the other to the other.
        presses = [pressed(APPROVE_BUTTON, value, user) for user in (ASHA, OMAR)]
        await asyncio.gather(*(house.sandbox.interaction(payload) for payload in presses))
        created = await house.heard("created: outbound", VOICE, RIA)
        first = (await house.operation(created.words)).approved_by
        second = OMAR if first == ASHA else ASHA
        lost = await house.heard("Already decided", f"D{second[1:]}", second)
        assert first is not None
        assert first in str(lost.blocks)
        assert {'"kind": "approved"' in process.said for process in (one, other)} == {True, False}
    assert len(house.sandbox.vobiz_posts) == 1
    assert [event.kind for event in await house.history(created.words)].count("approved") == 1


@pytest.mark.long
async def test_what_the_instance_of_the_approver_can_not_finish_the_other_does(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    house.sandbox.settings.delays.slow = 8
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 10.0, "vobiz_settle": 30.0})
    async with postgres_fleet.two() as (one, other):
        question = await ask(house)
        house.sandbox.connect(one.url)
        await house.sandbox.fault("vobiz", "slow", times=1)
        await house.sandbox.interaction(pressed(APPROVE_BUTTON, value_of(question, APPROVE_BUTTON), OMAR))
        await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
        await all_told(house, (await house.operation(question.words)).id)
        one.kill()
        house.sandbox.connect(other.url)
        await house.sandbox.wait_for(
            lambda: any("created: outbound" in text for text in house.said(VOICE, RIA)), timeout=20
        )
        settled = await updated(house, question, str(house.sandbox.trunks[0]["trunk_id"]))
        assert OMAR in str(settled.blocks)
        assert not has(settled, APPROVE_BUTTON)
    assert len(house.sandbox.vobiz_posts) == 1
    operation = await house.operation(question.words)
    assert (operation.state, operation.approved_by) == (State.DONE, OMAR)


async def test_a_trunk_that_is_being_written_down_as_an_identical_request_is_approved_is_seen(
    postgres_house: House,
) -> None:
    """The approval waits for the other's transaction, and must see what that one committed."""
    url, clock = postgres_house.settings.database_url.get_secret_value(), SystemClock()
    asking = Asking(None, int(clock.now() * 1000) + 3_600_000)
    made, asked = order(postgres_house), replace(order(postgres_house), asking=asking)
    engines = [open_engine(url) for _ in range(3)]
    one, other = (Ledger(engine, clock) for engine in engines[:2])
    stored = await one.accept(asked, FAR)
    assert isinstance(stored, Stored)
    await one.accept(made, FAR)
    sent = await one.change(made.id, begin)
    assert isinstance(sent, Record)
    async with engines[2].connect() as blocking:
        # Rows can be written, events cannot: who writes an outcome stops between the two.
        await blocking.execute(sa.text("LOCK TABLE events IN SHARE MODE"))
        done = partial(settle, sent=sent, outcome=Done(Thing(id="t-1"), 201, None), resource="trunk")
        writing = asyncio.create_task(one.change(made.id, done))
        await _waiting_for_locks(blocking, 1)
        yes = partial(approve, bound=stored.record.digest, actor=OMAR, snapshot=None)
        approving = asyncio.create_task(other.change(asked.id, yes, alike=0))
        await _waiting_for_locks(blocking, 2)
        await blocking.rollback()
    assert isinstance(await writing, Record)
    assert await approving is None
    assert (await other.same_since(stored.record.operation))[0] == 1
    for engine in engines:
        await engine.dispose()


async def _waiting_for_locks(connection: AsyncConnection, number: int) -> None:
    waiting = sa.text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(5):
        while (await connection.execute(waiting)).scalar_one() < number:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
