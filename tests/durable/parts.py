"""The bot's durable half, wired by hand where a test has to hold a part of it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from bot.config.settings import Settings
from bot.domain.observer import uncounted
from bot.domain.operation import Choice, Look
from bot.domain.outcome import Done, Outcome
from bot.domain.policy import Members
from bot.domain.records import Move, NewOperation, Record
from bot.domain.reference import new_operation_id
from bot.domain.transitions.decisions import answer_question
from bot.domain.transitions.looks import looked
from bot.domain.transitions.moves import Decide
from bot.domain.transitions.sendings import interrupted, settle
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.create_trunk.find import thing
from bot.kinds.registry import KINDS
from bot.notify.approver_routes import Approvals
from bot.notify.messages import Messages
from bot.notify.notices import Notices
from bot.notify.sender import Teller
from bot.proof.examination import Examiner
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.tasks import end
from bot.slack.client import SlackWeb
from bot.slack.sealing import Sealer
from bot.slack.transport import open_session
from bot.store.database import open_engine
from bot.store.ledger import Ledger, Stored, Taken
from bot.vobiz.client import VobizClient
from bot.vobiz.snapshot import Snapshot, dump_snapshot
from bot.vobiz.transport import open_client
from bot.vobiz.trunks import Trunk
from bot.workflow.decisions import Decisions
from bot.workflow.engine import Engine
from bot.workflow.intake import Intake
from bot.workflow.prove import Prover
from bot.workflow.recovery import Recovery
from bot.workflow.send import Sender
from bot.workflow.slots import Slot, slot_for
from bot.workflow.verify import Verifier
from bot.workflow.workflow import Workflow
from tests.flow.conftest import ASHA, OMAR, VOICE, House

FAR: Final = 9e12  # seconds since the epoch


class ShiftedClock(SystemClock):
    """The machine's clock, ahead by some seconds."""

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead

    def now(self) -> float:
        return super().now() + self._ahead


@dataclass
class _Others:
    """What others do in between, once: right before or after a transition is made."""

    transition: Callable[..., Move | None]
    what: Callable[[str], Awaitable[object]]
    after: bool
    came: asyncio.Event


class WatchedLedger(Ledger):
    """A ledger that lets others in around a transition, where nobody holds the operation."""

    _others: _Others | None = None

    def let_in(
        self,
        what: Callable[[str], Awaitable[object]],
        *,
        before: Callable[..., Move | None] | None = None,
        after: Callable[..., Move | None] | None = None,
    ) -> asyncio.Event:
        """Do something, given the operation's id, before or after the next transition of a kind.

        It may make any transitions itself. The event is set once it is done.
        """
        transition = before or after
        assert transition is not None
        self._others = _Others(transition, what, after is not None, asyncio.Event())
        return self._others.came

    async def change(
        self, operation: str, decide: Decide, *, alike: int | None = None, known: Record | None = None
    ) -> Record | Taken | None:
        others = self._others
        made = decide.func if isinstance(decide, partial) else decide
        if others is None or made is not others.transition:
            return await super().change(operation, decide, alike=alike, known=known)
        self._others = None
        moved = await super().change(operation, decide, alike=alike, known=known) if others.after else None
        await others.what(operation)
        others.came.set()
        return moved if others.after else await super().change(operation, decide, alike=alike, known=known)


@dataclass
class Parts:
    """What `Bot` keeps to itself."""

    ledger: WatchedLedger
    engine: Engine
    intake: Intake
    decisions: Decisions
    slot: Slot
    lost: list[str] = field(default_factory=list)

    def recovery(self, ahead: float = 60.0) -> Recovery:
        """Make a recovery whose clock is ahead (seconds), so that it finds what has just been left."""
        clock = ShiftedClock(ahead)
        lost = self.lost
        return Recovery(self.ledger, KINDS, self.engine, self.slot, clock, lost=lambda: lost.append(""))


@asynccontextmanager
async def parts(house: House, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """Wire the durable half to a house as `bot.assembly` does, without recovery's rounds and web."""
    clock = clock or SystemClock()
    settings = house.settings
    url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        slot = slot_for(url)
        assert await slot.take()
        stack.push_async_callback(slot.release)
        database = open_engine(url)
        stack.push_async_callback(database.dispose)
        ledger = WatchedLedger(database, clock, process=secrets.token_hex(8))
        stack.push_async_callback(ledger.stop)
        sealer = Sealer(settings.slack_bot_token.get_secret_value(), clock.now)
        await _telling(stack, settings, ledger, sealer, clock)
        vobiz = await vobiz_of(stack, settings)
        settle = settings.vobiz_settle
        sender = Sender(ledger, vobiz, KINDS, sealer, clock, settle=settle, tag=False)
        verifier = Verifier(ledger, vobiz, KINDS, clock, settle=settle, tag=False)
        examiner = Examiner(vobiz, clock, probe=False)
        prover = Prover(ledger, vobiz, examiner, clock, KINDS, command="/trunk")
        workflow = Workflow(ledger, KINDS, sender, verifier, clock, prover=prover, settle=settle)
        engine = Engine(url, slot.name, workflow.operate)
        engine.launch()
        stack.push_async_callback(engine.destroy)
        intake = Intake(ledger, engine, clock)
        stack.push_async_callback(intake.stop)
        yield Parts(ledger, engine, intake, Decisions(ledger, intake, KINDS, clock), slot)


async def vobiz_of(stack: AsyncExitStack, settings: Settings) -> VobizClient:
    """Open a client for a house's Vobiz until the stack ends."""
    auth_id, token, timeout = settings.vobiz_auth_id, settings.vobiz_auth_token, settings.vobiz_timeout
    http = open_client(base_url=settings.vobiz_api_url, auth_id=auth_id, token=token, timeout=timeout)
    await stack.enter_async_context(http)
    return VobizClient(http, auth_id=auth_id, token=token, timeout=timeout)


async def _telling(
    stack: AsyncExitStack, settings: Settings, ledger: Ledger, sealer: Sealer, clock: Clock
) -> None:
    session = await stack.enter_async_context(open_session())
    slack = SlackWeb(session, settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    messages = Messages(KINDS, Members(), settings.vobiz_settle)
    notices = Notices(slack, sealer, messages, Approvals(None, Members(), dict), uncounted)
    teller = Teller(ledger, notices, clock)
    ledger.watch(teller.wake)
    task = asyncio.create_task(teller.keep_telling())
    stack.push_async_callback(end, [task])
    stack.push_async_callback(teller.stop)


def order(house: House, name: str = "Sales") -> NewOperation:
    """Return what a confirmation of Asha's asks for."""
    kind, account = CreateTrunk(), house.settings.vobiz_auth_id
    request = {"name": name, "direction": "outbound", "calls": 10}
    return NewOperation(
        id=new_operation_id(),
        kind=kind.name,
        version=kind.version,
        request=request,
        seen=kind.seen(request, None, None),
        subject=kind.subject(request),
        claims=kind.claims(account, request),
        steps=kind.steps(request),
        account=account,
        team="T0ACME001",
        channel=VOICE,
        requester=ASHA,
    )


async def left(house: House, name: str = "Sales", *moves: Decide, ago: float = 0) -> Record:
    """Leave an operation in the ledger as a process leaves it that died (`ago` seconds) after these moves.

    The account was read before, as it is now.
    """
    return await left_behind(house, replace(order(house, name), snapshot=await read(house)), *moves, ago=ago)


async def left_behind(house: House, new: NewOperation, *moves: Decide, ago: float = 0) -> Record:
    """Leave this operation so."""
    database = open_engine(house.settings.database_url.get_secret_value())
    ledger = Ledger(database, ShiftedClock(-ago), process="dead")
    try:
        assert isinstance(await ledger.accept(new, FAR), Stored)
        for move in moves:
            assert isinstance(await ledger.change(new.id, move), Record)
    finally:
        await database.dispose()
    return await record_of(house, new.id)


async def read(house: House) -> str:
    """Read the account, as what follows the opening of a form does; returns what names the reading."""
    async with AsyncExitStack() as stack:
        seen = await (await vobiz_of(stack, house.settings)).snapshot()
    assert isinstance(seen, Snapshot)
    return await house.ledger.snapshots.keep(seen.account, seen.taken_at, seen.ahead, dump_snapshot(seen))


def unsure(record: Record, now: int) -> Move | None:
    """Take a sending for dead, as another process does."""
    return interrupted(record, now, process="other", wake_at=now)


def asks(record: Record, now: int) -> Move | None:
    """Ask people, after looking in vain; there is time until somebody looks again."""
    look = Look(finished=True, whole=True, again=True)
    return looked(record, now, began=record, look=look, evidence={}, wake_at=now + 300_000)


def says(choice: Choice) -> Decide:
    """Have Omar answer the question that is open."""

    def answer(record: Record, now: int) -> Move | None:
        return answer_question(record, now, choice=choice, actor=OMAR, asked=record.operation.round)

    return answer


def gets(outcome: Outcome) -> Decide:
    """Write what became of the sending that is under way."""

    def settles(record: Record, now: int) -> Move | None:
        return settle(record, now, sent=record, outcome=outcome, resource=CreateTrunk.resource, wake_at=now)

    return settles


def made(trunk: Mapping[str, object]) -> Done:
    """Return the answer that says that this trunk of the sandbox's was made."""
    return Done(thing(Trunk.model_validate(trunk)), 201, "req_1")


async def move(house: House, operation: str, *moves: Decide) -> Record:
    """Move an operation as another process does."""
    record: Record | Taken | None = None
    for decide in moves:
        record = await house.ledger.change(operation, decide)
        assert isinstance(record, Record)
    assert isinstance(record, Record)
    return record


async def record_of(house: House, operation: str) -> Record:
    """Read an operation that exists."""
    record = await house.ledger.get(operation)
    assert record is not None
    return record


async def all_told(house: House, operation: str) -> None:
    """Wait until nothing is due to be told of an operation.

    What a process was still telling when it died is its own to tell until its lease is over.
    """
    async with asyncio.timeout(10):
        while any(notice.due_at is not None for notice in await house.ledger.outbox.of(operation)):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


async def idle(engine: Engine, operation: str) -> None:
    """Wait until no workflow of an operation is alive."""
    async with asyncio.timeout(10):
        while (await engine.runs(operation, operation))[1]:  # noqa: ASYNC110 - the engine tells nobody
            await asyncio.sleep(0.01)
