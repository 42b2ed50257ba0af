"""One process on a SQLite file: the second waits for the first, and ends when it does not."""

from pathlib import Path

import pytest

from bot.app import Bot
from bot.runtime.errors import DatabaseInUseError
from bot.workflow.slots import FileSlot
from tests.conftest import TurnedClock
from tests.durable.processes import Fleet, until
from tests.flow.conftest import House

# The patience of 35 s would be the test's, too.
_HASTY = "import bot.workflow.slots; bot.workflow.slots._PATIENCE = 1; from bot.__main__ import cli; cli()"


async def test_the_second_process_says_so_and_exits_with_1(sqlite_fleet: Fleet) -> None:
    house = sqlite_fleet.house
    await sqlite_fleet.started()
    second = sqlite_fleet.process(arguments=("-c", _HASTY))
    second.start()
    assert await second.ended() == 1
    assert second.said.splitlines()[-1] == str(DatabaseInUseError())
    await house.confirmed()
    await house.heard("created: outbound")


async def test_the_second_process_takes_over_when_the_first_ends(sqlite_fleet: Fleet) -> None:
    house = sqlite_fleet.house
    first = await sqlite_fleet.started()
    second = sqlite_fleet.process()
    second.start()
    await until(lambda: "waiting for it to end" in second.said)
    house.sandbox.connect(second.url)
    first.terminate()
    assert await first.ended() == 0
    await second.ready()
    await house.confirmed()
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_process_waits_longer_than_another_may_take_to_stop(sqlite_house: House) -> None:
    clock = TurnedClock()
    path = sqlite_house.settings.database_url.get_secret_value().partition("///")[2]
    there = FileSlot(Path(path))
    assert await there.take()
    with pytest.raises(DatabaseInUseError):
        async with Bot(sqlite_house.settings, clock).running():
            raise AssertionError("unreachable: the file is in use")
    assert sum(clock.slept) > 28
    await there.release()
