"""Approve, deny, withdraw: the decisions about a request, each bound to exactly what was asked for."""

from typing import Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.engine import Changed, Decided, Settled
from bot.operations import Operation, State
from bot.policy import Allowed, Denial, Denied, Person, Undetermined
from bot.records import Record
from bot.sealing import Form
from bot.services import Services
from bot.slack.approvals import (
    approval_recorded_message,
    changed_message,
    decision_lost_message,
    withdrawn_message,
)
from bot.slack.asking import DENY_FORM, deny_modal
from bot.slack.messages import reason_error, refused_message, stale_button_message, stale_form_message
from bot.slack.payloads import Press, Submission
from bot.slack.views import notice_modal
from bot.slackweb import Failed
from handlers.guard import Body, guarded, whisper

REASON_MAX: Final = 1000


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons of a request, and to the form that asks why it is denied."""

    async def approve(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        await ack()
        operation, _, bound = press.action.value.partition(" ")
        record = await _waiting(services, press, operation)
        if record is None:
            return
        refusal = _refused(services, press.person, record.operation) or _requester_refused(services, record)
        if refusal is not None:
            whisper(services, press, refused_message(refusal, services.command))
            return
        match await services.engine.approve(operation, bound, press.user.id):
            case Decided(record=after):
                whisper(services, press, approval_recorded_message(after.operation, approved=True))
            case Settled(record=after):
                whisper(services, press, decision_lost_message(after.operation))
            case Changed(record=after):
                whisper(services, press, changed_message(after.operation))
            case None:
                whisper(services, press, stale_button_message())

    async def deny(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        operation, _, bound = press.action.value.partition(" ")
        await ack()
        record = await _waiting(services, press, operation)
        if record is None:
            return
        refusal = _refused(services, press.person, record.operation)
        if refusal is not None:
            whisper(services, press, refused_message(refusal, services.command))
        elif bound != record.digest:
            whisper(services, press, changed_message(record.operation))
        else:
            metadata = services.sealer.seal_form(_form(services, record.operation, press))
            shown = await services.slack.open_view(press.trigger_id, deny_modal(record.operation, metadata))
            if isinstance(shown, Failed):
                whisper(services, press, stale_button_message())

    async def denied(ack: AsyncAck, body: Body) -> None:
        submission = Submission.model_validate(body)
        form = services.sealer.open_form(submission.view.private_metadata)
        record = await services.ledger.get(form.operation) if form is not None else None
        if form is None or record is None or form.user != submission.person.user:
            await ack(response_action="update", view=notice_modal(stale_form_message(services.command)))
            return
        reason = (submission.view.typed("reason") or "").strip()[:REASON_MAX]
        if not reason:
            await ack(response_action="errors", errors={"reason": reason_error()})
            return
        refusal = _refused(services, submission.person, record.operation)
        if refusal is not None:
            message = refused_message(refusal, services.command)
        else:
            answer = await services.engine.close_request(
                form.operation, State.DENIED, submission.person.user, reason
            )
            match answer:
                case Decided(record=after):
                    message = approval_recorded_message(after.operation, approved=False)
                case Settled(record=after):
                    message = decision_lost_message(after.operation)
                case None:
                    message = stale_form_message(services.command)
        await ack(response_action="update", view=notice_modal(message))

    async def withdraw(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        await ack()
        record = await _waiting(services, press, press.action.value)
        if record is None:
            return
        if record.operation.requester != press.user.id:
            refusal = Denied(Denial.NOT_YOURS, press.user.id)
            whisper(services, press, refused_message(refusal, services.command))
            return
        match await services.engine.close_request(record.operation.id, State.WITHDRAWN, press.user.id):
            case Decided(record=after):
                whisper(services, press, withdrawn_message(after.operation))
            case Settled(record=after):
                whisper(services, press, decision_lost_message(after.operation))
            case None:
                whisper(services, press, stale_button_message())

    app.action("approval.approve")(guarded(services, approve))
    app.action("approval.deny")(guarded(services, deny))
    app.action("approval.withdraw")(guarded(services, withdraw))
    app.view(DENY_FORM)(guarded(services, denied))


async def _waiting(services: Services, press: Press, operation: str) -> Record | None:
    """Return the request if it still waits; else answer the click."""
    record = await services.ledger.get(operation)
    if record is None:
        whisper(services, press, stale_button_message())
        return None
    if record.operation.state is not State.AWAITING_APPROVAL:
        whisper(services, press, decision_lost_message(record.operation))
        return None
    return record


def _refused(services: Services, person: Person, operation: Operation) -> Denied | Undetermined | None:
    decision = services.may_decide(person, operation.requester)
    return None if isinstance(decision, Allowed) else decision


def _requester_refused(services: Services, record: Record) -> Denied | Undetermined | None:
    # The policy may have changed since the request was made: it is asked again, for its maker too.
    operation = record.operation
    maker = Person(operation.requester, operation.team, services.home.enterprise)
    decision = services.may(maker, operation.channel, operation.request.calls)
    return decision if isinstance(decision, Denied | Undetermined) else None


def _form(services: Services, operation: Operation, press: Press) -> Form:
    return Form(
        operation=operation.id,
        team=operation.team,
        user=press.user.id,
        channel=operation.channel,
        opened_at=int(services.clock.now()),
    )
