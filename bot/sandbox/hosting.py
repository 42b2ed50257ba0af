"""The sandbox's two sides on loopback, in one event loop: how they listen, and how their faults are switched.

Both run on aiohttp's server because faults have to break connections, which an ASGI application cannot.
"""

import time
from collections.abc import Callable

from aiohttp import web

from bot.sandbox.control import Control
from bot.sandbox.display import Display
from bot.sandbox.listening import Listener
from bot.sandbox.moments import Moments
from bot.sandbox.process import BotProcess
from bot.sandbox.settings import Settings
from bot.sandbox.shape import Json
from bot.sandbox.signal import Changes
from bot.sandbox.sip.side import SipSide
from bot.sandbox.slack.client import Client
from bot.sandbox.slack.composer import Composer
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.entrances import Entrances
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.webapi import WebApi
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.vobiz import console
from bot.sandbox.vobiz.http import VobizServer


class Host:
    """Where the workspace and the account listen, and what a bot has to be told of them.

    `clock` gives seconds since the epoch.
    """

    def __init__(self, settings: Settings | None = None, clock: Callable[[], float] = time.time) -> None:
        """Set it up; nothing listens before `start`."""
        self.settings = settings or Settings()
        self.changes = Changes()
        self.space = Workspace(self.settings, self.changes, clock)
        self.sockets = Sockets(self.space)
        self.courier = Courier(self.space, self.sockets)
        self.composer = Composer(self.space, self.courier)
        self.client = Client(self.space, self.courier)
        self.entrances = Entrances(self.space, self.courier)
        self.vobiz = VobizServer(self.space)
        self.sip = SipSide(self.space, self.vobiz.has_domain)
        self.moments = Moments(self.space)
        self.stopping = False
        self._slack = Listener(self._slack_app)
        self._vobiz = Listener(self._vobiz_app, cancels=True)

    def _slack_app(self) -> web.Application:
        app = web.Application(client_max_size=2**21, middlewares=[self.moments.at_slack])
        app.add_routes(WebApi(self.space, self.sockets).routes())
        app.add_routes(self.sockets.routes())
        app.add_routes(Display(self.space, self.vobiz, self).routes())
        app.add_routes(Control(self.space, self.composer, self.client, self.entrances, self).routes())
        return app

    def _vobiz_app(self) -> web.Application:
        app = web.Application(client_max_size=2**21, middlewares=[self.moments.at_vobiz])
        app.add_routes(self.vobiz.routes())
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0, vobiz_port: int = 0) -> None:
        """Listen on both ports; 0 picks a free one."""
        self.stopping = False
        await self._slack.start(host, port)
        self.space.base_url = self.page_url.rstrip("/")
        await self._vobiz.start(host, vobiz_port)
        await self.sip.start()

    async def stop(self) -> None:
        """Stop listening and break what is still open."""
        self.stopping = True
        self.moments.release()
        self.changes.note()
        self.vobiz.reset()
        await self._vobiz.stop()
        await self.sip.stop()
        await self.sockets.stop()
        await self._slack.stop()
        await self.courier.close()

    def connect(self, bot_url: str) -> None:
        """Say where the bot is, for example `http://127.0.0.1:3000`."""
        self.courier.bot_url = bot_url.rstrip("/")

    @property
    def page_url(self) -> str:
        """Where a person opens the page."""
        return f"{self._slack.url}/"

    @property
    def slack_api_url(self) -> str:
        """The value of SLACK_API_URL."""
        return f"{self._slack.url}/slack/api/"

    @property
    def vobiz_api_url(self) -> str:
        """The value of VOBIZ_API_URL; stays the same while the account is unreachable."""
        return self._vobiz.url

    @property
    def bot_token(self) -> str:
        """The value of SLACK_BOT_TOKEN."""
        return self.settings.bot_token

    @property
    def app_token(self) -> str | None:
        """The value of SLACK_APP_TOKEN: None when the app does not use Socket Mode."""
        return self.settings.app_token if self.settings.socket_mode else None

    @property
    def signing_secret(self) -> str:
        """The value of SLACK_SIGNING_SECRET."""
        return self.settings.signing_secret

    @property
    def vobiz_auth_id(self) -> str:
        """The value of VOBIZ_AUTH_ID."""
        return self.settings.vobiz_auth_id

    @property
    def vobiz_auth_token(self) -> str:
        """The value of VOBIZ_AUTH_TOKEN."""
        return self.settings.vobiz_auth_token

    async def fault(self, side: str, fault: str, times: int | None = None, after: int = 0) -> None:
        """Switch a fault of `vobiz`, `sip`, `slack` or `socket` on: for good or `times`; `none` is off.

        Those of the `bot` happen once, but for its database that is away. The first `after` calls that it
        would hit are spared.
        """
        if side == "socket":
            await self.sockets.switch(fault, times)
            return
        if side == "bot":
            await self.moments.choose(fault)
            return
        switches = {"vobiz": self.vobiz.faults, "slack": self.space.faults, "sip": self.sip.faults}
        if fault == "unreachable" and times is not None:
            words = "unreachable cannot be counted: no call arrives"
            raise ValueError(words)
        switches[side].set(fault, times, after)
        if side == "vobiz" and not self.stopping:
            await self._vobiz.listen(on=fault != "unreachable")
            self.changes.note()

    def change_trunk(self, trunk_id: str, act: str, value: str = "") -> None:
        """Change a trunk as somebody would in Vobiz's console, past the bot; raises LookupError, ValueError.

        `act` is as in bot.sandbox.vobiz.console.
        """
        console.change_trunk(self.vobiz.account, self._trunk(trunk_id), act, value)
        self.changes.note()

    def change_listed(self, name: str, identity: str, act: str, value: str = "") -> None:
        """Change a record of a list, or a number, likewise; `name` is `credentials`, `numbers` and so on."""
        console.change_listed(self.vobiz.account, name, identity, act, value)
        self.changes.note()

    def place_call(self, trunk_id: str, seconds: int = 34) -> Json:
        """Place a call on a trunk, and return what is recorded of it; after 0 `seconds` nobody answered.

        Raises LookupError for an unknown trunk, ValueError with the reason if it cannot carry a call.
        """
        call = self.vobiz.account.place_call(self._trunk(trunk_id), seconds)
        self.changes.note()
        return call

    def _trunk(self, trunk_id: str) -> Json:
        trunk = self.vobiz.account.find(trunk_id)
        if trunk is None:
            words = f"there is no trunk {trunk_id!r}"
            raise LookupError(words)
        return trunk

    async def reset(self) -> None:
        """Forget messages, views, trunks, faults and the log."""
        self.vobiz.reset()
        self.space.reset()
        await self.fault("vobiz", "none")
        await self.fault("sip", "none")
        await self.fault("socket", "none")
        self.moments.release()

    @property
    def bot(self) -> BotProcess | None:
        """The bot, if it is a process of this sandbox; tests bring their own."""
        return self.moments.process

    @property
    def reachable(self) -> bool:
        """Whether the Vobiz account listens."""
        return self._vobiz.listening
