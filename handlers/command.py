"""The slash command: help, status, history, doctor, and the verbs of the kinds, which open a form."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Final

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.blockkit.layout import Message
from bot.commands.parse import Begin, Doctor, Examine, Help, History, List, Show, Status, parse
from bot.commands.problems import Problem
from bot.domain.operation import Operation, State
from bot.domain.outcome import Data, Thing
from bot.domain.policy import Allowed, Decision, Denial, Denied, Facts, Undetermined
from bot.domain.records import Purpose
from bot.kinds.base import Kind
from bot.runtime.log import now_about
from bot.runtime.tasks import Question
from bot.server.request import answered
from bot.slack.payloads import SlashCommand
from bot.store.database import PASSING
from bot.vobiz.listing import Unreachable
from bot.vobiz.snapshot import Needs
from bot.words.answers import Gone, status_message, status_missing_message, unread_message
from bot.words.command_help import help_message, problem_message
from bot.words.doctor import checking_message, doctor_message
from bot.words.phrases import main_step
from handlers.common.answer import Refuse, keep
from handlers.common.guard import Body, guarded, or_told
from handlers.common.open_form import Draft, new_form, open_form
from handlers.history import history
from handlers.services import Services
from handlers.trunks import examine_trunk, list_trunks, show_trunk

TRUNK: Final = "trunk"  # the type of record that can be read by itself
LOOK_WITHIN: Final = 1.2  # seconds of these for Vobiz
READ_WITHIN: Final = 2.0  # seconds; Slack waits 3 for the answer to a command

Parsed = Begin | Status | History | List | Show | Examine | Doctor | Help | Problem
Told = tuple[str, Message | None]  # a word for how it was answered, to be counted, and the answer

_log = structlog.get_logger("handlers")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the slash command."""
    rules = services.rules

    async def listen(ack: AsyncAck, body: Body) -> None:
        command = SlashCommand.read(body)
        parsed = parse(command.text, rules.kinds.verbs, rules.limits)
        kind = rules.kinds.of(parsed.kind) if isinstance(parsed, Begin) else None
        how = "failed"
        try:
            if isinstance(parsed, Begin) and kind is not None:
                how, message = await _begin(services, command, kind, parsed.known)
            else:
                how, message = await _answer(services, command, parsed)
        finally:
            verb = type(parsed).__name__.lower() if kind is None else kind.verb
            services.metrics.command(verb, how)
        if message is None or (message.simpler and command.response_url is not None):
            await ack()
        else:
            await ack(text=message.text, blocks=list(message.simpler or message.blocks))
        if message is not None and message.simpler and command.response_url is not None:
            # Only after the acknowledgement does Slack say when it does not take the newest blocks.
            services.presses.start(_Later(services, command).answer(message))

    app.command(rules.command)(guarded(services, listen))


async def _begin(services: Services, command: SlashCommand, kind: Kind, known: Data) -> Told:
    rules, place = services.rules, command.channel_id
    decision = rules.may(command.person, place, kind.facts(known, {}))
    if isinstance(decision, Denied | Undetermined):
        return _refused(services, command, kind.verb, Refuse(decision))
    reply = command.response_url
    form = new_form(services, kind, team=command.team_id, user=command.user_id, channel=place, reply=reply)
    failed = await open_form(services, Draft(kind, form, known, decision), command.trigger_id, command.person)
    return "form" if failed is None else "no_form", failed


async def _answer(services: Services, command: SlashCommand, parsed: Parsed) -> Told:
    rules = services.rules
    decision = rules.may(command.person, command.channel_id)
    match parsed:
        case Help():
            most = rules.may(command.person, command.channel_id, Facts("", after=rules.limits.max_calls))
            return "told", help_message(rules.command, most, rules.kinds, rules.limits)
        case _ if isinstance(decision, Denied) and decision.reason is Denial.OTHER_TEAM:
            return _refused(services, command, "command", Refuse(decision))
        case Problem():
            return "corrected", problem_message(parsed, rules.command)
        case Status() | History():
            return await _tell(services, command, parsed)
        case List() | Show() | Examine():
            return _read(services, command, parsed, decision)
        case Doctor():
            return _doctor(services, command)
        case Begin():
            raise AssertionError("unreachable: the verbs are those of the kinds")


def _read(
    services: Services, command: SlashCommand, asked: List | Show | Examine, decision: Decision
) -> Told:
    """Answer from the account, once that was read, for those who may at least ask for changes."""
    act = type(asked).__name__.lower()
    if isinstance(decision, Denied | Undetermined):
        return _refused(services, command, act, Refuse(decision))
    later = _Later(services, command)

    async def tell() -> None:
        # Wording what was read before takes milliseconds, for which the acknowledgement would wait.
        await later.acknowledged.wait()
        if isinstance(asked, Show):
            await later.answer(await show_trunk(services, asked.which))
        elif isinstance(asked, Examine):
            await later.answer(await examine_trunk(services, asked.which))
        else:
            await later.answer(await list_trunks(services, asked.words))

    services.presses.start(or_told(tell(), later.answer))
    return "told", None


class _Later:
    """The answer to a command that follows its acknowledgement, to the person alone."""

    def __init__(self, services: Services, command: SlashCommand) -> None:
        self._services = services
        self._command = command
        self.acknowledged = answered()

    async def answer(self, message: Message) -> None:
        """Answer where it was typed; else with a direct message, in blocks that any Slack takes."""
        await self.acknowledged.wait()
        slack, url = self._services.slack, self._command.response_url
        if url is None or await slack.respond(url, message) is not None:
            await slack.post(self._command.user_id, Message(message.text, message.simpler or message.blocks))


def _refused(services: Services, command: SlashCommand, act: str, refuse: Refuse) -> Told:
    keep(services, refuse, command.person, act, channel=command.channel_id)
    return "refused", refuse.told(services.rules.command)


async def _tell(services: Services, command: SlashCommand, asked: Status | History) -> Told:
    def read() -> Coroutine[object, object, Message]:
        if isinstance(asked, History):
            return history(services, command.person, asked.query)
        return _status(services, command, asked)

    try:
        return "told", await Question(read).ask(READ_WITHIN)
    except (TimeoutError, *PASSING):
        _log.warning("a command could not be answered from the database")
        return "unread", unread_message()


async def _status(services: Services, command: SlashCommand, asked: Status) -> Message:
    rules, ledger = services.rules, services.ledger
    record = await ledger.by_reference(asked.ref)
    if record is None:
        return status_missing_message(asked.ref)
    op = record.operation
    now_about(op.id)
    operator = isinstance(rules.may(command.person, None), Allowed)
    deciding = isinstance(rules.may_decide(command.person, op.requester), Allowed)
    own = op.requester == command.user_id
    told = await ledger.outbox.of(op.id) if op.approval is not None else ()
    asked_in = next(
        (one.place.channel for one in told if one.purpose is Purpose.APPROVAL and one.place), None
    )
    late = await ledger.chronicle.late(op.id) if op.uncertain else ()
    if not operator and not own and op.approval is not None:
        # Anyone may know how it stands; the reasons are between those who asked and those who decided.
        op = replace(op, approval=replace(op.approval, note=None, denial=None), seen={})
    return status_message(
        op,
        rules.kinds.words(op),
        asked_in,
        own=own,
        deciding=deciding,
        late=late,
        deciders=rules.policy.operators,
        now=await _now(services, op),
    )


async def _now(services: Services, op: Operation) -> Thing | Gone | None:
    """Read how what was made is at Vobiz now: once, and only as long as the answer can wait for it."""
    kind, thing = services.rules.kinds.of(op.kind), main_step(op).thing
    trunk = kind is not None and (kind.guarded or kind.resource == TRUNK)
    if not trunk or op.state is not State.DONE or thing is None or op.account != services.rules.account:
        return None
    try:
        async with asyncio.timeout(LOOK_WITHIN):
            read = await services.readings.fresh(Needs(trunks=False, trunk=thing.id))
    except TimeoutError:
        return None
    if isinstance(read, Unreachable):
        return None
    if read.detail is None:
        return Gone() if read.gone else None
    return Thing(id=thing.id, data=read.detail.trunk.model_dump(mode="json", exclude_none=True))


def _doctor(services: Services, command: SlashCommand) -> Told:
    """Start an examination, whose result follows within seconds. For operators only."""
    operates = services.rules.may(command.person, None)
    if not isinstance(operates, Allowed):
        return _refused(services, command, "doctor", Refuse(operates))
    later = _Later(services, command)

    async def tell() -> None:
        await later.answer(doctor_message(await services.doctor.examine()))

    services.background.start(tell())
    return "told", checking_message()
