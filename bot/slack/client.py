"""What the bot asks of Slack: who it is, views, messages, answers through response URLs, and a socket."""

import asyncio
from collections.abc import Mapping
from typing import Final

import aiohttp
from pydantic_core import to_json
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.blockkit.layout import Message
from bot.domain.records import Post
from bot.runtime.proxies import proxy_for
from bot.slack.rate_limit import PATIENCE, Limited
from bot.slack.responses import (
    RATE_LIMITED,
    TROUBLE,
    Failed,
    Identity,
    Shown,
    read_failure,
    read_groups,
    read_shown,
    retry_after,
)
from bot.slack.transport import POST_TIMEOUT, SlackCalls

RESPONSE_URL: Final = "response_url"  # what observers hear as the method of `respond`
OPEN_SOCKET: Final = "apps.connections.open"
PUBLISH_PATIENCE: Final = 1.0  # seconds
LOOKUP_PATIENCE: Final = 1.0  # seconds; the next look is soon enough
_UNTAKEN: Final = "http_400"  # how a response_url refuses blocks
WEBSOCKET: Final = "websocket"  # and of the second half of `open_socket`
_SOCKET_CLOSING: Final = aiohttp.ClientWSTimeout(ws_close=1.0)  # seconds for Slack to answer a close


class SlackWeb(SlackCalls):
    """Slack's Web API and response URLs, for this bot's token."""

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
            url=str(answer.get("url") or ""),
        )

    async def user_groups(self) -> Mapping[str, frozenset[str] | None] | Failed:
        """Read the members of every user group in use, by its id (usergroups.list; scope usergroups:read).

        Disabled and deleted ones are not among them; None is one of which Slack does not say who is in it.
        """
        answer = await self._paced(
            ("usergroups.list",),
            lambda: self.client.usergroups_list(include_users=True),
            LOOKUP_PATIENCE,
        )
        if isinstance(answer, Failed):
            return answer
        return read_groups(answer.data if isinstance(answer.data, dict) else {})

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

    async def update_view(
        self, view_id: str, view: Mapping[str, object], last_hash: str | None = None
    ) -> Shown | Failed:
        """Replace a modal; with `last_hash` only if nobody else replaced it since."""
        # Twenty slow updates took every connection too: the next form was never asked for.
        async with self._behind:
            updating = self.client.views_update(view_id=view_id, view=dict(view), hash=last_hash)
            answer = await self._call("views.update", asyncio.wait_for(updating, POST_TIMEOUT))
        if isinstance(answer, Failed):
            return answer
        return read_shown(answer.data if isinstance(answer.data, dict) else {})

    async def publish_home(self, user: str, view: Mapping[str, object]) -> Failed | None:
        """Replace a person's App Home (views.publish). What Slack holds back is not waited for."""
        answer = await self._paced(
            ("views.publish",),
            lambda: self.client.views_publish(user_id=user, view=dict(view)),
            PUBLISH_PATIENCE,
        )
        return _only_failed(answer)

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        thread_ts: str | None = None,
        reply_broadcast: bool = False,
        patience: float = PATIENCE,
    ) -> Post | Failed:
        """Post to a channel, or to a person's direct messages when given a user id.

        With `thread_ts` it is a reply to that message, which `reply_broadcast` shows in the channel too.
        Messages to one channel leave in the order in which they were asked for. `ratelimited` comes back when
        Slack still takes no more of them after `patience` seconds: nothing was posted.
        """
        answer = await self._paced(
            ("chat.postMessage", channel),
            lambda: self.client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=_blocks(message),
                thread_ts=thread_ts,
                # Slack takes this for a reply only.
                reply_broadcast=True if thread_ts is not None and reply_broadcast else None,
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
        """Answer through a response_url: 5 uses in 30 minutes, past any membership.

        Where Slack refuses the blocks, the message's simpler ones are sent.
        """
        failed = await self._respond(url, message, in_channel=in_channel, replace=replace)
        if failed is not None and failed.error == _UNTAKEN and message.simpler:
            simpler = Message(message.text, message.simpler)
            failed = await self._respond(url, simpler, in_channel=in_channel, replace=replace)
        return failed

    async def _respond(self, url: str, message: Message, *, in_channel: bool, replace: bool) -> Failed | None:
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


def _only_failed(answer: AsyncSlackResponse | Failed) -> Failed | None:
    return answer if isinstance(answer, Failed) else None


def _blocks(message: Message) -> list[dict[str, object]]:
    return list(message.blocks)
