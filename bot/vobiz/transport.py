"""One request to Vobiz and what was heard: an answer, whole or cut off, or silence. Sends once, always."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import SecretStr

from bot.runtime.proxies import is_local
from bot.vobiz.outcome import BODY_MAX

CONNECT_MAX: Final = 5.0  # seconds, with TLS; a host that is there answers in a tenth of it
POOL_MAX: Final = 2.0  # seconds to wait for one of the connections
CONNECTIONS: Final = 20
KEEPALIVE: Final = 30.0  # seconds; below the 60 s after which common load balancers drop an idle connection


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


def open_client(
    *,
    base_url: str,
    auth_id: str,
    token: SecretStr,
    timeout: float,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Open the one HTTP client for Vobiz: the two documented headers, no redirects, no retries.

    `timeout` is in seconds, for each read and each write. No answer needs compression: one that is encoded
    all the same is not read (see `exchange`).
    """
    return httpx.AsyncClient(
        base_url=base_url,
        headers={
            "X-Auth-ID": auth_id,
            "X-Auth-Token": token.get_secret_value(),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
        timeout=httpx.Timeout(timeout, connect=min(CONNECT_MAX, timeout), pool=min(POOL_MAX, timeout)),
        limits=httpx.Limits(
            max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=KEEPALIVE
        ),
        follow_redirects=False,
        trust_env=not is_local(base_url),
        transport=transport,
    )


class _Progress:
    """Watches for the first byte written (https://www.encode.io/httpcore/extensions/#trace)."""

    __slots__ = ("_connecting", "_writing")

    def __init__(self) -> None:
        self._connecting = False
        self._writing = False

    async def note(self, event: str, _info: Mapping[str, object]) -> None:
        if event.startswith("connection."):
            self._connecting = True
        elif "send_request" in event:
            self._writing = True

    @property
    def unsent(self) -> bool:
        return self._connecting and not self._writing


async def exchange(http: httpx.AsyncClient, request: httpx.Request, seconds: float) -> Answer | Silence:
    """Send one request once and read its answer, all within `seconds`; follows nothing, raises nothing.

    A body with a Content-Encoding is left unread, as `cut` says.
    """
    progress = _Progress()
    request.extensions = {**request.extensions, "trace": progress.note}
    response: httpx.Response | None = None
    body = bytearray()
    cut: Exception | None = None
    try:
        async with asyncio.timeout(seconds):
            response = await http.send(request, stream=True, follow_redirects=False)
            try:
                _refuse_encoded(response)
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > BODY_MAX:
                        break
            finally:
                await response.aclose()
    except Exception as error:  # noqa: BLE001 - whatever it is, the request may have arrived: it has to be said
        if response is None:
            return Silence(error, progress.unsent)
        cut = error
    return Answer(response.status_code, response.headers, bytes(body[: BODY_MAX + 1]), cut)


def _refuse_encoded(response: httpx.Response) -> None:
    # httpx decodes each chunk whole before we see its size: 3 kB of gzip in gzip were 3.7 GB, and the event
    # loop stood still for 17 s.
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise httpx.DecodingError("encoded, which was not asked for", request=response.request)
