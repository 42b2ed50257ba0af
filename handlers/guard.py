"""No listener lets an exception out: whoever clicked hears that something went wrong, with a reference.

Bolt loses the answer to a request whose listener raises, and the person sees Slack's own “trouble”.
"""

import functools
import secrets
from collections.abc import Awaitable, Callable, Mapping

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.services import Services
from bot.slack.blocks import Message
from bot.slack.messages import surprise_message
from bot.slack.payloads import Press
from bot.slack.views import notice_modal

Body = Mapping[str, object]
Listener = Callable[[AsyncAck, Body], Awaitable[None]]

_log = structlog.get_logger("handlers")


def guarded(services: Services, listener: Listener) -> Listener:
    """Wrap a listener so that whatever it raises becomes an answer to the person."""

    @functools.wraps(listener)
    async def listening(ack: AsyncAck, body: Body) -> None:
        try:
            await listener(ack, body)
        except Exception:  # noqa: BLE001 - the border: beyond it Bolt would drop the person's answer
            ref = secrets.token_hex(4)
            _log.exception("a listener failed", ref=ref, kind=str(body.get("type", "command")))
            await _answer(services, ack, body, surprise_message(ref))

    return listening


async def _answer(services: Services, ack: AsyncAck, body: Body, message: Message) -> None:
    match body.get("type"):
        case "view_submission":
            await ack(response_action="update", view=notice_modal(message))
        case "block_actions":
            await ack()
            whisper(services, Press.model_validate(body), message)
        case None if "command" in body:
            await ack(text=message.text, blocks=list(message.blocks))
        case _:
            await ack()


def whisper(services: Services, press: Press, message: Message, *, replace: bool = False) -> None:
    """Answer a click so that only the person who clicked sees it, or `replace` what it was on."""

    async def answer() -> None:
        if (
            press.response_url is not None
            and await services.slack.respond(press.response_url, message, replace=replace) is None
        ):
            return
        await services.slack.post(press.user.id, message)

    services.background.start(answer())
