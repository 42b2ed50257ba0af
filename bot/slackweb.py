"""Calling Slack: one pooled session, short deadlines, every answer a value.

Views are never retried: a trigger works once, and a second `views.open` with it fails. Posts honour
`Retry-After`. slack-sdk's own defaults are a new connection a call, 30 s, and a retry of resets.
"""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from typing import Final

import aiohttp
from pydantic_core import from_json, to_json
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.observer import SlackHeard, unheard
from bot.records import Post
from bot.slack.blocks import Message
from bot.slackanswers import TROUBLE, Failed, Identity, Shown, read_failure, read_refusal, read_shown

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
        self, session: aiohttp.ClientSession, token: str, base_url: str, heard: SlackHeard = unheard
    ) -> None:
        self._session = session
        self._heard = heard
        self._quiet = logging.getLogger("bot.slack_sdk")
        self._quiet.setLevel(logging.WARNING)  # at DEBUG the SDK prints arguments: tokens, triggers, names

        def client(retry: list[AsyncRetryHandler]) -> AsyncWebClient:
            # With a session of its own the SDK ignores `timeout`: the session's counts.
            return AsyncWebClient(
                token=token,
                base_url=base_url.rstrip("/") + "/",
                session=session,
                retry_handlers=retry,
                logger=self._quiet,
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
        answer = await self._call("auth.test", self.views.auth_test())
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
        listed = self._posts.usergroups_users_list(usergroup=group)
        answer = await self._call("usergroups.users.list", listed)
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
                answer = await self._call(OPEN_SOCKET, self._posts.apps_connections_open(app_token=app_token))
                if isinstance(answer, Failed):
                    return answer
                # The address is a bearer secret that works once: it is kept nowhere and never logged.
                socket = await self._session.ws_connect(
                    str(answer.get("url")), heartbeat=ping, autoping=False, timeout=_SOCKET_CLOSING
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
                self._open_url, data=body, headers=self._headers, timeout=_VIEW_DEADLINE
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
        updating = self.views.views_update(view_id=view_id, view=dict(view), hash=last_hash)
        answer = await self._call("views.update", asyncio.wait_for(updating, POST_TIMEOUT))
        if isinstance(answer, Failed):
            return answer
        return read_shown(answer.data if isinstance(answer.data, dict) else {})

    async def publish_home(self, user: str, view: Mapping[str, object]) -> Failed | None:
        """Replace a person's App Home (views.publish)."""
        publishing = self._posts.views_publish(user_id=user, view=dict(view))
        return _only_failed(await self._call("views.publish", publishing))

    async def post(self, channel: str, message: Message) -> Post | Failed:
        """Post to a channel, or to a person's direct messages when given a user id."""
        posting = self._posts.chat_postMessage(
            channel=channel,
            text=message.text,
            blocks=_blocks(message),
            unfurl_links=False,
            unfurl_media=False,
        )
        answer = await self._call("chat.postMessage", posting)
        return answer if isinstance(answer, Failed) else Post(str(answer["channel"]), str(answer["ts"]))

    async def whisper(self, channel: str, user: str, message: Message) -> Failed | None:
        """Post so that one person sees it (chat.postEphemeral)."""
        posting = self._posts.chat_postEphemeral(
            channel=channel, user=user, text=message.text, blocks=_blocks(message)
        )
        return _only_failed(await self._call("chat.postEphemeral", posting))

    async def replace(self, post: Post, message: Message) -> Failed | None:
        """Replace a message of ours (chat.update)."""
        updating = self._posts.chat_update(
            channel=post.channel, ts=post.ts, text=message.text, blocks=_blocks(message)
        )
        return _only_failed(await self._call("chat.update", updating))

    async def respond(
        self, url: str, message: Message, *, in_channel: bool = False, replace: bool = False
    ) -> Failed | None:
        """Answer through a response_url: 5 uses in 30 minutes, past any membership."""
        webhook = AsyncWebhookClient(url, timeout=POST_TIMEOUT, session=self._session, logger=self._quiet)
        sending = webhook.send(
            text=message.text,
            blocks=_blocks(message),
            response_type="in_channel" if in_channel else "ephemeral",
            replace_original=replace,
        )
        failed: Failed | None = None
        try:
            answer = await sending
        except TROUBLE as error:
            failed = read_failure(RESPONSE_URL, error)
        else:
            # The webhook client never raises on 404 (expired), 410 or 500.
            failed = None if answer.status_code == 200 else Failed(f"http_{answer.status_code}")
        self._heard(RESPONSE_URL, None if failed is None else failed.error)
        return failed

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
