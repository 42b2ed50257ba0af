"""The global shortcut “Create a SIP trunk”, for people who do not type commands."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.policy import Denied, Undetermined
from bot.services import Services
from bot.slack.blocks import Message
from bot.slack.messages import refused_message, view_failed_message
from bot.slack.payloads import Press, Shortcut
from bot.slack.views import Draft, notice_modal
from handlers.guard import Body, guarded
from handlers.opening import new_form, open_form

CALLBACK = "create_trunk_shortcut"


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the shortcut."""

    async def listen(ack: AsyncAck, body: Body) -> None:
        shortcut = Shortcut.model_validate(body)
        await open_anywhere(services, shortcut)
        await ack()

    app.shortcut(CALLBACK)(guarded(services, listen))


async def open_anywhere(services: Services, shortcut: Shortcut | Press) -> None:
    """Open the form with a channel to choose, or say in a modal why not: there is no channel to say it in."""
    person = shortcut.person
    decision = services.may(person, None)
    if isinstance(decision, Denied | Undetermined):
        view = notice_modal(refused_message(decision, services.command))
        await services.slack.open_view(shortcut.trigger_id, view)
        return
    form = new_form(services, person.team or "", person.user, "", None)
    failed = await open_form(services, form, Draft(None, None, None), shortcut.trigger_id, decision)
    if failed is not None:
        told = view_failed_message(f"{services.command} create", failed.error)
        services.background.start(_tell(services, person.user, told))


async def _tell(services: Services, user: str, message: Message) -> None:
    await services.slack.post(user, message)
