"""Serving an ASGI application with uvicorn: the address, the shutdown, no access log."""

import contextlib
import signal
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from bot.connections import HEADERS_WITHIN, patient

# Open requests get this long after SIGTERM; the engine then has 25 s, and Procfile hosts kill after 30.
_DRAIN: Final = 3
# Longer than load balancers keep idle connections (60 s is common): who closes first loses a request.
_KEEP_ALIVE: Final = 75


class Server(uvicorn.Server):
    """A server whose end by SIGTERM or SIGINT is an ordinary end.

    uvicorn raises the signal again when it is done, which would kill the process before what is around
    the server is put away, and make a clean stop look like a crash.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop serving on the first signal, at once on the second."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @property
    def bound_port(self) -> int:
        """The port that was bound: the configured one, or the free one that was found for 0."""
        return int(self.servers[0].sockets[0].getsockname()[1])


def server(app: ASGIApp, host: str, port: int, patience: float = HEADERS_WITHIN) -> Server:
    """Make the server; its `serve()` runs until SIGTERM or SIGINT. `patience` (seconds) is for headers."""
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=patient(patience),
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,  # nobody reads the client's address: one layer less for each request
            timeout_graceful_shutdown=_DRAIN,
        )
    )
