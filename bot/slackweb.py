"""Calling Slack: one pooled session, short deadlines, every answer a value.

Views are never retried: a trigger works once, and a second `views.open` with it fails. Posts honour
`Retry-After`. slack-sdk's own defaults are a new connection a call, 30 s, and a retry of resets.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
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

_log = logging.getLogger("bot.slackweb")


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

    async def open_view(self, trigger_id: str, view: Mapping[str, object]) -> Shown | Failed:
        """Open a modal. The trigger lives for 3 s and works once."""
        try:
            async with asyncio.timeout(VIEW_TIMEOUT):
                return _shown(await self.views.views_open(trigger_id=trigger_id, view=dict(view)))
        except _TROUBLE as error:
            return _failed(error)

    async def update_view(
        self, view_id: str, view: Mapping[str, object], last_hash: str | None = None
    ) -> Shown | Failed:
        """Replace a modal; with `last_hash` only if nobody else replaced it since."""
        try:
            async with asyncio.timeout(POST_TIMEOUT):
                return _shown(await self.views.views_update(view_id=view_id, view=dict(view), hash=last_hash))
        except _TROUBLE as error:
            return _failed(error)

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
        _log.warning("Slack could not be reached: %s", type(error).__name__)
        return Failed("unreachable")
    response = error.response
    if not isinstance(response, AsyncSlackResponse) or not isinstance(response.data, dict):
        return Failed("unreadable")
    code = str(response.data.get("error", "unreadable"))
    metadata = response.data.get("response_metadata")
    details: Sequence[object] = metadata.get("messages", ()) if isinstance(metadata, dict) else ()
    if details:
        # For invalid_blocks and invalid_arguments Slack says here which block; it quotes no text of ours.
        _log.error("Slack refused our arguments: %s %s", code, details)
    return Failed(code)


def _shown(answer: AsyncSlackResponse) -> Shown | Failed:
    view = answer.get("view")
    return Shown(str(view["id"]), str(view["hash"])) if isinstance(view, dict) else Failed("unreadable")


def _blocks(message: Message) -> list[dict[str, object]]:
    return list(message.blocks)
