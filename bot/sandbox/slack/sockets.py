"""Slack's side of Socket Mode: tickets, connections, envelopes and their acknowledgements, and its troubles.

Sources: docs.slack.dev/apis/events-api/using-socket-mode and the frames recorded in slack_sdk's tests. Not
documented, and so chosen here: `disconnect` is followed by a close after `Delays.disconnect` and after
outstanding answers; a connection that is not welcome gets `disconnect` instead of `hello`.
"""

import asyncio
import contextlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

from aiohttp import WSMsgType, web

from bot.runtime.tasks import end
from bot.sandbox.answers import reset
from bot.sandbox.faults import NONE, SOCKET, FaultSwitch
from bot.sandbox.shape import Json, mapping, parsed, text
from bot.sandbox.slack import people
from bot.sandbox.slack.acks import Answer
from bot.sandbox.slack.envelopes import Enveloped
from bot.sandbox.slack.workspace import Workspace

CONNECTIONS_MAX: Final = 10
_ROUTINE: Final = frozenset({"warning", "refresh_requested"})
_REFUSING: Final = frozenset({"link_disabled", "too_many_websockets"})


@dataclass(eq=False, slots=True)
class Line:
    """A connection of the bot's; a `silent` one says and hears nothing, a `leaving` one gets no envelopes."""

    request: web.Request
    socket: web.WebSocketResponse
    silent: bool = False
    leaving: bool = False
    ponged: bool = False
    pings: int = 0
    pending: dict[str, asyncio.Future[object]] = field(default_factory=dict)

    async def say(self, frame: Json) -> None:
        """Send a frame, if there is somebody to hear it."""
        if not self.silent:
            with contextlib.suppress(ConnectionError):
                await self.socket.send_str(json.dumps(frame, ensure_ascii=False))


class Sockets:
    """The connections of one workspace's app, and what goes over them."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._tickets: set[str] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._turn = 0
        self.lines: list[Line] = []
        self.faults = FaultSwitch(SOCKET, space.changes.note)

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        return [web.get("/slack/link/", self._serve)]

    def open(self, token: str) -> Json:
        """Answer apps.connections.open: a URL that works once."""
        if not token:
            return {"ok": False, "error": "not_authed"}
        if token != self._space.settings.app_token:
            kind = "not_allowed_token_type" if token.startswith("xoxb-") else "invalid_auth"
            return {"ok": False, "error": kind}
        if self.faults.hit("open") == "open_refused":
            return {"ok": False, "error": "internal_error"}
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        base = self._space.base_url.replace("http", "ws", 1)
        return {"ok": True, "url": f"{base}/slack/link/?ticket={ticket}&app_id={people.APP_ID}"}

    async def deliver(self, sent: Enveloped) -> Answer:
        """Send an envelope over the next connection, and wait for its answer."""
        started = time.perf_counter()

        def spent() -> float:
            return (time.perf_counter() - started) * 1000

        lines = [line for line in self.lines if not line.leaving]
        if not lines:
            return Answer(None, spent(), why="no connection")
        self._turn += 1
        line = lines[self._turn % len(lines)]
        id_, answered = secrets.token_hex(12), asyncio.get_running_loop().create_future()
        line.pending[id_] = answered
        frame = {"envelope_id": id_, **sent.frame()}
        try:
            async with asyncio.timeout(self._space.settings.deadline):
                for _ in range(2 if self.faults.hit("envelope") == "duplicate" else 1):
                    await line.say(frame)
                payload = await answered
        except TimeoutError:
            return Answer(None, spent(), why="timeout")
        finally:
            del line.pending[id_]
        body = b"" if payload is None else json.dumps(payload).encode()
        return Answer(200, spent(), body, "application/json")

    async def switch(self, fault: str, times: int | None = None) -> None:
        """Switch a lasting fault on, or let one happen once to every connection; raises LookupError."""
        self.faults.set(fault, times)
        lines = [line for line in self.lines if not line.leaving]
        if fault in _ROUTINE | _REFUSING:
            for line in lines:
                self._disconnect(line, fault)
        elif fault == "abort":
            for line in lines:
                reset(line.request)
        elif fault == "silent":
            for line in lines:
                line.silent = True
        if fault in _ROUTINE | {"abort", "silent"}:
            self.faults.set(NONE)

    async def stop(self) -> None:
        """Close every connection."""
        await end(self._closing)
        for line in list(self.lines):
            await line.socket.close()

    def _disconnect(self, line: Line, reason: str) -> None:
        task = asyncio.create_task(self._close(line, reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, line: Line, reason: str) -> None:
        line.leaving = reason in _REFUSING
        await line.say({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})
        if reason in _ROUTINE:
            await asyncio.sleep(self._space.settings.delays.disconnect)
        line.leaving = True
        if line.pending:
            await asyncio.wait(line.pending.values(), timeout=self._space.settings.deadline)
        await line.socket.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="This address was used, or never given out.")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        line = Line(request, socket)
        refusal = self._refusal()
        self.lines.append(line)
        if refusal:
            self._disconnect(line, refusal)
        else:
            await line.say(self._hello())
            await socket.ping(b"Ping from applink-sandbox")
        self._space.changes.note()
        try:
            await self._listen(line)
        finally:
            self.lines.remove(line)
            self._space.changes.note()
        return socket

    def _refusal(self) -> str | None:
        if not self._space.settings.socket_mode:
            return "link_disabled"
        if len(self.lines) >= CONNECTIONS_MAX:
            return "too_many_websockets"
        return self.faults.current if self.faults.current in _REFUSING else None

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.lines) + self._space.settings.other_connections,
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": people.APP_ID},
        }

    async def _listen(self, line: Line) -> None:
        async for message in line.socket:
            if line.silent:
                continue
            if message.type is WSMsgType.PING:
                line.pings += 1
                await line.socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                line.ponged = True
                self._space.changes.note()
            elif message.type is WSMsgType.TEXT:
                answer = mapping(parsed(message.data))
                answered = line.pending.get(text(answer.get("envelope_id")))
                if answered is not None and not answered.done():
                    answered.set_result(answer.get("payload"))
