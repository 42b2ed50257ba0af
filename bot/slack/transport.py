"""Calling Slack: one pooled session, short deadlines, every answer a value.

Views are never retried: a trigger works once, and a second `views.open` with it fails. All else honours
`Retry-After`. slack-sdk's own defaults are a new connection a call, 30 s, and a retry of resets, which can
post twice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
from pydantic_core import from_json
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.observer import SlackHeard, uncounted
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.proxies import proxy_for
from bot.slack.rate_limit import PATIENCE, Limited, Line, Pace
from bot.slack.responses import (
    RATE_LIMITED,
    TROUBLE,
    Failed,
    Shown,
    read_failure,
    read_limit,
    read_refusal,
    read_shown,
)

VIEW_TIMEOUT: Final = 2  # seconds; a trigger lives for 3 from Slack's sending it
POST_TIMEOUT: Final = 10
_CONNECTIONS: Final = 20
_BEHIND: Final = 14  # of them, at most, for calls that nobody waits for at the keyboard

_VIEW_DEADLINE: Final = aiohttp.ClientTimeout(total=VIEW_TIMEOUT)


def open_session() -> aiohttp.ClientSession:
    """Open the one session that every call to Slack uses. Close it at the end."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=POST_TIMEOUT),
    )


class SlackCalls:
    """The ways in which Slack is called with this bot's token. `heard` hears how each call ended."""

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

    async def _open(self, body: bytes) -> Shown | Failed:
        """Call views.open without the SDK and with the shortest deadline."""
        try:
            async with self._session.post(
                self._open_url, data=body, headers=self._headers, timeout=_VIEW_DEADLINE, proxy=self._proxy
            ) as response:
                answer = from_json(await response.read(), cache_strings="keys")
        except ValueError:
            return Failed("unreadable")
        except TROUBLE as error:
            return read_failure("views.open", error)
        if not isinstance(answer, dict):
            return Failed("unreadable")
        return read_shown(answer) if answer.get("ok") else read_refusal("views.open", answer)

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
        """Call at once."""
        answer: AsyncSlackResponse | Failed
        try:
            answer = await calling
        except TROUBLE as error:
            answer = read_failure(method, error)
        self._heard(method, answer.error if isinstance(answer, Failed) else None)
        return answer
