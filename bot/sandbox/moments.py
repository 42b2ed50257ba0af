"""The moments at which the bot can be killed, while it asks something of Vobiz or Slack; and its database."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.answers import reset
from bot.sandbox.faults import ARRIVES, BOT, DATABASE_AWAY, DONE, NONE, POSTED, FaultSwitch
from bot.sandbox.process import BotProcess
from bot.sandbox.slack.workspace import Workspace

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOCK_WITHIN: Final = 5.0  # seconds for a write of the bot's to end
_POSTING = "/slack/api/chat.postMessage"


class Moments:
    """Kills the bot at the chosen moment, once, and starts it again; without a process there is none.

    `database` is its SQLite file, which can be locked for as long as that is chosen.
    """

    def __init__(self, space: Workspace) -> None:
        """Watch the calls to one sandbox."""
        self._space = space
        self.process: BotProcess | None = None
        self.database: Path | None = None
        self._lock: sqlite3.Connection | None = None
        self.faults = FaultSwitch(BOT, space.changes.note)

    async def choose(self, moment: str) -> None:
        """Choose the moment, or `none`; raises LookupError, or ValueError where no lock is to be had."""
        if self.process is None:
            words = "the bot is no process of this sandbox"
            raise LookupError(words)
        self.release()
        if moment == DATABASE_AWAY:
            await asyncio.to_thread(self._take)
        self.faults.set(moment, None if moment == NONE else 1)

    def release(self) -> None:
        """Choose nothing any more."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self.faults.set(NONE)

    def _take(self) -> None:
        lock = sqlite3.connect(
            self.database or ":memory:", timeout=_LOCK_WITHIN, isolation_level=None, check_same_thread=False
        )
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            words = f"the bot's database could not be locked: {error}"
            raise ValueError(words) from error
        self._lock = lock

    @web.middleware
    async def at_vobiz(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Kill when a write arrives, and nothing comes of it; or when it was carried out."""
        if request.method in _READS:
            return await handler(request)
        if bot := self._reached(ARRIVES):
            entry = self._space.log.add("Bot", "Vobiz", f"{request.method} {request.path.rsplit('/', 1)[-1]}")
            entry.note = "the bot was killed; nothing was done"
            return await _kill(bot, request)
        response = await handler(request)
        bot = self._reached(DONE)
        return await _kill(bot, request) if bot else response

    @web.middleware
    async def at_slack(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Kill when a message was posted."""
        response = await handler(request)
        bot = self._reached(POSTED) if request.path == _POSTING else None
        return await _kill(bot, request) if bot else response

    def _reached(self, moment: str) -> BotProcess | None:
        return None if self.faults.hit(moment) == NONE else self.process


async def _kill(bot: BotProcess, request: web.Request) -> web.Response:
    await bot.restart()
    return reset(request)
