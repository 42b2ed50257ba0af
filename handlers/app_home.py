"""App Home: published when somebody opens it; its button opens the form."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.policy import Person
from bot.services import Services
from bot.slack.payloads import HomeOpened, Press
from handlers.guard import Body, guarded
from handlers.shortcut import open_anywhere


def register(app: AsyncApp, services: Services) -> None:
    """Listen to openings of App Home and to its button."""

    async def opened(ack: AsyncAck, body: Body) -> None:
        event = HomeOpened.model_validate(body)
        await ack()
        if event.event.tab == "home":
            services.homes.opened(Person(event.event.user, event.team_id, event.enterprise_id))

    async def create(ack: AsyncAck, body: Body) -> None:
        press = Press.model_validate(body)
        await open_anywhere(services, press)
        await ack()

    app.event("app_home_opened")(guarded(services, opened))
    app.action("home.create")(guarded(services, create))
