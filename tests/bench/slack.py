"""A fake Slack and a fake Vobiz in one process: answer at once, note when modals, POSTs and messages arrived.

`GET /stats` returns what was noted, `GET /forget` forgets it, `GET /view/<trigger>` returns an opened modal
and `GET /told/<number>` waits for the message about the flow of that number.
"""

import asyncio
import json
import os
import re
import time
from collections import defaultdict
from typing import Final

import uvloop

from tests.bench.serving import Receive, Scope, Send, answer, read_body, serve
from tests.bench.wiring import ACCOUNT, CHANNEL, TEAM

SLACK: Final = "/api/"
_SCOPES: Final = b"commands,chat:write,usergroups:read"
_OK: Final = b'{"ok":true}'
_IDENTITY: Final = json.dumps(
    {"ok": True, "team_id": TEAM, "team": "Bench", "bot_id": "B1", "user_id": "U1", "user": "trunk"}
).encode()
_VOBIZ: Final = {
    "trunks": {"meta": {"limit": 100, "offset": 0, "total": 0}, "objects": []},
    "concurrency": {"account_id": ACCOUNT, "concurrent_calls": 0, "max_concurrent": 1000},
    "me": {"auth_id": ACCOUNT, "name": "Bench", "concurrent_calls_limit": 1000, "is_active": True},
}
_VOBIZ_ANSWERS: Final = {name: json.dumps(body).encode() for name, body in _VOBIZ.items()}
_FLOW: Final = re.compile(rb"Flow (\d+)")
_PATIENCE: Final = 20  # seconds for a message to come


class Upstream:
    """Both APIs. Times are `time.monotonic_ns()`, which all processes of a Linux machine share."""

    def __init__(self) -> None:
        self._made = 0
        self._begin()

    def _begin(self) -> None:
        self._opened: dict[str, int] = {}
        self._views: dict[str, object] = {}
        self._posts: dict[str, tuple[int, int]] = {}
        self._messages: dict[str, int] = {}
        self._told: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._clients: set[tuple[str, int]] = set()
        self._looks = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        arrived = time.monotonic_ns()
        path: str = scope["path"]
        body = await read_body(receive)
        if path.startswith("/api/v1/"):
            await self._vobiz(scope, body, arrived, send)
        elif path.startswith(SLACK):
            self._clients.add(tuple(scope["client"]))
            await self._slack(path.removeprefix(SLACK), body, arrived, send)
        else:
            await self._asked(path, send)

    async def _vobiz(self, scope: Scope, body: bytes, arrived: int, send: Send) -> None:
        path: str = scope["path"]
        if scope["method"] != "POST":
            self._looks += 1
            await answer(send, _VOBIZ_ANSWERS.get(path.rsplit("/", 1)[-1], b"{}"))
            return
        self._made += 1
        wanted = json.loads(body)
        kind = wanted["trunk_type"].lower()
        made = {"trunk_id": f"t-{self._made}", "trunk_domain": f"{self._made}.sip.vobiz.ai"}
        await answer(send, json.dumps(wanted | made | {"trunk_direction": kind}).encode(), status=201)
        self._posts[_number(body)] = (arrived, time.monotonic_ns())

    async def _slack(self, method: str, body: bytes, arrived: int, send: Send) -> None:
        if method == "auth.test":
            await answer(send, _IDENTITY, scopes=_SCOPES)
        elif method == "views.open":
            sent = json.loads(body)
            self._opened[sent["trigger_id"]] = arrived
            self._views[sent["trigger_id"]] = sent["view"]
            await answer(send, self._view())
        elif method == "views.update":
            await answer(send, self._view())
        elif method == "chat.postMessage":
            number = _number(body)
            self._messages[number] = arrived
            self._made += 1
            await answer(send, b'{"ok":true,"channel":"%s","ts":"1.%06d"}' % (CHANNEL.encode(), self._made))
            self._told[number].set()
        else:
            await answer(send, _OK)

    async def _asked(self, path: str, send: Send) -> None:
        what, _, which = path.lstrip("/").partition("/")
        if what == "stats":
            await answer(send, json.dumps(self._noted()).encode())
        elif what == "view":
            await answer(send, json.dumps(self._views.get(which)).encode())
        elif what == "told":
            async with asyncio.timeout(_PATIENCE):
                await self._told[which].wait()
            await answer(send, _OK)
        elif what == "forget":
            self._begin()
            await answer(send, _OK)
        else:
            await answer(send, _OK)

    def _view(self) -> bytes:
        self._made += 1
        return b'{"ok":true,"view":{"id":"V%d","hash":"1.%d","type":"modal"}}' % (self._made, self._made)

    def _noted(self) -> dict[str, object]:
        return {
            "opened": self._opened,
            "posts": self._posts,
            "messages": self._messages,
            "connections": len(self._clients),
            "looks": self._looks,
        }


def _number(body: bytes) -> str:
    found = _FLOW.search(body)
    return found.group(1).decode() if found else ""


if __name__ == "__main__":
    uvloop.run(serve(Upstream(), int(os.environ["PORT"])))
