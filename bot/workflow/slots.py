"""Which process is which: a slot that one process holds at a time and that frees itself when it dies.

The durable engine gives the unfinished work of a slot to whoever holds it next. On SQLite the one slot is
an exclusive lock on a file beside the database; on Postgres slots are advisory locks, each held by a
connection that lives as long as the process, or as the server: after an outage it is taken again. Not
through PgBouncer in transaction mode, which bot.store.fitness finds out.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from enum import Enum, auto
from pathlib import Path
from typing import Final, Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.runtime.clock import Clock
from bot.runtime.errors import DatabaseInUseError
from bot.runtime.tasks import Background, Question
from bot.store.database import POSTGRES_ARGUMENTS

_SLOTS: Final = 64
_PATIENCE: Final = 35  # seconds; a stopping process takes up to 28
_ANSWER_WITHIN: Final = 5.0  # seconds
_CLASS: Final = 0x7472756E  # the first key of pg_try_advisory_lock; spells "trun"
_HOLDER: Final = sa.text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND classid = :class AND objid = :number"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

_log = structlog.get_logger("bot.slots")


class Regained(Enum):
    """What came of taking a slot again: it is ours, the database does not answer, or somebody else has it."""

    OURS = auto()
    AWAY = auto()
    TAKEN = auto()


class Slot(Protocol):
    """A slot that is taken once; `name` is the engine's executor id."""

    name: str

    async def take(self) -> bool:
        """Take it, or tell that none is free."""
        ...

    async def release(self) -> None:
        """Let it go."""
        ...

    async def held(self) -> bool:
        """Tell whether it is still ours."""
        ...

    async def regain(self) -> Regained:
        """Take the same one again, when it is not held any more."""
        ...

    def take_over(self, name: str) -> contextlib.AbstractAsyncContextManager[bool]:
        """Hold another slot for a moment: true inside when its owner is dead."""
        ...


def slot_for(url: str) -> Slot:
    """Return the kind of slot that a database has."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return FileSlot(Path(parsed.database or ""))
    return PostgresSlot(url)


async def take_slot(url: str, clock: Clock) -> Slot:
    """Take a slot of a database, if need be after the process before us; raises DatabaseInUseError."""
    slot = slot_for(url)
    try:
        # It may still be finishing what it is at.
        for second in range(_PATIENCE):
            if await slot.take():
                return slot
            if second == 0:
                _log.warning("another process uses this database: waiting for it to end", at_most=_PATIENCE)
            await clock.sleep(1)
    except BaseException:
        await slot.release()
        raise
    await slot.release()
    raise DatabaseInUseError


class FileSlot:
    """The only slot of a SQLite database. A memory or network file system is not supported."""

    def __init__(self, database: Path) -> None:
        # Beside the file itself: one that is reached through a link as well is still one database.
        file = database.resolve()
        self._path = file.with_name(file.name + ".lock")
        self._file: int | None = None
        self.name = "slot-0"

    async def take(self) -> bool:
        """Take it, or tell that another process has it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    async def release(self) -> None:
        """Let it go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def held(self) -> bool:
        """Tell that it is ours: the kernel keeps it for the life of the process."""
        return self._file is not None

    async def regain(self) -> Regained:
        """Tell that it was never lost."""
        return Regained.OURS

    @contextlib.asynccontextmanager
    async def take_over(self, name: str) -> AsyncIterator[bool]:
        """Tell that there is no other slot."""
        del name
        yield False


class PostgresSlot:
    """One of the slots of a Postgres database, held by a connection of its own for life."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=dict(POSTGRES_ARGUMENTS)
        )
        self._connection: AsyncConnection | None = None
        self._holder = 0  # the server's process that holds the lock for us
        self._using = asyncio.Lock()
        self._alive = Question(self._answers)
        self._again = Question(self._take_again)
        self._old = Background()
        self.name = ""

    async def take(self) -> bool:
        """Take the first free one."""
        connection = await self._engine.connect()
        for number in range(_SLOTS):
            if await _lock(connection, number):
                await self._hold(connection)
                self.name = f"slot-{number}"
                return True
        await connection.close()
        return False

    async def release(self) -> None:
        """Let it go."""
        await self._alive.stop()
        await self._again.stop()
        if self._connection is not None:
            await _closed(self._connection)
            self._connection = None
        await self._old.stop()
        await self._engine.dispose()

    async def held(self) -> bool:
        """Ask over the connection that holds it; without an answer it must be taken for lost."""
        try:
            return await self._alive.ask(_ANSWER_WITHIN)
        except (SQLAlchemyError, TimeoutError, OSError):
            return False

    async def regain(self) -> Regained:
        """Take the same one again over a new connection."""
        try:
            return await self._again.ask(_ANSWER_WITHIN)
        except (SQLAlchemyError, TimeoutError, OSError):
            return Regained.AWAY

    @contextlib.asynccontextmanager
    async def take_over(self, name: str) -> AsyncIterator[bool]:
        """Hold another slot for a moment, if its owner is dead."""
        number = int(name.removeprefix("slot-"))
        connection, using = self._connection, self._using
        if connection is None or name == self.name:
            yield False
            return
        async with using:
            got = await _lock(connection, number)
        try:
            yield got
        finally:
            if got:
                async with using:
                    await _ask(connection, sa.func.pg_advisory_unlock(_CLASS, number))

    async def _hold(self, connection: AsyncConnection) -> None:
        self._holder = (await connection.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
        # A question that hangs on the old one would keep its lock.
        self._connection, self._using = connection, asyncio.Lock()

    async def _answers(self) -> bool:
        connection = self._connection
        if connection is None:
            return False
        async with self._using:
            await connection.execute(sa.select(1))
        return connection is self._connection

    async def _take_again(self) -> Regained:
        if self._connection is not None:
            self._old.start(_closed(self._connection))
            self._connection = None
        number = int(self.name.removeprefix("slot-"))
        connection = await self._engine.connect()
        try:
            if await _lock(connection, number):
                await self._hold(connection)
                return Regained.OURS
            found = await connection.execute(_HOLDER, {"class": _CLASS, "number": number})
            holders = found.scalars().all()
            if not holders:
                return Regained.AWAY  # it was let go since: the next try has it
            if self._holder not in holders:
                return Regained.TAKEN
            # The server has not noticed yet that nobody is at the other end. Its process is ours to end.
            await connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": self._holder})
            return Regained.AWAY
        finally:
            if connection is not self._connection:
                await _closed(connection)


async def _closed(connection: AsyncConnection) -> None:
    # Without the farewells of a connection that works: it may not.
    with contextlib.suppress(SQLAlchemyError, OSError):
        await connection.invalidate()
    with contextlib.suppress(SQLAlchemyError, OSError):
        await connection.close()


async def _lock(connection: AsyncConnection, number: int) -> bool:
    return await _ask(connection, sa.func.pg_try_advisory_lock(_CLASS, number))


async def _ask(connection: AsyncConnection, question: sa.Function[bool]) -> bool:
    return bool((await connection.execute(sa.select(question))).scalar_one())
