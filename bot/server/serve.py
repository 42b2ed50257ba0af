"""Serving an ASGI application with uvicorn: the address, the shutdown, no access log."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from bot.runtime.shutdown import Deadline
from bot.server.http_protocol import LIMITS, Limits, patient

# Seconds for open requests after SIGTERM.
_DRAIN: Final = 3
# Longer than load balancers keep idle connections (60 s is common): who closes first loses a request.
_KEEP_ALIVE: Final = 75
_NO_IPV6: Final = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})
# uvloop accepts one connection of a listening socket in each round of its loop, asyncio all that wait. In a
# crowd a round takes some 20 ms: new connections then come in slower than strangers make them.
_LISTENERS: Final = 64
# Bytes of answers that the system keeps for one client (Linux doubles it). Left to itself it keeps up to 4 MB
# for each that reads nothing, and the bot does not see that an answer is not taken before that is full.
_UNREAD: Final = 65_536


class Server(uvicorn.Server):
    """A server whose end by SIGTERM or SIGINT is an ordinary end.

    uvicorn raises the signal again when it is done, which would kill the process before what is around
    the server is put away, and make a clean stop look like a crash. With a `deadline` that counts from the
    signal, serving is the last thing that this process does: further signals change nothing to its end.
    """

    def __init__(self, config: uvicorn.Config, deadline: Deadline | None = None) -> None:
        super().__init__(config)
        self._deadline = deadline

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop serving. What else there is to put away is bounded, and a second signal does not hurry it."""
        del sig, frame
        if self._deadline is not None and not self.should_exit:
            self._deadline.enforce()
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop serving on a signal."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            if self._deadline is None:
                for number, handler in before.items():
                    signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; without a host on all addresses of this machine, of both families.

        On uvloop that is several times on each socket: so many connections are accepted in a round.
        """
        if not self.config.host:
            try:
                sockets = [_everywhere(self.config.port, self.config.backlog)]
            except OSError:
                sys.exit(1)  # as uvicorn does, with the reason as context
        await super().startup(sockets)
        for one in self.servers:
            for each in one.sockets:
                with socket.socket(fileno=os.dup(each.fileno())) as listening:
                    # Who connects inherits it.
                    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD)
        loop, config = asyncio.get_running_loop(), self.config
        if not type(loop).__module__.startswith("uvloop"):
            return

        def protocol() -> asyncio.Protocol:
            make: Callable[..., asyncio.Protocol] = config.http_protocol_class
            return make(config=config, server_state=self.server_state, app_state=self.lifespan.state)

        for listening in [each for one in self.servers for each in one.sockets]:
            for _ in range(_LISTENERS - 1):
                twin = socket.socket(fileno=os.dup(listening.fileno()))
                self.servers.append(await loop.create_server(protocol, sock=twin, backlog=config.backlog))

    @property
    def bound_port(self) -> int:
        """The port that was bound: the configured one, or the free one that was found for 0."""
        return int(self.servers[0].sockets[0].getsockname()[1])


def _everywhere(port: int, backlog: int) -> socket.socket:
    """Listen on one socket for both families; for IPv4 alone where a machine has no IPv6."""
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=backlog, dualstack_ipv6=True
            )
        except OSError as error:
            if error.errno not in _NO_IPV6:
                raise
    return socket.create_server(("", port), backlog=backlog)


def server(
    app: ASGIApp,
    host: str,
    port: int,
    limits: Limits = LIMITS,
    *,
    deadline: Deadline | None = None,
) -> Server:
    """Make the server; its `serve()` runs until SIGTERM or SIGINT.

    With a `deadline` the signal starts it, and the process ends by then.
    """
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=patient(limits),
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,  # nobody reads the client's address: one layer less for each request
            timeout_graceful_shutdown=_DRAIN,
        ),
        deadline,
    )
