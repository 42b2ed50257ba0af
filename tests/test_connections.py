"""Who connects and does not get to the point is let go; who does is served as before."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.server.http_protocol import HEADERS_MAX, allow_sockets
from bot.server.serve import server

_PATIENCE = 0.3
_GOOD = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def _hello(_request: Request) -> PlainTextResponse:
    await asyncio.sleep(_PATIENCE * 2)  # an answer may take longer than headers may
    return PlainTextResponse("hello")


async def _at_once(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    serving = server(
        Starlette(routes=[Route("/", _hello), Route("/at-once", _at_once)]), "127.0.0.1", 0, _PATIENCE
    )
    task = asyncio.create_task(serving.serve())
    async with asyncio.timeout(5):
        while not serving.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.005)
    yield serving.bound_port
    serving.should_exit = True
    await task


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nx: y\r\n"], ids=["idle", "line", "header"]
)
async def test_a_connection_without_a_whole_request_is_closed(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_dripping_bytes_wins_no_time(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def drip() -> None:
        writer.write(b"GET / HTTP/1.1\r\n")
        while not writer.is_closing():
            writer.write(b"x: y\r\n")
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    with contextlib.suppress(ConnectionResetError):  # by a drop that came after the close
        assert await asyncio.wait_for(reader.read(), 5) == b""
    dripping.cancel()
    writer.close()


async def test_headers_without_an_end_are_cut_off(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nx: " + b"y" * (HEADERS_MAX + 300_000))
    began = asyncio.get_running_loop().time()
    with contextlib.suppress(ConnectionResetError):  # over what was not read
        assert await asyncio.wait_for(reader.read(), 5) == b""
    assert asyncio.get_running_loop().time() - began < _PATIENCE
    writer.close()


async def test_one_connection_serves_request_after_request(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(_GOOD)
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
    writer.write(_GOOD[:10])
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


@pytest.mark.parametrize("more", [b"\r\n", b"GET / HT"], ids=["empty line", "line"])
async def test_bytes_after_an_answer_that_become_no_request_win_no_time(port: int, more: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_GOOD)
    await reader.readuntil(b"hello")
    writer.write(more)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_a_body_that_comes_after_its_answer_is_not_waited_for(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /at-once HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nx")
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 405")
    writer.close()


async def test_requests_that_come_together_are_all_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"POST /at-once HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n"
    writer.write(_GOOD + _GOOD + body)
    for _ in range(2):
        await asyncio.wait_for(reader.readuntil(b"hello"), 5)
    writer.write(b"xx")
    assert b" 405 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()


def test_the_soft_limit_of_open_files_is_raised() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    try:
        assert allow_sockets() >= min(1024, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
