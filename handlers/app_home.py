"""App Home: published when somebody opens it; its buttons open a form, or say who is looking."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.domain.policy import Person
from bot.kinds.base import Kind
from bot.slack.payloads import HomeOpened, Press
from handlers.common.guard import Body, Listener, guarded
from handlers.services import Services
from handlers.shortcut import open_anywhere


def register(app: AsyncApp, services: Services) -> None:
    """Listen to openings of App Home and to its buttons."""

    async def opened(ack: AsyncAck, body: Body) -> None:
        event = HomeOpened.read(body)
        await ack()
        if event.event.tab == "home":
            # The event's team is the workspace that the bot is installed in, whoever looks: a visitor of
            # another company (Slack Connect) too.
            services.home.opened(Person(event.event.user, None))

    async def show(ack: AsyncAck, body: Body) -> None:
        # What is pressed does say of which workspace the person is.
        services.home.opened(Press.read(body).person)
        await ack()

    app.event("app_home_opened")(guarded(services, opened))
    app.action("home.show")(guarded(services, show))
    for kind in services.rules.kinds:
        if not kind.words.start:
            continue
        app.action(f"home.{kind.verb}")(guarded(services, _opener(services, kind)))


def _opener(services: Services, kind: Kind) -> Listener:
    async def begin(ack: AsyncAck, body: Body) -> None:
        await open_anywhere(services, kind, Press.read(body))
        await ack()

    return begin
