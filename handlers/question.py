"""The buttons of a question, under an unknown outcome: check again, send again, give up, this one."""

from typing import Final

from slack_bolt.async_app import AsyncApp

from bot.domain.operation import Choice, Operation
from bot.domain.policy import Allowed, Denied, NeedsApproval, Person, Undetermined
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import recorded_message, stale_button_message, too_late_message
from bot.words.question import read_choice
from bot.workflow.decisions import Decided, Settled
from handlers.common.answer import Refuse, other_account, unknown_kind
from handlers.common.press import Answer, answered_press
from handlers.services import Rules, Services

_CHOICES: Final = {f"trunk.{choice}": choice for choice in Choice if choice is not Choice.TRY_AGAIN}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons of a question."""
    for action in _CHOICES:
        app.action(action)(answered_press(services, _decide))


async def _decide(services: Services, press: Press) -> Answer:
    rules, choice = services.rules, _CHOICES[press.action.action_id]
    operation, asked, picked = read_choice(press.action.value)
    # No channel to check: the question stands where the operation was allowed, however long ago.
    decision = rules.may(press.person, None)
    if not isinstance(decision, Allowed):
        return Refuse(decision)
    record = await services.ledger.get(operation)
    if record is None:
        return stale_button_message()
    now_about(operation)
    op = record.operation
    refuse = unknown_kind(rules, op)
    if refuse is None and choice is Choice.SEND_AGAIN:
        refuse = _not_again(rules, press.person, op)
    if refuse is not None:
        return refuse
    match await services.decisions.decide(operation, choice, press.user.id, asked, picked):
        case Decided(record=after):
            return recorded_message(after.operation, rules.kinds.words(after.operation), choice)
        case Settled(record=after):
            words = rules.kinds.words(after.operation)
            return Refuse("settled", too_late_message(after.operation, words))
        case None:
            return stale_button_message()


def _not_again(rules: Rules, person: Person, op: Operation) -> Refuse | None:
    """Say why it may not be sent again by this person, if so.

    What needed a second person needs one again, who is not the requester.
    """
    decision = rules.may(person, op.channel, rules.facts(op))
    if isinstance(decision, NeedsApproval):
        second = rules.may_decide(person, op.requester)
        return None if isinstance(second, Allowed) else Refuse(second)
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    return other_account(rules, op) if op.asking else None
