"""Whether the database can be used now: every table is there, and a write is taken."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.records import Entry
from bot.store.database import PASSING
from bot.store.ledger import Ledger
from tests.conftest import TurnedClock


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


async def done(database: AsyncEngine, *statements: str) -> None:
    async with database.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def test_it_is_well_when_a_write_is_taken(ledger: Ledger) -> None:
    assert await ledger.alive() is None


@pytest.mark.parametrize(
    "statement", ["ALTER TABLE claims RENAME TO gone", "ALTER TABLE steps RENAME COLUMN looks TO gone"]
)
async def test_a_table_or_a_column_that_is_missing_is_seen_at_the_next_look(
    database: AsyncEngine, ledger: Ledger, statement: str
) -> None:
    assert await ledger.alive() is None
    await done(database, statement)
    reason = await ledger.alive()
    assert reason is not None
    assert reason.startswith("cannot be used: ")
    assert "no such" in reason or "missing" in reason


async def test_what_is_missing_is_a_defect_and_nobody_waits_for_it(database: AsyncEngine) -> None:
    async with database.connect() as connection:
        with pytest.raises(SQLAlchemyError) as raised:
            await connection.execute(sa.text("SELECT gone FROM nowhere"))
    assert not isinstance(raised.value, PASSING)


async def test_a_database_that_refuses_writes_is_seen_though_it_can_be_read(
    database: AsyncEngine, ledger: Ledger, clock: TurnedClock
) -> None:
    """As on a copy after a failover, or a file system that is mounted to be read only."""
    assert await ledger.alive() is None
    if database.dialect.name == "sqlite":
        refuse = "CREATE TRIGGER no BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'no'); END"
        allow = "DROP TRIGGER no"
    else:
        refuse = "ALTER DATABASE ledger SET default_transaction_read_only = on"
        allow = "SET TRANSACTION READ WRITE; ALTER DATABASE ledger SET default_transaction_read_only = off"
    await done(database, refuse)
    await database.dispose()
    assert await ledger.alive() is None, "a write was taken a moment ago"
    clock.time += 31
    assert await ledger.alive() is not None
    await done(database, *allow.split("; "))
    await database.dispose()
    clock.time += 3
    assert await ledger.alive() is None


@pytest.mark.long  # a write waits 10 s for a file that somebody holds
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_write_of_somebodys_that_failed_is_told_until_one_is_taken(
    database: AsyncEngine, ledger: Ledger, clock: TurnedClock
) -> None:
    assert await ledger.alive() is None
    with closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PASSING):
            await ledger.note("", Entry("note", "U1", {}))
        assert await ledger.alive() == "cannot be written: database is locked"
    assert await ledger.alive() == "cannot be written: database is locked", "nobody has tried since"
    clock.time += 3
    assert await ledger.alive() is None
