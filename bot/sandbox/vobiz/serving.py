"""How the account answers over HTTP: who may ask, when a fault strikes, what is kept, what comes later."""

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.sandbox import exchange
from bot.sandbox.answers import answer, reset
from bot.sandbox.faults import FaultSwitch
from bot.sandbox.log import Delivery
from bot.sandbox.shape import Json, mapping, parsed
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.vobiz.account import Account, VobizPost
from bot.sandbox.vobiz.errors import FieldProblem, Refusal, error, refusal
from bot.sandbox.vobiz.faults import BROKEN, answer_to, failing
from bot.sandbox.vobiz.seed import seed

BASE: Final = "/api/v1"
OWN: Final = f"{BASE}/Account/{{account}}"
UNAUTHORIZED: Final[Json] = {"error": "unauthorized", "message": "invalid credentials"}
UNREADABLE: Final = frozenset({"reads_fail", "lists_fail", "records_fail"})
_DONE: Final = {"POST": "created", "PUT": "changed", "DELETE": "deleted"}
_SILENT: Final = frozenset({"hang", "created_late"})

Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Act:
    """What a write does when it is done. `do` returns what the answer shows, None for nothing.

    `changes` names what it changed: until it is done a new one has no name, so it is asked for afterwards.
    """

    do: Callable[[], Json | None]
    status: int
    changes: Callable[[], str]


Plan = Callable[[web.Request, Json, str], Act | Refusal]


@dataclass(frozen=True, slots=True)
class Write:
    """A write that the account takes: what the log calls it, and the call that faults hit.

    `plan` says what comes of it. `named` is the field that the fault `refuse` refuses.
    """

    what: str
    call: str
    plan: Plan
    named: str = "name"


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of a write: the answer (None: there will be none) and what it changed, if anything."""

    response: web.Response | None
    changed: str | None = None


class Serving:
    """The account as its paths serve it; every answer that a fault spoils is spoilt here."""

    def __init__(self, space: Workspace, faults: FaultSwitch) -> None:
        """Serve one account, logged in the workspace's log."""
        self.space = space
        self.faults = faults
        self.account = self._new()
        self._late: set[asyncio.Task[None]] = set()
        self._behind: Account | None = None

    def _new(self) -> Account:
        account = Account(self.space.settings.vobiz_auth_id, self.space.clock)
        if self.space.settings.seeded:
            seed(account)
        return account

    def reset(self) -> None:
        """Forget the account, what was to happen later, and the fault."""
        for task in self._late:
            task.cancel()
        self.account, self._behind = self._new(), None
        self.faults.set("none")

    @property
    def listed(self) -> Account:
        """The account as its lists show it, which can be how it was seconds ago."""
        return self._behind or self.account

    @property
    def behind(self) -> bool:
        """Whether the lists show how the account was."""
        return self._behind is not None

    def refused(self, request: web.Request, fault: str) -> web.Response | None:
        """Answer who may not ask."""
        settings = self.space.settings
        if fault == "bad_token":
            words = "Access token has expired. Use refresh token to obtain a new one."
            return answer(error("TOKEN_EXPIRED", words), 401)
        known = (
            request.headers.get("X-Auth-ID") == settings.vobiz_auth_id
            and request.headers.get("X-Auth-Token") == settings.vobiz_auth_token
            and request.match_info.get("account", settings.vobiz_auth_id) == settings.vobiz_auth_id
        )
        return None if known else answer(UNAUTHORIZED, 401)

    def logged(
        self,
        what: Callable[[web.Request], str],
        respond: Callable[[web.Request, Delivery], Awaitable[web.Response]],
    ) -> Handler:
        """Have what is asked and answered in the log."""

        async def handle(request: web.Request) -> web.Response:
            entry = self.space.log.add("Bot", "Vobiz", what(request))
            entry.request = await exchange.asked(request)
            started = time.perf_counter()
            try:
                response = await respond(request, entry)
                entry.response = exchange.answered(response) if entry.status else None
                return response
            finally:
                # Also when the bot hung up on an answer that never comes.
                entry.ms = (time.perf_counter() - started) * 1000
                self.space.changes.note()

        return handle

    def reading(self, respond: Callable[[web.Request], web.Response], call: str = "read") -> Handler:
        """Serve what changes nothing."""

        async def handle(request: web.Request, entry: Delivery) -> web.Response:
            fault = self.faults.hit(call)
            response = self.refused(request, fault)
            if response is None:
                failed = fault in UNREADABLE
                response = answer(error("UNAVAILABLE", BROKEN), 503) if failed else respond(request)
            entry.status, entry.note = response.status, "" if fault == "none" else fault
            return response

        return self.logged(lambda request: f"GET {request.path.rsplit('/', 1)[-1]}", handle)

    def writing(self, write: Write) -> Handler:
        """Serve a write: it is counted, done or not, and answered or not."""

        async def handle(request: web.Request, entry: Delivery) -> web.Response:
            raw = parsed(await request.read())
            fault = self.faults.hit(write.call)
            made = self._attempt(request, raw, fault, write)
            entry.status = made.response.status if made.response else None
            self.account.posts.append(self._written_down(request, raw, fault, made))
            done = made.changed or f"nothing {_DONE[request.method]}"
            entry.note = " ".join(part for part in (done, fault) if part != "none")
            self.space.changes.note()
            if fault == "slow":
                await asyncio.sleep(self.space.settings.delays.slow)
            if made.response is not None:
                return made.response
            if made.changed is not None:
                return reset(request)
            # Held until the client or the sandbox closes the connection.
            await asyncio.Event().wait()
            return web.Response()

        return self.logged(lambda _: write.what, handle)

    def later(self, work: Callable[[], object], delay: float | None = None) -> None:
        """Do something after `delay` seconds, or after the settings' own."""

        async def wait() -> None:
            await asyncio.sleep(self.space.settings.delays.late if delay is None else delay)
            work()
            self.space.changes.note()

        task = asyncio.create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _written_down(self, request: web.Request, raw: object, fault: str, made: _Made) -> VobizPost:
        names = request.match_info
        about = next((names[key] for key in ("trunk", "record", "number") if key in names), "")
        path = request.path.removeprefix(f"{BASE}/Account/{names['account']}/")
        status = made.response.status if made.response else None
        return VobizPost(
            self.space.clock(), mapping(raw), status, made.changed, fault, request.method, about, path
        )

    def _attempt(self, request: web.Request, raw: object, fault: str, write: Write) -> _Made:
        if (refused := self.refused(request, fault) or _malformed(request, raw)) is not None:
            return _Made(refused)
        body = mapping(raw)

        def plan() -> Act | Refusal:
            return write.plan(request, body, fault)

        planned = plan()
        instead = self._instead(planned, fault, lambda: self._not_allowed(write.named, body))
        if fault == "list_lags" and isinstance(planned, Act):
            self.later(lambda: _do(plan()))
        if instead is not None or isinstance(planned, Refusal):
            return _Made(instead)
        return self._carry_out(planned, fault, plan)

    def _instead(
        self, planned: Act | Refusal, fault: str, not_allowed: Callable[[], web.Response]
    ) -> web.Response | None:
        """Answer in place of doing it: what is malformed comes before a fault, what is missing after it."""
        refused = answer(planned.body, planned.status) if isinstance(planned, Refusal) else None
        if refused is not None and refused.status in {400, 422}:
            return refused
        if fault == "refuse":
            return not_allowed()
        return failing(fault, self.space.settings.delays.retry_after) or refused

    def _carry_out(self, planned: Act, fault: str, plan: Callable[[], Act | Refusal]) -> _Made:
        if fault in _SILENT:
            if fault == "created_late":
                self.later(lambda: _do(plan()))
            return _Made(None)
        if fault == "lists_behind":
            self._look_back()
        shown = planned.do()
        made = _Made(answer_to(shown, planned.status, fault), planned.changes())
        if fault == "doubled":
            _do(plan())
        return _Made(_answer_to_second(plan()), made.changed) if fault == "sent_twice" else made

    def _look_back(self) -> None:
        """Have the lists show for a while what they show now."""
        now = self.listed
        self._behind = dataclasses.replace(
            now, trunks=deepcopy(now.trunks), lists=deepcopy(now.lists), numbers=deepcopy(now.numbers)
        )
        self.later(self._catch_up)

    def _catch_up(self) -> None:
        self._behind = None

    def _not_allowed(self, field: str, body: Json) -> web.Response:
        words = f"{field.replace('_', ' ').capitalize()} is not allowed on this account"
        problem = FieldProblem(field, words, "NOT_ALLOWED", body.get(field))
        return answer(refusal(self.space.settings.vobiz_error_style, [problem]), 422)


def _malformed(request: web.Request, raw: object) -> web.Response | None:
    if isinstance(raw, dict) or request.method == "DELETE":
        return None
    return answer({"error": "invalid request", "message": "The body is not a JSON object"}, 400)


def _do(planned: Act | Refusal) -> None:
    if isinstance(planned, Act):
        planned.do()


def _answer_to_second(planned: Act | Refusal) -> web.Response:
    """Answer the repetition of a write that was done."""
    if isinstance(planned, Refusal):
        return answer(planned.body, planned.status)
    return answer(error("CONFLICT", "One with this name already exists"), 409)
