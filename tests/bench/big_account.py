"""The fake Slack, and a fake Vobiz whose account has many trunks and which takes its time for each answer.

It also takes what is sent to a `response_url`: `GET /told/<number>` waits for that too, and `GET /stats`
counts the requests that Vobiz had, in all and at once.
"""

import asyncio
import json
import os
import time
from typing import Final
from urllib.parse import parse_qsl

import uvloop

from bot.sandbox.shape import Json
from bot.sandbox.vobiz.account import Account
from bot.sandbox.vobiz.paging import by_offset
from tests.bench.serving import Receive, Scope, Send, answer, read_body, serve
from tests.bench.slack import Upstream
from tests.bench.wiring import ACCOUNT

TRUNKS: Final = 2500
EACH: Final = 0.05  # seconds until Vobiz answers
RESPOND: Final = "/respond/"
WHOLE: Final = "aaaaaaaa-0000-4000-8000-000000000000"  # the trunk to which all is attached that can be
_LISTS: Final = frozenset({"credentials", "ip-acl", "origination-uris"})


class BigAccount(Upstream):
    """Both APIs, as `Upstream`."""

    def __init__(self) -> None:
        self._account = Account(ACCOUNT)
        for number in range(TRUNKS):
            self._account.create(f"Sales {number}", "outbound", 10)
        trunk = self._account.trunks[TRUNKS // 2]
        trunk["trunk_id"] = WHOLE
        self._account.attach(trunk, "credential_uuid", {"username": "sales"})
        self._account.attach(trunk, "ipacl_uuid", {"ip_address": "203.0.114.7"})
        self._account.attach(trunk, "primary_uri_uuid", {"uri": "sip:pbx.example.com"})
        self._busy = 0
        super().__init__()

    def _begin(self) -> None:
        super()._begin()
        self._abreast = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path: str = scope["path"]
        if not path.startswith(RESPOND):
            await super().__call__(scope, receive, send)
            return
        number = path.removeprefix(RESPOND)
        self._messages[number] = time.monotonic_ns()
        await read_body(receive)
        await answer(send, b'{"ok":true}')
        self._told[number].set()

    async def _vobiz(self, scope: Scope, body: bytes, arrived: int, send: Send) -> None:
        del body, arrived
        self._looks += 1
        self._busy += 1
        self._abreast = max(self._abreast, self._busy)
        await asyncio.sleep(EACH)
        self._busy -= 1
        await answer(send, json.dumps(self._found(scope)).encode())

    def _found(self, scope: Scope) -> Json:
        name = scope["path"].rsplit("/", 1)[-1]
        asked = dict(parse_qsl(scope["query_string"].decode()))
        if name == "me":
            return self._account.me()
        if name == "concurrency":
            return self._account.concurrency()
        if name in _LISTS:
            return by_offset(self._account.lists[name], asked.get("limit"), asked.get("offset"))
        if name == "trunks":
            return by_offset(self._account.trunks, asked.get("limit"), asked.get("offset"))
        return self._account.find(name) or {}

    def _noted(self) -> dict[str, object]:
        return super()._noted() | {"abreast": self._abreast}


if __name__ == "__main__":
    uvloop.run(serve(BigAccount(), int(os.environ["PORT"])))
