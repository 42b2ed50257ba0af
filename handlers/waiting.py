"""What the buttons of a request share: the request that still waits, and who may decide it."""

from collections.abc import Awaitable, Callable

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.log import now_about
from bot.operations import Operation, State
from bot.policy import Allowed, Denied, Person, Undetermined
from bot.records import Record
from bot.services import Services
from bot.slack.approvals import decision_lost_message
from bot.slack.blocks import Message
from bot.slack.messages import stale_button_message
from bot.slack.payloads import Press
from handlers.guard import Body, Listener, guarded, whisper
from handlers.refusing import record_lost_race

Refusal = Denied | Undetermined


def answered_press(
    services: Services, work: Callable[[Services, Press], Awaitable[Message | None]]
) -> Listener:
    """Make the listener of a button: acknowledge, do the work, and whisper what there is to say."""

    async def listen(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        await ack()
        message = await work(services, press)
        if message is not None:
            whisper(services, press, message)

    return guarded(services, listen)


async def waiting(services: Services, press: Press, operation: str) -> Record | None:
    """Return the request if it still waits; else answer the click."""
    record = await services.ledger.get(operation)
    if record is None:
        whisper(services, press, stale_button_message())
        return None
    now_about(operation)
    if record.operation.state is not State.AWAITING_APPROVAL:
        record_lost_race(services, press.person, press.action.action_id, "settled", operation)
        whisper(services, press, decision_lost_message(record.operation))
        return None
    return record


def decider_refused(services: Services, person: Person, operation: Operation) -> Refusal | None:
    """Say why a person may not approve or deny a request, if so."""
    decision = services.may_decide(person, operation.requester)
    return None if isinstance(decision, Allowed) else decision


def requester_refused(services: Services, operation: Operation) -> Refusal | None:
    """Say why the requester may no longer ask for it: the policy may have changed since."""
    maker = Person(operation.requester, operation.team, services.home.enterprise)
    decision = services.may(maker, operation.channel, operation.request.calls)
    return decision if isinstance(decision, Denied | Undetermined) else None
