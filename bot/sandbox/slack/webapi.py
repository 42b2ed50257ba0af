"""Slack's Web API and response URLs over HTTP: tokens, scopes, arguments, faults."""

import asyncio
from collections.abc import Mapping
from email.utils import formatdate
from typing import Final

from aiohttp import web

from bot.sandbox import exchange, faults
from bot.sandbox.answers import answer, html, reset
from bot.sandbox.shape import Json, mapping, parsed, text
from bot.sandbox.slack import people
from bot.sandbox.slack.chat_methods import blocks_of, rewrite
from bot.sandbox.slack.directory import altered, unreachable
from bot.sandbox.slack.grants import ResponseUrl
from bot.sandbox.slack.methods import METHODS, Method
from bot.sandbox.slack.refusals import RATE_LIMITED, content_refusal, refused
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import SlackCall, Workspace

_AHEAD: Final = 280.0  # seconds; requests are still accepted, for another 20
_REFUSING: Final = {
    "views_open_error": "internal_error",
    "post_not_in_channel": "not_in_channel",
    "approvals_channel_error": "internal_error",
    "groups_error": "fatal_error",
    "token_revoked": "token_revoked",
}
_NESTED: Final = frozenset({"view", "blocks", "attachments", "metadata"})


class WebApi:
    """The routes below `/slack`."""

    def __init__(self, space: Workspace, sockets: Sockets) -> None:
        """Serve one workspace."""
        self._space = space
        self._sockets = sockets

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        return [
            web.post("/slack/api/{method}", self.call),
            web.get("/slack/api/{method}", self.call),
            web.post("/slack/response/{secret}", self.respond),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """Carry out a Web API method, or refuse it as Slack does."""
        space, name = self._space, request.match_info["method"]
        entry = space.log.add("Bot", "Slack", name)
        entry.request = await exchange.asked(request)
        args = await _arguments(request)
        channel = space.channels.get(text(mapping(args).get("channel")))
        if channel is not None:
            entry.what = f"{name} {channel.id if channel.kind == 'dm' else '#' + channel.name}"
        fault = space.faults.hit(name)
        if fault == "post_not_in_channel" and text(mapping(args).get("channel"))[:1] != "C":
            fault = faults.NONE
        if fault == "approvals_channel_error" and (channel is None or channel.id != people.APPROVALS):
            fault = faults.NONE
        if fault == "token_revoked" and name == "apps.connections.open":
            fault = faults.NONE  # that is for the app token
        started = asyncio.get_running_loop().time()
        if fault == "views_open_slow":
            await asyncio.sleep(space.settings.delays.views_open)
        response, error = self._carry_out(request, name, args, fault)
        kept = {k: v for k, v in mapping(args).items() if k not in {"token", "trigger_id"}}
        space.calls.append(SlackCall(name, kept, space.clock(), error))
        entry.status, entry.note = response.status, error or "ok"
        entry.ms = (asyncio.get_running_loop().time() - started) * 1000
        space.changes.note()
        response.headers["x-oauth-scopes"] = ",".join(sorted(self._granted(fault)))
        if fault == "clock_ahead":
            response.headers["Date"] = formatdate(space.clock() + _AHEAD, usegmt=True)
        if fault == "post_reset_after":
            return reset(request)
        entry.response = exchange.answered(response)
        return response

    def _carry_out(
        self, request: web.Request, name: str, args: Json | str, fault: str
    ) -> tuple[web.Response, str | None]:
        if fault in {"non_json", "post_error", "update_error"}:
            return html(200 if fault == "non_json" else 500), fault
        if fault in {"post_rate_limited", "views_open_limited"}:
            return self._limited(), RATE_LIMITED
        if fault == "tier_limits" and (wait := self._too_many(name)):
            return self._limited(wait), RATE_LIMITED
        error = _REFUSING.get(fault)
        if unreachable(fault, name, text(mapping(args).get("channel"))):
            error = "channel_not_found"
        if fault == faults.NO_TABLES and _TABLE in str(args):
            error = "invalid_arguments"
        if error is not None:
            return answer(refused(error)), error
        reply = altered(fault, name, self._reply(request, name, args, self._granted(fault)))
        failed = None if reply["ok"] else text(reply["error"])
        return (self._limited() if failed == RATE_LIMITED else answer(reply)), failed

    def _granted(self, fault: str) -> frozenset[str]:
        scopes = self._space.settings.scopes
        return scopes - {"usergroups:read"} if fault == "missing_scope" else scopes

    def _too_many(self, name: str) -> int:
        method = METHODS.get(name)
        most = None if method is None else method.a_minute
        return 0 if most is None else self._space.seconds_to_wait(name, most)

    def _limited(self, seconds: int | None = None) -> web.Response:
        wait = str(seconds or self._space.settings.delays.retry_after)
        return answer(refused(RATE_LIMITED), 429, {"Retry-After": wait})

    def _reply(self, request: web.Request, name: str, args: Json | str, scopes: frozenset[str]) -> Json:
        if name == "apps.connections.open":
            return self._sockets.open(_token(request, args))
        method = METHODS.get(name)
        if method is None:
            return refused("unknown_method")
        if isinstance(args, str):
            return refused(args)
        return self._refusal(request, method, args, scopes) or method.run(self._space, args)

    def _refusal(
        self, request: web.Request, method: Method, args: Json, scopes: frozenset[str]
    ) -> Json | None:
        settings = self._space.settings
        given = _token(request, args)
        if not given:
            return refused("not_authed")
        if given != settings.bot_token:
            return refused("invalid_auth")
        if self._space.token_error:
            return refused(self._space.token_error)
        if method.scopes and not scopes & set(method.scopes):
            missing = refused("missing_scope")
            missing["needed"] = ",".join(method.scopes)
            missing["provided"] = ",".join(sorted(scopes))
            return missing
        return None

    async def respond(self, request: web.Request) -> web.Response:
        """Answer through a response URL: 5 uses in 30 minutes, no membership needed."""
        space = self._space
        entry = space.log.add("Bot", "Slack", "response_url")
        entry.request = await exchange.asked(request)
        started = asyncio.get_running_loop().time()
        error: str | None
        body = parsed(await request.read())
        fault = space.faults.hit("response_url")
        limited = fault == "response_url_limited"
        if limited:
            error, status = RATE_LIMITED, 429
        elif fault == "response_url_dead":
            error, status = "expired_url", 404
        elif not isinstance(body, dict):
            error, status = "invalid_payload", 400
        elif fault == faults.NO_TABLES and _TABLE in str(body):
            error, status = "invalid_blocks", 400
        else:
            error, status = self._deliver(request.match_info["secret"], body)
        entry.status, entry.note = status, error or "ok"
        entry.ms = (asyncio.get_running_loop().time() - started) * 1000
        space.changes.note()
        response = web.Response(text="ok")
        if error:
            response = self._limited() if limited else answer(refused(error), status)
        entry.response = exchange.answered(response)
        return response

    def _deliver(self, secret: str, body: Json) -> tuple[str | None, int]:
        url = self._space.urls.take(secret)
        if isinstance(url, str):
            return url, 404
        origin = self._space.messages.find(url.channel, url.origin) if url.origin else None
        if body.get("delete_original") is True:
            if origin is None:
                return "message_not_found", 404
            self._space.messages.remove(origin)
            return None, 200
        refusal = content_refusal(body)
        if refusal:
            return text(refusal["error"]), 400
        if body.get("replace_original") is True and origin is not None:
            rewrite(self._space, origin, body)
        else:
            self._post(url, body)
        return None, 200

    def _post(self, url: ResponseUrl, body: Mapping[str, object]) -> None:
        public = body.get("response_type") == "in_channel"
        message = self._space.messages.add(
            url.channel,
            people.BOT_USER,
            text(body.get("text")),
            blocks_of(body),
            kind="message" if public else "ephemeral",
            to=None if public else url.user,
            thread_ts=text(body.get("thread_ts")) or None,
        )
        url.origin = url.origin or message.ts


_TABLE: Final = "data_table"


def _token(request: web.Request, args: Json | str) -> str:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return given or text(mapping(args).get("token"))


async def _arguments(request: web.Request) -> Json | str:
    if request.method == "GET":
        return dict(request.query)
    if request.content_type == "application/json":
        body = parsed(await request.read())
        if body is None:
            return "invalid_json"
        return mapping(body) if isinstance(body, dict) else "json_not_object"
    if request.content_type not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        # A call without arguments carries no body and no type of one.
        return "invalid_post_type" if await request.read() else {}
    fields: Json = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for key in _NESTED & set(fields):
        fields[key] = parsed(text(fields[key]))
    return fields
