"""SIGTERM: what is being sent finishes and arrives, what waits goes on after the restart."""

import time

from tests.durable.houses import on_sqlite
from tests.durable.processes import Fleet
from tests.flow.conftest import House
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
    assert "Trunk created" in house.said()[0]
    assert len(house.sandbox.vobiz_posts) == 1


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


def found(house: House) -> str:
    return next((m.words for m in house.sandbox.messages("C0VOICE01") if "Trunk created" in m.words), "")
