"""No listener lets an exception out: whoever clicked hears that something went wrong, with a reference.

Bolt loses the answer to a request whose listener raises, and the person sees Slack's own “trouble”.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable, Coroutine, Mapping
from typing import Final

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.blockkit.layout import Message
from bot.runtime.log import where
from bot.server.request import reference
from bot.slack.payloads import Interaction, Press, UnreadableError
from bot.store.database import PASSING
from bot.words.answers import away_message, surprise_message
from bot.words.modal import notice_modal
from handlers.services import Services

Body = Mapping[str, object]
Listener = Callable[[AsyncAck, Body], Coroutine[object, object, None]]

ACK_WITHIN: Final = 2.0  # seconds, as long as storing may take; the answer is seldom later than 0.1

_log = structlog.get_logger("handlers")


def guarded(services: Services, listener: Listener) -> Listener:
    """Wrap a listener so that whatever it raises becomes an answer to the person."""

    @functools.wraps(listener)
    async def listening(ack: AsyncAck, body: Body) -> None:
        try:
            await listener(ack, body)
        except UnreadableError as error:
            # No defect of the bot's: whoever holds the signing secret can send anything.
            ref = reference()
            services.metrics.unreadable()
            _log.warning("request unreadable", ref=ref, shape=error.shape, fields=error.fields)
            await _answer(services, ack, body, surprise_message(ref))
        except PASSING as error:
            _log.warning("an interaction could not be answered from the database", error=type(error).__name__)
            await _answer(services, ack, body, away_message())
        except Exception as error:  # noqa: BLE001 - the border: beyond it Bolt would drop the person's answer
            ref = reference()
            kind = str(body.get("type", "command"))
            # The person is shown this reference, also where the lines before this one carry an operation's.
            _log.error(
                "a listener failed", ref=ref, kind=kind, error=type(error).__name__, where=where(error)
            )
            await _answer(services, ack, body, surprise_message(ref))

    return listening


def acked_first(services: Services, work: Callable[[Body], Coroutine[object, object, None]]) -> Listener:
    """Make a listener that acknowledges and works on.

    The answer to Slack does not leave later than after ACK_WITHIN: Slack gives up after 3 s, and the work
    goes on all the same.
    """

    async def working(_ack: AsyncAck, body: Body) -> None:
        await work(body)

    async def listen(ack: AsyncAck, body: Body) -> None:
        await ack()
        task = services.presses.start(guarded(services, working)(ack, body))
        await asyncio.wait({task}, timeout=ACK_WITHIN)

    return guarded(services, listen)


async def _answer(services: Services, ack: AsyncAck, body: Body, message: Message) -> None:
    match body.get("type"):
        case "view_submission":
            await ack(response_action="update", view=notice_modal(message))
        case "block_actions" | "shortcut" | "message_action":
            await ack()
            _reply(services, body, message)
        case None if "command" in body:
            await ack(text=message.text, blocks=list(message.blocks))
        case _:
            await ack()


def _reply(services: Services, body: Body, message: Message) -> None:
    # The failure may be that the body is not what it should be: who acted is enough for a direct message.
    try:
        whisper(services, Press.read(body), message)
    except UnreadableError:
        with contextlib.suppress(UnreadableError):  # nobody acted: nobody to answer
            tell(services, Interaction.read(body).user.id, message)


def tell(services: Services, user: str, message: Message) -> None:
    """Send a person a direct message, without waiting for it."""

    async def send() -> None:
        await services.slack.post(user, message)

    services.presses.start(send())


async def or_told(
    work: Coroutine[object, object, None], tell: Callable[[Message], Coroutine[object, object, None]]
) -> None:
    """Do work that a person waits for, after the answer to Slack; whatever it raises, they are told."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - as in `guarded`: nobody else would tell the person
        ref = reference()
        _log.error("a listener failed", ref=ref, kind="later", error=type(error).__name__, where=where(error))
        await tell(surprise_message(ref))


def whisper(services: Services, press: Press, message: Message, *, replace: bool = False) -> None:
    """Answer a click so that only the person who clicked sees it, or `replace` what it was on."""

    async def answer() -> None:
        if (
            press.response_url is not None
            and await services.slack.respond(press.response_url, message, replace=replace) is None
        ):
            return
        await services.slack.post(press.user.id, message)

    services.presses.start(answer())
