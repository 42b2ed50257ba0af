"""The control: a small bot as tutorials write it. It answers first, works in memory, and tries again.

Its forms and its words are near enough to ours that the same people can use it and the same count reads it.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Mapping
from typing import Final

import httpx
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.commands.parse import Begin, parse
from bot.kinds.base import Limits
from bot.kinds.registry import KINDS
from bot.sandbox.shape import mapping, text
from bot.words.form import FORM

_TRIES: Final = 3
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Naive:
    """The whole bot."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        token = environment["SLACK_BOT_TOKEN"]
        self.slack = AsyncWebClient(token, base_url=environment["SLACK_API_URL"])
        self.account = environment["VOBIZ_AUTH_ID"]
        self.vobiz = httpx.AsyncClient(
            base_url=environment["VOBIZ_API_URL"],
            timeout=float(environment["VOBIZ_TIMEOUT"]),
            headers={"X-Auth-ID": self.account, "X-Auth-Token": environment["VOBIZ_AUTH_TOKEN"]},
        )
        self.started: set[str] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.app = AsyncApp(client=self.slack, signing_secret=environment["SLACK_SIGNING_SECRET"])
        self.app.command("/trunk")(self._command)
        self.app.view(FORM)(self._submitted)

    async def _command(self, ack: AsyncAck, body: Mapping[str, object]) -> None:
        await ack()
        create = parse(text(body.get("text")), KINDS.verbs, Limits(max_calls=1000))
        if isinstance(create, Begin):
            ref = "".join(secrets.choice(_ALPHABET) for _ in range(8))
            order = {
                "ref": f"{ref[:4]}-{ref[4:]}",
                "name": create.known["name"],
                "calls": create.known["calls"],
                "channel": body.get("channel_id"),
                "user": body.get("user_id"),
            }
            confirm = _modal(f"Create {order['name']}?", submit=True)
            confirm |= {"private_metadata": json.dumps(order)}
            await self.slack.views_open(trigger_id=text(body.get("trigger_id")), view=confirm)

    async def _submitted(self, ack: AsyncAck, view: Mapping[str, object]) -> None:
        order: dict[str, object] = json.loads(text(view.get("private_metadata")))
        await ack(response_action="update", view=_modal(f"Creating… Reference: {order['ref']}"))
        if text(order["ref"]) not in self.started:
            self.started.add(text(order["ref"]))
            task = asyncio.create_task(self._create(order))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _create(self, order: Mapping[str, object]) -> None:
        words = f"Creating {order['name']} failed. Nothing was created."
        body = {"name": order["name"], "trunk_type": "OUTBOUND", "max_concurrent_calls": order["calls"]}
        for attempt in range(_TRIES):
            await asyncio.sleep(0.2 * attempt)
            try:
                answer = await self.vobiz.post(f"/api/v1/Account/{self.account}/trunks", json=body)
            except httpx.TransportError:
                continue
            if answer.is_success:
                words = (
                    f"Trunk {order['name']} created: outbound\nTrunk ID: {mapping(answer.json())['trunk_id']}"
                )
            elif answer.is_client_error:
                words = f"Vobiz refused to create trunk {order['name']}. Nothing was created."
            else:
                continue
            break
        place = "channel" if order["channel"] == "C0VOICE01" else "user"
        await self.slack.chat_postMessage(
            channel=text(order[place]), text=f"{words}\nReference: {order['ref']}"
        )


def _modal(words: str, *, submit: bool = False) -> dict[str, object]:
    modal: dict[str, object] = {
        "type": "modal",
        "callback_id": FORM if submit else "",
        "title": {"type": "plain_text", "text": "Create SIP trunk"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": words}}],
    }
    return modal | {"submit": {"type": "plain_text", "text": "Create trunk"}} if submit else modal


def main() -> None:
    """Serve."""
    bot = Naive(os.environ)
    handler = AsyncSlackRequestHandler(bot.app)

    async def ready(_request: Request) -> Response:
        return Response("ready")

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    routes = [Route("/readyz", ready), Route("/slack/events", events, methods=["POST"])]
    uvicorn.run(
        Starlette(routes=routes),
        host=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
