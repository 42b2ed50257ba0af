"""Approve and withdraw: decisions about a request, an approval bound to exactly what was asked for."""

import re

from slack_bolt.async_app import AsyncApp

from bot.blockkit.layout import Message
from bot.domain.operation import State
from bot.domain.policy import Denied, may_withdraw
from bot.domain.records import Record
from bot.slack.payloads import Press
from bot.words.answers import refused_message, stale_button_message
from bot.words.approvals import approved_here_message
from bot.words.decisions import (
    approval_recorded_message,
    changed_message,
    created_meanwhile_message,
    held_message,
    outdated_message,
    withdrawn_message,
)
from bot.words.elsewhere import not_approved_here_message
from bot.workflow.decisions import Changed, Decided, Held, Made, Settled
from handlers.common.press import InPlace, answered_press, decider_refused, lost, requester_refused, waiting
from handlers.common.refusals import record_lost_race, record_refusal
from handlers.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the two buttons."""
    app.action("approval.approve")(answered_press(services, _approve))
    app.action("approval.withdraw")(answered_press(services, _withdraw))


async def _approve(services: Services, press: Press) -> Message | None:
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
    outdated = requester_refused(services, record.operation)
    if outdated is not None:
        record_refusal(
            services, press.person, press.action.action_id, outdated, press.place, operation=operation
        )
        return outdated_message(record.operation, outdated)
    if record.operation.account != services.account:
        record_refusal(
            services, press.person, press.action.action_id, "other_account", press.place, operation=operation
        )
        return not_approved_here_message(record.operation, services.account)
    bound, _, known = bound.partition(" ")
    reminder = await services.ledger.requests.reminder(operation) if record.reminded else None
    result = await services.decisions.approve(operation, bound, press.user.id, _number(known))
    if isinstance(result, Settled):
        return lost(services, press.person, press.action.action_id, result.record.operation)
    if isinstance(result, Changed | Held | Made):
        reason = type(result).__name__.lower()
        record_lost_race(services, press.person, press.action.action_id, reason, operation)
    followed = False
    if isinstance(result, Decided):
        followed = press.message is not None and press.message in {result.record.approval, reminder}
        if not followed:
            _close_question(services, press, result.record)
    return _answer(result, followed=followed)


def _number(known: str) -> int:
    # What the button has beside the digest. Older ones have an id there: they are told anew.
    return int(known) if re.fullmatch("[0-9]{1,4}", known) else 0


def _close_question(services: Services, press: Press, record: Record) -> None:
    # Asked through the command, or of several people in person: only this press can change that message.
    url = press.response_url
    if press.message is None or url is None:
        return
    settled = approved_here_message(record.operation, record.operation.updated_at)

    async def close() -> None:
        all_see = not press.container.is_ephemeral
        await services.slack.respond(url, settled, in_channel=all_see, replace=True)

    services.background.start(close())


def _answer(result: Decided | Changed | Held | Made | None, *, followed: bool) -> Message:
    match result:
        case Decided(record=after):
            followed = followed or after.asked_in is not None
            return approval_recorded_message(after.operation, approved=True, followed=followed)
        case Changed(record=after):
            return changed_message(after.operation)
        case Held(twin=twin):
            return held_message(twin.operation)
        case Made(record=before, twin=twin, number=number):
            bound = before.operation.bound
            return created_meanwhile_message(before.operation, bound, twin.operation, number)
        case None:
            return stale_button_message()


async def _withdraw(services: Services, press: Press) -> Message | InPlace | None:
    record = await waiting(services, press, press.action.value)
    if record is None:
        return None
    decision = may_withdraw(services.home, press.person, record.operation.requester)
    if isinstance(decision, Denied):
        record_refusal(
            services,
            press.person,
            press.action.action_id,
            decision,
            press.place,
            operation=record.operation.id,
        )
        return refused_message(decision, services.command)
    match await services.decisions.close_request(record.operation.id, State.WITHDRAWN, press.user.id):
        case Decided(record=after):
            # What still says that it waits, with the button, is no longer true.
            return InPlace(withdrawn_message(after.operation))
        case Settled(record=after):
            return lost(services, press.person, press.action.action_id, after.operation)
        case None:
            return stale_button_message()
