"""Requests and approvals on two processes and one Postgres."""

import asyncio

from bot.operations import State
from tests.durable.processes import Fleet
from tests.flow.conftest import ASHA, OMAR, RIA, VOICE
from tests.flow.test_approvals import APPROVE_BUTTON, ask, has, pressed, updated, value_of


async def test_of_two_who_approve_on_two_instances_at_once_one_does(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    async with postgres_fleet.two() as (one, other):
        value = value_of(await ask(house), APPROVE_BUTTON)
        # The front gives the one press to the one process, and the other to the other.
        presses = [pressed(APPROVE_BUTTON, value, user) for user in (ASHA, OMAR)]
        await asyncio.gather(*(house.sandbox.interaction(payload) for payload in presses))
        created = await house.heard("Trunk created", VOICE, RIA)
        first = (await house.operation(created.words)).approved_by
        second = OMAR if first == ASHA else ASHA
        lost = await house.heard("Somebody was first", f"D{second[1:]}", second)
        assert first is not None
        assert first in str(lost.blocks)
        assert {'"kind": "accepted"' in process.said for process in (one, other)} == {True, False}
    assert len(house.sandbox.vobiz_posts) == 1
    assert [event.kind for event in await house.history(created.words)].count("accepted") == 1


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
        one.kill()
        house.sandbox.connect(other.url)
        await house.sandbox.wait_for(
            lambda: any("Trunk created" in text for text in house.said(VOICE, RIA)), timeout=20
        )
        settled = await updated(house, question, str(house.sandbox.trunks[0]["trunk_id"]))
        assert OMAR in str(settled.blocks)
        assert not has(settled, APPROVE_BUTTON)
    assert len(house.sandbox.vobiz_posts) == 1
    operation = await house.operation(question.words)
    assert (operation.state, operation.approved_by) == (State.CREATED, OMAR)
