"""A fake Slack and a fake Vobiz in one process: answer at once, note when each modal arrived.

`GET /stats` returns what was noted, `GET /forget` forgets it.
"""

import json
import os
import time
from typing import Final

import uvloop

from tests.bench.serving import Receive, Scope, Send, answer, read_body, serve
from tests.bench.wiring import ACCOUNT, TEAM

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


class Upstream:
    """Both APIs. Times are `time.monotonic_ns()`, which all processes of a Linux machine share."""

    def __init__(self) -> None:
        self._opened: dict[str, int] = {}
        self._clients: set[tuple[str, int]] = set()
        self._looks = 0
        self._made = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        arrived = time.monotonic_ns()
        path: str = scope["path"]
        body = await read_body(receive)
        if path.startswith("/api/v1/"):
            self._looks += 1
            await answer(send, _VOBIZ_ANSWERS.get(path.rsplit("/", 1)[-1], b"{}"))
        elif path == "/stats":
            await answer(send, self._stats())
        elif path == "/forget":
            self._opened, self._clients, self._looks = {}, set(), 0
            await answer(send, _OK)
        else:
            self._clients.add(tuple(scope["client"]))
            await self._slack(path.removeprefix(SLACK), body, arrived, send)

    async def _slack(self, method: str, body: bytes, arrived: int, send: Send) -> None:
        if method == "auth.test":
            await answer(send, _IDENTITY, scopes=_SCOPES)
        elif method == "views.open":
            self._opened[json.loads(body)["trigger_id"]] = arrived
            await answer(send, self._view())
        elif method == "views.update":
            await answer(send, self._view())
        else:
            await answer(send, _OK)

    def _view(self) -> bytes:
        self._made += 1
        return b'{"ok":true,"view":{"id":"V%d","hash":"1.%d","type":"modal"}}' % (self._made, self._made)

    def _stats(self) -> bytes:
        noted = {"opened": self._opened, "connections": len(self._clients), "looks": self._looks}
        return json.dumps(noted).encode()


if __name__ == "__main__":
    uvloop.run(serve(Upstream(), int(os.environ["PORT"])))
