"""Carries signed requests to the bot and waits for its answer, at most Slack's 3 seconds."""

import asyncio
import io
import time
from collections.abc import Mapping

import aiohttp

from bot.sandbox.acks import Answer
from bot.sandbox.log import Delivery
from bot.sandbox.payloads import signature
from bot.sandbox.workspace import Workspace

FORM = "application/x-www-form-urlencoded"


class Courier:
    """Slack's side of the HTTP connection to the bot."""

    def __init__(self, space: Workspace) -> None:
        """Carry for one workspace; `connect` says where the bot is."""
        self._space = space
        self._session: aiohttp.ClientSession | None = None
        self.bot_url = ""

    def sign(self, body: bytes, timestamp: float | None = None) -> dict[str, str]:
        """Return the headers of a signed request; `timestamp` (seconds) defaults to the sandbox's clock."""
        at = str(int(self._space.clock() if timestamp is None else timestamp))
        return {
            "Content-Type": FORM,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": signature(self._space.settings.signing_secret, at, body),
        }

    async def deliver(self, entry: Delivery, body: bytes) -> Answer:
        """Sign and post a body, and write down how it went."""
        answer = await self.post(body, self.sign(body))
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
                return Answer(response.status, spent(), content, response.content_type)
        except TimeoutError:
            return Answer(None, spent(), why="timeout")
        except (aiohttp.ClientError, OSError):
            return Answer(None, spent(), why="no connection")

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._session is not None:
            await self._session.close()
            self._session = None
