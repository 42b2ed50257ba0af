"""Who connects and does not get to the point is let go; who does is served as before."""

import asyncio
import contextlib
import resource
import socket
import time
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.server.http_protocol import HEADERS_COUNT, HEADERS_MAX, Limits, allow_sockets, know
from bot.server.serve import Server, server

_PATIENCE = 0.3
_MOST = 5  # connections
_GOOD = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
_QUICK = b"GET /at-once HTTP/1.1\r\nhost: x\r\n\r\n"
_LARGE = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n"
_LIMITS = Limits(headers=_PATIENCE, taken=_PATIENCE, connections=_MOST)


async def _hello(_request: Request) -> PlainTextResponse:
    await asyncio.sleep(_PATIENCE * 2)  # an answer may take longer than headers may
    return PlainTextResponse("hello")


async def _at_once(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def _large(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * 10_000_000)


async def _slacks(request: Request) -> PlainTextResponse:
    know(request.scope)
    return PlainTextResponse("hello")


_ROUTES = [
    Route("/slacks", _slacks),
    Route("/", _hello),
    Route("/at-once", _at_once),
    Route("/large", _large),
]


@contextlib.asynccontextmanager
async def _running() -> AsyncIterator[Server]:
    serving = server(Starlette(routes=_ROUTES), "127.0.0.1", 0, _LIMITS)
    task = asyncio.create_task(serving.serve())
    async with asyncio.timeout(5):
        while not serving.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.005)
    try:
        yield serving
    finally:
        serving.should_exit = True
        await task


@contextlib.asynccontextmanager
async def _serving() -> AsyncIterator[int]:
    async with _running() as serving:
        yield serving.bound_port


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with _serving() as port:
        yield port


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


@pytest.mark.parametrize("before", [b"", _QUICK], ids=["first request", "second request"])
@pytest.mark.parametrize(
    "long",
    [
        b"GET /at-once HTTP/1.1\r\nx: " + b"y" * (HEADERS_MAX + 300_000),
        b"GET /at-once HTTP/1.1\r\nx: " + b"y" * HEADERS_MAX + b"\r\n\r\n",
        b"GET /" + b"y" * HEADERS_MAX + b" HTTP/1.1\r\n\r\n",
        b"GET /at-once HTTP/1.1\r\n" + b"a:\r\n" * (HEADERS_COUNT + 2),
        b"GET /at-once HTTP/1.1\r\n" + b"a:\r\n" * (HEADERS_COUNT + 1) + b"\r\n",
    ],
    ids=["without an end", "whole", "address", "many without an end", "many"],
)
async def test_too_many_headers_are_cut_off_in_every_request(port: int, before: bytes, long: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(before)
    if before:
        await reader.readuntil(b"hello")
    writer.write(long)
    began = asyncio.get_running_loop().time()
    with contextlib.suppress(ConnectionResetError):  # over what was not read
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 400 ")
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


@pytest.mark.parametrize("many", [2, 10_000])
async def test_of_requests_that_come_together_the_first_is_answered(port: int, many: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_GOOD * many)
    told = b""
    with contextlib.suppress(ConnectionResetError):  # over what was not read
        told = await asyncio.wait_for(reader.read(), 5)
        assert told.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in told
    assert told.count(b"hello") == 1
    writer.close()


async def test_a_request_after_a_body_that_is_being_answered_is_not_read(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nxx" + _QUICK)
    told = await asyncio.wait_for(reader.read(), 5)
    assert (told.count(b"HTTP/1.1"), told.count(b"hello")) == (1, 1)
    writer.close()


@pytest.mark.parametrize("garbage", [b"\0\1\2\r\n\r\n", b"GET / HTTP/1.1\r\n b: c\r\n\r\n"])
async def test_garbage_while_an_answer_is_made_does_not_mix_with_it(port: int, garbage: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_GOOD)
    await asyncio.sleep(_PATIENCE / 10)
    writer.write(garbage)
    told = await asyncio.wait_for(reader.read(), 5)
    assert told.startswith(b"HTTP/1.1 200 ")
    assert told.endswith(b"hello")
    writer.close()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0\1\2\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["bytes", "CONNECT", "a chunk of no size"],
)
async def test_garbage_gets_a_400_and_no_line_in_the_log(
    port: int, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(garbage)
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 400 ")
    assert caplog.records == []
    writer.close()


@pytest.mark.parametrize("more", [b"upgrade: websocket\r\n", b"expect: 100-continue\r\n"])
async def test_who_wants_more_than_an_answer_gets_an_answer(
    port: int, more: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(b"GET /at-once HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n" + more + b"\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"hello"), 5)).startswith(b"HTTP/1.1 200 ")
    assert caplog.records == []
    writer.close()


@pytest.mark.parametrize("after", [b"", b"connection: close\r\n"], ids=["kept", "closing"])
async def test_who_takes_no_answer_is_let_go(port: int, after: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads, too
    writer.write(_LARGE[:-2] + after + b"\r\n")
    await asyncio.sleep(_PATIENCE * 2.5)
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    told = b""
    with contextlib.suppress(ConnectionResetError):
        while part := await asyncio.wait_for(reader.read(1_000_000), 5):
            told += part
    assert len(told) < 10_000_000
    writer.close()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_the_system_keeps_little_of_what_nobody_reads(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Left to itself it keeps up to 4 MB of answers for a client that was quick before it stopped reading."""

    async def connect() -> None:
        async with _running() as serving:
            reader, writer = await asyncio.open_connection("127.0.0.1", serving.bound_port)
            writer.write(_QUICK)
            await reader.readuntil(b"hello")
            (connection,) = serving.server_state.connections
            kept = connection.transport.get_extra_info("socket")
            assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * 65_536
            writer.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(connect())


async def test_who_takes_an_answer_slowly_gets_it(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(_LARGE)
    await asyncio.sleep(_PATIENCE / 2)
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert len(await asyncio.wait_for(reader.readexactly(10_000_000), 5)) == 10_000_000
    await asyncio.sleep(_PATIENCE * 2.5)
    writer.write(_QUICK)
    assert await asyncio.wait_for(reader.readuntil(b"hello"), 5)
    writer.close()


async def test_of_too_many_connections_the_one_that_waits_for_longest_goes(port: int) -> None:
    made = [await asyncio.open_connection("127.0.0.1", port) for _ in range(_MOST)]
    # The first has been served since: it does not wait for as long as the second.
    made[0][1].write(_QUICK)
    await asyncio.wait_for(made[0][0].readuntil(b"hello"), 5)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await asyncio.wait_for(made[1][0].read(), _PATIENCE / 2) == b""
    made.pop(1)[1].close()
    for other, sender in (*made, (reader, writer)):
        sender.write(_QUICK)
        assert await asyncio.wait_for(other.readuntil(b"hello"), 5)
        sender.close()


async def test_work_for_clients_who_have_left_is_counted(port: int) -> None:
    for _ in range(_MOST + 1):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_GOOD)
        await asyncio.sleep(_PATIENCE / 100)
        writer.transport.abort()
    await asyncio.sleep(_PATIENCE / 10)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), _PATIENCE / 2) == b""
    writer.close()
    await asyncio.sleep(_PATIENCE * 2)  # they were answered
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_QUICK)
    assert await asyncio.wait_for(reader.readuntil(b"hello"), 5)
    writer.close()


async def test_a_connection_that_brought_a_good_request_stays(port: int) -> None:
    known = await asyncio.open_connection("127.0.0.1", port)
    for sent in (b"GET /slacks HTTP/1.1\r\nhost: x\r\n\r\n", _QUICK):
        known[1].write(sent)
        await asyncio.wait_for(known[0].readuntil(b"hello"), 5)
    crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(_MOST * 2)]
    assert await asyncio.wait_for(crowd[0][0].read(), _PATIENCE / 2) == b""
    known[1].write(_QUICK)
    await asyncio.wait_for(known[0].readuntil(b"hello"), 5)
    for _, writer in (known, *crowd):
        writer.close()


async def test_where_all_are_in_work_it_is_the_new_one_that_goes(port: int) -> None:
    made = [await asyncio.open_connection("127.0.0.1", port) for _ in range(_MOST)]
    for _, writer in made:
        writer.write(_GOOD)
    await asyncio.sleep(_PATIENCE / 10)
    reader, late = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), _PATIENCE / 2) == b""
    late.close()
    for other, writer in made:
        assert await asyncio.wait_for(other.readuntil(b"hello"), 5)
        writer.close()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_new_connection_does_not_wait_behind_a_crowd(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Each round of the loop takes 5 ms, as when it has much to do: 300 rounds would take 1.5 s."""

    async def connect() -> None:
        running = asyncio.get_running_loop()

        def busy() -> None:
            time.sleep(0.005)
            running.call_soon(busy)

        async with _serving() as port:
            crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
            busy()
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(_QUICK)
                await reader.readuntil(b"hello")
            writer.close()
            for made in crowd:
                made.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(connect())


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_hanging_up_early_leaves_no_line_in_the_log(
    loop: Callable[[], asyncio.AbstractEventLoop], caplog: pytest.LogCaptureFixture
) -> None:
    """Once it did: uvicorn told the last request of a connection that its client had left, and no other."""

    async def hang_up() -> None:
        async with _serving() as port:
            for sent in (_GOOD, _GOOD * 3, _GOOD[:-2], _LARGE, _LARGE * 3):
                for reset in (True, False):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(sent)
                    await asyncio.sleep(_PATIENCE / 10)
                    if reset:
                        writer.transport.abort()
                    else:
                        writer.close()
            await asyncio.sleep(_PATIENCE * 3)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(hang_up())
    assert caplog.records == []


def test_the_soft_limit_of_open_files_is_raised() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    try:
        assert allow_sockets() >= min(1024, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
