"""The front door: what is not surely from Slack never reaches Bolt, and nothing that comes is logged.

Garbage is answered with 400, what is not verified with 401, too much with 413; never with a stack trace.
"""

import json
from collections.abc import Callable, Sequence
from typing import Final, Protocol
from urllib.parse import parse_qs

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.answering import begin
from bot.clock import Clock
from bot.signature import Signatures, Verdict
from bot.slack.messages import starting_message

PATH: Final = "/slack/events"
BODY_MAX: Final = 1_000_000  # bytes; Slack's largest payloads carry a view of 250 kB and its state

_log = structlog.get_logger("bot.web")
_TEXT: Final = ((b"content-type", b"text/plain; charset=utf-8"),)
_WHY: Final = {
    Verdict.UNSIGNED: b"not signed",
    Verdict.STALE: b"signature is older than five minutes, or the clock is wrong",
    Verdict.WRONG: b"signature is wrong",
    Verdict.REPLAYED: b"request was seen before",
}


class Dispatch(Protocol):
    """Where verified requests go: Bolt."""

    async def __call__(self, req: AsyncBoltRequest) -> BoltResponse:
        """Run the listener for a request and return its answer."""
        ...


class FrontDoor:
    """An ASGI application for `POST /slack/events`; every other path goes to `other`."""

    def __init__(
        self,
        other: ASGIApp,
        signatures: Signatures,
        clock: Clock,
        dispatch: Callable[[], Dispatch | None],
    ) -> None:
        self._other = other
        self._signatures = signatures
        self._clock = clock
        self._dispatch = dispatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._other(scope, receive, send)
            return
        if scope["method"] != "POST":
            await _answer(send, 405, b"POST only", (*_TEXT, (b"allow", b"POST")))
            return
        body = await _read(receive)
        if body is None:
            await _answer(send, 413, b"more than 1 MB")
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        verdict = self._signatures.verify(
            body,
            headers.get(b"x-slack-request-timestamp"),
            headers.get(b"x-slack-signature"),
            self._clock.now(),
        )
        if verdict is not Verdict.GOOD:
            _log.warning("request refused", verdict=verdict.value)
            await _answer(send, 401, _WHY[verdict])
            return
        await self._handle(body, headers, send)

    async def _handle(self, body: bytes, headers: dict[bytes, bytes], send: Send) -> None:
        request = _request(body, headers)
        if request is None:
            _log.warning("request unreadable")
            await _answer(send, 400, b"unreadable")
            return
        dispatch = self._dispatch()
        if dispatch is None:
            await _not_ready(send, body)
            return
        answered = begin()
        try:
            await _send(send, await _dispatched(dispatch, request))
        finally:
            answered.set()


async def _dispatched(dispatch: Dispatch, request: AsyncBoltRequest) -> BoltResponse:
    # Listeners let nothing out, so what fails in here is Bolt's own reading of an odd payload.
    try:
        response = await dispatch(request)
    except Exception as error:  # noqa: BLE001 - Bolt raises as it comes
        _log.warning("request unreadable", error=type(error).__name__)
        return BoltResponse(status=400, body="unreadable")
    if response.status >= 500:
        _log.warning("request unreadable", status=response.status)
        return BoltResponse(status=400, body="unreadable")
    return response


def _request(body: bytes, headers: dict[bytes, bytes]) -> AsyncBoltRequest | None:
    try:
        text = body.decode()
        named: dict[str, str | Sequence[str]] = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in headers.items()
        }
        request = AsyncBoltRequest(body=text, headers=named)
    except Exception:  # noqa: BLE001 - not UTF-8, not JSON, nested too deep, not an object: Bolt raises as it comes
        return None
    return request if _readable(request.body) else None


def _readable(body: object) -> bool:
    # Every kind of request says who acts: commands in `user_id`, interactions in `user`, events in `event`,
    # and Slack's own checks (ssl_check, url_verification) are known by name.
    if not isinstance(body, dict):
        return False
    user = body.get("user")
    known = (
        isinstance(body.get("command"), str) and isinstance(body.get("user_id"), str),
        isinstance(body.get("type"), str) and isinstance(user, dict) and isinstance(user.get("id"), str),
        isinstance(body.get("event"), dict),
        body.get("type") == "url_verification",
        "ssl_check" in body,
    )
    return any(known)


async def _read(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > BODY_MAX:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _send(send: Send, response: BoltResponse) -> None:
    headers = tuple(
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    await _answer(send, response.status, (response.body or "").encode(), headers)


async def _not_ready(send: Send, body: bytes) -> None:
    # Only a slash command can be answered with words before the bot knows itself.
    if b"command" in parse_qs(body):
        message = starting_message()
        answer = json.dumps({"response_type": "ephemeral", "text": message.text}).encode()
        await _answer(send, 200, answer, ((b"content-type", b"application/json"),))
    else:
        await _answer(send, 503, b"starting")


async def _answer(
    send: Send, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = _TEXT
) -> None:
    length = (b"content-length", str(len(body)).encode())
    kept = [pair for pair in headers if pair[0].lower() != b"content-length"]
    await send({"type": "http.response.start", "status": status, "headers": [*kept, length]})
    await send({"type": "http.response.body", "body": body})
