"""A thousand idle connections and two hundred slow ones do not keep a command from being answered."""

import asyncio
import contextlib
import itertools
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable

import pytest

from bot.server.http_protocol import allow_sockets
from tests.durable.houses import on_sqlite
from tests.durable.processes import Fleet, Process
from tests.flow.conftest import ASHA, VOICE

pytestmark = pytest.mark.serial

_IDLE, _SLOW = 1_000, 200
_HEAD = b"POST /slack/events HTTP/1.1\r\nhost: x\r\n"


@contextlib.asynccontextmanager
async def crowd(process: Process) -> AsyncIterator[Callable[[], int]]:
    """Connect them all, and drip a byte a second into the slow ones; yields a count of who is still there."""
    loop = asyncio.get_running_loop()
    sockets: list[socket.socket] = []
    for _ in range(_IDLE + _SLOW):
        made = socket.socket()
        made.setblocking(False)
        sockets.append(made)
        await loop.sock_connect(made, ("127.0.0.1", process.port))
    slow = sockets[:_SLOW]
    for made, endless in zip(slow, itertools.cycle(("header", "body")), strict=False):
        ending = b"x: " if endless == "header" else _signed() + b"content-length: 1000\r\n\r\n"
        await loop.sock_sendall(made, _HEAD + ending)

    async def drip() -> None:
        while True:
            await asyncio.sleep(1)
            for made in slow:
                with contextlib.suppress(OSError):
                    made.send(b"x")

    def there() -> int:
        return sum(_open(made) for made in sockets)

    dripping = asyncio.create_task(drip())
    try:
        yield there
    finally:
        dripping.cancel()
        for made in sockets:
            made.close()


def _signed() -> bytes:
    # In form only, which is all that can be told before the body is there.
    stamp = str(int(time.time())).encode()
    return b"x-slack-request-timestamp: " + stamp + b"\r\nx-slack-signature: v0=" + b"0" * 64 + b"\r\n"


def _open(made: socket.socket) -> bool:
    try:
        return made.recv(1_000) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@on_sqlite
async def test_a_command_is_answered_within_a_second_in_a_crowd(fleet: Fleet) -> None:
    if allow_sockets() < 2 * (_IDLE + _SLOW):
        pytest.skip("this system does not allow so many open files")
    house = fleet.house
    process = await fleet.started()
    async with crowd(process) as there:
        times = []
        for number in range(10):
            told = await house.sandbox.command(ASHA, VOICE, f'create "S{number}" outbound 10')
            assert told.status == 200
            assert house.sandbox.view_of(ASHA) is not None
            times.append(told.ms)
            await house.sandbox.close(ASHA)
            await asyncio.sleep(0.2)
        assert there() == _IDLE + _SLOW, "they were gone before the measuring was over"
    sys.stdout.write(f"10 commands in a crowd: {sorted(times)[4]:.0f} ms, the last {max(times):.0f} ms\n")
    assert max(times) < 1_000
