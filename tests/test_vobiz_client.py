"""The Vobiz client over real httpx: what it sends, that it sends it once, and what it makes of trouble."""

import asyncio
import gzip
import json
import re
import socket
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpcore
import httpx
import pytest
from pydantic import SecretStr

from bot.domain.operation import Step
from bot.domain.outcome import Data, Done, NotSent, Outcome, Rejected, Thing, Unknown
from bot.kinds.base import At
from bot.kinds.create_trunk import CreateTrunk
from bot.vobiz.client import (
    PAGES_MAX,
    TRIES,
    Ready,
    Refused,
    Unreachable,
    VobizClient,
    open_client,
)
from bot.vobiz.lists import Listed, Part
from bot.vobiz.looking import Gone, read_part, read_trunk_alone
from bot.vobiz.outcome import BODY_MAX
from bot.vobiz.snapshot import Snapshot, dump_snapshot, read_snapshot
from bot.vobiz.transport import ARRIVED, Connections
from bot.vobiz.writes import Write

DATA = Path(__file__).parent / "data" / "vobiz"
TOKEN = "sec/ret-token"
BASE = "https://vobiz.test"
NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT
CREATE = CreateTrunk()
REQUEST: Data = {"name": "Bob\u2019s <East>", "direction": "outbound", "calls": 10}
TRUNK = {"trunk_id": "aabbccdd-1234", "name": "Bob\u2019s <East>", "trunk_direction": "outbound"}
CREATED = json.dumps(TRUNK).encode()

CONTENT_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)

Handler = Callable[[httpx.Request], httpx.Response]


class Waits:
    """A clock that only waiting moves, and what was waited."""

    def __init__(self) -> None:
        """Start at nought."""
        self.passed = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        """Tell the time of day."""
        return NOW + self.passed

    async def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self.slept.append(seconds)
        self.passed += seconds


def write(request: Data = REQUEST, tag: str | None = None) -> Write:
    """Build the write of a create."""
    return CREATE.write(At(request, Step(1, "create_trunk")), tag=tag, secret=None)


def read(status: int, body: Data | None) -> Thing | str | None:
    """Read a success of a create."""
    return CREATE.read_success("create_trunk", status, body)


class Vobiz:
    """A client whose transport is a function, with the requests that reached it."""

    def __init__(self, handle: Handler, auth_id: str = "MA_TEST0001", base: str = BASE) -> None:
        """Answer each request with `handle`."""
        self.requests: list[httpx.Request] = []
        self.waits = Waits()
        self.heard: list[tuple[object, ...]] = []

        def record(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return handle(request)

        token = SecretStr(TOKEN)
        transport = httpx.MockTransport(record)
        self.http = open_client(base_url=base, auth_id=auth_id, token=token, timeout=10, transport=transport)
        self.client = VobizClient(
            self.http,
            auth_id=auth_id,
            token=token,
            timeout=10,
            clock=self.waits,
            ticks=lambda: self.waits.passed,
            uniform=lambda _low, high: high,
            heard=lambda *words: self.heard.append(words[:2]),
        )

    @property
    def paths(self) -> list[str]:
        """The raw paths asked for, below the API's root."""
        return [request.url.raw_path.decode().removeprefix("/api/v1/") for request in self.requests]


def replies(*responses: httpx.Response | Exception) -> Handler:
    """Answer with each in turn, with the last one for ever."""
    left = list(responses)

    def handle(_request: httpx.Request) -> httpx.Response:
        response = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(response, Exception):
            raise response
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    return handle


def created(outcome: Outcome) -> Thing:
    """Take the trunk out of an outcome that must be one."""
    assert isinstance(outcome, Done)
    assert outcome.thing is not None
    return outcome.thing


# --- a write, such as a create ------------------------------------------------------------------------


async def test_the_create_call_is_the_documented_one() -> None:
    vobiz = Vobiz(replies(httpx.Response(201, content=CREATED, headers={"X-Request-Id": "req_1"})))
    outcome = await vobiz.client.write(write(), read)
    assert isinstance(outcome, Done)
    assert (created(outcome).id, outcome.status, outcome.request_id) == ("aabbccdd-1234", 201, "req_1")
    assert vobiz.heard == [("create", "done")]
    [request] = vobiz.requests
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/api/v1/Account/MA_TEST0001/trunks")
    assert json.loads(request.content) == {
        "name": "Bob\u2019s <East>",
        "trunk_type": "OUTBOUND",
        "max_concurrent_calls": 10,
    }
    assert request.headers["X-Auth-ID"] == "MA_TEST0001"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in request.headers


async def test_the_token_travels_in_its_header() -> None:
    vobiz = Vobiz(replies(httpx.Response(201, content=CREATED)))
    await vobiz.client.write(write(), read)
    assert dict(vobiz.requests[0].headers.raw)[b"X-Auth-Token"].decode() == TOKEN


async def test_a_description_is_sent_only_when_given() -> None:
    vobiz = Vobiz(replies(httpx.Response(201, content=CREATED)))
    await vobiz.client.write(write(tag="ref 7K3M-2Q9X"), read)
    assert json.loads(vobiz.requests[0].content)["description"] == "ref 7K3M-2Q9X"


async def test_an_account_id_cannot_leave_its_place_in_the_path() -> None:
    vobiz = Vobiz(replies(httpx.Response(201, content=CREATED)), auth_id="a/b?c#d %", base=f"{BASE}/below/")
    await vobiz.client.write(write(), read)
    assert vobiz.requests[0].url.raw_path == b"/below/api/v1/Account/a%2Fb%3Fc%23d%20%25/trunks"


UUID = "aabbccdd-1234-5678-90ab-cdef12345678"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "numbers/+15551234567"),
        ("DELETE", "trunks/credentials"),
        ("PUT", f"trunks/{{{UUID}}}"),
        ("PUT", "trunks/42"),
        ("PUT", "trunks/../numbers/+15551234567"),
        ("DELETE", f"trunks/{UUID}/"),
        ("POST", "trunks/"),
        ("GET", "trunks"),
    ],
)
async def test_no_other_path_is_ever_sent(method: str, path: str) -> None:
    vobiz = Vobiz(replies(httpx.Response(200)))
    sent = await vobiz.client.write(Write("x", method, path), read)  # type: ignore[arg-type] # as wrong as can be
    assert sent == NotSent("not_allowed")
    assert vobiz.requests == []


async def test_a_path_on_the_list_is_sent() -> None:
    vobiz = Vobiz(replies(httpx.Response(204)))
    assert await vobiz.client.write(Write("x", "DELETE", f"trunks/{UUID}"), lambda *_: None) == Done(
        None, 204, None
    )
    assert vobiz.paths == [f"Account/MA_TEST0001/trunks/{UUID}"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    vobiz = Vobiz(replies(httpx.Response(status, headers={"Location": "https://elsewhere.test/"})))
    assert await vobiz.client.write(write(), read) == Unknown("redirect", None)
    assert len(vobiz.requests) == 1


async def test_a_redirect_is_not_followed_even_by_a_client_that_would() -> None:
    vobiz = Vobiz(replies(httpx.Response(307, headers={"Location": "/elsewhere"})))
    vobiz.http.writes.follow_redirects = True
    assert await vobiz.client.write(write(), read) == Unknown("redirect", None)
    assert len(vobiz.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_a_create_is_never_repeated_whatever_the_status(status: int) -> None:
    vobiz = Vobiz(replies(httpx.Response(status, headers={"Retry-After": "0"})))
    outcome = await vobiz.client.write(write(), read)
    assert isinstance(outcome, Rejected if status == 429 else Unknown)
    assert (len(vobiz.requests), vobiz.waits.slept) == (1, [])


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("x"), NotSent("connect")),
        (httpx.ConnectTimeout("x"), NotSent("connect_timeout")),
        (httpx.PoolTimeout("x"), NotSent("pool_timeout")),
        (httpx.ReadTimeout("x"), Unknown("timeout", None)),
        (httpx.WriteError("x"), Unknown("reset", None)),
        (httpx.RemoteProtocolError("x"), Unknown("reset", None)),
        (RuntimeError("x"), Unknown("unexpected_RuntimeError", None)),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_create_is_never_repeated_whatever_the_trouble(error: Exception, expected: Outcome) -> None:
    vobiz = Vobiz(replies(error))
    assert await vobiz.client.write(write(), read) == expected
    assert len(vobiz.requests) == 1


async def test_a_cancellation_passes_through() -> None:
    async with server(stay_silent) as vobiz:
        task = asyncio.create_task(vobiz.client(timeout=5).write(write(), read))
        await vobiz.received.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("status", "expected"),
    [(201, Unknown("too_large", "req_1")), (500, Unknown("http_500", "req_1"))],
)
async def test_a_body_is_read_up_to_1_mb(status: int, expected: Outcome) -> None:
    body = CREATED.ljust(10 * BODY_MAX)
    vobiz = Vobiz(replies(httpx.Response(status, content=body, headers={"X-Request-Id": "req_1"})))
    assert await vobiz.client.write(write(), read) == expected


@pytest.mark.parametrize("status", [400, 402])
async def test_a_refusal_of_10_mb_is_one_where_the_status_leaves_no_doubt(status: int) -> None:
    body = json.dumps({"error": "x" * 10 * BODY_MAX}).encode()
    outcome = await Vobiz(replies(httpx.Response(status, content=body))).client.write(write(), read)
    assert isinstance(outcome, Rejected | Unknown)
    assert isinstance(outcome, Rejected) == (status == 402)
    assert outcome.refusal is not None
    assert outcome.refusal.message.startswith("No explanation was given")


@pytest.mark.parametrize("slash", ["/", "\\/", "\\u002f"])
async def test_our_token_is_taken_out_of_what_vobiz_says(slash: str) -> None:
    body = json.dumps({"error": {"message": f"bad token {TOKEN}!", "code": TOKEN}}).replace("/", slash)
    response = httpx.Response(401, content=body, headers={"X-Request-Id": f"id-{TOKEN}"})
    outcome = await Vobiz(replies(response)).client.write(write(), read)
    assert isinstance(outcome, Rejected)
    assert outcome.refusal.message == "bad token [redacted]!"
    assert outcome.refusal.code == "[redacted]"


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32-le"])
async def test_our_token_is_taken_out_whatever_the_letters_are_written_in(coding: str) -> None:
    body = json.dumps({"error": f"bad token {TOKEN}!"}).encode(coding)
    outcome = await Vobiz(replies(httpx.Response(401, content=body))).client.write(write(), read)
    assert isinstance(outcome, Rejected)
    assert TOKEN not in repr(outcome)
    assert ("bad token [redacted]!" in repr(outcome)) == (coding == "utf-8-sig")


@pytest.mark.parametrize("ampersand", ["&", "\\u0026", "&amp;", "%26"])
async def test_a_password_is_taken_out_of_what_vobiz_says_of_its_write(ampersand: str) -> None:
    password = "aB3dE6gH9&kLmNoPqRsT"
    spelled = password.replace("&", ampersand)
    body = f'{{"error": {{"message": "weak: {spelled}, {spelled.lower()}", "code": "{spelled}"}}}}'
    response = httpx.Response(422, content=body, headers={"X-Request-Id": password})
    sends = replace(write(), secret=password)
    outcome = await Vobiz(replies(response)).client.write(sends, read)
    assert isinstance(outcome, Rejected)
    assert (outcome.refusal.message, outcome.refusal.code) == ("weak: [redacted], [redacted]", "[redacted]")
    assert "kLmNoPqRsT" not in repr((outcome, sends))


async def test_our_token_is_taken_out_of_headers_and_trunks() -> None:
    body = json.dumps({**TRUNK, "name": f"x{TOKEN}x"})
    response = httpx.Response(201, content=body, headers={"X-Request-Id": f"id-{TOKEN}"})
    outcome = await Vobiz(replies(response)).client.write(write(), read)
    assert isinstance(outcome, Done)
    assert (created(outcome).data["name"], outcome.request_id) == ("x[redacted]x", "id-[redacted]")
    assert TOKEN not in repr(outcome)


async def test_without_a_token_nothing_is_taken_out() -> None:
    transport = httpx.MockTransport(replies(httpx.Response(400, json={"error": "no"})))
    token = SecretStr("")
    http = open_client(base_url=BASE, auth_id="MA_1", token=token, timeout=1, transport=transport)
    outcome = await VobizClient(http, auth_id="MA_1", token=token, timeout=1).write(write(), read)
    assert isinstance(outcome, Rejected)
    assert outcome.refusal.message == "no"


# --- the create call over a real socket -------------------------------------------------------------

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A loopback server that does one odd thing, and how often it was asked."""

    def __init__(self, behave: Behaviour) -> None:
        """Do `behave` after each whole request."""
        self.behave = behave
        self.posts = 0
        self.connections = 0
        self.port = 0
        self.received = asyncio.Event()
        self._open: list[Connections] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read whole requests and behave."""
        self.connections += 1
        with closing(writer):
            try:
                while head := await reader.readuntil(b"\r\n\r\n"):
                    length = CONTENT_LENGTH.search(head)
                    await reader.readexactly(int(length[1]) if length else 0)
                    self.posts += head.startswith(b"POST ")
                    self.received.set()
                    await self.behave(reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError):
                return

    def client(self, timeout: float = 5, scheme: str = "http") -> VobizClient:
        """Open a real client for this server."""
        token = SecretStr(TOKEN)
        base = f"{scheme}://127.0.0.1:{self.port}"
        http = open_client(base_url=base, auth_id="MA_1", token=token, timeout=timeout)
        self._open.append(http)
        return VobizClient(http, auth_id="MA_1", token=token, timeout=timeout)

    async def close(self) -> None:
        """Close the clients."""
        for http in self._open:
            await http.aclose()


@asynccontextmanager
async def server(behave: Behaviour) -> AsyncIterator[Server]:
    """Serve on a free port."""
    odd = Server(behave)
    listener = await asyncio.start_server(odd.serve, "127.0.0.1", 0)
    odd.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield odd
        await odd.close()


async def stay_silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Answer nothing until the client goes away."""
    await reader.read()


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close without an answer."""
    writer.close()


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset without an answer."""
    writer.transport.abort()


def say(text: str | bytes, then: Behaviour) -> Behaviour:
    """Answer with raw bytes, then behave."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text if isinstance(text, bytes) else text.encode())
        await writer.drain()
        await then(reader, writer)

    return behave


async def dribble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body a byte at a time, for ever, so that no single read is late."""
    writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 999999\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


def head(status: int, length: int) -> bytes:
    """Write a response's head."""
    return f"HTTP/1.1 {status} X\r\nX-Request-Id: req_1\r\nContent-Length: {length}\r\n\r\n".encode()


REFUSED = b'{"error": "no", "code": 400}'
FAULTS = [
    pytest.param(stay_silent, 0.1, Unknown("timeout", None), id="black hole"),
    pytest.param(hang_up, 5, Unknown("reset", None), id="hung up"),
    pytest.param(reset, 5, Unknown("reset", None), id="reset"),
    pytest.param(dribble, 0.2, Unknown("timeout", None), id="a body that never ends"),
    pytest.param(say(b"SSH-2.0-x\r\n\r\n", hang_up), 5, Unknown("reset", None), id="not HTTP"),
    pytest.param(say(head(201, 999), hang_up), 5, Unknown("reset", "req_1"), id="201, then hung up"),
    pytest.param(say(head(201, 999), stay_silent), 0.1, Unknown("timeout", "req_1"), id="201, silence"),
    pytest.param(say(head(201, 999) + CREATED[:-9], reset), 5, Unknown("reset", "req_1"), id="half a trunk"),
    pytest.param(say(head(201, 9) + b"<html></>", hang_up), 5, Unknown("unreadable", "req_1"), id="HTML"),
    pytest.param(say(head(500, 999), hang_up), 5, Unknown("http_500", "req_1"), id="500, then hung up"),
    pytest.param(say(head(302, 0), hang_up), 5, Unknown("redirect", "req_1"), id="302"),
    pytest.param(say(head(529, 0), hang_up), 5, Unknown("http_529", "req_1"), id="529"),
    pytest.param(say(head(201, 0), hang_up), 5, Unknown("unreadable", "req_1"), id="an empty 201"),
    pytest.param(say(head(10**9, 0), hang_up), 5, Unknown("reset", None), id="a status of ten digits"),
    pytest.param(say(head(201, 10**15) + b"{", hang_up), 5, Unknown("reset", "req_1"), id="a petabyte, cut"),
    pytest.param(
        say(b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{", hang_up),
        5,
        Unknown("reset", None),
        id="a chunk, cut",
    ),
    pytest.param(say(b"HTTP/1.1 100 Continue\r\n\r\n", hang_up), 5, Unknown("reset", None), id="100"),
    pytest.param(say(b"X: " + b"y" * 200_000, stay_silent), 0.3, Unknown("reset", None), id="huge head"),
]  # fmt: skip


@pytest.mark.parametrize(("behave", "seconds", "expected"), FAULTS)
async def test_a_fault_after_sending_is_unknown_and_was_sent_once(
    behave: Behaviour, seconds: float, expected: Outcome
) -> None:
    async with server(behave) as vobiz:
        assert await vobiz.client(seconds).write(write(), read) == expected
        assert vobiz.posts == 1


async def test_what_comes_before_the_answer_is_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with server(say(early + head(201, len(CREATED)) + CREATED, hang_up)) as vobiz:
        assert created(await vobiz.client().write(write(), read)).id == "aabbccdd-1234"


async def test_a_trunk_that_came_whole_is_created_although_the_rest_did_not_come() -> None:
    async with server(say(head(201, 999) + CREATED, reset)) as vobiz:
        assert created(await vobiz.client().write(write(), read)).id == "aabbccdd-1234"
        assert vobiz.posts == 1


@pytest.mark.parametrize("length", [len(REFUSED), 999], ids=["whole", "cut off behind it"])
async def test_a_refusal_that_can_be_read_is_one_even_if_more_was_to_come(length: int) -> None:
    async with server(say(head(400, length) + REFUSED, hang_up)) as vobiz:
        outcome = await vobiz.client().write(write(), read)
        assert isinstance(outcome, Rejected)
        assert outcome.refusal.message == "no"
        assert vobiz.posts == 1


@pytest.mark.parametrize(
    ("status", "sent", "expected"),
    [
        (400, head(400, 999) + REFUSED[:9], "reset"),
        (400, b"HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{", "reset"),
        (402, head(402, 999) + REFUSED[:9], None),
    ],
    ids=["cut off", "a chunk cut off", "no money, cut off"],
)
async def test_a_refusal_that_is_cut_off_is_one_where_the_status_leaves_no_doubt(
    status: int, sent: bytes, expected: str | None
) -> None:
    async with server(say(sent, hang_up)) as vobiz:
        outcome = await vobiz.client().write(write(), read)
        assert isinstance(outcome, Rejected | Unknown)
        assert (outcome.reason if isinstance(outcome, Unknown) else None) == expected
        assert outcome.refusal is not None
        assert outcome.refusal.status == status
        assert vobiz.posts == 1


ZIPPED = gzip.compress(CREATED)
TWICE = gzip.compress(ZIPPED)


def encoded(status: int, coding: str, body: bytes) -> bytes:
    """Write an answer whose body is said to be encoded."""
    return head(status, len(body)).replace(b"\r\n", f"\r\nContent-Encoding: {coding}\r\n".encode(), 1) + body


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", ZIPPED),
        ("X-GZIP", ZIPPED),
        ("deflate", zlib.compress(CREATED)),
        ("deflate", zlib.compress(CREATED)[2:-4]),
        ("Identity", CREATED),
    ],
    ids=["gzip", "x-gzip", "deflate", "bare deflate", "not at all"],
)
async def test_what_is_compressed_though_nobody_asked_for_it_is_read(coding: str, body: bytes) -> None:
    async with server(say(encoded(201, coding, body), hang_up)) as vobiz:
        assert created(await vobiz.client().write(write(), read)).id == "aabbccdd-1234"
        assert vobiz.posts == 1


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("GZIP, gzip", TWICE),
        ("gzip", TWICE),
        ("deflate", CREATED),
        ("br", ZIPPED),
        ("zstd", CREATED),
        ("gzip", ZIPPED[:-20]),
    ],
    ids=["twice", "twice, said once", "not at all", "otherwise", "zstd", "cut"],
)
async def test_what_cannot_be_decoded_in_one_step_is_unreadable(coding: str, body: bytes) -> None:
    async with server(say(encoded(201, coding, body), hang_up)) as vobiz:
        assert await vobiz.client().write(write(), read) == Unknown("unreadable", "req_1")
        assert vobiz.posts == 1
    async with server(say(encoded(200, coding, body), hang_up)) as vobiz:
        assert await vobiz.client().snapshot() == Unreachable("unreadable")


async def test_a_small_answer_that_would_be_huge_is_not_made_so() -> None:
    async with server(say(encoded(201, "gzip", gzip.compress(b"x" * 20_000_000)), hang_up)) as vobiz:
        assert await vobiz.client().write(write(), read) == Unknown("too_large", "req_1")


async def test_a_refusal_in_an_odd_coding_is_one_where_the_status_leaves_no_doubt() -> None:
    for status, kind in ((400, Unknown), (402, Rejected)):
        async with server(say(encoded(status, "br", REFUSED), hang_up)) as vobiz:
            outcome = await vobiz.client().write(write(), read)
            assert isinstance(outcome, kind)
            assert outcome.refusal is not None
            assert outcome.refusal.message.startswith("No explanation was given")


async def test_a_write_has_a_connection_of_its_own_and_reads_share_theirs() -> None:
    # One that idled may be dead: a balancer resets it on the next request, which could not be repeated.
    empty = json.dumps({"meta": {"total": 0}, "objects": []}).encode()
    answers = [empty, CREATED, empty, CREATED]

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = answers.pop(0)
        await say(head(200, len(body)) + body, keep_open)(reader, writer)

    async with server(behave) as vobiz:
        client = vobiz.client()
        for _ in range(2):
            assert listed(await client.snapshot()) == ([], True)
            created(await client.write(write(), read))
        assert (vobiz.posts, vobiz.connections) == (2, 3)


async def test_an_answer_that_arrived_while_the_process_slept_is_read() -> None:
    async def answer_and_sleep(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head(201, len(CREATED)) + CREATED)
        await writer.drain()
        time.sleep(0.3)  # noqa: ASYNC251 - the whole process stands still, beyond the time limit

    async with server(answer_and_sleep) as vobiz:
        created(await vobiz.client(timeout=0.2).write(write(), read))
        assert vobiz.posts == 1


async def test_what_has_not_arrived_is_not_waited_for_much_longer() -> None:
    async with server(stay_silent) as vobiz:
        began = time.monotonic()
        assert await vobiz.client(timeout=0.1).write(write(), read) == Unknown("timeout")
        assert 0.1 <= time.monotonic() - began < 0.1 + 3 * ARRIVED


async def keep_open(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Keep the connection for the next request."""


async def test_a_port_where_nobody_listens_is_not_sent() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        port = unused.getsockname()[1]
    odd = Server(stay_silent)
    odd.port = port
    assert await odd.client().write(write(), read) == NotSent("connect")
    await odd.close()


async def test_a_failed_tls_handshake_is_not_sent() -> None:
    async def speak_no_tls(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            writer.write(b"220 ready\r\n")
            await writer.drain()

    odd = Server(stay_silent)
    async with await asyncio.start_server(speak_no_tls, "127.0.0.1", 0) as listener:
        odd.port = listener.sockets[0].getsockname()[1]
        assert await odd.client(scheme="https").write(write(), read) == NotSent("connect")
        await odd.close()


OPENED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        pytest.param(stay_silent, "connect_timeout", id="never answers"),
        pytest.param(hang_up, "reset", id="hangs up"),
        pytest.param(reset, "reset", id="resets"),
        pytest.param(say(b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n", hang_up), "proxy", id="407"),
        pytest.param(say(b"HTTP/1.1 502 X\r\nContent-Length: 3\r\n\r\nno!", hang_up), "proxy", id="502"),
        pytest.param(say(b"HTTP/1.1 200 OK\r\n", stay_silent), "connect_timeout", id="half an answer"),
        pytest.param(say(b"SSH-2.0-x\r\n\r\n", hang_up), "reset", id="not HTTP"),
        pytest.param(say(OPENED, hang_up), "connect", id="lets through, then hangs up"),
        pytest.param(say(OPENED + b"220 ready\r\n", hang_up), "connect", id="lets through to no TLS"),
        pytest.param(say(OPENED, stay_silent), "connect_timeout", id="lets through to silence"),
    ],
)
async def test_what_did_not_get_through_a_proxy_was_not_sent(
    monkeypatch: pytest.MonkeyPatch, behave: Behaviour, reason: str
) -> None:
    async with server(behave) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        token = SecretStr(TOKEN)
        async with open_client(
            base_url="https://vobiz.test", auth_id="MA_1", token=token, timeout=0.3
        ) as http:
            client = VobizClient(http, auth_id="MA_1", token=token, timeout=0.3)
            assert await client.write(write(), read) == NotSent(reason)
        assert (proxy.connections, proxy.posts) == (1, 0)


@contextmanager
def full_backlog() -> Iterator[int]:
    """Listen on a port whose backlog is full, so that the next connection waits for ever (Linux)."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()


async def test_a_connection_that_is_never_accepted_is_not_sent_whoever_gives_up_first() -> None:
    with full_backlog() as port:
        odd = Server(stay_silent)
        odd.port = port
        assert await odd.client(0.15).write(write(), read) == NotSent("connect_timeout")
        await odd.close()


class Tracing(httpx.AsyncBaseTransport):
    """A transport that reports the given events of httpcore and is then never done."""

    def __init__(self, *events: str) -> None:
        self.events = events

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for event in self.events:
            if event == "CONNECT":
                asked = httpcore.Request("CONNECT", "http://proxy.test")
                await request.extensions["trace"]("http11.send_request_headers.started", {"request": asked})
            else:
                await request.extensions["trace"](event, {})
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(["connection.connect_tcp.started"], NotSent("connect_timeout"), id="connecting"),
        pytest.param(
            ["connection.connect_tcp.complete", "connection.start_tls.started"],
            NotSent("connect_timeout"),
            id="in the TLS handshake",
        ),
        pytest.param(
            ["connection.connect_tcp.complete", "http11.send_request_headers.started"],
            Unknown("timeout", None),
            id="writing",
        ),
        pytest.param(["http2.send_request_headers.started"], Unknown("timeout", None), id="kept connection"),
        pytest.param([], Unknown("timeout", None), id="nothing was seen"),
        pytest.param(
            ["connection.connect_tcp.complete", "CONNECT"], NotSent("connect_timeout"), id="a silent proxy"
        ),
    ],
)
async def test_our_own_time_limit_is_not_sent_only_when_connecting_was_all_there_was(
    events: list[str], expected: Outcome
) -> None:
    token = SecretStr(TOKEN)
    async with open_client(
        base_url=BASE, auth_id="MA_1", token=token, timeout=0.01, transport=Tracing(*events)
    ) as http:
        client = VobizClient(http, auth_id="MA_1", token=token, timeout=0.01)
        assert await client.write(write(), read) == expected


# --- the trunk list ---------------------------------------------------------------------------------


def page(*ids: str, total: int | None = None, key: str = "total") -> httpx.Response:
    """Write one page of the list."""
    meta = {} if total is None else {key: total}
    return httpx.Response(200, json={"meta": meta, "objects": [{"trunk_id": each} for each in ids]})


def listed(result: Snapshot | Unreachable) -> tuple[list[str], bool]:
    """Give the ids of a reading and whether it is whole."""
    assert isinstance(result, Snapshot)
    return [trunk.id for trunk in result.trunks], result.whole


four = partial(page, total=4)
STILL = [four("a", "b"), four("b", "c"), four("c", "d")]  # a page of two rows begins with the last one


@pytest.mark.parametrize(
    ("pages", "ids", "offsets"),
    [
        pytest.param([page(total=0)], "", [0], id="no trunks"),
        pytest.param([page()], "", [0], id="no trunks, no total"),
        pytest.param([page("a", "b", total=2)], "ab", [0], id="one page"),
        pytest.param([page("a", "b", total=2, key="total_count")], "ab", [0], id="the older total"),
        pytest.param(STILL, "abcd", [0, 1, 2], id="three pages"),
        pytest.param([page("a"), page("a", "b"), page("b")], "ab", [0, 0, 1], id="no total"),
        pytest.param(
            [four("a", "b"), four("c", "d"), *STILL],
            "abcd",
            [0, 1, 0, 1, 2],
            id="one of the first page was deleted meanwhile, and another one made",
        ),
        pytest.param(
            [four("a", "b"), page("b", "c", total=3), page("b", "c", total=2)],
            "bc",
            [0, 1, 0],
            id="the total changed",
        ),
        pytest.param(
            [four("a", "b"), four("b", "c"), four("c", "A"), *STILL],
            "abcd",
            [0, 1, 2, 0, 1, 2],
            id="an id twice, in capitals",
        ),
        pytest.param(
            [four("a", "b"), four("b"), four("a", "b"), four("b"), four("a", "b"), four("b")],
            "ab…",
            [0, 1] * 3,
            id="fewer than claimed, for ever",
        ),
        pytest.param([page("a", "b", "c", total=2)] * 3, "abc…", [0] * 3, id="more than claimed"),
        pytest.param([four("a", "b")], "ab…", [0, 1] * 3, id="offset ignored"),
        pytest.param([page("a", "b")], "ab…", [0, 1] * 3, id="offset ignored, no total"),
        pytest.param(
            [four("a", "b"), four("x", "c")] * 2 + [four("a", "b"), four("y", "c"), four("c", "d")],
            "abcd…",
            [0, 1, 0, 1, 0, 1, 2],
            id="never still: all that was seen",
        ),
        pytest.param([page("a", "../x", total=2)], "a…", [0], id="a row without a usable id"),
        pytest.param([page("a", total=9), httpx.Response(500)], "a…", [0, 0, 0, 0], id="later page fails"),
        pytest.param([page("a", total=9), httpx.Response(200)], "a…", [0, 0], id="later page unreadable"),
        pytest.param(
            [four("a", "b"), four("x"), httpx.Response(401)], "ab…", [0, 1, 0], id="the second reading fails"
        ),
    ],
)
async def test_the_list_is_read_page_by_page_until_it_stands_still(
    pages: list[httpx.Response], ids: str, offsets: list[int]
) -> None:
    vobiz = Vobiz(replies(*pages))
    found, whole = listed(await vobiz.client.snapshot())
    assert "".join(found) + ("" if whole else "…") == ids
    assert vobiz.paths == [f"Account/MA_TEST0001/trunks?limit=100&offset={offset}" for offset in offsets]


async def test_a_total_that_is_the_pages_is_not_believed_after_a_full_page() -> None:
    first = [f"t{number}" for number in range(100)]

    def pages(*second: str, total: int) -> Handler:
        whole = page(*first, total=100)
        return lambda request: whole if request.url.query.endswith(b"=0") else page(*second, total=total)

    ids, whole = listed(await Vobiz(pages("t99", "t100", total=2)).client.snapshot())
    assert ("t100" in ids, whole) == (True, False)
    ids, whole = listed(await Vobiz(pages("t99", total=100)).client.snapshot())
    assert (len(ids), whole) == (100, True)


LOGINS = Part.CREDENTIALS


@pytest.mark.parametrize(
    ("second", "whole"),
    [
        (httpx.Response(200, json={"objects": [], "meta": {"total": 100}}), True),
        (httpx.Response(404), True),  # no page after the last one
        (httpx.Response(403), False),
        (
            httpx.Response(200, json={"objects": [{"id": "more", "username": "x"}], "meta": {"total": 1}}),
            False,
        ),
    ],
)
async def test_a_further_list_of_one_full_page_is_whole_when_there_is_no_more(
    second: httpx.Response, whole: bool
) -> None:
    rows = [{"id": f"c{number}", "username": f"u{number}"} for number in range(100)]
    first = httpx.Response(200, json={"objects": rows, "meta": {"total": 100}})
    assert (await read_part(Vobiz(replies(first, second)).client, LOGINS)).whole == whole


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "objects": [], "meta": {"total": 0}},
        {"status": "error", "objects": [], "total": 0},
        {"errors": ["down"], "objects": [], "meta": {"total": 0}},
        {"code": 500, "objects": [], "meta": {"total": 0}},
        {"ok": False, "data": {"objects": [], "meta": {"total": 0}}},
        {"message": "Could not read trunks", "objects": [], "meta": {"total": 0}},
    ],
    ids=str,
)
async def test_an_empty_list_that_says_that_it_failed_is_no_list(body: object) -> None:
    vobiz = Vobiz(replies(httpx.Response(200, json=body)))
    assert await vobiz.client.snapshot() == Unreachable("unreadable")
    assert await read_part(vobiz.client, LOGINS) == Listed(why="unreadable")


async def test_no_list_is_an_empty_one_where_it_is_said_that_there_is_nothing() -> None:
    none = Vobiz(replies(httpx.Response(200, json={"objects": None, "meta": {"total": 0}})))
    assert listed(await none.client.snapshot()) == ([], True)
    assert (await read_part(none.client, LOGINS)).whole
    unsaid = Vobiz(replies(httpx.Response(200, json={"objects": None})))
    assert await unsaid.client.snapshot() == Unreachable("unreadable")


ONE = "aabbccdd-1234-5678-90ab-cdef12345678"


@pytest.mark.parametrize(
    ("refusal", "others", "gone"),
    [
        ({"error": {"code": "TRUNK_NOT_FOUND", "message": "SIP trunk not found"}}, None, True),
        # A gateway's that does not know the path: what the list has decides.
        ({"message": "no Route matched with those values"}, page(ONE.upper(), total=1), False),
        ({"message": "no Route matched with those values"}, page("other", total=1), True),
        ({"message": "no Route matched with those values"}, page("other", total=2), False),
        ({"message": "no Route matched with those values"}, httpx.Response(404), False),
        ({"error": "Not Found", "path": f"/api/v1/Account/MA_1/trunks/{ONE}"}, httpx.Response(404), False),
    ],
    ids=["of the trunk", "listed", "not listed", "not all listed", "nothing there", "a path"],
)
async def test_a_404_says_that_a_trunk_is_gone_where_it_speaks_of_it_or_the_list_lacks_it(
    refusal: object, others: httpx.Response | None, gone: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if others is None or request.url.path.endswith(ONE):
            return httpx.Response(404, json=refusal)
        return replies(others)(request)

    found = await read_trunk_alone(Vobiz(answer).client, ONE)
    assert isinstance(found, Gone) == gone
    assert gone or found == Unreachable("http_404")


def long(request: httpx.Request) -> httpx.Response:
    """Answer with two rows of a list of a million."""
    offset = int(request.url.params["offset"])
    return page(str(offset), str(offset + 1), total=10**6)


async def test_a_list_without_end_is_given_up() -> None:
    vobiz = Vobiz(long)
    ids, whole = listed(await vobiz.client.snapshot())
    assert (len(ids), whole, len(vobiz.requests)) == (PAGES_MAX + 1, False, PAGES_MAX)


async def test_a_list_takes_three_timeouts_at_most_with_all_its_readings() -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        vobiz.waits.passed += 9
        return long(request)

    vobiz = Vobiz(slow)
    assert listed(await vobiz.client.snapshot()) == (["0", "1", "2", "3", "4"], False)


@pytest.mark.parametrize("key", ["objects", "items", "results"])
@pytest.mark.parametrize("meta", [None, [], {"total": "2"}, {"total": True}], ids=repr)
async def test_the_list_is_found_under_other_names(key: str, meta: object) -> None:
    body = {key: [{"id": "a"}, {"id": "b"}], "meta": meta}
    last = {key: [{"id": "b"}], "meta": meta}
    vobiz = Vobiz(replies(httpx.Response(200, json=body), httpx.Response(200, json=last)))
    assert listed(await vobiz.client.snapshot()) == (["a", "b"], True)


@pytest.mark.parametrize(
    "name", ["GET-trunks-200.json", "GET-trunks-200--spec.json", "GET-trunks-200--legacy.json"]
)
async def test_the_published_lists_are_read_whole(name: str) -> None:
    vobiz = Vobiz(replies(httpx.Response(200, content=(DATA / name).read_bytes())))
    ids, whole = listed(await vobiz.client.snapshot())
    assert (len(ids), whole, len(vobiz.requests)) == (2, True, 1)


async def test_a_reading_knows_when_it_began_and_how_far_vobizs_clock_is_ahead_then() -> None:
    first, second = page("a", "b", total=3), page("b", "c", total=3)
    first.headers["Date"] = "Sun, 06 Nov 1994 08:49:47 GMT"
    second.headers["Date"] = "Sun, 06 Nov 1994 08:50:37 GMT"
    result = await Vobiz(replies(first, second)).client.snapshot()
    assert isinstance(result, Snapshot)
    assert (result.account, result.taken_at, result.ahead) == ("MA_TEST0001", int(NOW * 1000), 10_000)


async def test_a_reading_is_the_same_after_it_was_stored() -> None:
    trunks = json.loads((DATA / "GET-trunks-200.json").read_text())
    seen = await Vobiz(replies(httpx.Response(200, json=trunks))).client.snapshot()
    assert isinstance(seen, Snapshot)
    content = json.loads(json.dumps(dump_snapshot(seen)))
    assert read_snapshot(seen.account, seen.taken_at, seen.ahead, content) == seen


@pytest.mark.parametrize(
    ("response", "reason", "tries"),
    [
        pytest.param(httpx.ConnectError("x"), "connect", TRIES, id="no connection"),
        pytest.param(httpx.ReadTimeout("x"), "timeout", TRIES, id="timeout"),
        pytest.param(httpx.Response(503), "http_503", TRIES, id="503"),
        pytest.param(httpx.Response(401), "http_401", 1, id="401"),
        pytest.param(httpx.Response(404), "http_404", 1, id="404"),
        pytest.param(httpx.Response(302, headers={"Location": "/x"}), "http_302", 1, id="redirect"),
        pytest.param(httpx.Response(200, text="<html>"), "unreadable", 1, id="HTML"),
        pytest.param(httpx.Response(200, json={"objects": {}}), "unreadable", 1, id="no list"),
        pytest.param(httpx.Response(200, content=b" " * 10 * BODY_MAX), "unreadable", 1, id="10 MB"),
    ],
)
async def test_a_list_that_cannot_be_read_is_unreachable(
    response: httpx.Response | Exception, reason: str, tries: int
) -> None:
    vobiz = Vobiz(replies(response))
    assert await vobiz.client.snapshot() == Unreachable(reason)
    assert len(vobiz.requests) == tries


# --- repeats of reads -------------------------------------------------------------------------------


async def test_a_read_is_repeated_after_growing_pauses() -> None:
    vobiz = Vobiz(replies(httpx.ReadError("x"), httpx.Response(502), page(total=0)))
    assert listed(await vobiz.client.snapshot()) == ([], True)
    assert vobiz.waits.slept == [0.2, 0.4]


async def test_retry_after_is_honoured() -> None:
    vobiz = Vobiz(replies(httpx.Response(429, headers={"Retry-After": "3"}), page(total=0)))
    assert listed(await vobiz.client.snapshot()) == ([], True)
    assert vobiz.waits.slept == [3.2]


async def test_a_wait_longer_than_the_time_there_is_is_not_begun() -> None:
    vobiz = Vobiz(replies(httpx.Response(429, headers={"Retry-After": "60"})))
    assert await vobiz.client.snapshot() == Unreachable("http_429")
    assert (vobiz.waits.slept, len(vobiz.requests)) == ([], 1)


async def test_a_body_that_is_cut_off_is_read_again() -> None:
    body = json.dumps({"meta": {"total": 0}, "objects": []}).encode()
    answers = [head(200, 999), head(200, len(body)) + body]

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(answers.pop(0), hang_up)(reader, writer)

    async with server(behave) as vobiz:
        assert listed(await vobiz.client().snapshot()) == ([], True)
    assert answers == []


# --- the account ------------------------------------------------------------------------------------


def account(auth_me: httpx.Response, concurrency: httpx.Response | None = None) -> Vobiz:
    """Answer by path."""

    def handle(request: httpx.Request) -> httpx.Response:
        return auth_me if request.url.path.endswith("/auth/me") else concurrency or httpx.Response(404)

    return Vobiz(handle, auth_id="MA_XXXXXXXX")


def example(name: str, status: int = 200) -> httpx.Response:
    """Answer with an example body."""
    return httpx.Response(status, content=(DATA / name).read_bytes())


ME = "GET-auth-me-200.json"


async def test_the_ceiling_is_the_accounts_concurrency() -> None:
    vobiz = account(example(ME), example("GET-concurrency-200.json"))
    assert await vobiz.client.ceiling() == 46
    assert vobiz.paths == ["Account/MA_XXXXXXXX/concurrency"]


@pytest.mark.parametrize(
    "concurrency",
    [
        httpx.Response(404),
        httpx.Response(200, json={"max_concurrent": "many"}),
        httpx.Response(200, json={"max_concurrent": -1}),
        httpx.Response(200, text="<html>"),
    ],
    ids=["404", "a string", "negative", "HTML"],
)
async def test_the_ceiling_is_else_the_accounts_limit(concurrency: httpx.Response) -> None:
    assert await account(example(ME), concurrency).client.ceiling() == 10


async def test_no_ceiling_is_known_when_neither_answers() -> None:
    assert await account(httpx.Response(403)).client.ceiling() is None


async def test_the_credentials_are_ready_when_they_are_those_of_the_account() -> None:
    ready = Ready("MA_XXXXXXXX", "Acme Corp", 10, active=True, trial=False)
    assert await account(example(ME)).client.check() == ready


@pytest.mark.parametrize(
    ("said", "active", "trial"),
    [
        ({"enabled": True, "is_active": False}, False, None),
        ({"enabled": False, "is_active": True, "is_trial_account": True}, False, True),
        ({"is_active": True, "is_trial_account": "no"}, True, None),
        ({"enabled": "yes"}, None, None),
    ],
    ids=["not active", "switched off, a trial", "odd trial", "not said"],
)
async def test_an_account_is_active_only_when_nothing_says_otherwise(
    said: dict[str, object], active: bool | None, trial: bool | None
) -> None:
    result = await account(httpx.Response(200, json={"auth_id": "MA_XXXXXXXX", **said})).client.check()
    assert isinstance(result, Ready)
    assert (result.active, result.trial) == (active, trial)


async def test_a_check_tells_vobizs_clock() -> None:
    headers = {"Date": "Tue, 24 Nov 2026 03:00:00 GMT"}
    for status in (200, 401):
        response = httpx.Response(status, json={"auth_id": "MA_XXXXXXXX"}, headers=headers)
        result = await account(response).client.check()
        assert isinstance(result, Ready | Refused)
        assert result.now == datetime(2026, 11, 24, 3, tzinfo=UTC)


async def test_refused_credentials_carry_vobizs_words() -> None:
    vobiz = account(example("GET-auth-me-401.json", 401))
    result = await vobiz.client.check()
    assert isinstance(result, Refused)
    assert result.refusal is not None
    assert (result.refusal.status, result.refusal.message, result.owner) == (401, "invalid credentials", None)
    assert len(vobiz.requests) == 1


async def test_credentials_of_another_account_are_refused_by_name() -> None:
    result = await account(httpx.Response(200, json={"auth_id": "MA_OTHER"})).client.check()
    assert result == Refused(None, "MA_OTHER")


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(200, json={"auth_id": None}), "unreadable"),
        (httpx.Response(200, text="<html>"), "unreadable"),
        (httpx.Response(404), "http_404"),
        (httpx.Response(503), "http_503"),
    ],
    ids=["no account", "HTML", "404", "503"],
)
async def test_a_check_without_an_answer_says_nothing_about_the_credentials(
    response: httpx.Response, reason: str
) -> None:
    assert await account(response).client.check() == Unreachable(reason)


def test_a_client_limits_only_the_connecting_and_follows_nothing() -> None:
    for timeout, connect, pool in ((10, 5, 2), (1, 1, 1)):
        clients = open_client(base_url=BASE, auth_id="a", token=SecretStr("t"), timeout=timeout)
        for http in (clients.reads, clients.writes):
            assert http.timeout == httpx.Timeout(None, connect=connect, pool=pool)
            assert http.follow_redirects is False
