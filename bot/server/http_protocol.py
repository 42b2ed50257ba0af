"""Connections that bring nothing do not stay, and take little while they do: limits that uvicorn lacks.

Of a connection one request is read at a time, and what was answered has to be taken. So what one connection
can hold is one request, one answer and what the system's buffers have; and there are only so many of them.
There is no limit for an address: Slack, and a proxy in front of the bot, come from few.
"""

import asyncio
import resource
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_MAX: Final = 64_000  # bytes; httptools takes any number of them
HEADERS_COUNT: Final = 200  # Slack sends some 12, proxies add some; each takes 150 bytes, however short
_KNOWN: Final = "known"
_SOCKETS: Final = 65_536  # wanted; systemd and most hosts allow more, a login shell 1,024 until asked
_OTHERS: Final = 200  # sockets and files that are kept for the database, Slack and Vobiz


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server puts up with.

    `headers`: seconds to the last header, from connecting or from the first byte after an answer. `taken`:
    seconds in which an answer has to leave this process; who reads late is let go after one to two times
    that. `connections`: how many there may be; 2,000 of all kinds took 55 MB (docs/fuzzing.md).
    """

    headers: float = 15.0
    taken: float = 5.0
    connections: int = 2_000


LIMITS: Final = Limits()


def know(scope: Scope) -> None:
    """Say of a request that it is Slack's: its connection does not go when there are too many."""
    scope.setdefault("state", {})[_KNOWN] = True


class _TooEarlyError(Exception):
    """The next request begins before the last one was answered."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP for who gets to the point."""

    limits: ClassVar[Limits] = LIMITS
    # Of this server: who has no request in work and never had a good one, the longest so first.
    waiting: ClassVar[dict["PatientProtocol", None]] = {}
    _deadline: asyncio.TimerHandle | None = None
    _look: asyncio.TimerHandle | None = None
    _read = 0
    _over = False
    _known = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a first request, but not for ever.

        Of too many the one goes that has waited for longest: Slack's requests follow on connecting at once,
        and a connection that brought one stays. Where all others are in work it is this one, also where
        that work is for clients who have left. (uvicorn's own limit answers 503 to who asks, also to Slack.)
        """
        super().connection_made(transport)
        self.waiting[self] = None
        self._expect()
        if len(self.tasks) > self.limits.connections:
            transport.abort()
        elif len(self.connections) > self.limits.connections:
            longest = next(iter(self.waiting))
            del self.waiting[longest]
            longest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._unexpect()
        self.waiting.pop(self, None)
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. Bytes for which nothing is being answered must soon become a request.

        uvicorn's timer for idle connections ends with any byte, and not every byte begins a request: an empty
        line does not, nor does the body of one that was answered before it had come.
        """
        if self._over:
            return
        self._unset_keepalive_if_required()
        if not self._busy:
            self._read += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # it is answered as what else it is; uvicorn would log two lines each time
        except httptools.HttpParserError:
            self._end("This is not HTTP that the bot reads.")
            return
        if self._busy:
            return
        if self._deadline is None:
            self._expect()
        if self._read > HEADERS_MAX or len(self.headers or ()) > HEADERS_COUNT:
            self._end("The headers are too long.")

    def on_message_begin(self) -> None:
        """Begin a request, unless one has no answer yet.

        To send several at once is HTTP, and nobody does it who is wanted here: Slack does not, nor do
        proxies. The answer to the first then is the last on this connection, as HTTP allows.
        """
        if self._busy:
            raise _TooEarlyError
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Leave the rest to the application: it knows how long a body may take."""
        if len(self.headers) > HEADERS_COUNT or (self._read > HEADERS_MAX and self._long()):
            raise ValueError
        self._unexpect()
        self.waiting.pop(self, None)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Hang up on who was answered before the whole request had come, or does not take the answer."""
        super().on_response_complete()
        if self.cycle.more_body:
            self.transport.close()
        elif not self.transport.is_closing():
            self._known = self._known or self.cycle.scope["state"].get(_KNOWN, False)
            if not self._known:
                self.waiting[self] = None
        self._look_soon(self.limits.taken)

    @property
    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _long(self) -> bool:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEADERS_MAX

    def _end(self, why: str) -> None:
        """Have this be the last: who was not answered is told why, who is being answered gets that answer.

        What still comes is thrown away. Not read, it would have the system cut the answer short (RST).
        """
        self._over = True
        if not self._busy or (self.cycle.more_body and not self.cycle.response_started):
            self.send_400_response(why)
            self._look_soon(self.limits.taken)
        elif self.cycle.more_body:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def _look_soon(self, seconds: float, *, left: bool = False) -> None:
        # One timer a connection, however many answers: a timer each would cost every request.
        if self._look is None:
            self._look = self.loop.call_later(seconds, self._see_whether_taken, left)

    def _see_whether_taken(self, left: bool) -> None:
        self._look = None
        if not self.transport.get_write_buffer_size():
            return
        if left:
            self.transport.abort()
        else:
            self._look_soon(self.limits.taken, left=True)

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(self.limits.headers, self._give_up)

    def _unexpect(self) -> None:
        self._read = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.close()


def patient(limits: Limits) -> type[PatientProtocol]:
    """Return one server's protocol: its connections are counted together, and leave sockets for others."""
    sockets, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if sockets != resource.RLIM_INFINITY:
        limits = replace(limits, connections=min(limits.connections, max(_OTHERS, sockets - _OTHERS)))
    return type("PatientProtocol", (PatientProtocol,), {"limits": limits, "waiting": {}})


def allow_sockets() -> int:
    """Raise this process's soft limit of open files towards the hard one; returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _SOCKETS if hard == resource.RLIM_INFINITY else min(_SOCKETS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
