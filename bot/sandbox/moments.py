"""The moments at which the bot can be killed: while what it asked of Vobiz or Slack is under way."""

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.answers import reset
from bot.sandbox.faults import ARRIVES, BOT, DONE, NONE, POSTED, FaultSwitch
from bot.sandbox.process import BotProcess
from bot.sandbox.slack.workspace import Workspace

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_POSTING = "/slack/api/chat.postMessage"


class Moments:
    """Kills the bot at the chosen moment, once, and starts it again; without a process there is none."""

    def __init__(self, space: Workspace) -> None:
        """Watch the calls to one sandbox."""
        self._space = space
        self.process: BotProcess | None = None
        self.faults = FaultSwitch(BOT, space.changes.note)

    def choose(self, moment: str) -> None:
        """Choose the moment, or `none`; raises LookupError."""
        if self.process is None:
            words = "the bot is no process of this sandbox"
            raise LookupError(words)
        self.faults.set(moment, None if moment == NONE else 1)

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
