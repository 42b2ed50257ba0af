"""One request to Vobiz and what was heard: an answer, whole or cut off, or silence. Sends once, always."""

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

import httpx
from pydantic import SecretStr

from bot.runtime.proxies import is_local
from bot.vobiz.outcome import BODY_MAX

CONNECT_MAX: Final = 5.0  # seconds, with TLS; a host that is there answers in a tenth of it
POOL_MAX: Final = 2.0  # seconds to wait for one of the connections
CONNECTIONS: Final = 20
KEEPALIVE: Final = 30.0  # seconds; below the 60 s after which common load balancers drop an idle connection
ARRIVED: Final = 0.1  # seconds in which what has arrived already is read, after a time limit
# The events that begin to write say of which request; those that end it do not.
_WRITES: Final = ("send_request_headers.started", "send_request_body.started")
_INFLATED: Final = frozenset({"gzip", "x-gzip", "deflate"})
_ANY_HEADER: Final = 47  # zlib's window bits for both
_NO_HEADER: Final = -15  # `deflate` as old servers write it, without the header that RFC 9110 wants


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and as much of the body as came, `BODY_MAX` + 1 bytes at most; `cut` is why no more came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: Exception | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """No status came. `unsent`: it was seen that no byte of the request was written."""

    error: Exception
    unsent: bool


@dataclass(frozen=True, slots=True)
class Connections:
    """The HTTP clients for Vobiz: reads keep their connections, each write has one of its own.

    Whatever stands between drops connections that idled, and resets the next request on one. A read is
    repeated then; a write could not be, and nobody would know whether it arrived.
    """

    reads: httpx.AsyncClient
    writes: httpx.AsyncClient

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self.reads.aclose()
        await self.writes.aclose()


def open_client(
    *,
    base_url: str,
    auth_id: str,
    token: SecretStr,
    timeout: float,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Connections:
    """Open the clients for Vobiz: the two documented headers, no redirects, no retries.

    `timeout` is in seconds, and bounds here how long connecting may take. Reads and writes have no limit of
    httpx's: `exchange` has one for all of a request, which first looks at what has arrived.
    """
    verify = httpx.create_ssl_context()  # reads certificates from disk: once is enough

    def client(keep: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=base_url,
            headers={
                "X-Auth-ID": auth_id,
                "X-Auth-Token": token.get_secret_value(),
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            timeout=httpx.Timeout(None, connect=min(CONNECT_MAX, timeout), pool=min(POOL_MAX, timeout)),
            limits=httpx.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=keep, keepalive_expiry=KEEPALIVE
            ),
            follow_redirects=False,
            trust_env=not is_local(base_url),
            transport=transport,
            verify=verify,
        )

    return Connections(reads=client(CONNECTIONS), writes=client(0))


class _Progress:
    """Watches for the first byte written (https://www.encode.io/httpcore/extensions/#trace)."""

    __slots__ = ("_connecting", "_writing")

    def __init__(self) -> None:
        self._connecting = False
        self._writing = False

    async def note(self, event: str, info: Mapping[str, object]) -> None:
        if event.startswith("connection."):
            self._connecting = True
        elif event.endswith(_WRITES) and getattr(info.get("request"), "method", None) != b"CONNECT":
            self._writing = True  # and not only the question to a proxy

    @property
    def unsent(self) -> bool:
        return self._connecting and not self._writing


async def exchange(http: httpx.AsyncClient, request: httpx.Request, seconds: float) -> Answer | Silence:
    """Send one request once and read its answer, all within `seconds`; follows nothing, raises nothing."""
    progress = _Progress()
    request.extensions = {**request.extensions, "trace": progress.note}
    response: httpx.Response | None = None
    raw = bytearray()
    cut: Exception | None = None
    try:
        async with _time_limit(seconds):
            response = await http.send(request, stream=True, follow_redirects=False)
            try:
                # As it came: `aiter_bytes` would decode each chunk whole before we see its size.
                if not isinstance(response.stream, httpx.AsyncByteStream):
                    raise AssertionError("unreachable: an asynchronous client streams so")  # noqa: TRY004
                async for chunk in response.stream:
                    raw += chunk
                    if len(raw) > BODY_MAX:
                        break
            finally:
                await response.aclose()
    except Exception as error:  # noqa: BLE001 - whatever it is, the request may have arrived: it has to be said
        if response is None:
            return Silence(error, progress.unsent)
        cut = error
    body = bytes(raw[: BODY_MAX + 1])
    try:
        body = _decoded(response, body)
    except httpx.DecodingError as error:
        body, cut = b"", cut or error
    return Answer(response.status_code, response.headers, body, cut)


@asynccontextmanager
async def _time_limit(seconds: float) -> AsyncIterator[None]:
    """Limit the time, and believe that it is over only after what has arrived was read.

    A process that slept (a paused machine, a closed lid) wakes up with its timers over and the answer in its
    socket. The loop may run the timers first: so they only begin a last, short wait.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as limit:
        over = loop.call_later(seconds, lambda: limit.reschedule(loop.time() + ARRIVED))
        try:
            yield
        finally:
            over.cancel()


def _decoded(response: httpx.Response, body: bytes) -> bytes:
    """Decode what was encoded although nobody asked for it: one layer, at most `BODY_MAX` + 1 bytes.

    httpx would decode each chunk whole: 3 kB of gzip in gzip were 3.7 GB, and the event loop stood still for
    17 s.
    """
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in {"", "identity"}:
        return body
    for bits in (_ANY_HEADER, _NO_HEADER) if coding in _INFLATED else ():
        with contextlib.suppress(zlib.error):
            return zlib.decompressobj(bits).decompress(body, BODY_MAX + 1)
    raise httpx.DecodingError("in a coding that was not asked for, or not in one", request=response.request)
