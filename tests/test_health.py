"""Checks of readiness: one that hangs or raises is an answer too, and a change is said once."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from bot.runtime.metrics import Metrics
from bot.runtime.readiness import STARTING
from bot.runtime.supervision import Supervisor
from bot.server.health import Check, Health
from tests.conftest import TurnedClock

NAMES = ("slack", "database")


@pytest.fixture
def health(clock: TurnedClock) -> Health:
    return Health(NAMES, clock, Metrics())


@pytest.fixture
async def http(health: Health) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=health.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client


def says(*reasons: str | None) -> Check:
    """Make a check that gives these answers, and the last one for ever."""
    left = list(reasons)

    async def check() -> str | None:
        return left.pop(0) if len(left) > 1 else left[0]

    return check


async def raises() -> str | None:
    raise ConnectionError("host=db password=hush")


async def hangs() -> str | None:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def test_what_has_nothing_to_ask_yet_is_not_ready_and_not_logged(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    starting = {"ok": False, "reason": STARTING}
    assert answer.json() == {"ready": False, "checks": dict.fromkeys(NAMES, starting)}
    assert caplog.records == []


async def test_ready_is_when_all_is_well(health: Health, http: httpx.AsyncClient) -> None:
    for name in NAMES:
        health.watch(name, says(None))
    answer = await http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": {name: {"ok": True} for name in NAMES}}


async def test_a_check_that_hangs_or_raises_says_so_in_time_and_without_its_words(
    health: Health, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    health.watch("slack", hangs)
    health.watch("database", raises)
    async with asyncio.timeout(3):
        answer = await http.get("/readyz")
    assert {name: check["reason"] for name, check in answer.json()["checks"].items()} == {
        "slack": "no answer within 2 s",
        "database": "failed (ConnectionError)",
    }
    assert "hush" not in answer.text + caplog.text


async def test_what_can_not_be_ended_is_asked_once_and_keeps_nobody_waiting(health: Health) -> None:
    asked, go = 0, asyncio.Event()

    async def stubborn() -> str | None:
        nonlocal asked
        asked += 1
        while not go.is_set():
            with contextlib.suppress(asyncio.CancelledError):  # as psycopg: it is busy ending its query
                await go.wait()
        return None

    health.watch("database", stubborn)
    async with asyncio.timeout(3):
        for reasons in await asyncio.gather(*(health.look() for _ in range(20))):
            assert reasons["database"] == "no answer within 2 s"
    assert asked == 1
    asyncio.get_running_loop().call_later(0.1, go.set)
    assert (await health.look())["database"] is None
    assert (await health.look())["database"] is None
    assert asked == 2
    health.watch("database", hangs)
    looking = asyncio.create_task(health.look())
    await asyncio.sleep(0)
    await asyncio.wait_for(health.stop(), 1)
    assert (await looking)["database"] == "no answer within 2 s"


async def test_a_change_is_said_once(health: Health, caplog: pytest.LogCaptureFixture) -> None:
    health.watch("slack", says(None, "token_revoked", "token_revoked", "account_inactive", None, None))
    health.watch("database", says(None))
    for _ in range(6):
        await health.look()
    said = [record.msg for record in caplog.records]
    assert [(line["event"], line.get("reason")) for line in said if isinstance(line, dict)] == [
        ("not ready", "token_revoked"),
        ("not ready", "account_inactive"),
        ("ready again", None),
    ]


async def test_it_looks_by_itself(clock: TurnedClock, health: Health) -> None:
    looked = asyncio.Event()

    async def check() -> None:
        if clock.slept:
            looked.set()
            await asyncio.Event().wait()

    health.watch("slack", check)
    looking = asyncio.create_task(health.keep_looking())
    await asyncio.wait_for(looked.wait(), 5)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


async def test_metrics_say_what_the_checks_say_and_what_nobody_counted(
    health: Health, http: httpx.AsyncClient
) -> None:
    health.watch("database", says(None))
    text = (await http.get("/metrics")).text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["trunk_bot_ready", "database"] == 1
    assert found["trunk_bot_ready", "slack"] == 0
    assert math.isnan(found["trunk_bot_oldest_unknown_seconds",])


async def test_a_loop_that_ends_is_started_again_and_is_told_of_for_a_minute(
    clock: TurnedClock, caplog: pytest.LogCaptureFixture
) -> None:
    starts, again = 0, asyncio.Event()

    async def loop() -> None:
        nonlocal starts
        starts += 1
        if starts == 2:
            again.set()
            await asyncio.Event().wait()
        raise LookupError("hush")

    supervisor = Supervisor(clock)
    assert await supervisor.check() is None
    supervisor.start("homes", loop)
    await asyncio.wait_for(again.wait(), 5)
    assert await supervisor.check() == "ended and started again: homes"
    (record,) = caplog.records
    assert isinstance(record.msg, dict)
    assert record.levelname == "ERROR"
    said = record.msg
    assert (said["event"], said["loop"], said["error"]) == ("a loop ended", "homes", "LookupError")
    assert "hush" not in caplog.text
    clock.time += 61
    assert await supervisor.check() is None
    await supervisor.stop()
    assert starts == 2


async def test_a_loop_must_not_return_either(clock: TurnedClock, caplog: pytest.LogCaptureFixture) -> None:
    ended = asyncio.Event()

    async def loop() -> None:
        if clock.slept:
            ended.set()
            await asyncio.Event().wait()

    supervisor = Supervisor(clock)
    supervisor.start("expiry", loop)
    await asyncio.wait_for(ended.wait(), 5)
    await supervisor.stop()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
