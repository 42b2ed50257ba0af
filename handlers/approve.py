"""Approve and withdraw: decisions about a request, an approval bound to exactly what was requested."""

import re

from slack_bolt.async_app import AsyncApp

from bot.blockkit.layout import Message
from bot.domain.operation import Operation, State
from bot.domain.policy import Denied, Person, Undetermined, may_withdraw
from bot.domain.records import Post, Purpose, Record
from bot.slack.payloads import Press
from bot.words.answers import stale_button_message
from bot.words.approval_answers import (
    approval_recorded_message,
    changed_message,
    created_meanwhile_message,
    held_message,
    outdated_message,
    withdrawn_message,
)
from bot.words.approval_message import approved_here_message
from bot.workflow.decisions import Changed, Decided, Held, Made, Settled
from handlers.common.answer import InPlace, Refuse, other_account, refused_to_decide, settled, unknown_kind
from handlers.common.press import Answer, answered_press, waiting
from handlers.services import Rules, Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the two buttons."""
    app.action("approval.approve")(answered_press(services, _approve))
    app.action("approval.withdraw")(answered_press(services, _withdraw))


async def _approve(services: Services, press: Press) -> Answer:
    rules = services.rules
    operation, _, rest = press.action.value.partition(" ")
    bound, _, known = rest.partition(" ")
    record = await waiting(services, press, operation)
    if not isinstance(record, Record):
        await _outlived(services, press, operation)
        return record
    if (refuse := _refused(rules, press.person, record.operation)) is not None:
        return refuse
    answer = await services.decisions.approve(operation, bound, press.user.id, _number(known))
    if not isinstance(answer, Decided):
        return _not_approved(rules, press.person, answer)
    followed = await _followed(services, press, answer.record)
    op = answer.record.operation
    return approval_recorded_message(op, rules.kinds.words(op), approved=True, followed=followed)


def _not_approved(
    rules: Rules, person: Person, answer: Settled | Changed | Held | Made | None
) -> Message | Refuse:
    words = rules.kinds.words
    match answer:
        case Settled(record=after):
            return settled(rules, person, after.operation)
        case Changed(record=after):
            return Refuse("changed", changed_message(after.operation, words(after.operation)))
        case Held(twin=twin):
            return Refuse("held", held_message(twin.operation, words(twin.operation)))
        case Made(record=before, twin=twin, number=number):
            op = before.operation
            message = created_meanwhile_message(op, words(op), op.bound, twin.operation, number)
            return Refuse("made", message)
        case None:
            return stale_button_message()


def _refused(rules: Rules, person: Person, op: Operation) -> Refuse | None:
    """Say why a person may not approve a request as things are now, if so."""
    refuse = refused_to_decide(rules, person, op) or unknown_kind(rules, op)
    if refuse is not None:
        return refuse
    # The policy may have changed since: the requester must still be allowed to ask for it.
    maker = Person(op.requester, op.team, rules.home.enterprise)
    decision = rules.may(maker, op.channel, rules.facts(op))
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision, outdated_message(op, rules.kinds.words(op), decision))
    return other_account(rules, op)


def _number(known: str) -> int:
    # What the button has beside the digest. Older ones have an id there, which is told again.
    return int(known) if re.fullmatch("[0-9]{1,4}", known) else 0


async def _followed(services: Services, press: Press, record: Record) -> bool:
    """Whether an approval message is brought up to date; one that only this press can change is changed."""
    told = await services.ledger.outbox.of(record.operation.id)
    places: dict[Purpose, Post | None] = {telling.purpose: telling.place for telling in told}
    kept = {places.get(Purpose.APPROVAL), places.get(Purpose.REMINDER)}
    if press.message is None or press.message not in kept:
        _close_question(services, press, record)
    return kept != {None}


async def _outlived(services: Services, press: Press, operation: str) -> None:
    """Close a question that is not open any more: of one that Slack did not confirm only a press tells."""
    record = await services.ledger.get(operation)
    if record is not None:
        await _followed(services, press, record)


def _close_question(services: Services, press: Press, record: Record) -> None:
    # Asked through the command, or of several people in person: only this press can change that message.
    url = press.response_url
    if press.message is None or url is None:
        return
    op = record.operation
    decided_at = op.approval.decided_at if op.approval is not None else None
    message = approved_here_message(op, services.rules.kinds.words(op), decided_at)

    async def close() -> None:
        all_see = not press.container.is_ephemeral
        await services.slack.respond(url, message, in_channel=all_see, replace=True)

    services.background.start(close())


async def _withdraw(services: Services, press: Press) -> Answer:
    rules = services.rules
    record = await waiting(services, press, press.action.value)
    if not isinstance(record, Record):
        return record
    decision = may_withdraw(rules.home, press.person, record.operation.requester)
    if isinstance(decision, Denied):
        return Refuse(decision)
    match await services.decisions.close(record.operation.id, State.WITHDRAWN, press.user.id):
        case Decided(record=after):
            # What still says that it waits, with the button, is no longer true.
            return InPlace(withdrawn_message(after.operation, rules.kinds.words(after.operation)))
        case Settled(record=after):
            return settled(rules, press.person, after.operation)
        case None:
            return stale_button_message()
