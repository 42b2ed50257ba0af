"""The paths of the trunks: listed, shown, made, changed and deleted."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

from bot.sandbox.answers import answer
from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.changes import changed, invalid, invalid_change, unknown
from bot.sandbox.vobiz.errors import FieldProblem, Refusal, error, refusal
from bot.sandbox.vobiz.faults import bent
from bot.sandbox.vobiz.listed import ATTACHED
from bot.sandbox.vobiz.paging import by_offset
from bot.sandbox.vobiz.serving import OWN, Act, Serving, Write

NARRATIVE: Final = frozenset({"name", "max_concurrent_calls", "enabled"})  # what the update page names


class TrunkPaths:
    """What is served below `trunks`."""

    def __init__(self, serving: Serving) -> None:
        """Serve the trunks of one account."""
        self._serving = serving

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        serving, one = self._serving, f"{OWN}/trunks/{{trunk}}"
        return [
            web.get(f"{OWN}/trunks", serving.reading(self._list)),
            web.get(one, serving.reading(self._show)),
            web.post(f"{OWN}/trunks", serving.writing(Write("POST trunks", "create", self._create))),
            web.put(one, serving.writing(Write("PUT trunk", "change", self._change))),
            web.delete(one, serving.writing(Write("DELETE trunk", "delete", self._delete))),
        ]

    def _list(self, request: web.Request) -> web.Response:
        rows, query = self._serving.listed.trunks, request.query
        return answer(by_offset(rows, query.get("limit"), query.get("offset")))

    def _show(self, request: web.Request) -> web.Response:
        trunk = self._serving.account.find(request.match_info["trunk"])
        missing = self._missing(request)
        return answer(missing.body, missing.status) if trunk is None else answer(trunk)

    def _create(self, _request: web.Request, body: Json, fault: str) -> Act | Refusal:
        if (refused := self._invalid(body, invalid)) is not None:
            return refused
        made: list[Json] = []

        def create() -> Json:
            made.append(self._add(body, fault))
            return made[0]

        return Act(create, 201, lambda: text(made[0]["trunk_id"]))

    def _change(self, request: web.Request, body: Json, fault: str) -> Act | Refusal:
        account, identity = self._serving.account, request.match_info["trunk"]
        refused = self._invalid(body, invalid_change) or unknown(body, account.lists)
        trunk = account.find(identity)
        if refused is not None or trunk is None:
            return refused or self._missing(request)
        if fault == "put_ignores":
            body = {key: value for key, value in body.items() if key in NARRATIVE}
        if fault == "null_ignored":
            body = {key: value for key, value in body.items() if value or key not in ATTACHED}
        replaces = fault == "put_replaces"

        def change() -> Json:
            return account.change(trunk, changed(trunk, body, replaces=replaces))

        return Act(change, 200, lambda: identity)

    def _delete(self, request: web.Request, _body: Json, fault: str) -> Act | Refusal:
        account, identity = self._serving.account, request.match_info["trunk"]
        trunk = account.find(identity)
        if trunk is None:
            return self._missing(request)

        def delete() -> None:
            if fault != "soft_delete":
                account.delete(trunk, cascades=fault != "keeps_attached")

        return Act(delete, 204, lambda: identity)

    def _missing(self, request: web.Request) -> Refusal:
        details: Json = {"trunkId": request.match_info["trunk"]}
        return Refusal(404, error("TRUNK_NOT_FOUND", "SIP trunk not found", details))

    def _invalid(self, body: Json, judge: Callable[[Json], list[FieldProblem]]) -> Refusal | None:
        found, style = judge(body), self._serving.space.settings.vobiz_error_style
        return Refusal(422, refusal(style, found)) if found else None

    def _add(self, body: Json, fault: str) -> Json:
        calls = body["max_concurrent_calls"]
        direction = "both" if fault == "other_direction" else text(body["trunk_type"]).lower()
        limit = calls if isinstance(calls, int) else 0
        trunk = self._serving.account.create(
            text(body["name"]), direction, limit, text(body.get("description"))
        )
        whole = dict(trunk)
        trunk.update(bent(trunk, fault))
        if fault == "domain_later":
            self._serving.later(lambda: trunk.update(whole), self._serving.space.settings.delays.domain)
        return trunk
