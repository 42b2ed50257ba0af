"""`/trunk doctor`: operators see how the deployment stands; nobody else does."""

from bot.answering import answered
from bot.policy import Allowed
from bot.services import Services
from bot.slack.blocks import Message
from bot.slack.doctor import checking_message, doctor_message
from bot.slack.messages import refused_message
from bot.slack.payloads import SlashCommand
from handlers.refusing import record_refusal


def doctor(services: Services, command: SlashCommand) -> Message:
    """Start an examination for an operator, whose result follows within seconds; refuse everybody else."""
    decision = services.may(command.person, None)
    if not isinstance(decision, Allowed):
        record_refusal(services, command.person, "doctor", decision, command.channel_id)
        return refused_message(decision, services.command)
    acknowledged = answered()

    async def tell() -> None:
        message = doctor_message(await services.doctor.examine())
        await acknowledged.wait()
        url = command.response_url
        if url is None or await services.slack.respond(url, message) is not None:
            await services.slack.post(command.user_id, message)

    services.background.start(tell())
    return checking_message()
