"""“Try again” after a request that was not sent: the same form, prefilled, as a new operation."""

from slack_bolt.async_app import AsyncApp

from bot.blockkit.layout import Message
from bot.commands.parse import create_line
from bot.domain.policy import Denied, Undetermined
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import refused_message, stale_button_message
from bot.words.create_form import Draft
from bot.words.unopened import view_failed_message
from handlers.common.open_form import new_form, open_form
from handlers.common.press import answered_press
from handlers.common.refusals import record_refusal
from handlers.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to “Try again”."""
    app.action("trunk.try_again")(answered_press(services, _open_again))


async def _open_again(services: Services, press: Press) -> Message | None:
    record = await services.ledger.get(press.action.value)
    if record is None:
        return stale_button_message()
    operation = record.operation
    now_about(operation.id)
    decision = services.may(press.person, operation.channel, operation.request.calls)
    if isinstance(decision, Denied | Undetermined):
        record_refusal(
            services,
            press.person,
            press.action.action_id,
            decision,
            operation.channel,
            operation=operation.id,
        )
        return refused_message(decision, services.command)
    request = operation.request
    form = new_form(services, operation.team, press.user.id, operation.channel, press.response_url)
    draft = Draft(request.name, request.direction, request.calls)
    failed = await open_form(services, form, draft, press.trigger_id, decision)
    if failed is None:
        return None
    typed = create_line(request.name, request.direction, request.calls)
    return view_failed_message(f"{services.command} {typed}", failed.error)
