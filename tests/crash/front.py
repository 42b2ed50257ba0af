"""The load balancer before the bot: each delivery to the next instance, a refused connection to another.

It replays nothing that an instance may have read: a request that a kill has cut is cut for the person too.
"""

import itertools
from collections.abc import Sequence

import aiohttp
from aiohttp import web

from bot.sandbox.answers import reset
from bot.sandbox.listening import Listener


class Front:
    """Round robin over the instances' addresses."""

    def __init__(self, instances: Sequence[str]) -> None:
        self._count = len(instances)
        self._turn = itertools.cycle(instances)
        self._listener = Listener(self._app, cancels=True)
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where Slack delivers."""
        return self._listener.url

    async def start(self) -> None:
        """Listen on a free port."""
        # A kept connection to a killed instance would look like a request that was cut.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        await self._listener.start("127.0.0.1", 0)

    async def stop(self) -> None:
        """Stop listening."""
        await self._listener.stop()
        if self._session is not None:
            await self._session.close()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=2**21)
        app.add_routes([web.post("/{path:.*}", self._forward)])
        return app

    async def _forward(self, request: web.Request) -> web.Response:
        if self._session is None:
            raise AssertionError("unreachable: the session is made before the socket listens")
        body = await request.read()
        kept = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        for _ in range(self._count):
            try:
                async with self._session.post(
                    f"{next(self._turn)}{request.path_qs}", data=body, headers=kept
                ) as answer:
                    content = await answer.read()
                    kind = answer.headers.get("Content-Type", "text/plain")
                    return web.Response(status=answer.status, body=content, headers={"Content-Type": kind})
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, OSError):
                return reset(request)
        return web.Response(status=503)
