"""The bot's durable half, wired by hand where a test has to hold a part of it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import Choice, Direction, Operation, State, TrunkRequest, new_operation_id
from bot.domain.policy import Members
from bot.domain.records import NewOperation, Post, Record
from bot.domain.resources import Trunk
from bot.notify.approver_routes import Approvals
from bot.notify.results import Delivery
from bot.runtime.clock import Clock, SystemClock
from bot.slack.client import SlackWeb
from bot.slack.sealing import Sealer
from bot.slack.transport import open_session
from bot.store.accept import Already, Stored, Twin
from bot.store.change import Change
from bot.store.database import open_engine
from bot.store.events import Limit, TooLate
from bot.store.ledger import Ledger
from bot.vobiz.client import VobizClient, open_client
from bot.workflow.decisions import Decisions
from bot.workflow.engine import Durable
from bot.workflow.intake import Engine
from bot.workflow.recovery import Caretaker
from bot.workflow.send import Sender
from bot.workflow.slots import Slot, slot_for
from bot.workflow.verify import Search
from bot.workflow.workflow import Workflow
from tests.flow.conftest import ASHA, VOICE, House

_NOTHING = Change()


class ShiftedClock(SystemClock):
    """The machine's clock, ahead by some seconds."""

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead

    def now(self) -> float:
        return super().now() + self._ahead


class WatchedLedger(Ledger):
    """A ledger that lets a test in where others may come between two steps."""

    committed: Callable[[str], Awaitable[None]] | None = None
    telling: Callable[[State], object] | None = None
    moving: Callable[[str, State], Awaitable[object]] | None = None
    comparing: Callable[[], Awaitable[object]] | None = None

    def __init__(self, engine: AsyncEngine, clock: Clock, process: str) -> None:
        super().__init__(engine, clock, process)
        self.noted: list[str] = []

    async def accept(self, new: NewOperation, limit: Limit) -> Stored | Already | Twin | TooLate:
        answer = await super().accept(new, limit)
        if self.committed is not None:
            await self.committed(new.id)
        return answer

    async def move(
        self,
        operation: str,
        before: State,
        after: State,
        *,
        actor: str,
        evidence: Mapping[str, object],
        change: Change = _NOTHING,
        asked: int | None = None,
        decided: Choice | None = None,
    ) -> Record | None:
        if self.moving is not None:
            await self.moving(operation, after)
        return await super().move(
            operation,
            before,
            after,
            actor=actor,
            evidence=evidence,
            change=change,
            asked=asked,
            decided=decided,
        )

    async def settle(
        self,
        record: Record,
        after: State,
        evidence: Mapping[str, object],
        change: Change,
        *,
        before: State = State.SENDING,
    ) -> Record | None:
        if self.moving is not None:
            await self.moving(record.operation.id, after)
        return await super().settle(record, after, evidence, change, before=before)

    async def twin(self, operation: Operation) -> Record | None:
        if self.comparing is not None:
            await self.comparing()
        return await super().twin(operation)

    async def note(self, operation: str, actor: str, kind: str, evidence: Mapping[str, object]) -> None:
        await super().note(operation, actor, kind, evidence)
        self.noted.append(kind)

    async def told(self, record: Record, post: Post | None) -> None:
        if self.telling is not None:
            self.telling(record.operation.state)
        await super().told(record, post)


@dataclass
class Parts:
    """What `Bot` keeps to itself."""

    ledger: WatchedLedger
    durable: Durable
    engine: Engine
    decisions: Decisions
    slot: Slot
    lost: list[str] = field(default_factory=list)

    def caretaker(self, ahead: float = 60.0) -> Caretaker:
        """Make a caretaker whose clock is ahead (seconds), so that it finds what has just been left."""
        clock = ShiftedClock(ahead)
        return Caretaker(self.ledger, self.durable, self.slot, clock, lambda: self.lost.append(""))


@asynccontextmanager
async def parts(house: House, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """Wire the durable half to a house as `bot.app` does, without caretaker rounds and web."""
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
        session = await stack.enter_async_context(open_session())
        slack = SlackWeb(session, settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        auth_id, token, timeout = settings.vobiz_auth_id, settings.vobiz_auth_token, settings.vobiz_timeout
        http = open_client(base_url=settings.vobiz_api_url, auth_id=auth_id, token=token, timeout=timeout)
        await stack.enter_async_context(http)
        vobiz = VobizClient(http, auth_id=auth_id, token=token, timeout=timeout)
        sealer = Sealer(settings.slack_bot_token.get_secret_value(), clock.now)
        approvals = Approvals(None, Members(), dict)
        delivery = Delivery(slack, ledger, sealer, clock, settle=settings.vobiz_settle, approvals=approvals)
        sender = Sender(ledger, vobiz, clock, delivery.late_answer, tag=False)
        search = Search(ledger, vobiz, delivery, clock, tag=False)
        workflow = Workflow(sender, search, delivery, settings.vobiz_settle)
        durable = Durable(url, slot.name, workflow.operate)
        durable.launch()
        stack.push_async_callback(durable.destroy)
        engine = Engine(ledger, durable, delivery.modals, clock)
        stack.push_async_callback(engine.stop)
        yield Parts(ledger, durable, engine, Decisions(ledger, engine, delivery, clock), slot)


def order(house: House, name: str = "Sales") -> NewOperation:
    """Return what a confirmation of Asha's asks for."""
    return NewOperation(
        id=new_operation_id(),
        request=TrunkRequest(name, Direction.OUTBOUND, 10),
        account=house.settings.vobiz_auth_id,
        team="T0ACME001",
        channel=VOICE,
        requester=ASHA,
    )


async def left(house: House, name: str = "Sales", *states: State, ago: float = 0) -> Record:
    """Leave an operation in the ledger as a process leaves it that died (`ago` seconds) after these moves."""
    new = order(house, name)
    ledger = house.ledger
    ledger._writer.clock = ShiftedClock(-ago)
    stored = await ledger.accept(new, Limit(float("inf")))
    assert isinstance(stored, Stored)
    before = State.ACCEPTED
    for state in states:
        assert await ledger.move(new.id, before, state, actor="bot", evidence={})
        before = state
    return await record_of(house, new.id)


async def record_of(house: House, operation: str) -> Record:
    """Read an operation that exists."""
    record = await house.ledger.get(operation)
    assert record is not None
    return record


async def idle(durable: Durable, operation: str) -> None:
    """Wait until no workflow of an operation is alive."""
    async with asyncio.timeout(10):
        while (await durable.runs(operation))[1]:  # noqa: ASYNC110 - the engine tells nobody
            await asyncio.sleep(0.01)


async def unexpected(_record: Record, _trunk: Trunk) -> bool:
    """Hear of a late answer where there is none."""
    raise AssertionError
