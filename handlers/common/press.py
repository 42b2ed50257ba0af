"""Around every pressed button: acknowledge, do, tell the person, keep what was refused."""

from collections.abc import Awaitable, Callable

from bot.blockkit.layout import Message
from bot.domain.operation import State
from bot.domain.records import Record
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import stale_button_message
from handlers.common.answer import InPlace, Refuse, keep, settled
from handlers.common.guard import Body, Listener, acked_first, whisper
from handlers.services import Services

Answer = Message | InPlace | Refuse | None


def answered_press(services: Services, act: Callable[[Services, Press], Awaitable[Answer]]) -> Listener:
    """Make the listener of a button: do what it does, and whisper what there is to say."""

    async def pressed(body: Body) -> None:
        press = Press.read(body)
        match await act(services, press):
            case Refuse() as refuse:
                operation, _, _ = press.action.value.partition(" ")
                what, place = press.action.action_id, press.place
                keep(services, refuse, press.person, what, channel=place, operation=operation)
                whisper(services, press, refuse.told(services.rules.command))
            case InPlace(message=message):
                whisper(services, press, message, replace=True)
            case Message() as message:
                whisper(services, press, message)

    return acked_first(services, pressed)


async def waiting(services: Services, press: Press, operation: str) -> Record | Message | Refuse:
    """Return the request if it still waits for a decision; else the answer to the click."""
    record = await services.ledger.get(operation)
    if record is None:
        return stale_button_message()
    now_about(operation)
    if record.operation.state is not State.AWAITING_APPROVAL:
        return settled(services.rules, press.person, record.operation)
    return record
