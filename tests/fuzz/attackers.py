"""`python -m tests.fuzz.attackers PORT`: clients that want to harm, until they are ended; then their tally.

They are a process of their own: what they take of the machine is not the bot's.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import resource
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

HOST: Final = "127.0.0.1"
_GIVEN_UP: Final = 30.0  # seconds in which the bot did not let go of a client that waits to be
_BUFFER: Final = 8_192  # bytes, so that what is not read fills the bot's buffers soon
_RESET: Final = struct.pack("ii", 1, 0)
_GET: Final = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
_METRICS: Final = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"
_POST: Final = b"POST /slack/events HTTP/1.1\r\nhost: x\r\n"


@dataclass(slots=True)
class Tally:
    """What clients of one kind did: connections, bytes, and the statuses of what they read."""

    connections: int = 0
    sent: int = 0
    open_for: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)


class Client:
    """A connection that does as little or as much as it wants."""

    def __init__(self, made: socket.socket, tally: Tally) -> None:
        self.socket = made
        self._tally = tally
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes, within: float = _GIVEN_UP) -> None:
        """Send, and wait until it is taken."""
        self._tally.sent += len(data)
        await asyncio.wait_for(self._loop.sock_sendall(self.socket, data), within)

    async def read(self) -> bytes:
        """Read what there is; nothing at the end."""
        return await asyncio.wait_for(self._loop.sock_recv(self.socket, 65_536), _GIVEN_UP)

    async def answer(self) -> None:
        """Read an answer, and note its status."""
        said = await self.read()
        if said.startswith(b"HTTP/"):
            self._tally.statuses[said.partition(b" ")[2][:3].decode("latin-1")] += 1

    async def ended(self) -> None:
        """Read until the bot lets go."""
        while await self.read():
            pass


Attack = Callable[[Client], Awaitable[None]]


def _signed() -> bytes:
    # In form only, which is all that can be told before the body is there.
    stamp = str(int(time.time())).encode()
    return b"x-slack-request-timestamp: " + stamp + b"\r\nx-slack-signature: v0=" + b"0" * 64 + b"\r\n"


async def pipelines(client: Client) -> None:
    """Send and never read."""
    while True:
        await client.send(_METRICS * 200)


async def reads_nothing(client: Client) -> None:
    """Send one request after the other and never read."""
    while True:
        await client.send(_METRICS)
        await asyncio.sleep(0.3)


async def hundred_thousand(client: Client) -> None:
    """Send 100,000 small requests at once."""
    sending = asyncio.create_task(client.send(_GET * 100_000))
    try:
        await client.answer()
        await client.ended()
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def drips_headers(client: Client) -> None:
    """Send a byte of a header a second."""
    await client.send(_POST + b"x: ")
    while True:
        await client.send(b"y")
        await asyncio.sleep(1)


async def drips_a_body(client: Client) -> None:
    """Send a byte of a body a second."""
    await client.send(_POST + _signed() + b"content-length: 1000\r\n\r\n")
    while True:
        await client.send(b"y")
        await asyncio.sleep(1)


async def half_a_body(client: Client) -> None:
    """Send all but the last byte of a large body, and wait."""
    await client.send(_POST + _signed() + b"content-length: 900000\r\n\r\n" + b"x" * 899_999)
    await client.answer()
    await client.ended()


async def idles(client: Client) -> None:
    """Send nothing."""
    await client.ended()


async def half_open(client: Client) -> None:
    """Send half a request and close one direction."""
    await client.send(_GET[:20])
    client.socket.shutdown(socket.SHUT_WR)
    await client.ended()


async def long_headers(client: Client) -> None:
    """Send too long or too many headers with the second request."""
    await client.send(_GET)
    await client.answer()
    lines = random.choice((b"x: " + b"y" * 200_000, b"a:\r\n" * 50_000))
    await client.send(b"GET /healthz HTTP/1.1\r\n" + lines + b"\r\n\r\n")
    await client.answer()
    await client.ended()


async def hangs_up(client: Client) -> None:
    """Send a whole request, or several, or a part of one, and leave."""
    sent = random.choice(
        (_METRICS, _METRICS * 3, _POST + _signed() + b"content-length: 9\r\n\r\nxxxxxxxxx" * 2)
    )
    await client.send(sent[: random.randrange(1, len(sent) + 1)])
    await asyncio.sleep(random.random() * 0.01)
    if random.random() < 0.5:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


_CHUNKED: Final = _POST + b"transfer-encoding: chunked\r\n"
_ODD: Final = (
    b"GET /healthz HTTP/1.0\r\n\r\n",
    b"HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    b"HEAD /slack/events HTTP/1.1\r\nhost: x\r\n\r\n",
    b"CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n",
    b"GET http://x/healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    b"POST http://x/slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx",
    b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    _POST + b"expect: 100-continue\r\ncontent-length: 5\r\n\r\n",
    _POST + b"expect: something\r\ncontent-length: 1\r\n\r\nx",
    _POST + b"content-length: -1\r\n\r\n",
    _POST + b"content-length: 99999999999999999999\r\n\r\n",
    _POST + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    _CHUNKED + b'\r\n1;a=b;c="d"\r\nx\r\n0;e\r\nf: g\r\n\r\n',
    _CHUNKED + b"\r\nfffffffffffffffff\r\nx",
    _CHUNKED + b"\r\n1" + b";x" * 10_000 + b"\r\nx\r\n0\r\n\r\n",
    _CHUNKED + b"\r\n0\r\n" + b"a: b\r\n" * 5_000 + b"\r\n",
    b"GET /%00%ff%2e%2e/ HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET //slack/events HTTP/1.1\r\nhost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\r\n" * 1_000,
)


async def odd(client: Client) -> None:
    """Send what is HTTP, or nearly, and seldom seen."""
    await client.send(random.choice(_ODD))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(client.answer(), 2)


# How many of each there are at a time, and the seconds until one that was let go comes again.
KINDS: Final[dict[str, tuple[Attack, int, float]]] = {
    "pipelines and never reads": (pipelines, 40, 0.5),
    "one request after the other, never reads": (reads_nothing, 40, 0.5),
    "100,000 small requests at once": (hundred_thousand, 4, 0.5),
    "a byte of a header a second": (drips_headers, 200, 0.5),
    "a byte of a body a second": (drips_a_body, 200, 0.5),
    "all but the last byte of 900 kB": (half_a_body, 60, 0.5),
    "connects and is silent": (idles, 2_500, 1.0),
    "half a request, then half closed": (half_open, 20, 0.5),
    "200 kB of headers, or 50,000, in the second request": (long_headers, 10, 0.2),
    "hangs up early": (hangs_up, 20, 0.02),
    "HTTP that is seldom seen": (odd, 10, 0.05),
}


@contextlib.asynccontextmanager
async def _connected(port: int, tally: Tally) -> AsyncIterator[Client]:
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    began = None
    try:
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(made, (HOST, port)), _GIVEN_UP)
        began = time.monotonic()
        tally.connections += 1
        yield Client(made, tally)
    finally:
        made.close()
        if began is not None:
            tally.open_for = max(tally.open_for, time.monotonic() - began)


async def _repeat(port: int, kind: str, tally: Tally) -> None:
    attack, _, pause = KINDS[kind]
    await asyncio.sleep(random.random() * 5)
    while True:
        with contextlib.suppress(OSError, TimeoutError):
            async with _connected(port, tally) as client:
                await attack(client)
        await asyncio.sleep(pause)


async def _main(port: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 10_000)), hard))
    tallies = {kind: Tally() for kind in KINDS}
    attackers = {
        asyncio.create_task(_repeat(port, kind, tallies[kind]))
        for kind, (_, number, _) in KINDS.items()
        for _ in itertools.repeat(None, number)
    }
    await asyncio.wait(
        {asyncio.create_task(asyncio.to_thread(sys.stdin.read)), *attackers}, return_when="FIRST_COMPLETED"
    )
    told = {
        kind: {
            "connections": tally.connections,
            "sent": tally.sent,
            "open_for": tally.open_for,
            "statuses": tally.statuses,
        }
        for kind, tally in tallies.items()
    }
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()
    os._exit(0)  # three thousand clients need no end


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
