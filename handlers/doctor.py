"""`/trunk doctor`: how the deployment stands."""

from bot.blockkit.layout import Message
from bot.server.request import answered
from bot.slack.payloads import SlashCommand
from bot.words.doctor import checking_message, doctor_message
from handlers.services import Services


def doctor(services: Services, command: SlashCommand) -> Message:
    """Start an examination, whose result follows within seconds. For operators only: the caller asks."""
    acknowledged = answered()

    async def tell() -> None:
        message = doctor_message(await services.doctor.examine())
        await acknowledged.wait()
        url = command.response_url
        if url is None or await services.slack.respond(url, message) is not None:
            await services.slack.post(command.user_id, message)

    services.background.start(tell())
    return checking_message()
