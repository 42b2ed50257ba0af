"""Opening the database: tried once before anything is served, and then for as long as waiting can help.

What somebody may mend without this process is waited for: a Postgres that is away, a password, a database or
a right that is still to come, a disk that is full. What only another setting or another version mends ends
the start: a file that cannot be made, a database of another version, a pooler in between.
"""

import contextlib
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.runtime.clock import Clock
from bot.runtime.errors import UnfitDatabaseError
from bot.runtime.readiness import STARTING
from bot.runtime.shutdown import Deadline
from bot.store.database import migrate, open_engine
from bot.store.fitness import unfit
from bot.store.rehearsal import rehearse
from bot.store.schema import POSTGRES
from bot.store.trouble import cure, in_words, waiting_helps
from bot.workflow.slots import Slot, take_slot

_AGAIN: Final = 2.0  # seconds between tries

_log = structlog.get_logger("bot.opening")


@dataclass(frozen=True, slots=True)
class Opened:
    """The database, and this process's place in it."""

    slot: Slot
    database: AsyncEngine


class Opening:
    """Opens the database at `url`; what it opened is put away with the stack that it is given."""

    def __init__(self, url: str, clock: Clock, deadline: Deadline) -> None:
        self._url = url
        self._clock = clock
        self._deadline = deadline
        self._reason: str | None = None

    async def check(self) -> str:
        """Say why the database is not open yet."""
        return STARTING if self._reason is None else f"cannot be used yet: {self._reason}"

    async def attempt(self, stack: contextlib.AsyncExitStack) -> Opened | None:
        """Try once; None when it may be so later. Raises what waiting does not help."""
        try:
            return await self._open(stack)
        except Exception as error:
            if not waiting_helps(error):
                raise
            reason = in_words(error)
            if reason != self._reason:
                _log.warning("the database cannot be used yet: waiting for it", why=reason, todo=cure(error))
            self._reason = reason
            return None

    async def wait(self, stack: contextlib.AsyncExitStack) -> Opened:
        """Try until it is open. Raises as `attempt` does."""
        while (opened := await self.attempt(stack)) is None:
            await self._clock.sleep(_AGAIN)
        return opened

    async def _open(self, stack: contextlib.AsyncExitStack) -> Opened:
        put_away = self._deadline.put_away
        async with contextlib.AsyncExitStack() as mine:
            database = open_engine(self._url)
            mine.push_async_callback(database.dispose)
            if (wrong := await unfit(database)) is not None:
                raise UnfitDatabaseError(wrong.name)
            slot = await take_slot(self._url, self._clock)
            mine.push_async_callback(slot.release)
            await migrate(database)
            if database.dialect.name == POSTGRES:
                await rehearse(database)  # what the engine will do, which tells too late and in its own way
            mine.pop_all()
        stack.push_async_callback(put_away, "slot", slot.release)
        stack.push_async_callback(put_away, "database", database.dispose)
        return Opened(slot, database)
