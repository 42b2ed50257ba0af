"""The global shortcut of a kind, as “Create a SIP trunk”, for people who do not type commands."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.domain.policy import Denied, Undetermined
from bot.kinds.base import Kind
from bot.slack.payloads import Press, Shortcut
from bot.slack.responses import Failed
from bot.words.modal import notice_modal
from handlers.common.answer import Refuse, keep
from handlers.common.guard import Body, Listener, guarded, tell
from handlers.common.open_form import Draft, new_form, open_form
from handlers.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the shortcuts; the manifest has one of them."""
    for kind in services.rules.kinds:
        if not kind.words.start:
            continue  # it is about something that exists, which the list shows
        app.shortcut(f"{kind.name}_shortcut")(guarded(services, _listener(services, kind)))


def _listener(services: Services, kind: Kind) -> Listener:
    async def listen(ack: AsyncAck, body: Body) -> None:
        await open_anywhere(services, kind, Shortcut.read(body))
        await ack()

    return listen


async def open_anywhere(services: Services, kind: Kind, shortcut: Shortcut | Press) -> None:
    """Open the form with a channel to choose, or say in a modal why not: there is no channel to say it in."""
    person, rules = shortcut.person, services.rules
    decision = rules.may(person, None)
    if isinstance(decision, Denied | Undetermined):
        refuse = Refuse(decision)
        keep(services, refuse, person, "shortcut")
        message = refuse.told(rules.command)
        if isinstance(await services.slack.open_view(shortcut.trigger_id, notice_modal(message)), Failed):
            tell(services, person.user, message)
        return
    form = new_form(services, kind, team=person.team or "", user=person.user)
    failed = await open_form(services, Draft(kind, form, {}, decision), shortcut.trigger_id, person)
    if failed is not None:
        tell(services, person.user, failed)
