"""Calls to Vobiz: a create that is sent once, and reads that are repeated within bounds."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from bot.domain.observer import VobizHeard, uncounted
from bot.domain.operation import TrunkRequest
from bot.vobiz.errors import lower_names, read_date, read_object, read_refusal, read_retry_after
from bot.vobiz.listing import Listing, Pages, Ready, Refused, Unreachable, read_account, read_count, read_page
from bot.vobiz.outcome import (
    BODY_MAX,
    Created,
    NotSent,
    Outcome,
    Rejected,
    Unknown,
    read_answer,
    read_failure,
)
from bot.vobiz.transport import Answer, Silence, exchange, open_client

__all__ = ("Listing", "Ready", "Refused", "Unreachable", "VobizClient", "open_client")

PAGE: Final = 100  # rows; the documented most
PAGES_MAX: Final = 50
TRIES: Final = 3
PAUSE: Final = 0.2  # seconds; the most before the first repeat, doubled for the next
LIST_PATIENCE: Final = 3  # timeouts that a whole listing may take
_REPEATED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDACTED: Final = "[redacted]"
_WELL: Final = "ok"  # what observers hear of a read that was answered
_OUTCOMES: Final = MappingProxyType(
    {Created: "created", Rejected: "rejected", NotSent: "not_sent", Unknown: "unknown"}
)


class VobizClient:
    """Vobiz's account API over one injected HTTP client.

    `timeout` is in seconds: for one create, and for one read with all its repeats. Transport trouble is
    never raised; a cancellation passes through.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        auth_id: str,
        token: SecretStr,
        timeout: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        clock: Callable[[], float] = time.monotonic,
        heard: VobizHeard = uncounted,
    ) -> None:
        """Keep what is needed; nothing is sent. `heard` hears how each call ended."""
        self._http = http
        self._auth_id = auth_id
        self._account = f"/api/v1/Account/{quote(auth_id, safe='')}"
        self._token = token
        self._timeout = timeout
        self._sleep = sleep
        self._uniform = uniform
        self._clock = clock
        self._heard = heard

    @property
    def auth_id(self) -> str:
        """The account that is asked, whatever an operation was confirmed for."""
        return self._auth_id

    async def create(self, request: TrunkRequest, description: str | None = None) -> Outcome:
        """Ask for one trunk, once, with the three documented fields (docs.vobiz.ai, "Create a Trunk").

        `description`, when given, is sent too: only some accounts accept it.
        """
        body: dict[str, str | int] = {
            "name": request.name,
            "trunk_type": request.direction.upper(),
            "max_concurrent_calls": request.calls,
        }
        if description is not None:
            body["description"] = description
        post = self._http.build_request("POST", f"{self._account}/trunks", json=body)
        began = self._clock()
        outcome = _outcome(await self._exchange(post, self._timeout))
        self._heard("create", _OUTCOMES[type(outcome)], self._clock() - began)
        return outcome

    async def trunks(self) -> Listing | Unreachable:
        """List the account's trunks, as many as `PAGES_MAX` pages and three timeouts allow."""
        until = self._clock() + LIST_PATIENCE * self._timeout
        pages = Pages({})
        now = None
        for number in range(PAGES_MAX):
            path = f"{self._account}/trunks?limit={PAGE}&offset={pages.rows}"
            answer = await self._read("list", path, until)
            page = read_page(read_object(answer.body)) if isinstance(answer, Answer) else None
            if isinstance(answer, Unreachable) or page is None:
                if number == 0:
                    return answer if isinstance(answer, Unreachable) else Unreachable("unreadable")
                break
            if number == 0:
                now = read_date(lower_names(answer.headers))
            if not pages.take(page):
                break
        return Listing(tuple(pages.found.values()), pages.complete, now)

    async def ceiling(self) -> int | None:
        """Read how many calls the whole account may have at once, or None when Vobiz did not say."""
        for call, path, key in (
            ("concurrency", f"{self._account}/concurrency", "max_concurrent"),
            ("me", "/api/v1/auth/me", "concurrent_calls_limit"),
        ):
            answer = await self._read(call, path)
            body = read_object(answer.body) if isinstance(answer, Answer) else None
            count = None if body is None else read_count(body.get(key))
            if count is not None:
                return count
        return None

    async def check(self) -> Ready | Refused | Unreachable:
        """Check the credentials, and that they are those of the configured account."""
        answer = await self._read("me", "/api/v1/auth/me", refusals=(401, 403))
        if isinstance(answer, Unreachable):
            return answer
        body, headers = read_object(answer.body), lower_names(answer.headers)
        now = read_date(headers)
        if answer.status in (401, 403):
            return Refused(read_refusal(answer.status, headers, body), None, now)
        account = None if body is None else read_account(body, self._auth_id, now)
        return Unreachable("unreadable") if account is None else account

    async def _read(
        self, call: str, path: str, until: float | None = None, refusals: tuple[int, ...] = ()
    ) -> Answer | Unreachable:
        """Get a 2xx, or one of `refusals`, in at most `TRIES` tries and one timeout, not after `until`."""
        latest = self._clock() + self._timeout
        until = latest if until is None else min(until, latest)
        reason, pause = "timeout", 0.0
        for attempt in range(TRIES):
            if attempt:
                await self._sleep(pause)
            left = until - self._clock()
            if left <= 0:
                break
            began = self._clock()
            heard = await self._exchange(self._http.build_request("GET", path), left)
            reason = _how(heard)
            self._heard(call, reason, self._clock() - began)
            pause = self._uniform(0, PAUSE * 2**attempt)
            if isinstance(heard, Answer) and heard.cut is None:
                if reason == _WELL or heard.status in refusals:
                    return heard
                if heard.status not in _REPEATED:
                    break
                pause += read_retry_after(lower_names(heard.headers), read_object(heard.body)) or 0
            if self._clock() + pause >= until:
                break
        return Unreachable(reason)

    async def _exchange(self, request: httpx.Request, seconds: float) -> Answer | Silence:
        heard = await exchange(self._http, request, seconds)
        return heard if isinstance(heard, Silence) else self._redacted(heard)

    def _redacted(self, answer: Answer) -> Answer:
        """Take our own token out of an answer that repeats it, however its JSON is escaped."""
        token = self._token.get_secret_value()
        if not token:
            return answer
        body = answer.body
        if b"\\" in body and len(body) <= BODY_MAX and (content := read_object(body)) is not None:
            body = json.dumps(content).encode()
        body = body.replace(json.dumps(token)[1:-1].encode(), _REDACTED.encode())
        headers = {name: value.replace(token, _REDACTED) for name, value in answer.headers.items()}
        return replace(answer, headers=headers, body=body)


def _outcome(heard: Answer | Silence) -> Outcome:
    if isinstance(heard, Silence):
        failure = read_failure(heard.error)
        if heard.unsent and isinstance(failure, Unknown):
            return NotSent("connect_timeout" if failure.reason == "timeout" else failure.reason)
        return failure
    outcome = read_answer(heard.status, heard.headers, heard.body)
    if heard.cut is not None and isinstance(outcome, Unknown) and httpx.codes.is_success(heard.status):
        return replace(outcome, reason=read_failure(heard.cut).reason)
    return outcome


def _how(heard: Answer | Silence) -> str:
    if isinstance(heard, Silence):
        return read_failure(heard.error).reason
    if heard.cut is not None:
        return read_failure(heard.cut).reason
    return _WELL if httpx.codes.is_success(heard.status) else f"http_{heard.status}"
