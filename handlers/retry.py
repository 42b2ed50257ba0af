"""“Try again” after a request that was not sent: the form of its kind, filled in, as a new operation."""

from slack_bolt.async_app import AsyncApp

from bot.domain.operation import Choice
from bot.domain.policy import Denied, Undetermined
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import stale_button_message
from handlers.common.answer import Refuse, unknown_kind
from handlers.common.open_form import Draft, new_form, open_form
from handlers.common.press import Answer, answered_press
from handlers.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to “Try again”."""
    app.action(f"trunk.{Choice.TRY_AGAIN}")(answered_press(services, _open_again))


async def _open_again(services: Services, press: Press) -> Answer:
    rules = services.rules
    record = await services.ledger.get(press.action.value)
    if record is None:
        return stale_button_message()
    op = record.operation
    now_about(op.id)
    decision = rules.may(press.person, op.channel, rules.facts(op))
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    kind = rules.kinds.of(op.kind)
    refuse = unknown_kind(rules, op)
    if kind is None or refuse is not None:
        return refuse
    form = new_form(
        services, kind, team=op.team, user=press.user.id, channel=op.channel, reply=press.response_url
    )
    return await open_form(services, Draft(kind, form, op.request, decision), press.trigger_id, press.person)
