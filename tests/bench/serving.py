"""Serving an ASGI app as bare as uvicorn can: uvloop, httptools, no logs, no lifespan."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import uvicorn

from tests.bench.wiring import HOST

# ASGI's own shapes (asgi.readthedocs.io): the values of a scope or message have no common type.
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


async def serve(app: App, port: int) -> None:
    """Serve until SIGTERM, in the running loop."""
    config = uvicorn.Config(
        app, host=HOST, port=port, http="httptools", lifespan="off", log_config=None, access_log=False
    )
    await uvicorn.Server(config).serve()


async def read_body(receive: Receive) -> bytes:
    """Read a request's whole body."""
    body = b""
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        body += chunk
        if not message.get("more_body", False):
            return body


async def answer(send: Send, body: bytes = b"", status: int = 200, scopes: bytes | None = None) -> None:
    """Answer with JSON, or with nothing."""
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", b"application/json; charset=utf-8"))
    if scopes is not None:
        headers.append((b"x-oauth-scopes", scopes))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def shared_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open the one session that a subject uses for all its calls."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session
