"""The front door: what is not surely from Slack never reaches Bolt, and nothing that comes is logged.

Garbage is answered with 400, what is not verified with 401, too much with 413; never with a stack trace. A
signature can be checked only over a whole body, so a stranger's is kept until then: so many bytes in all.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.domain.observer import Signature
from bot.runtime.clock import Clock
from bot.runtime.metrics import Metrics
from bot.server.answers import Answers
from bot.server.dispatch import UNREADABLE, Dispatch, readable, respond
from bot.server.http_protocol import know
from bot.server.request import begin, timed
from bot.server.signature import Signatures, preview

PATH: Final = "/slack/events"
_PATHS: Final = frozenset({PATH, f"{PATH}/"})  # what is signed is the body alone
_SHOWN: Final = 100  # characters of another path, in the log
BODY_MAX: Final = 1_000_000  # bytes; Slack's largest payloads carry a view of 250 kB and its state
BODIES_MAX: Final = 32_000_000  # bytes in all that are kept of bodies which have not come whole
BODY_MIN: Final = 64_000  # bytes that each of them counts for at least: so there are 500 at most
BODY_WITHIN: Final = 10.0  # seconds; Slack itself gives up after 3

Headers = tuple[tuple[bytes, bytes], ...]

_log = structlog.get_logger("bot.web")
_PASSED: Final = ("content-type", "x-slack-retry-num", "x-slack-retry-reason")
_LONG: Final = b"more than 1 MB"
_TEXT: Final = ((b"content-type", b"text/plain; charset=utf-8"),)
# Else the server reads, and throws away, what is still sent.
_CLOSE: Final = (*_TEXT, (b"connection", b"close"))
_WHY: Final = {
    Signature.UNSIGNED: b"not signed",
    Signature.STALE: b"signature is older than five minutes, or the clock is wrong",
    Signature.WRONG: b"signature is wrong",
    Signature.REPLAYED: b"request was seen before, and its answer is forgotten",
}


class Bodies:
    """Reads bodies, each within `patience` seconds; keeps at most `most` bytes of unfinished ones in all.

    Slack's come in milliseconds: when there is no more room, who has been at it for longest is let go.
    """

    def __init__(self, *, patience: float = BODY_WITHIN, most: int = BODIES_MAX) -> None:
        self._patience = patience
        self._most = most
        self._sizes: dict[asyncio.Timeout, int] = {}  # the oldest first
        self._kept = 0

    async def read(self, receive: Receive) -> bytes | None:
        """Read one; of one above BODY_MAX only the beginning. None: who sent it has hung up.

        Raises TimeoutError when it took too long, or longer than all others while there was no more room.
        """
        # In one piece: a list of what comes in drops takes up to thirty times what was sent.
        body = bytearray()
        async with asyncio.timeout(self._patience) as time:
            try:
                self._keep(time, BODY_MIN)
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunk: bytes = message.get("body", b"")
                    body += chunk
                    if len(body) > BODY_MAX or not message.get("more_body", False):
                        return bytes(body)
                    self._keep(time, len(chunk))
            finally:
                self._kept -= self._sizes.pop(time, 0)

    def _keep(self, time: asyncio.Timeout, size: int) -> None:
        self._sizes[time] = self._sizes.get(time, 0) + size
        self._kept += size
        while self._kept > self._most:
            oldest = next(iter(self._sizes))
            self._kept -= self._sizes.pop(oldest)
            if not oldest.expired():
                oldest.reschedule(asyncio.get_running_loop().time())


class FrontDoor:
    """An ASGI application for `POST /slack/events`; every other path goes to `other`."""

    def __init__(
        self,
        other: ASGIApp,
        signatures: Signatures,
        clock: Clock,
        dispatch: Callable[[], Dispatch | None],
        metrics: Metrics,
        *,
        bodies: Bodies | None = None,
    ) -> None:
        self._other = other
        self._signatures = signatures
        self._clock = clock
        self._dispatch = dispatch
        self._metrics = metrics
        self._bodies = bodies or Bodies()
        self._answers = Answers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] not in _PATHS:
            self._notice(scope)
            await self._other(scope, receive, send)
            return
        if scope["method"] != "POST":
            await _answer(send, 405, b"POST only", (*_CLOSE, (b"allow", b"POST")))
            return
        answered = begin()
        try:
            await self._serve(scope, receive, send)
        finally:
            answered.set()

    def _notice(self, scope: Scope) -> None:
        """Say that Slack seems to have another path for the bot: it tells nobody that it gets no answer."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if preview(*_signature(headers), self._clock.now()) is None:
            self._metrics.misdirected()
            asked = scope["raw_path"].decode("latin-1")[:_SHOWN]
            _log.warning("request for another path", path=asked, right=PATH)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        stamp, signature = _signature(headers)
        if (hopeless := preview(stamp, signature, self._clock.now())) is not None:
            await self._refuse(hopeless, send, _CLOSE)
            return
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > BODY_MAX:
            await _answer(send, 413, _LONG, _CLOSE)
            return
        try:
            body = await self._bodies.read(receive)
        except TimeoutError:
            await _answer(send, 408, b"too slow", _CLOSE)
            return
        if body is None:
            return
        if len(body) > BODY_MAX:
            await _answer(send, 413, _LONG, _CLOSE)
            return
        verdict = self._signatures.verify(body, stamp, signature, self._clock.now())
        if verdict is Signature.GOOD:
            know(scope)
            await self._handle(body, headers, send)
        elif verdict is not Signature.REPLAYED or not await self._repeat(headers, send):
            await self._refuse(verdict, send, _TEXT)

    async def _refuse(self, verdict: Signature, send: Send, headers: Headers) -> None:
        self._metrics.refused(verdict)
        _log.warning("request refused", verdict=verdict.value)
        await _answer(send, 401, _WHY[verdict], headers)

    async def _handle(self, body: bytes, headers: dict[bytes, bytes], send: Send) -> None:
        request = _request(body, headers)
        answer = partial(self._answer, request)
        response = await self._answers.first(headers[b"x-slack-signature"], self._clock.now(), answer)
        await _send(send, response)
        if response is UNREADABLE:
            self._metrics.unreadable()
        else:
            self._metrics.acked(*timed())

    async def _answer(self, request: AsyncBoltRequest | None) -> BoltResponse:
        if request is None:
            _log.warning("request unreadable")
            return UNREADABLE
        return await respond(self._dispatch(), request)

    async def _repeat(self, headers: dict[bytes, bytes], send: Send) -> bool:
        response = await self._answers.again(headers[b"x-slack-signature"], self._clock.now())
        if response is None:
            return False
        self._metrics.repeated()
        await _send(send, response)
        return True


def _signature(headers: dict[bytes, bytes]) -> tuple[bytes | None, bytes | None]:
    return headers.get(b"x-slack-request-timestamp"), headers.get(b"x-slack-signature")


def _request(body: bytes, headers: dict[bytes, bytes]) -> AsyncBoltRequest | None:
    try:
        text = body.decode()
        if not text.startswith(("{", "payload=")):
            # Bolt takes any form that has this word in it for an interaction, also in what somebody typed.
            text = text.replace("payload", "%70ayload")
        # Signatures do not cover headers, and Bolt has some that choose the listener: only these pass.
        named: dict[str, str | Sequence[str]] = {
            name: headers[name.encode()].decode("latin-1") for name in _PASSED if name.encode() in headers
        }
        request = AsyncBoltRequest(body=text, headers=named)
    except Exception:  # noqa: BLE001 - not UTF-8, not JSON, nested too deep, not an object: Bolt raises as it comes
        return None
    return request if readable(request.body) else None


async def _send(send: Send, response: BoltResponse) -> None:
    headers = tuple(
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    await _answer(send, response.status, (response.body or "").encode(), headers)


async def _answer(send: Send, status: int, body: bytes, headers: Headers = _TEXT) -> None:
    length = (b"content-length", str(len(body)).encode())
    kept = [pair for pair in headers if pair[0].lower() != b"content-length"]
    await send({"type": "http.response.start", "status": status, "headers": [*kept, length]})
    await send({"type": "http.response.body", "body": body})
