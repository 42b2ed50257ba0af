"""The floor: the HTTP that opening a modal needs, and nothing else. No signature, no Bolt, no bot."""

from urllib.parse import parse_qsl

import aiohttp
import uvloop

from tests.bench.serving import Receive, Scope, Send, answer, read_body, serve, shared_session
from tests.bench.wiring import EVENTS, TOKEN, Wiring


class Floor:
    """An ASGI app that opens one view for one command."""

    def __init__(self, session: aiohttp.ClientSession, wiring: Wiring) -> None:
        self._session = session
        self._url = f"{wiring.slack}views.open"
        self._view = wiring.view
        self._headers = {"Authorization": f"Bearer {TOKEN}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"] != EVENTS:
            await answer(send, status=404)
            return
        form = dict(parse_qsl((await read_body(receive)).decode()))
        view = {"trigger_id": form["trigger_id"], "view": self._view}
        async with self._session.post(self._url, json=view, headers=self._headers) as response:
            opened = (await response.json())["ok"] is True
        await answer(send, status=200 if opened else 500)


async def main() -> None:
    """Serve the floor."""
    wiring = Wiring.read()
    async with shared_session() as session:
        await serve(Floor(session, wiring), wiring.port)


if __name__ == "__main__":
    uvloop.run(main())
