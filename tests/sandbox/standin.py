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


CHOICE: Json = {
    "type": "input",
    "block_id": "how",
    "dispatch_action": True,
    "label": {"type": "plain_text", "text": "How"},
    "element": {
        "type": "radio_buttons",
        "action_id": "way",
        "options": [
            {"text": {"type": "plain_text", "text": "Slow"}, "value": "slow"},
            {"text": {"type": "plain_text", "text": "Fast"}, "value": "fast"},
        ],
    },
}


HOME: Json = {
    "type": "home",
    "callback_id": "home",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Waiting for me"}},
        {
            "type": "section",
            "block_id": "one",
            "text": {"type": "mrkdwn", "text": "*Sales* outbound 250 calls"},
            "accessory": {
                "type": "button",
                "action_id": "decide",
                "value": "1",
                "text": {"type": "plain_text", "text": "Decide"},
            },
        },
    ],
}


def read(body: bytes) -> Json:
    """Read a form: the payload of an interaction, or the fields of a command."""
    form = {key: values[0] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return mapping(parsed(form["payload"])) if "payload" in form else dict(form)


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
    answer_headers: dict[str, str] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.body, self.headers = await request.read(), dict(request.headers)
        payload = (
            read(self.body) if request.content_type != "application/json" else mapping(parsed(self.body))
        )
        self.got.append(payload)
        answer = await self.react(payload) if self.react else self.answer
        if isinstance(answer, int):
            return web.Response(status=answer, headers=self.answer_headers)
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

    def at_home(self, home: Json) -> None:
        """Publish a home when one is opened, and open the form at anything else."""

        async def react(payload: Json) -> str:
            if payload["type"] == "event_callback":
                user = mapping(payload["event"])["user"]
                await self.call("views.publish", user_id=user, view=home)
            else:
                await self.call("views.open", trigger_id=payload["trigger_id"], view=VIEW)
            return ""

        self.react = react
