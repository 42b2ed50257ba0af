"""Calling Slack: one pooled session, short deadlines, every answer a value.

Views are never retried: a trigger works once, and a second `views.open` with it fails. Posts honour
`Retry-After`. slack-sdk's own defaults are a new connection a call, 30 s, and a retry of resets.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
import structlog
from pydantic_core import from_json, to_json
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

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

    def __init__(self, session: aiohttp.ClientSession, token: str, base_url: str) -> None:
        self._session = session
        quiet = logging.getLogger("bot.slack_sdk")
        quiet.setLevel(logging.WARNING)  # at DEBUG the SDK prints arguments: tokens, triggers, names

        def client(retry: list[AsyncRetryHandler]) -> AsyncWebClient:
            # With a session of its own the SDK ignores `timeout`: the session's counts.
            return AsyncWebClient(
                token=token,
                base_url=base_url.rstrip("/") + "/",
                session=session,
                retry_handlers=retry,
                logger=quiet,
            )

        self._open_url = f"{base_url.rstrip('/')}/views.open"
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
        }
        self.views = client([])
        self._posts = client([AsyncRateLimitErrorRetryHandler(max_retry_count=3)])

    async def identify(self) -> Identity | Failed:
        """Ask who the token belongs to (auth.test)."""
        try:
            answer = await self.views.auth_test()
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
        try:
            answer = await self._posts.usergroups_users_list(usergroup=group)
        except _TROUBLE as error:
            return _failed(error)
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
                answer = await self._posts.apps_connections_open(app_token=app_token)
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
                answer = await self.views.views_update(view_id=view_id, view=dict(view), hash=last_hash)
                return _shown(answer.data if isinstance(answer.data, dict) else {})
        except _TROUBLE as error:
            return _failed(error)

    async def publish_home(self, user: str, view: Mapping[str, object]) -> Failed | None:
        """Replace a person's App Home (views.publish)."""
        try:
            await self._posts.views_publish(user_id=user, view=dict(view))
        except _TROUBLE as error:
            return _failed(error)
        return None

    async def post(self, channel: str, message: Message) -> Post | Failed:
        """Post to a channel, or to a person's direct messages when given a user id."""
        try:
            answer = await self._posts.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=_blocks(message),
                unfurl_links=False,
                unfurl_media=False,
            )
        except _TROUBLE as error:
            return _failed(error)
        return Post(str(answer["channel"]), str(answer["ts"]))

    async def whisper(self, channel: str, user: str, message: Message) -> Failed | None:
        """Post so that one person sees it (chat.postEphemeral)."""
        try:
            await self._posts.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=_blocks(message)
            )
        except _TROUBLE as error:
            return _failed(error)
        return None

    async def replace(self, post: Post, message: Message) -> Failed | None:
        """Replace a message of ours (chat.update)."""
        try:
            await self._posts.chat_update(
                channel=post.channel, ts=post.ts, text=message.text, blocks=_blocks(message)
            )
        except _TROUBLE as error:
            return _failed(error)
        return None

    async def respond(
        self, url: str, message: Message, *, in_channel: bool = False, replace: bool = False
    ) -> Failed | None:
        """Answer through a response_url: 5 uses in 30 minutes, past any membership."""
        webhook = AsyncWebhookClient(
            url,
            timeout=POST_TIMEOUT,
            session=self._session,
            logger=self._posts._logger,  # noqa: SLF001 - the quiet one
        )
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
        return None if answer.status_code == 200 else Failed(f"http_{answer.status_code}")


_TROUBLE: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)


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
