"""A web server that can stop listening for a while and come back on the same port."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

# How long requests under way may take when the server stops, in seconds. They are faults that never answer.
GRACE: Final = 0.05


class Listener:
    """One listening port; `cancels` ends a handler when its client hangs up."""

    def __init__(self, app: Callable[[], web.Application], *, cancels: bool = False) -> None:
        """Prepare to serve what `app` makes."""
        self._app = app
        self._cancels = cancels
        self._runner: web.AppRunner | None = None
        self._host = ""
        self._port = 0

    @property
    def url(self) -> str:
        """The base URL without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    @property
    def listening(self) -> bool:
        """Whether a connection would be accepted."""
        return self._runner is not None

    async def start(self, host: str, port: int) -> None:
        """Listen on a port; 0 picks a free one."""
        runner = web.AppRunner(
            self._app(), access_log=None, shutdown_timeout=GRACE, handler_cancellation=self._cancels
        )
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        self._runner = runner
        self._host, self._port = host, int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the listening socket and every connection."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def listen(self, *, on: bool) -> None:
        """Stop listening, or listen again on the same port; connecting is refused in between."""
        if not on:
            await self.stop()
        elif self._runner is None and self._port:
            await self.start(self._host, self._port)
