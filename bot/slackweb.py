"""Calling Slack: one pooled session, short deadlines, every answer a value.

Views are never retried: a trigger works once, and a second `views.open` with it fails. All else honours
`Retry-After`. slack-sdk's own defaults are a new connection a call, 30 s, and a retry of resets, which can
post twice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import aiohttp
from pydantic_core import from_json, to_json
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.clock import Clock, SystemClock
from bot.observer import SlackHeard, uncounted
from bot.pacing import PATIENCE, Limited, Line, Pace
from bot.proxies import proxy_for
from bot.records import Post
from bot.slack.blocks import Message
from bot.slackanswers import (
    RATE_LIMITED,
    TROUBLE,
    Failed,
    Identity,
    Shown,
    read_failure,
    read_limit,
    read_refusal,
    read_shown,
    retry_after,
)

__all__ = (
    "OPEN_SOCKET",
    "RESPONSE_URL",
    "WEBSOCKET",
    "Failed",
    "Identity",
    "Shown",
    "SlackWeb",
    "open_session",
)

VIEW_TIMEOUT: Final = 2  # seconds; a trigger lives for 3 from Slack's sending it
POST_TIMEOUT: Final = 10
RESPONSE_URL: Final = "response_url"  # what observers hear as the method of `respond`
OPEN_SOCKET: Final = "apps.connections.open"
WEBSOCKET: Final = "websocket"  # and of the second half of `open_socket`
_CONNECTIONS: Final = 20
_BEHIND: Final = 14  # of them, at most, for calls that nobody waits for at the keyboard

_VIEW_DEADLINE: Final = aiohttp.ClientTimeout(total=VIEW_TIMEOUT)
_SOCKET_CLOSING: Final = aiohttp.ClientWSTimeout(ws_close=1.0)  # seconds for Slack to answer a close


def open_session() -> aiohttp.ClientSession:
    """Open the one session that every call to Slack uses. Close it at the end."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=POST_TIMEOUT),
    )


class SlackWeb:
    """Slack's Web API and response URLs, for this bot's token. `heard` hears how each call ended."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: str,
        base_url: str,
        clock: Clock | None = None,
        *,
        heard: SlackHeard = uncounted,
    ) -> None:
        self._session = session
        self._heard = heard
        self._pace = Pace(clock or SystemClock())
        # Twenty slow posts took every connection, and the form that a person waits for was never asked for.
        self._behind = asyncio.Semaphore(_BEHIND)
        self._quiet = logging.getLogger("bot.slack_sdk")
        self._quiet.setLevel(logging.WARNING)  # at DEBUG the SDK prints arguments: tokens, triggers, names
        self._open_url = f"{base_url.rstrip('/')}/views.open"
        self._proxy = proxy_for(self._open_url)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
        }
        # With a session of its own the SDK ignores `timeout`: the session's counts.
        self.client = AsyncWebClient(
            token=token,
            base_url=base_url.rstrip("/") + "/",
            session=session,
            retry_handlers=[],
            logger=self._quiet,
        )
        self.client.proxy = self._proxy

    async def identify(self) -> Identity | Failed:
        """Ask who the token belongs to (auth.test)."""
        answer = await self._call("auth.test", self.client.auth_test())
        if isinstance(answer, Failed):
            return answer
        scopes = str(answer.headers.get("x-oauth-scopes", ""))
        return Identity(
            team=str(answer["team_id"]),
            enterprise=str(answer["enterprise_id"]) if answer.get("enterprise_id") else None,
            bot_id=str(answer["bot_id"]),
            bot_user=str(answer["user_id"]),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    async def members(self, group: str) -> frozenset[str] | Failed:
        """Read a user group's members (usergroups.users.list; scope usergroups:read)."""
        answer = await self._paced(
            ("usergroups.users.list",), lambda: self.client.usergroups_users_list(usergroup=group)
        )
        if isinstance(answer, Failed):
            return answer
        users = answer.get("users")
        return frozenset(map(str, users)) if isinstance(users, list) else Failed("unreadable")

    async def open_socket(
        self, app_token: str, *, ping: float, within: float
    ) -> aiohttp.ClientWebSocketResponse | Failed:
        """Open a websocket for Socket Mode, with a ticket from apps.connections.open.

        After `ping` seconds without anything received a pong is asked for, and waited for half as long.
        """
        try:
            async with asyncio.timeout(within):
                answer = await self._call(OPEN_SOCKET, self.client.apps_connections_open(app_token=app_token))
                if isinstance(answer, Failed):
                    return answer
                # The address is a bearer secret that works once: it is kept nowhere and never logged.
                url = str(answer.get("url"))
                socket = await self._session.ws_connect(
                    url, heartbeat=ping, autoping=False, timeout=_SOCKET_CLOSING, proxy=proxy_for(url)
                )
        except TROUBLE as error:
            failed = read_failure(WEBSOCKET, error)
            self._heard(WEBSOCKET, failed.error)
            return failed
        self._heard(WEBSOCKET, None)
        return socket

    async def open_view(self, trigger_id: str, view: Mapping[str, object]) -> Shown | Failed:
        """Open a modal. The trigger lives for 3 s and works once.

        The one call that a person waits for at the keyboard goes without the SDK's layers: they cost 80 µs
        of the 400 between command and modal (docs/benchmarks.md).
        """
        shown = await self._open(to_json({"trigger_id": trigger_id, "view": view}))
        self._heard("views.open", shown.error if isinstance(shown, Failed) else None)
        return shown

    async def _open(self, body: bytes) -> Shown | Failed:
        try:
            async with self._session.post(
                self._open_url, data=body, headers=self._headers, timeout=_VIEW_DEADLINE, proxy=self._proxy
            ) as response:
                answer = from_json(await response.read())
        except ValueError:
            return Failed("unreadable")
        except TROUBLE as error:
            return read_failure("views.open", error)
        if not isinstance(answer, dict):
            return Failed("unreadable")
        return read_shown(answer) if answer.get("ok") else read_refusal("views.open", answer)

    async def update_view(
        self, view_id: str, view: Mapping[str, object], last_hash: str | None = None
    ) -> Shown | Failed:
        """Replace a modal; with `last_hash` only if nobody else replaced it since."""
        updating = self.client.views_update(view_id=view_id, view=dict(view), hash=last_hash)
        answer = await self._call("views.update", asyncio.wait_for(updating, POST_TIMEOUT))
        if isinstance(answer, Failed):
            return answer
        return read_shown(answer.data if isinstance(answer.data, dict) else {})

    async def publish_home(self, user: str, view: Mapping[str, object]) -> Failed | None:
        """Replace a person's App Home (views.publish)."""
        answer = await self._paced(
            ("views.publish", user), lambda: self.client.views_publish(user_id=user, view=dict(view))
        )
        return _only_failed(answer)

    async def post(self, channel: str, message: Message, *, patience: float = PATIENCE) -> Post | Failed:
        """Post to a channel, or to a person's direct messages when given a user id.

        Messages to one channel leave in the order in which they were asked for. `ratelimited` comes back when
        Slack still takes no more of them after `patience` seconds: nothing was posted.
        """
        answer = await self._paced(
            ("chat.postMessage", channel),
            lambda: self.client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=_blocks(message),
                unfurl_links=False,
                unfurl_media=False,
            ),
            patience,
        )
        return answer if isinstance(answer, Failed) else Post(str(answer["channel"]), str(answer["ts"]))

    async def whisper(self, channel: str, user: str, message: Message) -> Failed | None:
        """Post so that one person sees it (chat.postEphemeral)."""
        answer = await self._paced(
            ("chat.postEphemeral", channel),
            lambda: self.client.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=_blocks(message)
            ),
        )
        return _only_failed(answer)

    async def replace(self, post: Post, message: Message) -> Failed | None:
        """Replace a message of ours (chat.update)."""
        answer = await self._paced(
            ("chat.update", post.channel),
            lambda: self.client.chat_update(
                channel=post.channel, ts=post.ts, text=message.text, blocks=_blocks(message)
            ),
        )
        return _only_failed(answer)

    async def respond(
        self, url: str, message: Message, *, in_channel: bool = False, replace: bool = False
    ) -> Failed | None:
        """Answer through a response_url: 5 uses in 30 minutes, past any membership."""
        webhook = AsyncWebhookClient(
            url, timeout=POST_TIMEOUT, session=self._session, logger=self._quiet, retry_handlers=[]
        )
        webhook.proxy = proxy_for(url)

        async def send() -> Failed | Limited | None:
            try:
                async with self._behind:
                    answer = await webhook.send(
                        text=message.text,
                        blocks=_blocks(message),
                        response_type="in_channel" if in_channel else "ephemeral",
                        replace_original=replace,
                    )
            except TROUBLE as error:
                failed: Failed | None = read_failure(RESPONSE_URL, error)
            else:
                # The webhook client never raises on 404 (expired), 410 or 500.
                failed = None if answer.status_code == 200 else Failed(f"http_{answer.status_code}")
                if answer.status_code == 429:
                    self._heard(RESPONSE_URL, RATE_LIMITED.error)
                    return Limited(retry_after(answer.headers))
            self._heard(RESPONSE_URL, None if failed is None else failed.error)
            return failed

        answer = await self._pace.keep((url,), send)
        return RATE_LIMITED if isinstance(answer, Limited) else answer

    async def _paced(
        self, line: Line, call: Callable[[], Awaitable[AsyncSlackResponse]], patience: float = PATIENCE
    ) -> AsyncSlackResponse | Failed:
        """Call in turn; `line` begins with the method's name."""

        async def attempt() -> AsyncSlackResponse | Failed | Limited:
            try:
                async with self._behind:
                    answer: AsyncSlackResponse | Failed = await call()
            except TROUBLE as error:
                if (wait := read_limit(error)) is not None:
                    self._heard(line[0], RATE_LIMITED.error)
                    return Limited(wait)
                answer = read_failure(line[0], error)
            self._heard(line[0], answer.error if isinstance(answer, Failed) else None)
            return answer

        answer: AsyncSlackResponse | Failed | Limited = await self._pace.keep(line, attempt, patience)
        return RATE_LIMITED if isinstance(answer, Limited) else answer

    async def _call(self, method: str, calling: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse | Failed:
        answer: AsyncSlackResponse | Failed
        try:
            answer = await calling
        except TROUBLE as error:
            answer = read_failure(method, error)
        self._heard(method, answer.error if isinstance(answer, Failed) else None)
        return answer


def _only_failed(answer: AsyncSlackResponse | Failed) -> Failed | None:
    return answer if isinstance(answer, Failed) else None


def _blocks(message: Message) -> list[dict[str, object]]:
    return list(message.blocks)
