"""Sending shots into an ASGI application, past any web server: what it raises is a failure."""

import hashlib
import hmac
from typing import Final

from starlette.types import ASGIApp, Message

from bot.server.front_door import PATH
from tests.fuzz.mutations import Shot

RAISED: Final = 599  # in place of a status: the application let an exception out


def headers_of(given: Shot, secret: bytes, now: float) -> list[tuple[bytes, bytes]]:
    """Sign a shot, or fail to."""
    at = str(int(now) + {"stale": -301, "early": 301}.get(given.signed, 0)).encode()
    if given.signed == "words":
        at = "١٢٣".encode()
    signature = b"v0=" + hmac.digest(secret, b"v0:" + at + b":" + given.body, hashlib.sha256).hex().encode()
    match given.signed:
        case "wrong":
            signature = signature[:-1] + (b"0" if signature[-1:] != b"0" else b"1")
        case "short":
            signature = signature[:10]
        case "latin":
            signature = b"v0=\xff\xfe"
        case "long":
            at = b"9" * 3_000
    headers = [(b"content-type", given.content_type), (b"x-slack-request-timestamp", at)]
    signed = [] if given.signed == "none" else [(b"x-slack-signature", signature)]
    if given.signed == "twice":
        signed.append((b"x-slack-signature", b"v0=00"))
    return [*headers, *signed, (b"x-slack-retry-num", b"\xff")]


async def send(app: ASGIApp, given: Shot, secret: bytes, now: float) -> int:
    """Send one and return the status of the answer; 0 when there was none, RAISED for an exception."""
    size = max(1, -(-len(given.body) // given.pieces))
    pieces = [given.body[at : at + size] for at in range(0, len(given.body), size)] or [b""]
    left = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, start=1)
    ]
    if given.hangs_up:
        left[-1] = {"type": "http.disconnect"}
    status = 0

    async def receive() -> Message:
        return left.pop(0) if left else {"type": "http.disconnect"}

    async def answer(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": given.method,
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers_of(given, secret, now),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    try:
        await app(scope, receive, answer)
    except Exception:  # noqa: BLE001 - that is what is looked for
        return RAISED
    return status
