"""What a start does with the database, done and taken back: what fails here would fail there."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.database import BASELINE, HEAD, upgrade, usable, version_in, version_of
from bot.store.pulse import EVERYTHING, WRITE, prove_tables, prove_write
from bot.store.trial import try_writing
from bot.store.trouble import primary_code

_ROOM: Final = 65_536  # bytes; what a few operations take

# Another process is in the middle of a write, or makes the same just now: that proves that it is taken.
_UNDERWAY: Final = frozenset({"55P03", "23505", "42P06", "42P07"})
_LOCK_TIMEOUT: Final = sa.text("SET LOCAL lock_timeout = '1s'")

# The engine's tables are in a schema of their own, which its first start makes.
_ENGINE_THERE: Final = sa.text("SELECT to_regclass('dbos.workflow_status') IS NOT NULL")
_ENGINE_WRITES: Final = tuple(
    sa.text(f"INSERT INTO dbos.{table} SELECT * FROM dbos.{table} WHERE false")  # noqa: S608 - our own words
    for table in ("workflow_status", "operation_outputs")
)
_SCHEMA_THERE: Final = sa.text("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'dbos')")
_MAKE_SCHEMA: Final = sa.text("CREATE SCHEMA dbos")
_MAKE_TABLE: Final = sa.text("CREATE TABLE dbos.rehearsal (id integer)")


async def rehearse(engine: AsyncEngine) -> None:
    """Bring a Postgres database up to date, or write to it, and roll that back.

    Raises SQLAlchemyError when the user may not, or the server takes no writes.
    """
    try:
        async with engine.connect() as connection:
            await connection.execute(_LOCK_TIMEOUT)
            await _rehearse(connection)
            await connection.rollback()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _UNDERWAY:
            raise


async def _rehearse(connection: AsyncConnection) -> None:
    stored = await version_of(connection)
    if stored is None or BASELINE <= stored < HEAD:
        await upgrade(connection)
    elif usable(stored):
        await prove_tables(connection)
        await prove_write(connection)
        await try_writing(connection)
    if (await connection.execute(_ENGINE_THERE)).scalar_one():
        for write in _ENGINE_WRITES:
            await connection.execute(write)
        return
    if not (await connection.execute(_SCHEMA_THERE)).scalar_one():
        await connection.execute(_MAKE_SCHEMA)
    await connection.execute(_MAKE_TABLE)


def rehearse_in(folder: Path) -> None:
    """Write a file into a folder, as a start and each commit do, and leave nothing; raises OSError."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(_ROOM))
        file.flush()


def rehearse_file(path: Path) -> str | None:
    """Write to a SQLite file and roll that back; returns the version of its tables, None where it has none.

    Raises sqlite3.Error.
    """
    # mode=rw: SQLite would make a file that is not there (sqlite.org/uri.html).
    uri = f"file:{quote(str(path))}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=2, isolation_level=None)) as connection:
        stored = _version_in(connection)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY:
                raise
            return stored
        if usable(stored):
            connection.execute(str(EVERYTHING.compile(dialect=sqlite.dialect())))
            connection.execute(str(WRITE))
        else:
            connection.execute("CREATE TABLE rehearsal (id INTEGER)")
        connection.execute("ROLLBACK")
    return stored


def _version_in(connection: sqlite3.Connection) -> str | None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    versions = "SELECT version_num FROM alembic_version"
    rows = connection.execute(versions).fetchall() if "alembic_version" in tables else []
    return version_in([row[0] for row in rows], tables)
