"""The buttons of a question, under an unknown outcome: check again, send again, give up, this one."""

from typing import Final

from slack_bolt.async_app import AsyncApp

from bot.blockkit.layout import Message
from bot.domain.operation import Choice, Operation
from bot.domain.policy import Allowed, Denied, NeedsApproval, Undetermined
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import (
    recorded_message,
    refused_message,
    stale_button_message,
    too_late_message,
)
from bot.words.elsewhere import not_sent_again_message
from bot.words.uncertain import read_choice
from bot.workflow.decisions import Decided, Settled
from handlers.common.press import answered_press
from handlers.common.refusals import record_lost_race, record_refusal
from handlers.services import Services

_CHOICES: Final = {f"trunk.{choice}": choice for choice in Choice if choice is not Choice.TRY_AGAIN}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons of a question."""
    for action in _CHOICES:
        app.action(action)(answered_press(services, _decide))


async def _decide(services: Services, press: Press) -> Message:
    operation, asked, trunk = read_choice(press.action.value)
    # No channel to check: the question stands where the create was allowed, however long ago.
    decision = services.may(press.person, None)
    if not isinstance(decision, Allowed):
        record_refusal(
            services, press.person, press.action.action_id, decision, press.place, operation=operation
        )
        return refused_message(decision, services.command)
    choice = _CHOICES[press.action.action_id]
    refusal = await _resend_refused(services, press, operation) if choice is Choice.SEND_AGAIN else None
    if refusal is not None:
        record_refusal(
            services, press.person, press.action.action_id, refusal, press.place, operation=operation
        )
        return refused_message(refusal, services.command)
    if choice is Choice.SEND_AGAIN and (elsewhere := await _elsewhere(services, operation)) is not None:
        record_refusal(
            services, press.person, press.action.action_id, "other_account", press.place, operation=operation
        )
        return not_sent_again_message(elsewhere, services.account)
    match await services.decisions.decide(operation, choice, press.user.id, asked, trunk):
        case Decided(record=record):
            now_about(record.operation.id)
            return recorded_message(record.operation, choice)
        case Settled(record=record):
            now_about(record.operation.id)
            record_lost_race(services, press.person, choice, "settled", record.operation.id)
            return too_late_message(record.operation)
        case None:
            return stale_button_message()


async def _elsewhere(services: Services, operation: str) -> Operation | None:
    """Return the operation when it waits for a decision about another account than the bot works for now."""
    record = await services.ledger.get(operation)
    waits = record is not None and record.operation.asking
    return record.operation if record and waits and record.operation.account != services.account else None


async def _resend_refused(services: Services, press: Press, operation: str) -> Denied | Undetermined | None:
    # Sending again is a create: what needed a second person needs one again, who is not the requester.
    record = await services.ledger.get(operation)
    if record is None:
        return None
    asked = record.operation
    decision = services.may(press.person, asked.channel, asked.request.calls)
    if isinstance(decision, NeedsApproval):
        second = services.may_decide(press.person, asked.requester)
        return None if isinstance(second, Allowed) else second
    return decision if isinstance(decision, Denied | Undetermined) else None
