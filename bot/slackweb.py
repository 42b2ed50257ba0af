"""Calling Slack: one pooled session, short deadlines, every answer a value.

Views are never retried: a trigger works once, and a second `views.open` with it fails. All else honours
`Retry-After`. slack-sdk's own defaults are a new connection a call, 30 s, and a retry of resets, which can
post twice.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
import structlog
from pydantic_core import from_json, to_json
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.clock import Clock, SystemClock
from bot.pacing import PATIENCE, Limited, Line, Pace
from bot.records import Post
from bot.slack.blocks import Message

VIEW_TIMEOUT: Final = 2  # seconds; a trigger lives for 3 from Slack's sending it
POST_TIMEOUT: Final = 10
_CONNECTIONS: Final = 20

_VIEW_DEADLINE: Final = aiohttp.ClientTimeout(total=VIEW_TIMEOUT)
_SOCKET_CLOSING: Final = aiohttp.ClientWSTimeout(ws_close=1.0)  # seconds for Slack to answer a close

_log = structlog.get_logger("bot.slackweb")


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as Slack holds it now."""

    view_id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Failed:
    """What Slack (or the network) answered instead. `error` is Slack's code, or `unreachable`."""

    error: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is, from auth.test; `scopes` from the `x-oauth-scopes` header."""

    team: str
    enterprise: str | None
    bot_id: str
    bot_user: str
    scopes: frozenset[str]


def open_session() -> aiohttp.ClientSession:
    """Open the one session that every call to Slack uses. Close it at the end."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=POST_TIMEOUT),
    )


class SlackWeb:
    """Slack's Web API and response URLs, for this bot's token."""

    def __init__(
        self, session: aiohttp.ClientSession, token: str, base_url: str, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._pace = Pace(clock or SystemClock())
        self._quiet = logging.getLogger("bot.slack_sdk")
        self._quiet.setLevel(logging.WARNING)  # at DEBUG the SDK prints arguments: tokens, triggers, names
        self._open_url = f"{base_url.rstrip('/')}/views.open"
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

    async def identify(self) -> Identity | Failed:
        """Ask who the token belongs to (auth.test)."""
        try:
            answer = await self.client.auth_test()
        except _TROUBLE as error:
            return _failed(error)
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
        users = answer if isinstance(answer, Failed) else answer.get("users")
        if isinstance(users, Failed):
            return users
        return frozenset(map(str, users)) if isinstance(users, list) else Failed("unreadable")

    async def open_socket(
        self, app_token: str, *, ping: float, within: float
    ) -> aiohttp.ClientWebSocketResponse | Failed:
        """Open a websocket for Socket Mode, with a ticket from apps.connections.open.

        After `ping` seconds without anything received a pong is asked for, and waited for half as long.
        """
        try:
            async with asyncio.timeout(within):
                answer = await self.client.apps_connections_open(app_token=app_token)
                # The address is a bearer secret that works once: it is kept nowhere and never logged.
                return await self._session.ws_connect(
                    str(answer.get("url")), heartbeat=ping, autoping=False, timeout=_SOCKET_CLOSING
                )
        except _TROUBLE as error:
            return _failed(error)

    async def open_view(self, trigger_id: str, view: Mapping[str, object]) -> Shown | Failed:
        """Open a modal. The trigger lives for 3 s and works once.

        The one call that a person waits for at the keyboard goes without the SDK's layers: they cost 80 µs
        of the 400 between command and modal (docs/benchmarks.md).
        """
        body = to_json({"trigger_id": trigger_id, "view": view})
        try:
            async with self._session.post(
                self._open_url, data=body, headers=self._headers, timeout=_VIEW_DEADLINE
            ) as response:
                answer = from_json(await response.read())
        except ValueError:
            return Failed("unreadable")
        except _TROUBLE as error:
            return _failed(error)
        if not isinstance(answer, dict):
            return Failed("unreadable")
        return _shown(answer) if answer.get("ok") else _refused(answer)

    async def update_view(
        self, view_id: str, view: Mapping[str, object], last_hash: str | None = None
    ) -> Shown | Failed:
        """Replace a modal; with `last_hash` only if nobody else replaced it since."""
        try:
            async with asyncio.timeout(POST_TIMEOUT):
                answer = await self.client.views_update(view_id=view_id, view=dict(view), hash=last_hash)
                return _shown(answer.data if isinstance(answer.data, dict) else {})
        except _TROUBLE as error:
            return _failed(error)

    async def publish_home(self, user: str, view: Mapping[str, object]) -> Failed | None:
        """Replace a person's App Home (views.publish)."""
        answer = await self._paced(
            ("views.publish", user), lambda: self.client.views_publish(user_id=user, view=dict(view))
        )
        return answer if isinstance(answer, Failed) else None

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
        if isinstance(answer, Failed):
            return answer
        return Post(str(answer["channel"]), str(answer["ts"]))

    async def whisper(self, channel: str, user: str, message: Message) -> Failed | None:
        """Post so that one person sees it (chat.postEphemeral)."""
        answer = await self._paced(
            ("chat.postEphemeral", channel),
            lambda: self.client.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=_blocks(message)
            ),
        )
        return answer if isinstance(answer, Failed) else None

    async def replace(self, post: Post, message: Message) -> Failed | None:
        """Replace a message of ours (chat.update)."""
        answer = await self._paced(
            ("chat.update", post.channel),
            lambda: self.client.chat_update(
                channel=post.channel, ts=post.ts, text=message.text, blocks=_blocks(message)
            ),
        )
        return answer if isinstance(answer, Failed) else None

    async def respond(
        self, url: str, message: Message, *, in_channel: bool = False, replace: bool = False
    ) -> Failed | None:
        """Answer through a response_url: 5 uses in 30 minutes, past any membership."""
        webhook = AsyncWebhookClient(
            url, timeout=POST_TIMEOUT, session=self._session, logger=self._quiet, retry_handlers=[]
        )

        async def send() -> Failed | Limited | None:
            try:
                answer = await webhook.send(
                    text=message.text,
                    blocks=_blocks(message),
                    response_type="in_channel" if in_channel else "ephemeral",
                    replace_original=replace,
                )
            except _TROUBLE as error:
                return _failed(error)
            # The webhook client never raises on 404 (expired), 410 or 500.
            if answer.status_code == 429:
                return Limited(_retry_after(answer.headers))
            return None if answer.status_code == 200 else Failed(f"http_{answer.status_code}")

        answer = await self._pace.keep((url,), send)
        return _RATE_LIMITED if isinstance(answer, Limited) else answer

    async def _paced(
        self, line: Line, call: Callable[[], Awaitable[AsyncSlackResponse]], patience: float = PATIENCE
    ) -> AsyncSlackResponse | Failed:
        async def attempt() -> AsyncSlackResponse | Failed | Limited:
            try:
                return await call()
            except _TROUBLE as error:
                return _limited(error) or _failed(error)

        answer: AsyncSlackResponse | Failed | Limited = await self._pace.keep(line, attempt, patience)
        return _RATE_LIMITED if isinstance(answer, Limited) else answer


_TROUBLE: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
_RATE_LIMITED: Final = Failed("ratelimited")


def _limited(error: Exception) -> Limited | None:
    response = error.response if isinstance(error, SlackApiError) else None
    if not isinstance(response, AsyncSlackResponse) or response.status_code != 429:
        return None
    return Limited(_retry_after(response.headers))


def _retry_after(headers: Mapping[str, str]) -> float:
    # Slack sends whole seconds; the header is there on every 429 of its own, and a proxy's may lack it.
    given = headers.get("Retry-After", "")
    return float(given) if re.fullmatch(r"[1-9]\d{0,5}", given) else 1.0


def _failed(error: Exception) -> Failed:
    if not isinstance(error, SlackApiError):
        _log.warning("Slack could not be reached", error=type(error).__name__)
        return Failed("unreachable")
    response = error.response
    data = response.data if isinstance(response, AsyncSlackResponse) else None
    return _refused(data) if isinstance(data, dict) else Failed("unreadable")


def _refused(answer: Mapping[str, object]) -> Failed:
    code = str(answer.get("error", "unreadable"))
    metadata = answer.get("response_metadata")
    if isinstance(metadata, dict) and (details := metadata.get("messages")):
        # For invalid_blocks and invalid_arguments Slack says here which block; it quotes no text of ours.
        _log.error("Slack refused our arguments", error=code, details=details)
    return Failed(code)


def _shown(answer: Mapping[str, object]) -> Shown | Failed:
    view = answer.get("view")
    return Shown(str(view["id"]), str(view["hash"])) if isinstance(view, dict) else Failed("unreadable")


def _blocks(message: Message) -> list[dict[str, object]]:
    return list(message.blocks)
