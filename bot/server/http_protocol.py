"""Connections that bring nothing do not stay: deadlines and limits that uvicorn lacks, and enough sockets.

An idle connection costs a socket and some 10 kB, a slow one no more; neither holds up the others. What ends
them is that a process has only so many sockets.
"""

import asyncio
import resource
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Seconds to the last header: from connecting, or from the first byte after a response.
HEADERS_WITHIN: Final = 15.0
HEADERS_MAX: Final = 64_000  # bytes; httptools takes any number of them
_SOCKETS: Final = 65_536  # wanted; systemd and most hosts allow more, a login shell 1,024 until asked


class PatientProtocol(HttpToolsProtocol):
    """HTTP for who gets to the point."""

    patience = HEADERS_WITHIN
    _deadline: asyncio.TimerHandle | None = None
    _read = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a first request, but not for ever."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._unexpect()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. Bytes for which nothing is being answered must soon become a request.

        uvicorn's timer for idle connections ends with any byte, and not every byte begins a request: an empty
        line does not, nor does the body of one that was answered before it had come.
        """
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            return
        if self._deadline is None:
            self._expect()
        self._read += len(data)
        if self._read > HEADERS_MAX:
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Leave the rest to the application: it knows how long a body may take."""
        self._unexpect()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Hang up on who was answered before the whole request had come."""
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body:
            self.transport.close()

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(self.patience, self._give_up)

    def _unexpect(self) -> None:
        self._read = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.close()


def patient(seconds: float) -> type[PatientProtocol]:
    """Return the protocol with another time for headers."""
    return type("PatientProtocol", (PatientProtocol,), {"patience": seconds})


def allow_sockets() -> int:
    """Raise this process's soft limit of open files towards the hard one; returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _SOCKETS if hard == resource.RLIM_INFINITY else min(_SOCKETS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
