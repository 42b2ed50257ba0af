"""What the buttons of a request share: the request that still waits, and who may decide it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.blockkit.layout import Message
from bot.domain.operation import Operation, State
from bot.domain.policy import Allowed, Denied, Person, Undetermined
from bot.domain.records import Record
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import stale_button_message
from bot.words.decisions import decision_lost_message
from handlers.common.guard import Body, Listener, guarded, whisper
from handlers.common.refusals import record_lost_race
from handlers.services import Services

Refusal = Denied | Undetermined

ACK_WITHIN: Final = 1.0  # seconds; the answer is seldom later than 0.1


@dataclass(frozen=True, slots=True)
class InPlace:
    """An answer that takes the place of the message that has the button."""

    message: Message


def answered_press(
    services: Services, work: Callable[[Services, Press], Awaitable[Message | InPlace | None]]
) -> Listener:
    """Make the listener of a button: do the work, and whisper what there is to say.

    The acknowledgement does not wait longer than ACK_WITHIN: Slack gives up after 3 s, and the work goes on
    and is whispered all the same.
    """

    async def pressed(_ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        match await work(services, press):
            case InPlace(message=message):
                whisper(services, press, message, replace=True)
            case Message() as message:
                whisper(services, press, message)

    async def listen(ack: AsyncAck, body: Body) -> None:
        await ack()
        task = services.presses.start(guarded(services, pressed)(ack, body))
        await asyncio.wait({task}, timeout=ACK_WITHIN)

    return guarded(services, listen)


async def waiting(services: Services, press: Press, operation: str) -> Record | None:
    """Return the request if it still waits; else answer the click."""
    record = await services.ledger.get(operation)
    if record is None:
        whisper(services, press, stale_button_message())
        return None
    now_about(operation)
    if record.operation.state is not State.AWAITING_APPROVAL:
        whisper(services, press, lost(services, press.person, press.action.action_id, record.operation))
        return None
    return record


def lost(services: Services, person: Person, act: str, operation: Operation) -> Message:
    """Answer who decided about a request that is settled, and record it: unless they did it themselves."""
    if operation.decider != person.user:
        record_lost_race(services, person, act, "settled", operation.id)
    return decision_lost_message(operation, person.user)


def decider_refused(services: Services, person: Person, operation: Operation) -> Refusal | None:
    """Say why a person may not approve or deny a request, if so."""
    decision = services.may_decide(person, operation.requester)
    return None if isinstance(decision, Allowed) else decision


def requester_refused(services: Services, operation: Operation) -> Refusal | None:
    """Say why the requester may no longer ask for it: the policy may have changed since."""
    maker = Person(operation.requester, operation.team, services.home.enterprise)
    decision = services.may(maker, operation.channel, operation.request.calls)
    return decision if isinstance(decision, Denied | Undetermined) else None
