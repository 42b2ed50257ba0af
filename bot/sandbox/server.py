"""The sandbox as one object: a Slack workspace and a Vobiz account on loopback, in one event loop.

`Sandbox` starts both, acts as people do and shows what happened; tests use it directly and the page
through the control API. Both sides run on aiohttp's server because faults have to break connections,
which an ASGI application can not.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from aiohttp import web

from bot.sandbox import forms
from bot.sandbox.acks import Answer
from bot.sandbox.blockkit import parts
from bot.sandbox.changes import Changes
from bot.sandbox.client import ActionResult, Client, CommandResult, SubmitResult
from bot.sandbox.control import Control
from bot.sandbox.delivery import Courier
from bot.sandbox.entrances import Entrances, EventResult, ShortcutResult
from bot.sandbox.listening import Listener
from bot.sandbox.log import Delivery
from bot.sandbox.messages import Message
from bot.sandbox.payloads import interaction_body
from bot.sandbox.settings import Settings
from bot.sandbox.shape import Json
from bot.sandbox.sockets import Sockets
from bot.sandbox.views import View
from bot.sandbox.vobiz import VobizPost
from bot.sandbox.vobiz_http import VobizServer
from bot.sandbox.webapi import WebApi
from bot.sandbox.workspace import SlackCall, Workspace

T = TypeVar("T")
PATIENCE: Final = 5.0


class Sandbox:
    """A Slack workspace and a Vobiz account; `clock` gives seconds since the epoch."""

    def __init__(self, settings: Settings | None = None, clock: Callable[[], float] = time.time) -> None:
        """Set it up; nothing listens before `start`."""
        self.settings = settings or Settings()
        self.changes = Changes()
        self.space = Workspace(self.settings, self.changes, clock)
        self.sockets = Sockets(self.space)
        self.courier = Courier(self.space, self.sockets)
        self.client = Client(self.space, self.courier)
        self.entrances = Entrances(self.space, self.courier)
        self.vobiz = VobizServer(self.space)
        self.stopping = False
        self._slack = Listener(self._slack_app)
        self._vobiz = Listener(self._vobiz_app, cancels=True)

    def _slack_app(self) -> web.Application:
        app = web.Application(client_max_size=2**21)
        app.add_routes(WebApi(self.space, self.sockets).routes())
        app.add_routes(self.sockets.routes())
        app.add_routes(Control(self.space, self.client, self.entrances, self.vobiz, self).routes())
        return app

    def _vobiz_app(self) -> web.Application:
        app = web.Application(client_max_size=2**21)
        app.add_routes(self.vobiz.routes())
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0, vobiz_port: int = 0) -> None:
        """Listen on both ports; 0 picks a free one."""
        self.stopping = False
        await self._slack.start(host, port)
        self.space.base_url = self.page_url.rstrip("/")
        await self._vobiz.start(host, vobiz_port)

    async def stop(self) -> None:
        """Stop listening and break what is still open."""
        self.stopping = True
        self.changes.note()
        self.vobiz.reset()
        await self._vobiz.stop()
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

    async def command(self, user: str, channel: str, text: str) -> CommandResult:
        """Type the slash command (with or without its name) as a person, and wait for the answer."""
        return await self.client.command(user, channel, text)

    async def open_home(self, user: str, tab: str = "home") -> EventResult:
        """Open the app's Home tab (or its `messages` tab) as a person, and wait until the bot took it."""
        return await self.entrances.open_home(user, tab)

    async def shortcut(self, user: str, callback_id: str, channel: str | None = None) -> ShortcutResult:
        """Choose a global shortcut as a person who is viewing a channel, and wait for the answer."""
        return await self.entrances.shortcut(user, callback_id, channel)

    async def submit(self, user: str, view_id: str, values: forms.Values) -> SubmitResult:
        """Submit the view in front of a person with exactly these `state.values`, unchecked."""
        return await self.client.submit(user, view_id, values)

    async def submit_form(self, user: str, **changes: object) -> SubmitResult:
        """Submit the view in front of a person as it is, with changes by block_id (text, option value).

        What is chosen is told to the bot first where the form asks for that (`dispatch_action`).
        """
        view = self._front(user)
        view.values = self._filled(view, changes)
        for block_id, value in changes.items():
            action_id = forms.dispatches(view.blocks, block_id)
            if action_id is not None:
                await self.client.press(user, view, block_id, action_id, str(value))
        return await self.submit(user, view.id, view.values)

    def fill(self, user: str, **changes: object) -> None:
        """Type into the view in front of a person without submitting it."""
        view = self._front(user)
        view.values = self._filled(view, changes)
        self.changes.note()

    def refusals(self, user: str) -> dict[str, str]:
        """Return what Slack's client would write under the inputs instead of sending them."""
        view = self._front(user)
        return forms.refusals(view.blocks, view.values)

    async def close(self, user: str, view_id: str | None = None, *, everything: bool = False) -> None:
        """Press Cancel on the view in front of a person, or with `everything` its x."""
        await self.client.close(user, view_id or self._front(user).id, everything=everything)

    async def action(
        self,
        user: str,
        action_id: str,
        *,
        block_id: str = "",
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        value: str | None = None,
        home: bool = False,
    ) -> ActionResult:
        """Press a button or choose an option.

        Without a place it is the one in the person's open view, else in the newest message that has it; with
        `home` it is the one on the Home tab. `value` replaces the button's own, or names what is chosen.
        Raises LookupError when the person sees no such button.
        """
        view = None
        if home:
            view = self.home_of(user)
        elif ts is None and channel is None:
            view = self.space.view(user, view_id) if view_id else self.view_of(user)
        if view is not None and (view_id or home or _has(view.blocks, action_id)):
            return await self.client.press(user, view, block_id, action_id, value)
        for message in reversed(self.space.messages.all if not (home or view_id) else []):
            if (ts is None or message.ts == ts) and (channel is None or message.channel == channel):
                seen = user in self.space.channels[message.channel].people and message.visible(user)
                if seen and _has(message.blocks, action_id):
                    return await self.client.press_in(user, message, block_id, action_id, value)
        words = f"{user} sees no {action_id!r}"
        raise LookupError(words)

    async def raw(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post bytes as they are to the bot: unsigned, stale, broken."""
        return await self.courier.post(body, headers)

    async def interaction(self, payload: Json) -> Answer:
        """Send an interaction of any shape."""
        return await self.courier.carry(interaction_body(payload))

    def sign(self, body: bytes, timestamp: float | None = None) -> dict[str, str]:
        """Return the headers of a signed form; `timestamp` (seconds) defaults to the clock."""
        return self.courier.sign(body, timestamp)

    async def fault(self, side: str, fault: str, times: int | None = None) -> None:
        """Switch a fault of `vobiz`, `slack` or `socket` on, for good or the next `times`; `none` is off."""
        if side == "socket":
            await self.sockets.switch(fault, times)
            return
        switches = {"vobiz": self.vobiz.faults, "slack": self.space.faults}
        if fault == "unreachable" and times is not None:
            words = "unreachable can not be counted: no call arrives"
            raise ValueError(words)
        switches[side].set(fault, times)
        if side == "vobiz" and not self.stopping:
            await self._vobiz.listen(on=fault != "unreachable")
            self.changes.note()

    async def reset(self) -> None:
        """Forget messages, views, trunks, faults and the log."""
        self.vobiz.reset()
        self.space.reset()
        await self.fault("vobiz", "none")
        await self.fault("socket", "none")

    @property
    def reachable(self) -> bool:
        """Whether the Vobiz account listens."""
        return self._vobiz.listening

    def messages(self, channel: str, as_user: str | None = None) -> list[Message]:
        """Return a channel's messages, oldest first; with a person, what that person sees."""
        return self.space.messages.of(channel, as_user)

    def view_of(self, user: str) -> View | None:
        """Return the view in front of a person."""
        return self.space.views.top(user)

    def home_of(self, user: str) -> View | None:
        """Return what a person sees on the app's Home tab, or None before the bot published it."""
        return self.space.homes.of(user)

    def views_of(self, user: str) -> list[View]:
        """Return a person's open views, bottom first."""
        return list(self.space.views.stack(user))

    @property
    def trunks(self) -> list[Json]:
        """The account's trunks as Vobiz shows them, newest first."""
        return self.vobiz.account.trunks

    def add_trunk(self, name: str, direction: str = "outbound", calls: int = 10) -> Json:
        """Put a trunk into the account, as if someone had made it in Vobiz's console."""
        trunk = self.vobiz.account.create(name, direction, calls)
        self.changes.note()
        return trunk

    @property
    def vobiz_posts(self) -> list[VobizPost]:
        """The creates that Vobiz received, whatever became of them, oldest first."""
        return self.vobiz.account.posts

    @property
    def slack_calls(self) -> list[SlackCall]:
        """The bot's Web API calls, oldest first."""
        return self.space.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """The log, newest first."""
        return list(self.space.log.entries)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = PATIENCE) -> T:  # noqa: ASYNC109
        """Wait until the predicate is true, looked at after each change; TimeoutError after `timeout` s."""
        return await self.changes.wait_for(predicate, timeout)

    def _filled(self, view: View, changes: Mapping[str, object]) -> forms.Values:
        return forms.filled(view.blocks, view.values, changes, self.space.conversations(view.owner))

    def _front(self, user: str) -> View:
        view = self.view_of(user)
        if view is None:
            words = f"{user} has no view open"
            raise LookupError(words)
        return view


def _has(blocks: list[Json], action_id: str) -> bool:
    return any(element.get("action_id") == action_id for _, element in parts(blocks))
