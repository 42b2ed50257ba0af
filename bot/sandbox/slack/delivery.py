"""Carries requests to the bot, signed or in envelopes, and waits at most Slack's 3 seconds for an answer."""

import asyncio
import io
import time
from collections.abc import Mapping
from functools import partial
from typing import Final

import aiohttp

from bot.sandbox import exchange
from bot.sandbox.log import Delivery
from bot.sandbox.slack.acks import Answer
from bot.sandbox.slack.envelopes import enveloped, signature
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import Workspace

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
# docs.slack.dev/apis/events-api: the reasons that a retry is told with.
_REASONS: Final = {"timeout": "http_timeout", "no connection": "connection_failed"}


class Courier:
    """Slack's side of the way to the bot: HTTP, or Socket Mode where the workspace's settings say so."""

    def __init__(self, space: Workspace, sockets: Sockets) -> None:
        """Carry for one workspace; `connect` says where the bot is."""
        self._space = space
        self._sockets = sockets
        self._session: aiohttp.ClientSession | None = None
        self.bot_url = ""

    def sign(self, body: bytes, timestamp: float | None = None, kind: str = FORM) -> dict[str, str]:
        """Return the headers of a signed request; `timestamp` (seconds) defaults to the sandbox's clock."""
        at = str(int(self._space.clock() if timestamp is None else timestamp))
        return {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": signature(self._space.settings.signing_secret, at, body),
        }

    async def deliver(self, entry: Delivery, body: bytes) -> Answer:
        """Carry a form, and write down how it went."""
        return await self._send(entry, body, FORM)

    async def event(self, what: str, body: bytes) -> list[Answer]:
        """Send an event, and once more when it is not answered with 2xx; returns each try's answer.

        Slack tries again nearly at once, after 1 min and after 5 min; here only the first of these is made.
        """
        answers = [await self._send(self._space.log.add("Slack", "Bot", what), body, JSON)]
        first = answers[0]
        if not first.ok and not first.no_retry:
            again = _REASONS.get(first.why, "http_error")
            entry = self._space.log.add("Slack", "Bot", f"{what}, retry 1")
            answers.append(await self._send(entry, body, JSON, again))
        return answers

    async def carry(self, body: bytes, kind: str = FORM, again: str = "") -> Answer:
        """Sign and post a body, or send it in an envelope; `again` is why it is sent again."""
        if self._space.settings.socket_mode:
            return await self._sockets.deliver(enveloped(body, again))
        retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": again} if again else {}
        return await self.post(body, self.sign(body, kind=kind) | retry)

    async def _send(self, entry: Delivery, body: bytes, kind: str, again: str = "") -> Answer:
        headers = {"Content-Type": kind} if self._space.settings.socket_mode else self.sign(body, kind=kind)
        line = "Over Socket Mode" if self._space.settings.socket_mode else "POST /slack/events"
        entry.request = partial(exchange.written, line, headers, body, kind)
        answer = await self.carry(body, kind, again)
        if answer.status:
            back = {"Content-Type": answer.content_type} if answer.content_type else {}
            line = f"HTTP {answer.status}"
            entry.response = partial(exchange.written, line, back, answer.body, answer.content_type)
        entry.status, entry.ms = answer.status, answer.ms
        if answer.why or not answer.ok:
            entry.note = answer.why or f"HTTP {answer.status}"
        self._space.changes.note()
        return answer

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post bytes as they are to the bot's `/slack/events`."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        started = time.perf_counter()

        def spent() -> float:
            return (time.perf_counter() - started) * 1000

        try:
            async with (
                asyncio.timeout(self._space.settings.deadline),
                self._session.post(
                    f"{self.bot_url}/slack/events",
                    data=io.BytesIO(body),
                    headers=dict(headers),
                    allow_redirects=False,
                ) as response,
            ):
                content = await response.read()
                no_retry = response.headers.get("X-Slack-No-Retry") == "1"
                return Answer(response.status, spent(), content, response.content_type, no_retry=no_retry)
        except TimeoutError:
            return Answer(None, spent(), why="timeout")
        except (aiohttp.ClientError, OSError):
            return Answer(None, spent(), why="no connection")

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._session is not None:
            await self._session.close()
            self._session = None
