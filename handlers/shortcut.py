"""The global shortcut “Create a SIP trunk”, for people who do not type commands."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.domain.policy import Denied, Undetermined
from bot.slack.payloads import Press, Shortcut
from bot.slack.responses import Failed
from bot.words.answers import refused_message
from bot.words.create_form import Draft, notice_modal
from bot.words.unopened import view_failed_message
from handlers.common.guard import Body, guarded, tell
from handlers.common.open_form import new_form, open_form
from handlers.common.refusals import record_refusal
from handlers.services import Services

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
        record_refusal(services, person, "shortcut", decision, None)
        refused = refused_message(decision, services.command)
        if isinstance(await services.slack.open_view(shortcut.trigger_id, notice_modal(refused)), Failed):
            tell(services, person.user, refused)
        return
    form = new_form(services, person.team or "", person.user, "", None)
    failed = await open_form(services, form, Draft(None, None, None), shortcut.trigger_id, decision)
    if failed is not None:
        tell(services, person.user, view_failed_message(f"{services.command} create", failed.error))
