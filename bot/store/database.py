"""Opening the database: drivers, SQLite's manners, migrations."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast
from urllib.parse import quote

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.schema import metadata
from bot.store.trouble import PASSING, DamagedDatabaseError, primary_code

__all__ = [
    "BASELINE",
    "HEAD",
    "PASSING",
    "POSTGRES_ARGUMENTS",
    "migrate",
    "open_copy",
    "open_engine",
    "upgrade",
    "usable",
    "version",
    "version_in",
    "version_of",
]

# Two instances on the smallest managed Postgres (20 connections) leave room for a console.
_POOL: Final = 5
# Postgres gave up a transaction that stood still (the migration has it do so after 5 s) or took too long, or
# is a copy that may only be read: psycopg files these under InternalError, with what is really broken.
_GIVEN_UP: Final = frozenset({"25P03", "25P04", "25006"})
# The encoding, as a server or PGCLIENTENCODING may be set to another, and text would be none.
POSTGRES_ARGUMENTS: Final[Mapping[str, object]] = MappingProxyType(
    {"connect_timeout": 5, "client_encoding": "utf8"}
)
BASELINE: Final = "1001"  # what a new database begins with
HEAD: Final = "1002"  # the newest module in migrations/versions; a test compares
_MIGRATION_LOCK: Final = 0x7472756E6B  # pg_advisory_xact_lock key; spells "trunk"
# Alembic keeps what it is at in its module, and a doctor may be rehearsing beside a start.
_UPGRADING: Final = asyncio.Lock()

_log = structlog.get_logger("bot.database")


def open_engine(url: str) -> AsyncEngine:
    """Make the engine for a SQLAlchemy URL (sqlite+aiosqlite or postgresql+psycopg)."""
    sqlite = url.startswith("sqlite")
    arguments: Mapping[str, object] = {"timeout": 10} if sqlite else POSTGRES_ARGUMENTS
    engine = create_async_engine(
        url,
        pool_size=_POOL,
        max_overflow=0,
        pool_pre_ping=not sqlite,
        connect_args=dict(arguments),
        isolation_level=None if sqlite else "READ COMMITTED",  # a server may be set to another
        hide_parameters=True,  # errors are stored and logged by others, and would quote what people typed
    )
    if sqlite:
        sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
        sa.event.listen(engine.sync_engine, "handle_error", _file_as_defect)
    else:
        sa.event.listen(engine.sync_engine, "handle_error", _file_as_passing)
    return engine


def open_copy(url: str) -> AsyncEngine:
    """Make an engine for a record that is only read: a SQLite file, kept as evidence perhaps, stays as it is.

    One that a bot may be using is opened as the bot does it: who only reads leaves SQLite's files beside it.
    Where nothing can be written, SQLite is told that nobody does.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return open_engine(url)
    file = Path(parsed.database or "").absolute()
    if _in_use(file):
        return open_engine(url)
    still = not os.access(file.parent, os.W_OK) and not file.with_name(f"{file.name}-wal").exists()
    query = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if still else {})
    engine = create_async_engine(
        parsed.set(database=f"file:{quote(str(file))}", query=query),
        connect_args={"timeout": 10},
        hide_parameters=True,
    )
    sa.event.listen(engine.sync_engine, "handle_error", _file_as_defect)
    return engine


def _in_use(file: Path) -> bool:
    """Tell whether it is written ahead (sqlite.org/fileformat.html, 1.3.3), which no copy by VACUUM is."""
    with file.open("rb") as opened:
        ahead = opened.read(20)[18:] == b"\x02\x02"
    return ahead and os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


async def migrate(engine: AsyncEngine) -> None:
    """Bring the schema up to date; safe when several instances start at once.

    What a newer version made is left as it is where it can be used, and an error of Alembic's where not.
    """
    if engine.dialect.name == "sqlite":
        _make_private(Path(engine.url.database or ""))
    stored = await version(engine)
    if stored == HEAD:
        return
    if usable(stored):
        _log.warning("a newer version of the bot made the database", version=stored, known=HEAD)
        return
    async with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        await upgrade(connection)


async def version(engine: AsyncEngine) -> str | None:
    """Return the schema's version, or None when the database is empty."""
    async with engine.connect() as connection:
        return await version_of(connection)


async def version_of(connection: AsyncConnection) -> str | None:
    """Return the schema's version as a transaction sees it; raises DamagedDatabaseError where it has none."""
    tables = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    rows: Sequence[str] = ()
    if "alembic_version" in tables:
        rows = (await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalars().all()
    return version_in(rows, tables)


def version_in(rows: Sequence[str], tables: Iterable[str]) -> str | None:
    """Read the version from the rows of its table, of which there is one, where there are `tables` of ours.

    Raises DamagedDatabaseError where those are there without a version, or it has several.
    """
    if len(rows) == 1:
        return str(rows[0])
    ours = sorted(metadata.tables.keys() & set(tables))
    if rows or ours:
        found = f"tables that are named as the bot's are ({', '.join(ours) or 'none'})"
        raise DamagedDatabaseError(f"{found}, and alembic_version does not say which version they are of")
    return None


def usable(stored: str | None) -> bool:
    """Tell whether this code can work with a schema of that version: its own, or a newer one.

    Migrations add what an older version can live with, so that it can be gone back to and a deploy can
    restart what it has not replaced yet; one that does not begins the next thousand.
    """
    if stored is None or not stored.isdecimal():
        return False
    return int(stored) >= int(HEAD) and int(stored) // 1000 == int(HEAD) // 1000


def _make_private(file: Path) -> None:
    # SQLite would make it for all to read: 0644. What it makes beside it (-wal, -shm) gets the file's mode.
    with contextlib.suppress(OSError):  # it is there; or it cannot be made, and SQLite says so
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


async def upgrade(connection: AsyncConnection) -> None:
    """Run the migrations in a transaction, which the caller ends."""
    async with _UPGRADING:
        await connection.run_sync(_upgrade)


def _upgrade(connection: sa.Connection) -> None:
    # Only a database that is behind needs Alembic: 10 MB and 0.1 s of every other start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))  # else it would be interpolated
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _file_as_defect(context: ExceptionContext) -> ProgrammingError | None:
    # SQLITE_ERROR: a table or a column that is not there, a statement that is none. The driver says the same
    # class as for a file that is locked, and what waits for that would wait for ever.
    error = context.original_exception
    if not isinstance(error, sqlite3.OperationalError) or primary_code(error) != sqlite3.SQLITE_ERROR:
        return None
    return ProgrammingError(context.statement, None, error, hide_parameters=True)


def _file_as_passing(context: ExceptionContext) -> OperationalError | None:
    error = context.original_exception
    if getattr(error, "sqlstate", None) not in _GIVEN_UP:
        return None
    context.is_disconnect = True  # the next try opens a connection, which after a failover leads elsewhere
    return OperationalError(context.statement, None, error, hide_parameters=True, connection_invalidated=True)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: BEGIN IMMEDIATE below takes the write lock before
    # the first read, so that a conditional write is never refused half way with SQLITE_BUSY.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives a power cut
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("reading", False):
        return  # a statement sees one state without it, and several do not on Postgres either
    driver = cast("AdaptedConnection", connection.connection.dbapi_connection)
    try:
        # One trip to the driver's thread; as a statement of SQLAlchemy's it takes three.
        driver.run_async(lambda connection: connection.execute_fetchall("BEGIN IMMEDIATE"))
    except sqlite3.Error as error:
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error
