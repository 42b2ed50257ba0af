"""SIGTERM: what is being sent finishes and arrives, what waits goes on after the restart."""

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest

from tests.durable.hasty import WITHIN
from tests.durable.houses import on_sqlite
from tests.durable.processes import Fleet, until
from tests.flow.conftest import OMAR, SALES, VOICE, House
from tests.flow.test_trouble import UNCONFIRMED


async def test_a_send_under_way_finishes_and_its_result_arrives(fleet: Fleet) -> None:
    house = fleet.house
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 10.0})
    house.sandbox.settings.delays.slow = 1.5
    process = await fleet.started()
    await house.sandbox.fault("vobiz", "slow")
    await house.confirmed()
    await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
    process.terminate()
    assert await process.ended(within=28) == 0
    assert len(house.said()) == 1
    assert "created: outbound" in house.said()[0]
    assert len(house.sandbox.vobiz_posts) == 1


@pytest.mark.serial
@on_sqlite
async def test_a_search_does_not_delay_the_end_and_goes_on_at_its_own_time(fleet: Fleet) -> None:
    house = fleet.house
    house.settings = house.settings.model_copy(update={"vobiz_settle": 90.0})  # first look after 3 s
    process = await fleet.started()
    await house.sandbox.fault("vobiz", "created_then_500", times=1)
    confirmed = time.monotonic()
    await house.confirmed()
    await house.heard(UNCONFIRMED)
    asked = time.monotonic()
    process.terminate()
    assert await process.ended() == 0
    assert time.monotonic() - asked < 3
    process.start()
    message = await house.sandbox.wait_for(lambda: found(house), 15)
    assert str(house.sandbox.trunks[0]["trunk_id"]) in message
    assert time.monotonic() - confirmed > 3, "the wait was cut short"
    assert len(house.sandbox.vobiz_posts) == 1


@pytest.mark.serial
@on_sqlite
async def test_nothing_that_hangs_holds_up_the_end_and_a_second_signal_does_not_cut_it(fleet: Fleet) -> None:
    house = fleet.house
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 60.0})
    house.sandbox.settings.delays.slow = 60
    process = fleet.process(arguments=("-m", "tests.durable.hasty"))
    process.start()
    await process.ready()
    house.sandbox.connect(process.url)
    await house.sandbox.fault("vobiz", "slow")
    await house.confirmed()
    await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
    await house.sandbox.command(OMAR, VOICE, SALES)
    await house.sandbox.wait_for(lambda: house.sandbox.view_of(OMAR))
    path = house.settings.database_url.get_secret_value().partition("///")[2]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        submitting = asyncio.create_task(house.sandbox.submit_form(OMAR))
        await asyncio.sleep(0.1)  # it is at the database
        asked = time.monotonic()
        process.terminate()
        assert not (await submitting).ok
        await until(lambda: "stopped before everything was finished" in process.said)
        process.terminate()
        assert await process.ended() == 0, process.said
        assert time.monotonic() - asked < WITHIN + 2
    assert "was destroyed" not in process.said


def found(house: House) -> str:
    return next((m.words for m in house.sandbox.messages("C0VOICE01") if "created: outbound" in m.words), "")
