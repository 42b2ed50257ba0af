"""Many people at once are all answered in time."""

import sys

import pytest

from tests.crash.customers import settle_in
from tests.durable.figures import burst, posted
from tests.flow.conftest import House

pytestmark = pytest.mark.serial


async def test_32_confirmations_at_once_are_all_acknowledged_within_1500_ms(house: House) -> None:
    users = settle_in(house.sandbox, 32)
    async with house.bot():
        times = await burst(house, users)
        await house.sandbox.wait_for(lambda: posted(house.sandbox) == 32, 20)
    sys.stdout.write(f"32 confirmations: p50 {times[15]:.0f} ms, last {times[-1]:.0f} ms\n")
    assert times[-1] < 1500
    assert len(house.sandbox.vobiz_posts) == 32
