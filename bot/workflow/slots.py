"""Which process is which: a slot that one process holds at a time and that frees itself when it dies.

The durable engine gives the unfinished work of a slot to whoever holds it next. On SQLite the one slot is
an exclusive lock on a file beside the database; on Postgres slots are advisory locks, each held by a
connection that lives as long as the process. Not through PgBouncer in transaction mode.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.runtime.clock import Clock
from bot.runtime.errors import DatabaseInUseError
from bot.runtime.tasks import Question

_SLOTS: Final = 64
_PATIENCE: Final = 35  # seconds; a stopping process takes up to 28
_ANSWER_WITHIN: Final = 5.0  # seconds
_CLASS: Final = 0x7472756E  # the first key of pg_try_advisory_lock; spells "trun"


_log = structlog.get_logger("bot.slots")


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
        self._path = database.with_name(database.name + ".lock")
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

    @contextlib.asynccontextmanager
    async def take_over(self, name: str) -> AsyncIterator[bool]:
        """Tell that there is no other slot."""
        del name
        yield False


class PostgresSlot:
    """One of the slots of a Postgres database, held by a connection of its own for life."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection: AsyncConnection | None = None
        self._using = asyncio.Lock()
        self._alive = Question(self._answers)
        self.name = ""

    async def take(self) -> bool:
        """Take the first free one."""
        self._connection = await self._engine.connect()
        for number in range(_SLOTS):
            if await self._lock(number):
                self.name = f"slot-{number}"
                return True
        await self._connection.close()
        self._connection = None
        return False

    async def release(self) -> None:
        """Let it go."""
        await self._alive.stop()
        if self._connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                await self._connection.close()
            self._connection = None
        await self._engine.dispose()

    async def held(self) -> bool:
        """Ask over the connection that holds it; without an answer it must be taken for lost."""
        try:
            return await self._alive.ask(_ANSWER_WITHIN)
        except (SQLAlchemyError, TimeoutError, OSError):
            return False

    @contextlib.asynccontextmanager
    async def take_over(self, name: str) -> AsyncIterator[bool]:
        """Hold another slot for a moment, if its owner is dead."""
        number = int(name.removeprefix("slot-"))
        async with self._using:
            got = name != self.name and await self._lock(number)
        try:
            yield got
        finally:
            if got:
                async with self._using:
                    await self._unlock(number)

    async def _answers(self) -> bool:
        if self._connection is None:
            return False
        async with self._using:
            await self._connection.execute(sa.select(1))
        return True

    async def _lock(self, number: int) -> bool:
        return await self._ask(sa.func.pg_try_advisory_lock(_CLASS, number))

    async def _unlock(self, number: int) -> bool:
        return await self._ask(sa.func.pg_advisory_unlock(_CLASS, number))

    async def _ask(self, question: sa.Function[bool]) -> bool:
        if self._connection is None:
            raise AssertionError("unreachable: asked before it was taken")
        return bool((await self._connection.execute(sa.select(question))).scalar_one())
