"""Whatever nothing else listens to: old buttons, old forms, other commands. Every click is answered.

Register it last: Bolt takes the first listener that matches.
"""

import re

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.payloads import Press
from bot.words.answers import stale_button_message, stale_form_message
from bot.words.command_help import other_command_message
from bot.words.modal import notice_modal
from handlers.common.guard import Body, guarded, whisper
from handlers.services import Services

_ANY = re.compile("")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything that is left."""

    async def press(ack: AsyncAck, body: Body) -> None:
        await ack()
        whisper(services, Press.read(body), stale_button_message())

    async def submission(ack: AsyncAck, body: Body) -> None:
        del body
        await ack(response_action="update", view=notice_modal(stale_form_message(services.rules.command)))

    async def command(ack: AsyncAck, body: Body) -> None:
        message = other_command_message(str(body.get("command", "")), services.rules.command)
        await ack(text=message.text, blocks=list(message.blocks))

    async def quiet(ack: AsyncAck, body: Body) -> None:
        del body
        await ack()

    app.action(_ANY)(guarded(services, press))
    app.view(_ANY)(guarded(services, submission))
    app.command(_ANY)(guarded(services, command))
    app.shortcut(_ANY)(guarded(services, quiet))
    app.view_closed(_ANY)(guarded(services, quiet))
    app.event(_ANY)(guarded(services, quiet))
