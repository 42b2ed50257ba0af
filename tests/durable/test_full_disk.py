"""When there is no room on the disk (SQLite): accepted means stored, and nothing is sent twice."""

import asyncio
import resource
import time
from pathlib import Path

import httpx
import pytest

from bot.domain.operation import Found, State
from tests.durable.processes import Fleet, Process, until
from tests.flow.conftest import ASHA, SALES, VOICE, House


async def test_nothing_is_accepted_that_can_not_be_stored(sqlite_fleet: Fleet) -> None:
    house = sqlite_fleet.house
    process = await sqlite_fleet.started()
    await house.sandbox.command(ASHA, VOICE, SALES)
    await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
    full(house, process)
    result = await house.sandbox.submit_form(ASHA)
    assert "Not accepted yet" in result.errors["name"]
    assert result.ms < 3000
    assert house.sandbox.vobiz_posts == []
    assert "cannot be written" in (await readiness(process))["database"]
    room(process)
    assert (await house.sandbox.submit_form(ASHA)).ok
    assert await readiness(process) == {}
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_an_outcome_is_written_when_there_is_room_again(sqlite_fleet: Fleet) -> None:
    house = sqlite_fleet.house
    process = await sending(sqlite_fleet)
    full(house, process)
    await until(lambda: "the outcome could not be written yet" in process.said)
    assert house.said() == []
    room(process)
    message = await house.heard("created: outbound")
    operation = await house.operation(message.words)
    assert (operation.state, operation.step.found) == (State.DONE, Found.ANSWER)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_an_outcome_that_was_never_written_is_found_after_a_restart(sqlite_fleet: Fleet) -> None:
    house = sqlite_fleet.house
    process = await sending(sqlite_fleet)
    full(house, process)
    await until(lambda: "the outcome could not be written yet" in process.said)
    process.kill()
    process.start()
    await process.ready()
    message = await house.heard("created: outbound")
    assert (await house.operation(message.words)).step.found is Found.LOOK
    assert len(house.sandbox.vobiz_posts) == 1


@pytest.mark.long
async def test_a_disk_that_is_full_is_seen_before_anybody_writes(sqlite_fleet: Fleet) -> None:
    house = sqlite_fleet.house
    process = await sqlite_fleet.started()
    assert await readiness(process) == {}
    full(house, process)
    began = time.monotonic()
    while not (reasons := await readiness(process)):
        assert time.monotonic() - began < 40
        await asyncio.sleep(0.5)
    assert reasons.keys() == {"database"}
    room(process)
    while await readiness(process):
        assert time.monotonic() - began < 50
        await asyncio.sleep(0.5)


_FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY)); "


async def test_a_disk_that_is_full_at_the_first_start_is_waited_for(
    sqlite_fleet: Fleet, tmp_path: Path
) -> None:
    process = sqlite_fleet.process(arguments=("-c", _FULL + "from bot.__main__ import cli; cli()"))
    process.environment["DATABASE_URL"] = f"sqlite:///{tmp_path}/new.db"
    process.start()
    await until(lambda: "the database cannot be used yet" in process.said)
    await process.ready(503)  # it begins to serve after its first try of the database
    assert (await readiness(process))["database"].startswith("cannot be used yet: ")
    doctor = sqlite_fleet.process(arguments=("-c", _FULL + "from bot.__main__ import cli; cli(['doctor'])"))
    doctor.environment["DATABASE_URL"] = process.environment["DATABASE_URL"]
    doctor.start()
    assert await doctor.ended() == 1
    assert "FAILED   database: " in doctor.said
    assert "Make room on the disk." in doctor.said
    room(process)
    await process.ready()


async def readiness(process: Process) -> dict[str, str]:
    """Ask why it is not ready, by check."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{process.url}/readyz")
    reasons = {name: check["reason"] for name, check in answer.json()["checks"].items() if not check["ok"]}
    assert answer.status_code == (503 if reasons else 200)
    return reasons


async def sending(fleet: Fleet) -> Process:
    """Bring a bot to the point where Vobiz has its create and has not answered."""
    fleet.house.sandbox.settings.delays.slow = 1.0
    fleet.house.settings = fleet.house.settings.model_copy(update={"vobiz_timeout": 10.0})
    process = await fleet.started()
    await fleet.house.sandbox.fault("vobiz", "slow", times=1)
    await fleet.house.confirmed()
    await fleet.house.sandbox.wait_for(lambda: fleet.house.sandbox.vobiz_posts)
    return process


def full(house: House, process: Process) -> None:
    """Let the write-ahead log, which every commit makes longer, not grow any more."""
    path = house.settings.database_url.get_secret_value().partition("///")[2]
    size = Path(f"{path}-wal").stat().st_size
    assert size > len(process.said) + 10_000, "the limit would hit what the process says"
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def room(process: Process) -> None:
    """Lift the limit."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
