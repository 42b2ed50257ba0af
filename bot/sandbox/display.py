"""What the page shows: its own files, the state of the sandbox as a person sees it, and that it changed."""

import json
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web

from bot.sandbox.answers import answer
from bot.sandbox.moments import Moments
from bot.sandbox.seen import seen
from bot.sandbox.shape import Json
from bot.sandbox.sip.side import SipSide
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.vobiz.http import VobizServer

HEARTBEAT: Final = 15.0
PAGE: Final = Path(__file__).parent / "page"
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Running(Protocol):
    """What the page shows of the sandbox as a whole."""

    sockets: Sockets
    moments: Moments
    sip: SipSide

    @property
    def reachable(self) -> bool:
        """Whether Vobiz listens."""

    @property
    def stopping(self) -> bool:
        """Whether the sandbox is being stopped."""


class Display:
    """The routes of the page, its files and what it reads."""

    def __init__(self, space: Workspace, vobiz: VobizServer, running: Running) -> None:
        """Show one sandbox."""
        self._space = space
        self._vobiz = vobiz
        self._running = running

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        return [
            web.get("/", self._page),
            web.get("/page/{file}", self._page),
            web.get("/sandbox/state", self._state),
            web.get("/sandbox/changes", self._changes),
            web.get(r"/sandbox/delivery/{number:\d{1,9}}", self._delivery),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        path = PAGE / request.match_info.get("file", "index.html")
        if path.parent != PAGE or path.suffix not in _TYPES or not path.is_file():
            return web.Response(status=404, text="There is no such page.")
        return web.Response(
            body=path.read_bytes(),
            content_type=_TYPES[path.suffix],
            charset="utf-8",
            headers={"Cache-Control": "no-store"},
        )

    async def _state(self, request: web.Request) -> web.Response:
        user = request.query.get("as", "")
        if user not in self._space.people:
            return answer({"ok": False, "error": f"there is no person {user!r}"}, 404)
        running = self._running
        sip, sockets = running.sip.faults, running.sockets
        shown = seen(self._space, self._vobiz, sip, sockets, user, reachable=running.reachable)
        return answer({**shown, "bot": _bot(running.moments)})

    async def _delivery(self, request: web.Request) -> web.Response:
        entry = self._space.log.find(int(request.match_info["number"]))
        if entry is None:
            return answer({"ok": False, "error": "this delivery is no longer kept"}, 404)
        return answer({"ok": True, **entry.exchange()})

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        told = 0
        while not self._running.stopping:
            changed = await self._space.changes.after(told, HEARTBEAT)
            told = self._space.changes.version
            line = f"data: {json.dumps({'version': told})}\n\n" if changed else ": still here\n\n"
            try:
                await stream.write(line.encode())
            except ConnectionError:
                break
        return stream


def _bot(moments: Moments) -> Json | None:
    """Return the bot's state and its switches, if it is a process of the sandbox."""
    if moments.process is None:
        return None
    switch = {"fault": moments.faults.current, "faults": moments.faults.json()}
    return {**moments.process.json(), **switch}
