"""A stand-in bot that answers what it is told to, a clock turned by hand, and a form."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import httpx
from aiohttp import web

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json, mapping, parsed

Answer = str | int | Json

VIEW: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "name", "initial_value": "Sales"},
        },
        {
            "type": "input",
            "block_id": "calls",
            "label": {"type": "plain_text", "text": "Calls"},
            "element": {
                "type": "number_input",
                "action_id": "calls",
                "is_decimal_allowed": False,
                "min_value": "1",
                "max_value": "100",
            },
        },
        {
            "type": "actions",
            "block_id": "buttons",
            "elements": [
                {
                    "type": "button",
                    "action_id": "more",
                    "value": "v",
                    "text": {"type": "plain_text", "text": "More"},
                }
            ],
        },
    ],
}


@dataclass
class Clock:
    """Seconds since the epoch, turned by hand."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bot:
    """Keeps what Slack sent; `answer` is a body or an HTTP status, `react` makes one."""

    sandbox: Sandbox
    http: httpx.AsyncClient
    answer: Answer = ""
    react: Callable[[Json], Awaitable[Answer]] | None = None
    got: list[Json] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.body, self.headers = await request.read(), dict(request.headers)
        form = {
            key: values[0] for key, values in parse_qs(self.body.decode(), keep_blank_values=True).items()
        }
        payload: Json = mapping(parsed(form["payload"])) if "payload" in form else dict(form)
        self.got.append(payload)
        answer = await self.react(payload) if self.react else self.answer
        if isinstance(answer, int):
            return web.Response(status=answer)
        return web.json_response(answer) if isinstance(answer, dict) else web.Response(text=str(answer))

    async def call(self, method: str, **args: object) -> Json:
        """Call a Web API method with the bot's token."""
        response = await self.http.post(
            self.sandbox.slack_api_url + method,
            json=args,
            headers={"Authorization": f"Bearer {self.sandbox.bot_token}"},
        )
        return mapping(response.json())

    def opens(self, view: Json) -> None:
        """Answer commands by opening a view."""

        async def react(payload: Json) -> str:
            await self.call("views.open", trigger_id=payload["trigger_id"], view=view)
            return ""

        self.react = react
