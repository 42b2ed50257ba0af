"""Deny: the button opens a form that asks why, and its submission is the decision."""

from functools import partial

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.blockkit.layout import Message
from bot.runtime.log import now_about
from bot.slack.payloads import Press, Submission
from bot.slack.responses import Failed
from bot.slack.sealing import Form
from bot.store.events import Limit
from bot.words.answers import refused_message, stale_form_message
from bot.words.create_form import notice_modal
from bot.words.decisions import approval_recorded_message, changed_message
from bot.words.form import DENY
from bot.words.form_errors import not_denied_error, reason_error, unsure_error
from bot.words.phrases import REASON_MAX
from bot.words.request_forms import DENY_FORM, deny_modal
from bot.words.unopened import button_form_failed_message
from bot.workflow.decisions import Decided, Settled
from bot.workflow.intake import NotStored, Unsure
from handlers.common.guard import Body, guarded
from handlers.common.press import answered_press, decider_refused, lost, waiting
from handlers.common.refusals import record_lost_race, record_refusal
from handlers.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the button and to its form."""

    async def denied(ack: AsyncAck, body: Body) -> None:
        submission = Submission.model_validate(body)
        reason = submission.view.reason()
        if reason and len(reason) <= REASON_MAX:
            match await services.engine.in_time(partial(_deny, services, submission, reason)):
                case NotStored(stopping=stopping):
                    words = not_denied_error(stopping=stopping)
                    await ack(response_action="errors", errors={"reason": words})
                case Unsure():
                    await ack(response_action="errors", errors={"reason": unsure_error(DENY)})
                case message:
                    await ack(response_action="update", view=notice_modal(message))
        else:
            await ack(response_action="errors", errors={"reason": reason_error(missing=not reason)})

    app.action("approval.deny")(answered_press(services, _ask_why))
    app.view(DENY_FORM)(guarded(services, denied))


async def _ask_why(services: Services, press: Press) -> Message | None:
    operation, _, bound = press.action.value.partition(" ")
    record = await waiting(services, press, operation)
    if record is None:
        return None
    refusal = decider_refused(services, press.person, record.operation)
    if refusal is not None:
        record_refusal(
            services, press.person, press.action.action_id, refusal, press.place, operation=operation
        )
        return refused_message(refusal, services.command)
    if bound != record.digest:
        record_lost_race(services, press.person, press.action.action_id, "changed", operation)
        return changed_message(record.operation)
    form = Form(
        operation=operation,
        team=record.operation.team,
        user=press.user.id,
        channel=record.operation.channel,
        opened_at=int(services.clock.now()),
    )
    view = deny_modal(record.operation, services.sealer.seal_form(form))
    shown = await services.slack.open_view(press.trigger_id, view)
    return button_form_failed_message(shown.error) if isinstance(shown, Failed) else None


async def _deny(services: Services, submission: Submission, reason: str, limit: Limit) -> Message | NotStored:
    person = submission.person
    form = services.sealer.open_form(submission.view.private_metadata)
    record = await services.ledger.get(form.operation) if form is not None else None
    if form is None or record is None or form.user != person.user:
        return stale_form_message(services.command)
    now_about(form.operation)
    refusal = decider_refused(services, person, record.operation)
    if refusal is not None:
        record_refusal(services, person, "deny", refusal, record.operation.channel, operation=form.operation)
        return refused_message(refusal, services.command)
    match await services.decisions.deny(form.operation, person.user, reason, limit):
        case NotStored() as late:
            return late
        case Decided(record=after):
            return approval_recorded_message(after.operation, approved=False)
        case Settled(record=after):
            return lost(services, person, "deny", after.operation)
        case None:
            return stale_form_message(services.command)
