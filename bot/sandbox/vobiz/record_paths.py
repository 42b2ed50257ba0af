"""The paths of credentials, IP ACL entries and origination URIs: one shape for the three."""

from collections.abc import Callable

from aiohttp import web

from bot.sandbox.answers import answer
from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.account import LISTINGS
from bot.sandbox.vobiz.errors import Refusal, flat
from bot.sandbox.vobiz.listed import Listing
from bot.sandbox.vobiz.paging import by_offset
from bot.sandbox.vobiz.serving import OWN, Act, Plan, Serving, Write


class RecordPaths:
    """What is served below `credentials`, `ip-acl` and `origination-uris`, and the paths that list them."""

    def __init__(self, serving: Serving) -> None:
        """Serve the records of one account."""
        self._serving = serving

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        return [route for listing in LISTINGS.values() for route in self._of(listing)]

    def _of(self, listing: Listing) -> list[web.RouteDef]:
        name, call, serving = listing.name, listing.call, self._serving
        one = name.removesuffix("s")
        add = Write(f"POST {name}", f"add {call}", self._add(listing), listing.refusable)
        alter = Write(f"PUT {one}", f"alter {call}", self._alter(listing), listing.refusable)
        remove = Write(f"DELETE {one}", f"remove {call}", self._remove(listing))
        return [
            web.get(f"{OWN}/trunks/{name}", serving.reading(self._list(listing), "list")),
            web.post(f"{OWN}/{name}", serving.writing(add)),
            web.put(f"{OWN}/{name}/{{record}}", serving.writing(alter)),
            web.delete(f"{OWN}/{name}/{{record}}", serving.writing(remove)),
        ]

    def _list(self, listing: Listing) -> Callable[[web.Request], web.Response]:
        def respond(request: web.Request) -> web.Response:
            rows, query = listing.shown(self._serving.listed.lists[listing.name]), request.query
            return answer(by_offset(rows, query.get("limit"), query.get("offset")))

        return respond

    def _add(self, listing: Listing) -> Plan:
        def plan(_request: web.Request, body: Json, _fault: str) -> Act | Refusal:
            account = self._serving.account
            if (refused := listing.refused(body, account.lists[listing.name])) is not None:
                return refused
            made: list[Json] = []

            def add() -> Json:
                made.append(account.add(listing.name, body))
                return made[0]

            return Act(add, 201, lambda: text(made[0]["id"]))

        return plan

    def _alter(self, listing: Listing) -> Plan:
        def plan(request: web.Request, body: Json, _fault: str) -> Act | Refusal:
            account, identity = self._serving.account, request.match_info["record"]
            row = account.record(listing.name, identity)
            if row is None:
                return flat(f"{listing.one} not found", 404)
            if (refused := listing.refused_later(body)) is not None:
                return refused
            return Act(lambda: account.alter(listing.name, row, body), 200, lambda: identity)

        return plan

    def _remove(self, listing: Listing) -> Plan:
        def plan(request: web.Request, _body: Json, fault: str) -> Act | Refusal:
            account, identity = self._serving.account, request.match_info["record"]
            row = account.record(listing.name, identity)
            if row is None:
                return flat(f"{listing.one} not found", 404)

            def remove() -> None:
                if fault != "soft_delete":
                    account.remove(listing.name, row, detaches=fault != "still_named")

            return Act(remove, 204, lambda: identity)

        return plan
