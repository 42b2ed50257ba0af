"""Two processes on one Postgres, behind a round robin."""

import asyncio
import time
from functools import partial

import pytest

from bot.domain.operation import State
from bot.sandbox.slack.payloads import interaction_body
from tests.durable.postgres import terminated
from tests.durable.processes import Fleet, until
from tests.flow.conftest import ASHA, OMAR, VOICE, House
from tests.flow.test_approvals import until_told
from tests.flow.test_bad_input import form_of, submission
from tests.flow.test_trouble import UNCONFIRMED, asked, has_button

pytestmark = pytest.mark.long


async def test_both_do_the_work_and_agree(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    async with postgres_fleet.two() as (one, other):
        for number in range(6):
            opening, confirming = (one, other) if number % 2 else (other, one)
            house.sandbox.connect(opening.url)
            await house.sandbox.command(ASHA, VOICE, f'create "Shop {number}" outbound 10')
            await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
            house.sandbox.connect(confirming.url)
            assert (await house.sandbox.submit_form(ASHA)).ok
            created = await house.heard(f"Shop {number}")
            await house.sandbox.close(ASHA)
        assert len(house.sandbox.vobiz_posts) == 6
        assert "operation" in one.said
        assert "operation" in other.said
        ref = house.reference(created.words)
        for process in (one, other):
            house.sandbox.connect(process.url)
            status = await house.sandbox.command(ASHA, VOICE, f"status {ref}")
            assert "created: outbound" in (status.seen or "")


async def test_identical_creates_on_both_at_once_are_one(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    house.sandbox.settings.delays.slow = 0.5
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 10.0})
    async with postgres_fleet.two():
        await house.sandbox.fault("vobiz", "slow")
        for user in (ASHA, OMAR):
            await house.sandbox.command(user, VOICE, 'create "Sales" outbound 10')
            await house.sandbox.wait_for(partial(house.sandbox.view_of, user))
        # Each clicks twice, so that a double click reaches both instances, too.
        clicks = [house.sandbox.submit_form(user) for user in (ASHA, OMAR, ASHA, OMAR)]
        assert all(result.ok for result in await asyncio.gather(*clicks))
        await house.heard("created: outbound")
        shown = sorted(house.modal(user) for user in (ASHA, OMAR))
        assert any("running" in words or "already" in words for words in shown)
    assert len(house.sandbox.vobiz_posts) == 1
    assert len(house.said()) == 1


async def test_a_form_that_a_proxy_gives_to_both_is_confirmed_once(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    body = interaction_body(submission(form_of(house)))
    headers = house.sandbox.sign(body)
    async with postgres_fleet.two():
        answers = await asyncio.gather(*(house.sandbox.raw(body, headers) for _ in range(4)))
        assert {answer.status for answer in answers} == {200}
        message = await house.heard("created: outbound")
        assert [event.kind for event in await house.history(message.words)].count("accepted") == 1
    assert len(house.sandbox.vobiz_posts) == 1
    assert len(house.said()) == 1


async def test_a_question_of_one_is_answered_through_the_other(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    async with postgres_fleet.two() as (one, other):
        house.sandbox.connect(one.url)
        text = await asked(house)
        house.sandbox.connect(other.url)
        await house.sandbox.action(OMAR, "trunk.send_again")
        created = await house.heard("created: outbound")
        assert house.reference(created.words) == house.reference(text)
        await house.sandbox.wait_for(lambda: not has_button(house, "trunk.give_up"))
    assert len(house.sandbox.vobiz_posts) == 2


@pytest.mark.parametrize("fault", ["slow", "created_then_500"], ids=["sending", "searching"])
async def test_the_other_finishes_what_a_killed_one_was_at(postgres_fleet: Fleet, fault: str) -> None:
    house = postgres_fleet.house
    house.sandbox.settings.delays.slow = 8
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 10.0, "vobiz_settle": 30.0})
    async with postgres_fleet.two() as (one, other):
        house.sandbox.connect(one.url)
        await house.sandbox.fault("vobiz", fault, times=1)
        await house.confirmed()
        await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
        if fault != "slow":
            # Else the one may still be telling it, and it is that one's to tell until its lease is over.
            await until_told(house, (await house.heard(UNCONFIRMED)).words)
        one.kill()
        house.sandbox.connect(other.url)
        killed = time.monotonic()
        created = await heard(house, "created: outbound", 10)
        took = time.monotonic() - killed
        assert took < 10
        operation = await house.operation(created)
        assert operation.state is State.DONE
        assert str(house.sandbox.trunks[0]["trunk_id"]) in created
        assert "continuing the work of a dead process" in other.said
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_process_that_lost_its_slot_takes_it_again(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    process = await postgres_fleet.started()
    assert await terminated(house.settings.database_url.get_secret_value()) == 1
    await until(lambda: "holds its slot again" in process.said, 15)
    await house.confirmed()
    await house.heard("created: outbound")
    process.terminate()
    assert await process.ended() == 0


async def heard(house: House, words: str, within: float) -> str:
    def find() -> str:
        return next((m.words for m in house.sandbox.messages(VOICE) if words in m.words), "")

    return await house.sandbox.wait_for(find, within)
