"""Around every submitted form: open it, do, answer in it, keep what was refused."""

from collections.abc import Awaitable, Callable

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.blockkit.layout import Message
from bot.kinds.base import Errors
from bot.runtime.log import now_about
from bot.slack.payloads import Submission
from bot.slack.sealing import Form
from bot.words.answers import stale_form_message
from bot.words.modal import notice_modal
from handlers.common.answer import Refuse, View, keep
from handlers.common.guard import Body, Listener, guarded
from handlers.services import Services

Answer = Message | Errors | View | Refuse


def answered_submission(
    services: Services, act: str, work: Callable[[Services, Submission, Form], Awaitable[Answer]]
) -> Listener:
    """Make the listener of a form; `act` is the record's word for submitting it."""

    async def submitted(ack: AsyncAck, body: Body) -> None:
        submission = Submission.read(body)
        answer, channel = await _answer(services, submission, work)
        if isinstance(answer, Refuse):
            keep(services, answer, submission.person, act, channel=channel)
            answer = answer.instead or answer.told(services.rules.command)
        match answer:
            case Errors(errors=errors):
                await ack(response_action="errors", errors=dict(errors))
            case Message() as message:
                await ack(response_action="update", view=notice_modal(message))
            case view:
                await ack(response_action="update", view=view)

    return guarded(services, submitted)


async def _answer(
    services: Services,
    submission: Submission,
    work: Callable[[Services, Submission, Form], Awaitable[Answer]],
) -> tuple[Answer, str | None]:
    form = services.sealer.open_form(submission.view.private_metadata)
    if form is None or form.user != submission.person.user:
        return Refuse("unreadable_form", stale_form_message(services.rules.command)), None
    now_about(form.operation)
    # Where there is no channel, the form lets the person choose one.
    form = form.model_copy(update={"channel": form.channel or submission.view.typed("channel") or ""})
    return await work(services, submission, form), form.channel or None
