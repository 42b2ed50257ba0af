"""“Try again” after a request that was not sent: the same form, prefilled, as a new operation."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.commands import create_line
from bot.log import now_about
from bot.policy import Denied, Undetermined
from bot.services import Services
from bot.slack.messages import refused_message, stale_button_message
from bot.slack.payloads import Press
from bot.slack.unopened import view_failed_message
from bot.slack.views import Draft
from handlers.guard import Body, guarded, whisper
from handlers.opening import new_form, open_form
from handlers.refusing import record_refusal


def register(app: AsyncApp, services: Services) -> None:
    """Listen to “Try again”."""

    async def listen(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        record = await services.ledger.get(press.action.value)
        await ack()
        if record is None:
            whisper(services, press, stale_button_message())
            return
        operation = record.operation
        now_about(operation.id)
        decision = services.may(press.person, operation.channel, operation.request.calls)
        if isinstance(decision, Denied | Undetermined):
            record_refusal(services, press.person, press.action.action_id, decision, operation.channel)
            whisper(services, press, refused_message(decision, services.command))
            return
        request = operation.request
        form = new_form(services, operation.team, press.user.id, operation.channel, press.response_url)
        draft = Draft(request.name, request.direction, request.calls)
        failed = await open_form(services, form, draft, press.trigger_id, decision)
        if failed is not None:
            typed = create_line(request.name, request.direction, request.calls)
            whisper(services, press, view_failed_message(f"{services.command} {typed}", failed.error))

    app.action("trunk.try_again")(guarded(services, listen))
