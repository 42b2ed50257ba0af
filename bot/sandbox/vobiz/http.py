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
from bot.sandbox.vobiz.changes import changed, invalid_change
from bot.sandbox.vobiz.faults import BROKEN, answer_to, bent, failing

BASE: Final = "/api/v1"
LISTS: Final = ("credentials", "ip-acl", "origination-uris")
NARRATIVE: Final = frozenset({"name", "max_concurrent_calls", "enabled"})  # what the update page names
_BALANCE: Final = 1000.0
UNAUTHORIZED: Final[Json] = {"error": "unauthorized", "message": "invalid credentials"}


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of a write: the answer (None: there will be none) and whose trunk it changed, if any."""

    response: web.Response | None
    trunk_id: str | None = None


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

    def has_domain(self, domain: str) -> bool:
        """Tell whether a trunk has this SIP domain."""
        return any(str(trunk["trunk_domain"]).lower() == domain.lower() for trunk in self.account.trunks)

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        own = f"{BASE}/Account/{{account}}"
        return [
            web.get(f"{BASE}/auth/me", self._read(self._me)),
            web.get(f"{own}/concurrency", self._read(lambda _: answer(self.account.concurrency()))),
            web.get(f"{own}/balance/{{currency}}", self._read(self._balance)),
            web.get(f"{own}/trunks", self._read(self._list)),
            # Before the one that shows a trunk: to Vobiz `credentials` is no trunk's id either.
            *(web.get(f"{own}/trunks/{name}", self._read(self._listed(name), "list")) for name in LISTS),
            web.get(f"{own}/numbers", self._read(self._numbers, "list")),
            web.get(f"{own}/trunks/{{trunk}}", self._read(self._show)),
            web.post(f"{own}/trunks", self._writing("POST trunks", "create", self._create)),
            web.put(f"{own}/trunks/{{trunk}}", self._writing("PUT trunk", "change", self._change)),
            web.delete(f"{own}/trunks/{{trunk}}", self._writing("DELETE trunk", "delete", self._delete)),
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
        self, respond: Callable[[web.Request], web.Response], call: str = "read"
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request, entry: Delivery) -> web.Response:
            fault = self.faults.hit(call)
            response = self._refused(request, fault)
            if response is None:
                failed = fault in {"reads_fail", "lists_fail"}
                response = answer(error("UNAVAILABLE", BROKEN), 503) if failed else respond(request)
            entry.status, entry.note = response.status, "" if fault == "none" else fault
            return response

        return self._logged(lambda request: f"GET {request.path.rsplit('/', 1)[-1]}", handle)

    def _me(self, _request: web.Request) -> web.Response:
        return answer(self.account.me() | {"is_active": self.faults.current != "inactive"})

    def _balance(self, request: web.Request) -> web.Response:
        left = 0.0 if self.faults.current == "no_balance" else _BALANCE
        return answer(self.account.balance(request.match_info["currency"], left))

    def _list(self, request: web.Request) -> web.Response:
        query = request.query
        return answer(self.account.page(self.account.trunks, query.get("limit"), query.get("offset")))

    def _listed(self, name: str) -> Callable[[web.Request], web.Response]:
        def respond(request: web.Request) -> web.Response:
            query, rows = request.query, self.account.lists[name]
            return answer(self.account.page(rows, query.get("limit"), query.get("offset")))

        return respond

    def _numbers(self, request: web.Request) -> web.Response:
        return answer(self.account.numbers_page(request.query.get("page"), request.query.get("per_page")))

    def _show(self, request: web.Request) -> web.Response:
        trunk = self.account.find(request.match_info["trunk"])
        return self._missing(request) if trunk is None else answer(trunk)

    def _writing(
        self, what: str, call: str, attempt: Callable[[web.Request, object, str], _Made]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request, entry: Delivery) -> web.Response:
            raw = parsed(await request.read())
            fault = self.faults.hit(call)
            made = attempt(request, raw, fault)
            status = made.response.status if made.response else None
            post = VobizPost(
                self._space.clock(),
                mapping(raw),
                status,
                made.trunk_id,
                fault,
                request.method,
                request.match_info.get("trunk", ""),
            )
            self.account.posts.append(post)
            entry.status = status
            done = made.trunk_id or f"nothing {call}d"
            entry.note = " ".join(part for part in (done, fault) if part != "none")
            self._space.changes.note()
            if fault == "slow":
                await asyncio.sleep(self._space.settings.delays.slow)
            if made.response is not None:
                return made.response
            if made.trunk_id is not None:
                return reset(request)
            # Held until the client or the sandbox closes the connection.
            await asyncio.Event().wait()
            return web.Response()

        return self._logged(lambda _: what, handle)

    def _failing(self, request: web.Request, fault: str, invalid: web.Response | None) -> web.Response | None:
        """Answer in place of doing what was asked, if it may not be done or the fault says so."""
        wait = self._space.settings.delays.retry_after
        return self._refused(request, fault) or invalid or failing(fault, wait)

    def _create(self, request: web.Request, raw: object, fault: str) -> _Made:
        body = mapping(raw)
        refused = self._refused(request, fault) or self._invalid(raw, invalid, fault)
        if refused is not None:
            return _Made(refused)
        if fault == "list_lags":
            self._later(lambda: self._add(body, fault))
        if (instead := failing(fault, self._space.settings.delays.retry_after)) is not None:
            return _Made(instead)
        if fault in {"hang", "created_late"}:
            return self._silent(fault, lambda: self._add(body, fault))
        trunk = self._add(body, fault)
        return _Made(answer_to(trunk, 201, fault), text(trunk["trunk_id"]))

    def _change(self, request: web.Request, raw: object, fault: str) -> _Made:
        trunk, body = self.account.find(request.match_info["trunk"]), mapping(raw)
        refused = self._failing(request, fault, self._invalid(raw, invalid_change, fault))
        if refused is not None or trunk is None:
            return _Made(refused or self._missing(request))
        if fault == "put_ignores":
            body = {key: value for key, value in body.items() if key in NARRATIVE}

        def change() -> Json:
            return self.account.change(trunk, changed(trunk, body, replaces=fault == "put_replaces"))

        if fault in {"hang", "created_late"}:
            return self._silent(fault, change)
        return _Made(answer_to(change(), 200, fault), text(trunk["trunk_id"]))

    def _delete(self, request: web.Request, _raw: object, fault: str) -> _Made:
        trunk = self.account.find(request.match_info["trunk"])
        refused = self._failing(request, fault, self._invalid({}, lambda _: [], fault))
        if refused is not None or trunk is None:
            return _Made(refused or self._missing(request))

        def delete() -> None:
            if fault == "soft_delete":
                return
            self.account.delete(trunk, cascades=fault != "keeps_attached")

        if fault in {"hang", "created_late"}:
            return self._silent(fault, delete)
        delete()
        return _Made(answer_to(None, 204, fault), text(trunk["trunk_id"]))

    def _silent(self, fault: str, do: Callable[[], object]) -> _Made:
        """Answer nothing, and do it seconds later or never."""
        if fault == "created_late":
            self._later(do)
        return _Made(None)

    def _missing(self, request: web.Request) -> web.Response:
        details: Json = {"trunkId": request.match_info["trunk"]}
        return answer(error("TRUNK_NOT_FOUND", "SIP trunk not found", details), 404)

    def _invalid(
        self, raw: object, judge: Callable[[Json], list[FieldProblem]], fault: str
    ) -> web.Response | None:
        if not isinstance(raw, dict):
            return answer({"error": "invalid request", "message": "The body is not a JSON object"}, 400)
        found = judge(raw)
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
            self._later(lambda: trunk.update(whole), self._space.settings.delays.domain)
        return trunk

    def _later(self, work: Callable[[], object], delay: float | None = None) -> None:
        async def wait() -> None:
            await asyncio.sleep(self._space.settings.delays.late if delay is None else delay)
            work()
            self._space.changes.note()

        task = asyncio.create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)


def _line(request: web.Request) -> str:
    return f"{request.method} {request.path[:80]}"
