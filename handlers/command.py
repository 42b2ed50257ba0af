"""The slash command: help, status, history, doctor, and create, which opens the modal."""

from collections.abc import Coroutine
from dataclasses import replace
from typing import Final

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.blockkit.layout import Message
from bot.commands.parse import Command, Create, Doctor, Help, History, Problem, Status, create_line, parse
from bot.domain.policy import Allowed, Denial, Denied, NeedsApproval, Undetermined
from bot.runtime.log import now_about
from bot.runtime.tasks import Question
from bot.slack.payloads import SlashCommand
from bot.store.database import PASSING
from bot.words.answers import (
    problem_message,
    refused_message,
    status_message,
    status_missing_message,
    unread_message,
)
from bot.words.create_form import Draft
from bot.words.help import help_message
from bot.words.unopened import view_failed_message
from handlers.common.guard import Body, guarded
from handlers.common.open_form import new_form, open_form
from handlers.common.refusals import record_refusal
from handlers.doctor import doctor
from handlers.history import history
from handlers.services import Services

READ_WITHIN: Final = 2.0  # seconds; Slack waits 3 for the answer to a command

_log = structlog.get_logger("handlers")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the slash command."""

    async def listen(ack: AsyncAck, body: Body) -> None:
        command = SlashCommand.model_validate(body)
        parsed = parse(command.text, services.policy.max_calls)
        how = "failed"
        try:
            how, message = await _answer(services, command, parsed)
        finally:
            services.metrics.command(type(parsed).__name__.lower(), how)
        if message is None:
            await ack()
        else:
            await ack(text=message.text, blocks=list(message.blocks))

    app.command(services.command)(guarded(services, listen))


async def _answer(
    services: Services, command: SlashCommand, parsed: Command | Problem
) -> tuple[str, Message | None]:
    """Answer a command: a word for how, to be counted, and the message, if there is one."""
    max_calls = services.policy.max_calls
    calls = parsed.calls if isinstance(parsed, Create) else None
    decision = services.may(command.person, command.channel_id, calls)
    match parsed:
        case Help():
            most = services.may(command.person, command.channel_id, max_calls)
            return "told", help_message(services.command, most, max_calls)
        case _ if isinstance(decision, Denied) and decision.reason is Denial.OTHER_TEAM:
            return _refused(services, command, "command", decision)
        case Problem() as problem:
            return "corrected", problem_message(problem, services.command, max_calls)
        case Status() | History() | Doctor() as asked:
            return await _tell(services, command, asked)
        case Create() as create:
            if isinstance(decision, Denied | Undetermined):
                return _refused(services, command, "create", decision)
            message = await _create(services, command, create, decision)
            return ("form" if message is None else "no_form"), message


def _refused(
    services: Services, command: SlashCommand, act: str, decision: NeedsApproval | Denied | Undetermined
) -> tuple[str, Message]:
    record_refusal(services, command.person, act, decision, command.channel_id)
    return "refused", refused_message(decision, services.command)


async def _tell(
    services: Services, command: SlashCommand, asked: Status | History | Doctor
) -> tuple[str, Message]:
    if isinstance(asked, Doctor):
        operates = services.may(command.person, None)
        if isinstance(operates, Allowed):
            return "told", doctor(services, command)
        return _refused(services, command, "doctor", operates)
    try:
        return "told", await Question(lambda: _read(services, command, asked)).ask(READ_WITHIN)
    except (TimeoutError, *PASSING):
        _log.warning("a command could not be answered from the database")
        return "unread", unread_message()


def _read(
    services: Services, command: SlashCommand, asked: Status | History
) -> Coroutine[object, object, Message]:
    if isinstance(asked, History):
        return history(services, command.person, asked.query)
    return _status(services, command, asked)


async def _status(services: Services, command: SlashCommand, asked: Status) -> Message:
    record = await services.ledger.by_reference(asked.ref)
    if record is None:
        return status_missing_message(asked.ref)
    operation = record.operation
    now_about(operation.id)
    operator = isinstance(services.may(command.person, None), Allowed)
    deciding = isinstance(services.may_decide(command.person, operation.requester), Allowed)
    own = operation.requester == command.user_id
    if not operator and not own:
        # Anyone may know how it stands; the reasons are between those who asked and those who decided.
        operation = replace(operation, note=None, denial=None, namesakes=frozenset())
    late = (await services.ledger.chronicle.late(operation.id)).trunks if record.sent_at else ()
    return status_message(operation, record.asked_in, own=own, deciding=deciding, late=late)


async def _create(
    services: Services, command: SlashCommand, create: Create, decision: Allowed | NeedsApproval
) -> Message | None:
    draft = Draft(create.name, create.direction, create.calls)
    form = new_form(services, command.team_id, command.user_id, command.channel_id, command.response_url)
    failed = await open_form(services, form, draft, command.trigger_id, decision)
    if failed is None:
        return None
    typed = create_line(create.name, create.direction, create.calls)
    return view_failed_message(f"{services.command} {typed}", failed.error)
