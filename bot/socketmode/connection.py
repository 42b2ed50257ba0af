"""One websocket: reads what Slack sends, has envelopes answered beside each other, and notices its end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import aiohttp
import structlog
from aiohttp import WSMsgType
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain.observer import Acked, uncounted
from bot.runtime.clock import Clock
from bot.runtime.tasks import end
from bot.server.dispatch import Dispatch, readable, respond
from bot.server.request import begin, timed
from bot.socketmode.frames import Disconnect, Envelope, Hello, acknowledgement, read

_ENDS: Final = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})

_log = structlog.get_logger("bot.socketmode")

Answer = Callable[[Envelope], Awaitable[str | None]]
Socket = aiohttp.ClientWebSocketResponse
T = TypeVar("T")


class Connection:
    """A websocket in use; make it inside the loop, and `close` it.

    `since` is in seconds since the epoch. `over` is set, to the reason, as soon as another connection is
    needed: Slack said so, or this one has ended. It goes on reading until it is closed, because Slack may
    still send.
    """

    def __init__(self, socket: Socket, answer: Answer, clock: Clock, acked: Acked = uncounted) -> None:
        self._socket = socket
        self._answer = answer
        self._acked = acked
        self._handling: set[asyncio.Task[None]] = set()
        self._greeting: asyncio.Future[Hello | str] = asyncio.get_running_loop().create_future()
        self.over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.since = clock.now()
        self._reading = asyncio.create_task(self._read())

    @property
    def alive(self) -> bool:
        """Whether it is being read."""
        return not self._reading.done()

    @property
    def was_greeted(self) -> bool:
        """Whether Slack said hello."""
        return self._greeting.done() and isinstance(self._greeting.result(), Hello)

    async def greeted(self, within: float) -> Hello | str:
        """Wait at most `within` seconds for Slack's hello; returns it, or why there is none."""
        await asyncio.wait({self._greeting}, timeout=within)
        return self._greeting.result() if self._greeting.done() else "no_hello"

    async def ended(self, within: float) -> None:
        """Wait until Slack has closed it, at most `within` seconds."""
        await asyncio.wait({self._reading}, timeout=within)

    async def close(self, within: float) -> None:
        """Take nothing more, let what was taken be answered for at most `within` seconds, then close."""
        await end([self._reading])
        if self._handling:
            await asyncio.wait(self._handling, timeout=within)
        await end(self._handling)
        await self._socket.close()

    async def _read(self) -> None:
        try:
            while (message := await self._socket.receive()).type not in _ENDS:
                if message.type is WSMsgType.TEXT:
                    self._take(message.data)
                elif message.type is WSMsgType.PING:
                    await self._socket.pong(message.data)
        except (aiohttp.ClientError, OSError):
            pass  # the answer to a ping met a broken connection
        finally:
            silent = isinstance(self._socket.exception(), aiohttp.ServerTimeoutError)
            self._need_another("silent" if silent else "closed")

    def _take(self, text: str) -> None:
        match read(text):
            case Hello() as hello:
                _settle(self._greeting, hello)
            case Disconnect(reason):
                self._need_another(reason)
            case Envelope() as envelope:
                task = asyncio.create_task(self._handle(envelope))
                self._handling.add(task)
                task.add_done_callback(self._handling.discard)
            case None:
                _log.warning("frame unreadable")

    def _need_another(self, reason: str) -> None:
        _settle(self.over, reason)
        _settle(self._greeting, reason)

    async def _handle(self, envelope: Envelope) -> None:
        answered = begin()
        try:
            answer = await self._answer(envelope)
            if answer is not None:
                await self._socket.send_str(answer)
                self._acked(*timed())
        except (aiohttp.ClientError, OSError):
            _log.warning("a request was carried out, but the connection broke before its answer")
        finally:
            answered.set()


def _settle(future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)


async def answer(dispatch: Dispatch | None, envelope: Envelope) -> str | None:
    """Have the listener run for an envelope; returns what acknowledges it, or None where nothing should."""
    request = _request(envelope)
    if request is None:
        _log.warning("request unreadable")
        return None
    return acknowledgement(envelope, await respond(dispatch, request))


def _request(envelope: Envelope) -> AsyncBoltRequest | None:
    if not readable(envelope.payload):
        return None
    try:
        return AsyncBoltRequest(mode="socket_mode", body=envelope.payload)
    except Exception:  # noqa: BLE001 - not the shape that Bolt expects somewhere: it raises as it comes
        return None
