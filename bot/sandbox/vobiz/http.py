"""The Vobiz account over HTTP: credentials, paths that are case-sensitive, and when its faults strike."""

from typing import Final

from aiohttp import web

from bot.sandbox.answers import answer
from bot.sandbox.faults import VOBIZ, FaultSwitch
from bot.sandbox.log import Delivery
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.vobiz.calls import calls_page
from bot.sandbox.vobiz.number_paths import NumberPaths
from bot.sandbox.vobiz.record_paths import RecordPaths
from bot.sandbox.vobiz.serving import BASE, OWN, Serving
from bot.sandbox.vobiz.trunk_paths import TrunkPaths

_BALANCE: Final = 1000.0


class VobizServer(Serving):
    """The routes of the account."""

    def __init__(self, space: Workspace) -> None:
        """Serve one account, logged in the workspace's log."""
        super().__init__(space, FaultSwitch(VOBIZ, space.changes.note))

    def has_domain(self, domain: str) -> bool:
        """Tell whether a trunk has this SIP domain."""
        return any(str(trunk["trunk_domain"]).lower() == domain.lower() for trunk in self.account.trunks)

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        return [
            web.get(f"{BASE}/auth/me", self.reading(self._me)),
            web.get(f"{OWN}/concurrency", self.reading(lambda _: answer(self.account.concurrency()))),
            web.get(f"{OWN}/balance/{{currency}}", self.reading(self._balance)),
            web.get(f"{OWN}/cdr", self.reading(self._calls, "cdr")),
            # Before the trunks: to Vobiz `credentials` is no trunk's id either.
            *RecordPaths(self).routes(),
            *TrunkPaths(self).routes(),
            *NumberPaths(self).routes(),
            web.route("*", "/{path:.*}", self.logged(_line, _unknown)),
        ]

    def _me(self, _request: web.Request) -> web.Response:
        return answer(self.account.me() | {"is_active": self.faults.current != "inactive"})

    def _balance(self, request: web.Request) -> web.Response:
        left = 0.0 if self.faults.current == "no_balance" else _BALANCE
        return answer(self.account.balance(request.match_info["currency"], left))

    def _calls(self, request: web.Request) -> web.Response:
        return answer(calls_page(self.account.calls, self.account.auth_id, request.query))


async def _unknown(_request: web.Request, entry: Delivery) -> web.Response:
    entry.status, entry.note = 404, "no such path"
    return answer({"error": "not found", "code": 404}, 404)


def _line(request: web.Request) -> str:
    return f"{request.method} {request.path[:80]}"
