"""Approve and withdraw: decisions about a request, an approval bound to exactly what was asked for."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.engine import Changed, Decided, Settled
from bot.operations import State
from bot.policy import Denial, Denied
from bot.services import Services
from bot.slack.approvals import (
    approval_recorded_message,
    changed_message,
    decision_lost_message,
    withdrawn_message,
)
from bot.slack.blocks import Message
from bot.slack.messages import refused_message, stale_button_message
from bot.slack.payloads import Press
from handlers.guard import Body, guarded, whisper
from handlers.refusing import record_lost_race, record_refusal
from handlers.waiting import decider_refused, requester_refused, waiting


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the two buttons."""

    async def approve(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        await ack()
        message = await _approve(services, press)
        if message is not None:
            whisper(services, press, message)

    async def withdraw(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        await ack()
        message = await _withdraw(services, press)
        if message is not None:
            whisper(services, press, message)

    app.action("approval.approve")(guarded(services, approve))
    app.action("approval.withdraw")(guarded(services, withdraw))


async def _approve(services: Services, press: Press) -> Message | None:
    operation, _, bound = press.action.value.partition(" ")
    record = await waiting(services, press, operation)
    if record is None:
        return None
    refusal = decider_refused(services, press.person, record.operation)
    refusal = refusal or requester_refused(services, record.operation)
    if refusal is not None:
        record_refusal(services, press.person, press.action.action_id, refusal, press.place)
        return refused_message(refusal, services.command)
    match await services.engine.approve(operation, bound, press.user.id):
        case Decided(record=after):
            return approval_recorded_message(after.operation, approved=True)
        case Settled(record=after):
            record_lost_race(services, press.person, press.action.action_id, "settled", operation)
            return decision_lost_message(after.operation)
        case Changed(record=after):
            record_lost_race(services, press.person, press.action.action_id, "changed", operation)
            return changed_message(after.operation)
        case None:
            return stale_button_message()


async def _withdraw(services: Services, press: Press) -> Message | None:
    record = await waiting(services, press, press.action.value)
    if record is None:
        return None
    if record.operation.requester != press.user.id:
        refusal = Denied(Denial.NOT_YOURS, press.user.id)
        record_refusal(services, press.person, press.action.action_id, refusal, press.place)
        return refused_message(refusal, services.command)
    match await services.engine.close_request(record.operation.id, State.WITHDRAWN, press.user.id):
        case Decided(record=after):
            return withdrawn_message(after.operation)
        case Settled(record=after):
            return decision_lost_message(after.operation)
        case None:
            return stale_button_message()
