"""The paths of phone numbers: listed, routed to a trunk, taken off; and given back, which no bot may do."""

from typing import Final

from aiohttp import web

from bot.sandbox.answers import answer
from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.errors import Refusal
from bot.sandbox.vobiz.numbers import cannot_assign, cannot_unassign, number_in, numbers_page
from bot.sandbox.vobiz.serving import OWN, Act, Serving, Write

RELEASED: Final = "DELETE number: IT WAS GIVEN BACK FOR A FEE"


class NumberPaths:
    """What is served below `numbers`."""

    def __init__(self, serving: Serving) -> None:
        """Serve the numbers of one account."""
        self._serving = serving

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        serving, one = self._serving, f"{OWN}/numbers/{{number}}"
        assign = Write("POST assign", "assign", self._assign, "trunk_group_id")
        return [
            web.get(f"{OWN}/numbers", serving.reading(self._list, "list")),
            web.post(f"{one}/assign", serving.writing(assign)),
            web.delete(f"{one}/assign", serving.writing(Write("DELETE assign", "unassign", self._unassign))),
            web.delete(one, serving.writing(Write(RELEASED, "release", self._release))),
        ]

    def _list(self, request: web.Request) -> web.Response:
        rows, query = self._serving.listed.numbers, request.query
        search = query.get("search", "")
        return answer(numbers_page(rows, query.get("page"), query.get("per_page"), search))

    def _assign(self, request: web.Request, body: Json, _fault: str) -> Act | Refusal:
        account, number = self._serving.account, self._number(request)
        if isinstance(number, Refusal):
            return number
        asked = text(body.get("trunk_group_id"))
        if (refused := cannot_assign(number, account.find(asked), asked)) is not None:
            return refused
        return Act(lambda: account.assign(number, asked), 204, lambda: text(number["e164"]))

    def _unassign(self, request: web.Request, _body: Json, fault: str) -> Act | Refusal:
        number = self._number(request)
        if isinstance(number, Refusal):
            return number
        if (refused := cannot_unassign(number)) is not None:
            return refused

        def unassign() -> None:
            if fault != "soft_delete":
                self._serving.account.unassign(number)

        return Act(unassign, 204, lambda: text(number["e164"]))

    def _release(self, request: web.Request, _body: Json, _fault: str) -> Act | Refusal:
        account, number = self._serving.account, self._number(request)
        if isinstance(number, Refusal):
            return number
        return Act(lambda: account.release(number), 200, lambda: text(number["e164"]))

    def _number(self, request: web.Request) -> Json | Refusal:
        account = self._serving.account
        raw = request.raw_path.partition("/numbers/")[2]
        return number_in(account.numbers, raw, request.match_info["number"], account.auth_id)
