"""Calls to Vobiz: writes that are sent once, and reads that are repeated within bounds."""

import asyncio
import random
import time
from collections.abc import Callable
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from bot.domain.observer import VobizHeard, uncounted
from bot.domain.outcome import Done, NotSent, Outcome, Rejected, Unknown
from bot.runtime.clock import Clock, SystemClock, milliseconds
from bot.runtime.tasks import end
from bot.vobiz.balance import Balance, read_balance, read_currency
from bot.vobiz.bodies import layers, read_object
from bot.vobiz.errors import lower_names, read_date, read_refusal, read_retry_after
from bot.vobiz.listing import PAGE, Pages, Ready, Refused, Unreachable, read_account, read_count, read_page
from bot.vobiz.outcome import Read, read_answer, read_failure
from bot.vobiz.redaction import redacted
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.transport import Answer, Connections, Silence, exchange, open_client
from bot.vobiz.writes import Write

__all__ = ("Ready", "Refused", "Unreachable", "VobizClient", "open_client")

PAGES_MAX: Final = 50
ABREAST: Final = 3  # pages that are asked for at once, once it is known how many there are
READINGS: Final = 3  # of the whole list, when it moves while it is read
TRIES: Final = 3
PAUSE: Final = 0.2  # seconds; the most before the first repeat, doubled for the next
LIST_PATIENCE: Final = 3  # timeouts that a whole listing may take, with all its readings
_REPEATED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_WELL: Final = "ok"  # what observers hear of a read that was answered
_OUTCOMES: Final = MappingProxyType(
    {Done: "done", Rejected: "rejected", NotSent: "not_sent", Unknown: "unknown"}
)


class VobizClient:
    """Vobiz's account API over injected HTTP clients.

    `timeout` is in seconds: for one write, and for one read with all its repeats. Transport trouble is
    never raised; a cancellation passes through.
    """

    def __init__(
        self,
        http: Connections,
        *,
        auth_id: str,
        token: SecretStr,
        timeout: float,
        clock: Clock | None = None,
        ticks: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = random.uniform,
        heard: VobizHeard = uncounted,
    ) -> None:
        """Keep what is needed; nothing is sent.

        `clock` dates readings and waits, `ticks` measures (seconds); `heard` hears how each call ended.
        """
        self._http = http
        self._auth_id = auth_id
        self._account = f"/api/v1/Account/{quote(auth_id, safe='')}"
        self._token = token
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._ticks = ticks
        self._uniform = uniform
        self._heard = heard

    @property
    def auth_id(self) -> str:
        """The account that is asked, whatever an operation was confirmed for."""
        return self._auth_id

    async def write(self, write: Write, read: Read) -> Outcome:
        """Send one change of the account, once, if it may be sent. `read` reads a 2xx as its kind does."""
        if not write.allowed:
            return NotSent("not_allowed")
        http, url = self._http.writes, f"{self._account}/{quote(write.path)}"
        request = http.build_request(write.method, url, json=write.body)
        began = self._ticks()
        heard = await self._exchange(http, request, self._timeout, write.secret)
        outcome = _outcome(heard, read, write)
        self._heard(write.call, _OUTCOMES[type(outcome)], self._ticks() - began)
        return outcome

    async def snapshot(self) -> Snapshot | Unreachable:
        """Read the account's trunks, as many as `PAGES_MAX` pages and three timeouts allow.

        When they move while they are read, they are read again; when they do not stand still, all that was
        seen is returned, and it is not `whole`.
        """
        until = self._ticks() + LIST_PATIENCE * self._timeout
        readings: list[Pages] = []
        while len(readings) < READINGS:
            pages = Pages(milliseconds(self._clock))
            readings.append(pages)
            failed = await self._read_pages(pages, until, thorough=len(readings) == READINGS)
            if failed is not None and not any(reading.rows for reading in readings):
                return failed
            if failed is not None or not pages.moved:
                break
        counted = readings[-1:] if pages.whole else readings
        seen = {key: trunk for reading in counted for key, trunk in reading.found.items()}
        first = counted[0]
        return Snapshot(self._auth_id, first.began, tuple(seen.values()), pages.whole, first.ahead)

    async def _read_pages(self, pages: Pages, until: float, *, thorough: bool) -> Unreachable | None:
        """Read page by page; unless `thorough`, only as long as they may still be whole."""
        under_way: dict[int, asyncio.Task[Answer | Unreachable]] = {}
        try:
            return await self._take_pages(pages, until, under_way, thorough=thorough)
        finally:
            await end(under_way.values())

    async def _take_pages(
        self,
        pages: Pages,
        until: float,
        under_way: dict[int, asyncio.Task[Answer | Unreachable]],
        *,
        thorough: bool,
    ) -> Unreachable | None:
        for _ in range(PAGES_MAX):
            for offset in pages.coming(PAGE, ABREAST):
                if offset not in under_way:
                    path = f"{self._account}/trunks?limit={PAGE}&offset={offset}"
                    under_way[offset] = asyncio.create_task(self._read("list", path, until))
            answer = await under_way.pop(pages.offset)
            if isinstance(answer, Unreachable):
                return answer
            page = read_page(read_object(answer.body))
            if page is None:
                return Unreachable("unreadable")
            if pages.ahead is None and (date := read_date(lower_names(answer.headers))) is not None:
                pages.ahead = int(date.timestamp() * 1000) - milliseconds(self._clock)
            if not pages.take(page) or (pages.moved and not thorough):
                return None
        return Unreachable("too_many")

    @property
    def now(self) -> int:
        """The time by our clock (ms): what is read carries it."""
        return milliseconds(self._clock)

    async def read(
        self,
        call: str,
        path: str,
        *,
        until: float | None = None,
        refusals: tuple[int, ...] = (),
        tries: int = TRIES,
    ) -> Answer | Unreachable:
        """Get a 2xx, or one of `refusals`, of a path below the account's; `until` is by the same ticks."""
        return await self._read(call, f"{self._account}/{path}", until, refusals, tries=tries)

    async def ceiling(self) -> int | None:
        """Read how many calls the whole account may have at once, or None when Vobiz did not say."""
        for call, path, key in (
            ("concurrency", f"{self._account}/concurrency", "max_concurrent"),
            ("me", "/api/v1/auth/me", "concurrent_calls_limit"),
        ):
            answer = await self._read(call, path)
            body = read_object(answer.body) if isinstance(answer, Answer) else None
            counts = (read_count(layer.get(key)) for layer in layers(body or {}))
            count = next((count for count in counts if count is not None), None)
            if count is not None:
                return count
        return None

    async def balance(self) -> Balance | None:
        """Read what the account can still spend, or None when Vobiz did not say."""
        me = await self._read("me", "/api/v1/auth/me")
        currency = read_currency(read_object(me.body) if isinstance(me, Answer) else None)
        answer = await self._read("balance", f"{self._account}/balance/{currency}")
        return read_balance(read_object(answer.body), currency) if isinstance(answer, Answer) else None

    async def check(self) -> Ready | Refused | Unreachable:
        """Check the credentials, and that they are those of the configured account."""
        answer = await self._read("me", "/api/v1/auth/me", refusals=(401, 403))
        if isinstance(answer, Unreachable):
            return answer
        body, headers = read_object(answer.body), lower_names(answer.headers)
        now = read_date(headers)
        if answer.status in (401, 403):
            return Refused(read_refusal(answer.status, headers, body), None, now)
        accounts = (read_account(layer, self._auth_id, now) for layer in layers(body or {}))
        return next((one for one in accounts if one is not None), Unreachable("unreadable"))

    async def _read(
        self,
        call: str,
        path: str,
        until: float | None = None,
        refusals: tuple[int, ...] = (),
        *,
        tries: int = TRIES,
    ) -> Answer | Unreachable:
        """Get a 2xx, or one of `refusals`, in at most so many tries and one timeout, not after `until`."""
        latest = self._ticks() + self._timeout
        until = latest if until is None else min(until, latest)
        reason, pause = "timeout", 0.0
        for attempt in range(tries):
            if attempt:
                await self._clock.sleep(pause)
            left = until - self._ticks()
            if left <= 0:
                break
            began = self._ticks()
            http = self._http.reads
            heard = await self._exchange(http, http.build_request("GET", path), left)
            reason = _how(heard)
            self._heard(call, reason, self._ticks() - began)
            pause = self._uniform(0, PAUSE * 2**attempt)
            if isinstance(heard, Answer) and heard.cut is None:
                if reason == _WELL or heard.status in refusals:
                    return heard
                if heard.status not in _REPEATED:
                    break
                pause += read_retry_after(lower_names(heard.headers), read_object(heard.body)) or 0
            if self._ticks() + pause >= until:
                break
        return Unreachable(reason)

    async def _exchange(
        self, http: httpx.AsyncClient, request: httpx.Request, seconds: float, secret: str | None = None
    ) -> Answer | Silence:
        heard = await exchange(http, request, seconds)
        if isinstance(heard, Silence):
            return heard
        return redacted(heard, self._token.get_secret_value(), secret)


def _outcome(heard: Answer | Silence, read: Read, write: Write) -> Outcome:
    if isinstance(heard, Silence):
        failure = read_failure(heard.error)
        if heard.unsent and isinstance(failure, Unknown):
            return NotSent("connect_timeout" if failure.reason == "timeout" else failure.reason)
        return failure
    return read_answer(heard.status, heard.headers, heard.body, read, heard.cut, asked=write.ids)


def _how(heard: Answer | Silence) -> str:
    if isinstance(heard, Silence):
        return read_failure(heard.error).reason
    if heard.cut is not None:
        return read_failure(heard.cut).reason
    return _WELL if httpx.codes.is_success(heard.status) else f"http_{heard.status}"
