"""The Vobiz account over HTTP: credentials, paths that are case-sensitive, and when its faults strike."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.sandbox import exchange
from bot.sandbox.answers import answer, reset
from bot.sandbox.faults import VOBIZ, FaultSwitch
from bot.sandbox.log import Delivery
from bot.sandbox.shape import Json, mapping, parsed, text
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.vobiz.account import Account, FieldProblem, VobizPost, error, invalid, refusal
from bot.sandbox.vobiz.faults import BROKEN, answer_to, bent, failing

BASE: Final = "/api/v1"
UNAUTHORIZED: Final[Json] = {"error": "unauthorized", "message": "invalid credentials"}


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of a create: the answer (None: there will be none) and the trunk, if there is one."""

    response: web.Response | None
    trunk: Json | None = None


class VobizServer:
    """The routes of the account; every answer that a fault spoils is spoilt here."""

    def __init__(self, space: Workspace) -> None:
        """Serve one account, logged in the workspace's log."""
        self._space = space
        self._late: set[asyncio.Task[None]] = set()
        self.faults = FaultSwitch(VOBIZ, space.changes.note)
        self.account = Account(space.settings.vobiz_auth_id, space.clock)

    def reset(self) -> None:
        """Forget the trunks, and those that were to appear later."""
        for task in self._late:
            task.cancel()
        self.account = Account(self._space.settings.vobiz_auth_id, self._space.clock)
        self.faults.set("none")

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        own = f"{BASE}/Account/{{account}}"
        return [
            web.get(f"{BASE}/auth/me", self._read(self._me)),
            web.get(f"{own}/concurrency", self._read(lambda _: answer(self.account.concurrency()))),
            web.get(f"{own}/trunks", self._read(self._list)),
            web.get(f"{own}/trunks/{{trunk}}", self._read(self._show)),
            web.post(f"{own}/trunks", self._logged(lambda _: "POST trunks", self._create)),
            web.route("*", "/{path:.*}", self._logged(_line, self._unknown)),
        ]

    def _refused(self, request: web.Request, fault: str) -> web.Response | None:
        settings = self._space.settings
        if fault == "bad_token":
            words = "Access token has expired. Use refresh token to obtain a new one."
            return answer(error("TOKEN_EXPIRED", words), 401)
        known = (
            request.headers.get("X-Auth-ID") == settings.vobiz_auth_id
            and request.headers.get("X-Auth-Token") == settings.vobiz_auth_token
            and request.match_info.get("account", settings.vobiz_auth_id) == settings.vobiz_auth_id
        )
        return None if known else answer(UNAUTHORIZED, 401)

    def _logged(
        self,
        what: Callable[[web.Request], str],
        respond: Callable[[web.Request, Delivery], Awaitable[web.Response]],
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            entry = self._space.log.add("Bot", "Vobiz", what(request))
            entry.request = await exchange.asked(request)
            started = time.perf_counter()
            try:
                response = await respond(request, entry)
                entry.response = exchange.answered(response) if entry.status else ""
                return response
            finally:
                # Also when the bot hung up on an answer that never comes.
                entry.ms = (time.perf_counter() - started) * 1000
                self._space.changes.note()

        return handle

    async def _unknown(self, _request: web.Request, entry: Delivery) -> web.Response:
        entry.status, entry.note = 404, "no such path"
        return answer({"error": "not found", "code": 404}, 404)

    def _read(
        self, respond: Callable[[web.Request], web.Response]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request, entry: Delivery) -> web.Response:
            fault = self.faults.hit("read")
            response = self._refused(request, fault)
            if response is None:
                failed = fault == "reads_fail"
                response = answer(error("UNAVAILABLE", BROKEN), 503) if failed else respond(request)
            entry.status, entry.note = response.status, "" if fault == "none" else fault
            return response

        return self._logged(lambda request: f"GET {request.path.rsplit('/', 1)[-1]}", handle)

    def _me(self, _request: web.Request) -> web.Response:
        return answer(self.account.me() | {"is_active": self.faults.current != "inactive"})

    def _list(self, request: web.Request) -> web.Response:
        return answer(self.account.page(request.query.get("limit"), request.query.get("offset")))

    def _show(self, request: web.Request) -> web.Response:
        trunk_id = request.match_info["trunk"]
        trunk = self.account.find(trunk_id)
        if trunk is None:
            return answer(error("TRUNK_NOT_FOUND", "SIP trunk not found", {"trunkId": trunk_id}), 404)
        return answer(trunk)

    async def _create(self, request: web.Request, entry: Delivery) -> web.Response:
        raw = parsed(await request.read())
        fault = self.faults.hit("create")
        made = self._attempt(request, raw, fault)
        status = made.response.status if made.response else None
        trunk_id = text(made.trunk["trunk_id"]) if made.trunk else None
        self.account.posts.append(VobizPost(self._space.clock(), mapping(raw), status, trunk_id, fault))
        entry.status = status
        entry.note = " ".join(part for part in (trunk_id or "nothing created", fault) if part != "none")
        self._space.changes.note()
        if fault == "slow":
            await asyncio.sleep(self._space.settings.delays.slow)
        if made.response is not None:
            return made.response
        if made.trunk is not None:
            return reset(request)
        # Held until the client or the sandbox closes the connection.
        await asyncio.Event().wait()
        return web.Response()

    def _attempt(self, request: web.Request, raw: object, fault: str) -> _Made:
        body = mapping(raw)
        refused = self._refused(request, fault) or self._invalid(raw, fault)
        if refused is not None:
            return _Made(refused)
        delays = self._space.settings.delays
        if fault in {"created_late", "list_lags"}:
            self._later(delays.late, lambda: self._add(body, fault))
        instead = failing(fault, delays.retry_after)
        if instead is not None or fault in {"hang", "created_late"}:
            return _Made(instead)
        trunk = self._add(body, fault)
        return _Made(answer_to(trunk, fault), trunk)

    def _invalid(self, raw: object, fault: str) -> web.Response | None:
        if not isinstance(raw, dict):
            return answer({"error": "invalid request", "message": "The body is not a JSON object"}, 400)
        found = invalid(raw)
        if fault == "refuse" and not found:
            words = "Trunk name is not allowed on this account"
            found = [FieldProblem("name", words, "NOT_ALLOWED", raw.get("name"))]
        return answer(refusal(self._space.settings.vobiz_error_style, found), 422) if found else None

    def _add(self, body: Json, fault: str) -> Json:
        calls = body["max_concurrent_calls"]
        direction = "both" if fault == "other_direction" else text(body["trunk_type"]).lower()
        wanted = text(body["name"]), direction, calls if isinstance(calls, int) else 0
        about = text(body.get("description"))
        trunk = self.account.create(*wanted, about)
        if fault == "doubled":
            self.account.create(*wanted, about)
        whole = dict(trunk)
        trunk.update(bent(trunk, fault))
        if fault == "domain_later":
            self._later(self._space.settings.delays.domain, lambda: trunk.update(whole))
        return trunk

    def _later(self, delay: float, work: Callable[[], object]) -> None:
        async def wait() -> None:
            await asyncio.sleep(delay)
            work()
            self._space.changes.note()

        task = asyncio.create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)


def _line(request: web.Request) -> str:
    return f"{request.method} {request.path[:80]}"
