"""Operations from their acceptance to their end, over a real ledger and a Vobiz that a test plays."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, cast

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import Choice, Found, Standing, State, StepState
from bot.domain.outcome import Data, Done, NotSent, Outcome, Refusal, Rejected, Thing, Unknown
from bot.domain.proof import Noted, Proof
from bot.domain.records import NewOperation, Purpose, Record
from bot.domain.reference import new_operation_id
from bot.domain.transitions.decisions import answer_question
from bot.domain.transitions.looks import looked
from bot.domain.transitions.sendings import begin, interrupted
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.registry import Kinds
from bot.proof.checklist import Checklist, Finding, Point
from bot.proof.examination import Examined, Examiner
from bot.proof.pbx import Pbx
from bot.runtime.clock import milliseconds
from bot.slack.sealing import Sealer
from bot.store.database import migrate, open_engine
from bot.store.ledger import Ledger, Stored
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.snapshot import Snapshot, dump_snapshot
from bot.vobiz.transport import Answer
from bot.vobiz.trunks import Trunk
from bot.vobiz.writes import Write
from bot.workflow.prove import Prover
from bot.workflow.send import Sender
from bot.workflow.verify import Verifier
from bot.workflow.workflow import Workflow
from tests.conftest import TurnedClock
from tests.kinds.toy import PrintBadge
from tests.pure.operations import NOTHING_THERE

ACCOUNT: Final = "MA_1"
REQUEST: Final = {"name": "Sales", "direction": "outbound", "calls": 10}
KINDS: Final = Kinds((CreateTrunk(), PrintBadge()))
REFUSED: Final = Rejected(Refusal(status=422, message="No balance."))


def trunk(identity: str, name: str = "Sales", domain: str | None = "t.sip.vobiz.ai") -> Trunk:
    return Trunk(id=identity, name=name, domain=domain, direction="outbound", calls=10)


class Vobiz:
    """What the bot sees of Vobiz. `answers` are those to the writes, in their order."""

    def __init__(self, clock: TurnedClock) -> None:
        self.auth_id = ACCOUNT
        self.clock = clock
        self.written: list[Write] = []
        self.answers: list[Outcome] = []
        self.there: list[Trunk] = []
        self.whole = True
        self.away = False
        self.reads = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def write(self, write: Write, _read: object) -> Outcome:
        self.written.append(write)
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.answers.pop(0)

    @property
    def now(self) -> int:
        return milliseconds(self.clock)

    async def read(self, call: str, path: str, *, refusals: tuple[int, ...] = ()) -> Answer | Unreachable:
        """Read one trunk by itself."""
        assert (call, refusals) == ("trunk", (404,))
        self.reads += 1
        if self.away:
            return Unreachable("connect")
        here = [one for one in self.there if path == f"trunks/{one.id}"]
        body = here[0].model_dump(mode="json") | {"trunk_id": here[0].id} if here else {"error": "not found"}
        return Answer(200 if here else 404, {}, json.dumps(body).encode(), None)

    async def snapshot(self) -> Snapshot | Unreachable:
        self.reads += 1
        if self.away:
            return Unreachable("connect")
        return Snapshot(ACCOUNT, milliseconds(self.clock), tuple(self.there), self.whole)


class Examines:
    """What judges trunks: a test says what it finds, or what goes wrong with it."""

    def __init__(self) -> None:
        self.asked = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None
        self.points: tuple[Point, ...] = (Point(Finding.ENABLED), Point(Finding.NO_WAY_OUT))

    async def examine(self, trunk: Trunk, *_rest: object) -> Examined:
        self.asked += 1
        if self.meanwhile is not None:
            await self.meanwhile()
        return Examined(Checklist(self.points), Pbx(trunk.domain, None, None))


@dataclass
class Run:
    """The engine that a test plays: it records nothing, and waiting turns the clock."""

    clock: TurnedClock
    waits: list[float] = field(default_factory=list)

    async def step(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        assert name == "next"
        return await work()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds))
        self.clock.time += seconds


class World:
    """An operation's surroundings."""

    def __init__(self, database: AsyncEngine, clock: TurnedClock) -> None:
        self.database = database
        self.clock = clock
        self.vobiz = Vobiz(clock)
        self.ledger = Ledger(database, clock, "this-process")
        self.sealer = Sealer("xoxb-1", clock.now)
        vobiz = cast("VobizClient", self.vobiz)
        self.sender = Sender(self.ledger, vobiz, KINDS, self.sealer, clock, settle=60, tag=False)
        self.verifier = Verifier(self.ledger, vobiz, KINDS, clock, settle=60, tag=False)
        self.examiner = Examines()
        examiner = cast("Examiner", self.examiner)
        prover = Prover(self.ledger, vobiz, examiner, clock, KINDS, command="/trunk", patience=0.05)
        self.workflow = Workflow(
            self.ledger, KINDS, self.sender, self.verifier, clock, prover=prover, settle=60
        )

    async def accepted(
        self,
        kind: str = "create_trunk",
        request: Data = REQUEST,
        *,
        version: int = 1,
        seen: Data | None = None,
        proof: Proof | None = None,
    ) -> str:
        """Accept what a person confirmed, after the account was read; return its id."""
        now = await self.vobiz.snapshot()
        snapshot = None
        if isinstance(now, Snapshot):
            snapshot = await self.ledger.snapshots.keep(ACCOUNT, now.taken_at, now.ahead, dump_snapshot(now))
        self.vobiz.reads = 0
        made = KINDS.of(kind)
        new = NewOperation(
            id=new_operation_id(),
            kind=kind,
            version=version,
            request=request,
            seen=seen or {},
            subject="Sales",
            claims=(),
            steps=made.steps(request) if made is not None else ("one",),
            account=ACCOUNT,
            team="T1",
            channel="C1",
            requester="U1",
            snapshot=snapshot,
            proof=proof,
        )
        assert isinstance(await self.ledger.accept(new, 9e12), Stored)
        return new.id

    async def run(self, operation: str) -> list[float]:
        """Run the workflow until it ends; return the waits in seconds."""
        run = Run(self.clock)
        await self.workflow.operate(operation, run)
        return run.waits

    async def record(self, operation: str) -> Record:
        record = await self.ledger.get(operation)
        assert record is not None
        return record

    async def later(self, operation: str) -> Record:
        """Turn the clock to when the operation wants attention, and give it."""
        wake_at = (await self.record(operation)).wake_at
        assert wake_at is not None
        self.clock.time = max(self.clock.time, wake_at / 1000)
        await self.run(operation)
        return await self.record(operation)

    async def asked(self, operation: str) -> Record:
        """Have a write end unknown, and nothing be found, so that people are asked."""
        self.vobiz.answers.append(Unknown("timeout"))
        await self.run(operation)
        record = await self.record(operation)
        assert record.operation.asking
        return record

    async def choose(self, operation: str, choice: Choice) -> None:
        asked = (await self.record(operation)).operation.round
        says = partial(answer_question, choice=choice, actor="U2", asked=asked, picked=None)
        assert isinstance(await self.ledger.change(operation, says), Record)

    async def events(self, operation: str) -> list[str]:
        return [event.kind for event in (await self.ledger.chronicle.story(operation)).events]

    async def late(self, operation: str) -> list[str]:
        told = await self.ledger.outbox.of(operation)
        return sorted(telling.key for telling in told if telling.purpose is Purpose.LATE)


@pytest.fixture
async def world(tmp_path: Path, clock: TurnedClock) -> AsyncIterator[World]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/ledger.db")
    await migrate(engine)
    yield World(engine, clock)
    await engine.dispose()


def made(identity: str = "T-1") -> Done:
    return Done(Thing(id=identity, data={"id": identity, "name": "Sales"}), 201, "req_1")


@pytest.mark.parametrize(
    ("outcome", "standing"),
    [(made(), Standing.DONE), (REFUSED, Standing.REJECTED), (NotSent("connect"), Standing.NOT_SENT)],
)
async def test_what_vobiz_answers_is_how_it_stands(
    world: World, outcome: Outcome, standing: Standing
) -> None:
    operation = await world.accepted()
    world.vobiz.answers = [outcome]
    assert await world.run(operation) == []
    record = await world.record(operation)
    assert (record.operation.standing, record.wake_at, world.vobiz.reads) == (standing, None, 0)
    assert [write.path for write in world.vobiz.written] == ["trunks"]
    await world.run(operation)
    assert len(world.vobiz.written) == 1


BARE: Final = Done(Thing(id="T-1", data={"name": "Sales"}, awaited=("SIP domain",)), 201, None)


async def test_what_vobiz_has_not_stated_is_read_until_it_is(world: World) -> None:
    operation = await world.accepted()
    world.vobiz.answers = [BARE]
    assert await world.run(operation) == [1, 1, 2, 4, 7]
    assert world.vobiz.reads == 5
    op = (await world.record(operation)).operation
    assert op.step.thing is not None
    assert (op.state, op.step.thing.awaited) == (State.DONE, ())  # it is told as not stated
    assert (await world.events(operation))[-2:] == ["done", "not_stated"]
    assert (await world.record(operation)).wake_at is None


async def test_what_vobiz_states_later_is_added_and_what_it_answered_stays(world: World) -> None:
    operation = await world.accepted()
    world.vobiz.answers = [BARE]
    world.vobiz.there = [trunk("T-1", "Renamed meanwhile", None)]

    async def stated(seconds: float) -> None:
        await Run.sleep(run, seconds)
        if world.vobiz.reads:
            world.vobiz.there = [world.vobiz.there[0].model_copy(update={"domain": "t-1.sip.vobiz.ai"})]

    run = Run(world.clock)
    run.sleep = stated  # type: ignore[method-assign]  # the account changes while the workflow waits
    await world.workflow.operate(operation, run)
    assert run.waits == [1, 1]
    op = (await world.record(operation)).operation
    assert op.step.thing is not None
    known = op.step.thing.data
    assert (known["name"], known["domain"], known["calls"]) == ("Sales", "t-1.sip.vobiz.ai", 10)
    assert (await world.events(operation))[-1] == "stated"


async def test_what_was_found_without_all_is_read_and_still_looked_at_late(world: World) -> None:
    operation = await world.accepted()
    world.vobiz.answers = [Unknown("timeout")]
    world.vobiz.meanwhile = partial(appear, world)
    await world.run(operation)
    record = await world.record(operation)
    assert (record.operation.state, record.operation.awaits) == (State.DONE, False)
    assert record.wake_at is not None  # the late looks


async def appear(world: World) -> None:
    world.vobiz.there = [trunk("T-1", domain=None)]


async def test_what_appears_is_found_without_a_person(world: World) -> None:
    world.vobiz.there = [trunk("T-0")]
    operation = await world.accepted()

    async def appears() -> None:
        world.vobiz.there.append(trunk("T-1"))

    world.vobiz.meanwhile = appears
    world.vobiz.answers = [Unknown("timeout")]
    assert await world.run(operation) == [2]
    op = (await world.record(operation)).operation
    assert (op.standing, op.step.found, op.step.thing and op.step.thing.id) == (
        Standing.DONE,
        Found.LOOK,
        "T-1",
    )


async def test_what_does_not_appear_is_asked_about_when_the_settling_time_is_over(world: World) -> None:
    operation = await world.accepted()
    world.vobiz.answers = [Unknown("timeout")]
    assert await world.run(operation) == [2, 4, 8, 16, 30]
    record = await world.record(operation)
    assert (record.operation.asking, world.vobiz.reads) == (True, 5)
    assert Choice.SEND_AGAIN in record.operation.choices
    assert record.wake_at == milliseconds(world.clock) + 300_000


async def test_two_that_fit_are_asked_about_at_once(world: World) -> None:
    operation = await world.accepted()
    world.vobiz.answers = [Unknown("timeout")]
    world.vobiz.there = [trunk("T-1"), trunk("T-2")]
    world.vobiz.there = []

    async def both() -> None:
        world.vobiz.there = [trunk("T-1"), trunk("T-2")]

    world.vobiz.meanwhile = both
    assert await world.run(operation) == [2]
    op = (await world.record(operation)).operation
    assert op.choices == set(Choice) - {Choice.TRY_AGAIN}


async def test_an_account_that_cannot_be_read_lets_nothing_be_sent_again(world: World) -> None:
    operation = await world.accepted()
    world.vobiz.away = True
    record = await world.asked(operation)
    assert record.operation.choices == {Choice.CHECK_AGAIN, Choice.GIVE_UP}


async def test_nothing_new_is_sent_again(world: World) -> None:
    operation = await world.accepted()
    await world.asked(operation)
    await world.choose(operation, Choice.SEND_AGAIN)
    world.vobiz.answers = [made()]
    reads = world.vobiz.reads
    await world.run(operation)
    assert (world.vobiz.reads, len(world.vobiz.written)) == (reads + 1, 2)
    assert (await world.record(operation)).operation.standing is Standing.DONE


@pytest.mark.parametrize("how", ["one", "two", "away", "not whole", "other account"])
async def test_before_it_is_sent_again_the_account_is_read_and_the_question_may_come_back(
    world: World, how: str
) -> None:
    operation = await world.accepted()
    before = await world.asked(operation)
    await world.choose(operation, Choice.SEND_AGAIN)
    world.vobiz.there = {"one": [trunk("T-1")], "two": [trunk("T-1"), trunk("T-2")]}.get(how, [])
    world.vobiz.away, world.vobiz.whole = how == "away", how != "not whole"
    world.vobiz.auth_id = "MA_2" if how == "other account" else ACCOUNT
    await world.run(operation)
    after = await world.record(operation)
    assert len(world.vobiz.written) == 1
    assert (after.operation.asking, after.operation.round) == (True, before.operation.round + 1)
    assert (Choice.PICK in after.operation.choices) == (how in {"one", "two"})
    assert (Choice.SEND_AGAIN in after.operation.choices) == (how in {"one", "two"})


async def test_who_has_seen_what_may_be_it_may_have_it_sent_again(world: World) -> None:
    operation = await world.accepted()
    await world.asked(operation)
    world.vobiz.there = [trunk("T-1"), trunk("T-2")]
    await world.choose(operation, Choice.CHECK_AGAIN)
    await world.run(operation)
    assert (await world.record(operation)).operation.choices == set(Choice) - {Choice.TRY_AGAIN}
    world.vobiz.there.append(trunk("T-3"))  # nobody has seen this one
    await world.choose(operation, Choice.SEND_AGAIN)
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert op.step.look is not None
    assert [thing.id for thing in op.step.look.candidates] == ["T-1", "T-2", "T-3"]
    assert (op.asking, len(world.vobiz.written)) == (True, 1)
    world.vobiz.answers = [made("T-4")]
    await world.choose(operation, Choice.SEND_AGAIN)
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert op.step.thing is not None
    assert (op.state, op.step.thing.id, len(world.vobiz.written)) == (State.DONE, "T-4", 2)


async def test_check_again_looks_once_and_asks_anew(world: World) -> None:
    operation = await world.accepted()
    await world.asked(operation)
    await world.choose(operation, Choice.CHECK_AGAIN)
    assert await world.run(operation) == []
    assert (await world.record(operation)).operation.asking
    await world.choose(operation, Choice.CHECK_AGAIN)
    world.vobiz.there = [trunk("T-1")]
    await world.run(operation)
    assert (await world.record(operation)).operation.standing is Standing.DONE


async def test_while_people_are_asked_a_slow_look_settles_what_it_can(world: World) -> None:
    operation = await world.accepted()
    await world.asked(operation)
    assert (await world.later(operation)).operation.asking  # nothing new
    world.vobiz.away = True
    assert (await world.later(operation)).operation.asking
    world.vobiz.away, world.vobiz.there = False, [trunk("T-1"), trunk("T-2")]
    record = await world.later(operation)
    assert record.operation.choices == set(Choice) - {Choice.TRY_AGAIN}
    events = await world.events(operation)
    assert events.count("looked") == 2  # only what showed something new is told of
    world.vobiz.there = [trunk("T-1")]
    record = await world.later(operation)
    assert (record.operation.standing, record.operation.step.found) == (Standing.DONE, Found.LOOK)


async def test_the_slow_looks_end_after_a_week_and_the_question_stays(world: World) -> None:
    operation = await world.accepted()
    await world.asked(operation)
    world.clock.time += 7 * 86_400
    record = await world.later(operation)
    assert (record.wake_at, record.operation.asking) == (None, True)


async def test_what_turns_up_after_the_end_is_told_once_each(world: World) -> None:
    operation = await world.accepted()
    await world.asked(operation)
    await world.choose(operation, Choice.GIVE_UP)
    ended = milliseconds(world.clock)
    assert await world.run(operation) == []
    assert (await world.record(operation)).wake_at == ended + 300_000
    await world.later(operation)
    assert await world.late(operation) == []
    world.vobiz.there = [trunk("T-1")]
    await world.later(operation)
    assert await world.late(operation) == ["T-1"]
    world.vobiz.there.append(trunk("T-2"))
    await world.later(operation)
    assert await world.late(operation) == ["T-1", "T-2"]
    await world.later(operation)
    last = await world.later(operation)
    assert await world.late(operation) == ["T-1", "T-2"]
    assert (last.wake_at, milliseconds(world.clock) - ended) == (None, 86_400_000)
    assert (await world.events(operation)).count("late_twin") == 2


async def test_what_a_question_listed_is_no_news_after_the_end(world: World) -> None:
    operation = await world.accepted()
    await world.asked(operation)
    world.vobiz.there = [trunk("T-1"), trunk("T-2")]
    await world.later(operation)
    await world.choose(operation, Choice.GIVE_UP)
    await world.run(operation)
    await world.later(operation)
    assert await world.late(operation) == []


async def test_an_intent_that_has_become_old_is_given_back(world: World) -> None:
    operation = await world.accepted()
    world.clock.tick = 6.0  # every look at the clock finds that the machine was asleep
    await world.run(operation)
    world.clock.tick = 0.0
    op = (await world.record(operation)).operation
    assert (op.standing, op.step.reason, world.vobiz.written) == (Standing.NOT_SENT, "overslept", [])


@pytest.mark.parametrize("value", ["99", '"many"'])
async def test_what_was_edited_in_the_database_is_not_sent(world: World, value: str) -> None:
    operation = await world.accepted()
    async with world.database.begin() as connection:
        text = sa.text("UPDATE operations SET request = replace(request, '10', :value)")
        assert (await connection.execute(text, {"value": value})).rowcount == 1
    world = World(world.database, world.clock)  # the process that stored it would send what was confirmed
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert (op.standing, op.step.reason, world.vobiz.written) == (Standing.NOT_SENT, "edited", [])


async def test_what_was_confirmed_for_another_account_is_neither_sent_nor_looked_for(world: World) -> None:
    first, second = await world.accepted(), await world.accepted(request=REQUEST | {"name": "Other"})
    record = await world.record(second)
    begun = await world.ledger.change(second, begin)
    assert isinstance(begun, Record)
    world.vobiz.auth_id = "MA_2"
    await world.run(first)
    op = (await world.record(first)).operation
    assert (op.standing, op.step.reason) == (Standing.NOT_SENT, "other_account")
    await world.run(second)
    record = await world.record(second)
    look = record.operation.step.look
    assert (record.operation.asking, look and look.elsewhere) == (True, "MA_2")
    await world.later(second)
    assert (world.vobiz.written, world.vobiz.reads) == ([], 0)


async def test_a_record_that_was_there_before_is_not_what_was_made(world: World) -> None:
    world.vobiz.there = [trunk("t-1")]
    operation = await world.accepted()
    world.vobiz.answers = [made("T-1")]
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert (op.standing, op.step.reason, op.step.thing) == (Standing.UNKNOWN, "known_T-1", None)


async def test_a_record_of_another_operation_is_not_what_was_made(world: World) -> None:
    first, second = await world.accepted(), await world.accepted()
    world.vobiz.answers = [made("T-1"), made("t-1")]
    await world.run(first)
    await world.run(second)
    op = (await world.record(second)).operation
    assert (op.standing, op.step.reason) == (Standing.UNKNOWN, "taken_t-1")


async def test_a_sending_that_was_left_is_looked_for_and_not_sent(world: World) -> None:
    operation = await world.accepted()
    assert isinstance(await world.ledger.change(operation, begin), Record)
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert (op.asking, op.step.reason, world.vobiz.written) == (True, "interrupted", [])


@pytest.mark.parametrize(("kind", "version"), [("print_money", 1), ("create_trunk", 2)])
async def test_what_this_version_does_not_know_is_left_as_it_is(
    world: World, kind: str, version: int
) -> None:
    operation = await world.accepted(kind, version=version)
    before = await world.record(operation)
    await world.run(operation)
    assert await world.record(operation) == before
    assert before.wake_at is not None


async def told_dead(world: World, operation: str) -> None:
    """Do what another process does that takes this one for dead: look in vain, and ask people."""
    other = Ledger(world.database, world.clock, "other-process")
    left = await other.change(operation, partial(interrupted, process="other-process", wake_at=1))
    assert isinstance(left, Record)
    asks = partial(looked, began=left, look=NOTHING_THERE, evidence={}, wake_at=1)
    assert isinstance(await other.change(operation, asks), Record)


async def given_up(world: World, operation: str) -> None:
    await told_dead(world, operation)
    await world.choose(operation, Choice.GIVE_UP)


async def sent_again(world: World, operation: str) -> None:
    await told_dead(world, operation)
    await world.choose(operation, Choice.SEND_AGAIN)
    assert isinstance(await world.ledger.change(operation, begin), Record)


@pytest.mark.parametrize(
    ("outcome", "standing"),
    [(made(), Standing.DONE), (REFUSED, Standing.UNKNOWN), (Unknown("timeout"), Standing.UNKNOWN)],
)
async def test_a_success_after_others_asked_is_still_the_answer(
    world: World, outcome: Outcome, standing: Standing
) -> None:
    operation = await world.accepted()
    world.vobiz.answers, world.vobiz.meanwhile = [outcome], partial(told_dead, world, operation)
    await world.run(operation)
    record = await world.record(operation)
    assert (record.operation.standing, await world.late(operation)) == (standing, [])
    assert record.operation.asking == (standing is Standing.UNKNOWN)
    if standing is Standing.DONE:
        assert record.operation.step.found is Found.LATE


@pytest.mark.parametrize("others", [given_up, sent_again])
@pytest.mark.parametrize("outcome", [made(), REFUSED])
async def test_an_answer_after_a_decision_is_kept_and_what_it_names_is_told(
    world: World, others: Callable[[World, str], Awaitable[None]], outcome: Outcome
) -> None:
    operation = await world.accepted()
    world.vobiz.answers, world.vobiz.meanwhile = [outcome], partial(others, world, operation)
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert op.step.state is (StepState.NOT_DONE if others is given_up else StepState.SENDING)
    assert (await world.events(operation))[-1] == "late_answer"
    named = isinstance(outcome, Done)
    assert await world.late(operation) == (["T-1"] if named else [])
    # It is this operation's from then on: no other can take it for its own.
    assert await world.ledger.owned(ACCOUNT, "trunk", ["t-1"], besides="") == ({"t-1"} if named else set())


async def test_an_answer_that_names_another_operations_record_is_not_told(world: World) -> None:
    first, second = await world.accepted(), await world.accepted()
    world.vobiz.answers = [made("T-1"), made("T-1")]
    await world.run(first)
    world.vobiz.meanwhile = partial(given_up, world, second)
    await world.run(second)
    assert (await world.events(second))[-1] == "late_answer"
    assert await world.late(second) == []


BADGE: Final = {"label": "Ann", "sides": 3}


async def test_several_steps_are_sent_in_their_order_with_a_password_that_nothing_shows(world: World) -> None:
    operation = await world.accepted("print_badge", BADGE, seen={"there": 0})
    world.vobiz.answers = [made("T-1"), Unknown("timeout"), made("T-2"), made("T-3")]
    await world.run(operation)
    sealed = await world.ledger.secrets.get(operation, 2)
    assert sealed is not None
    secret = world.sealer.open_text(sealed)
    await world.choose(operation, Choice.SEND_AGAIN)
    await world.run(operation)
    bodies = [write.body or {} for write in world.vobiz.written]
    assert [body["name"] for body in bodies] == ["Ann front", "Ann lock", "Ann lock", "Ann back"]
    # Sent again it is the same one: whichever of the two was carried out, it is the one that is shown.
    assert [body.get("password") for body in bodies] == [None, secret, secret, None]
    record = await world.record(operation)
    assert record.operation.state is State.DONE
    story = await world.ledger.chronicle.story(operation)
    assert secret is not None
    assert secret not in repr((record, story, await world.ledger.outbox.of(operation)))


async def test_a_step_that_is_refused_stops_those_after_it(world: World) -> None:
    operation = await world.accepted("print_badge", BADGE, seen={"there": 0})
    world.vobiz.answers = [made("T-1"), REFUSED]
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert [step.state for step in op.steps] == [StepState.DONE, StepState.REJECTED, StepState.WAITING]


async def test_what_changed_since_the_person_saw_it_is_not_sent(world: World) -> None:
    operation = await world.accepted("print_badge", BADGE, seen={"there": 0})
    world.vobiz.there = [trunk("T-9")]
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert (op.standing, op.step.reason, world.vobiz.written) == (Standing.NOT_SENT, "changed", [])
    assert (await world.ledger.chronicle.story(operation)).events[-1].evidence["now"] == {"there": 1}


async def test_what_cannot_be_compared_with_what_the_person_saw_is_not_sent(world: World) -> None:
    operation = await world.accepted("print_badge", BADGE, seen={"there": 0})
    world.vobiz.away = True
    await world.run(operation)
    op = (await world.record(operation)).operation
    assert (op.standing, op.step.reason, world.vobiz.written) == (Standing.NOT_SENT, "connect", [])


ID: Final = "aabbccdd-1234-5678-90ab-cdef12345678"


async def proven(world: World) -> str:
    """Have a trunk made whose result says how ready it is; return the operation's id before it is run."""
    operation = await world.accepted(proof=Proof())
    world.vobiz.answers, world.vobiz.there = [made(ID)], [trunk(ID)]
    return operation


async def shown(world: World, operation: str) -> list[tuple[Purpose, Data | None]]:
    return [(one.purpose, one.data) for one in await world.ledger.outbox.of(operation)]


async def test_a_trunk_is_examined_once_after_its_operation_was_done(world: World) -> None:
    operation = await proven(world)
    await world.run(operation)
    record = await world.record(operation)
    assert record.operation.proof is not None
    ready = record.operation.proof.ready
    assert ready is not None
    assert (ready.trunk, ready.at, ready.unseen) == (ID, milliseconds(world.clock), None)
    assert ready.points == (Noted(finding="enabled"), Noted(finding="no_way_out"))
    assert await shown(world, operation) == [(Purpose.RESULT, {"added": True}), (Purpose.MODAL, None)]
    assert (await world.events(operation))[-2:] == ["done", "examined"]
    assert record.wake_at is None
    await world.run(operation)
    assert world.examiner.asked == 1


async def test_the_plain_create_is_not_examined(world: World) -> None:
    operation = await world.accepted()
    world.vobiz.answers, world.vobiz.there = [made(ID)], [trunk(ID)]
    await world.run(operation)
    assert (await world.record(operation)).wake_at is None
    assert (world.examiner.asked, world.vobiz.reads) == (0, 0)


async def test_an_examination_that_a_crash_cut_is_made_by_the_next_run(world: World) -> None:
    operation = await proven(world)
    entered = asyncio.Event()

    async def forever() -> None:
        entered.set()
        await asyncio.Event().wait()

    world.examiner.meanwhile = forever
    run = asyncio.create_task(world.run(operation))
    await entered.wait()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    record = await world.record(operation)
    # The result stands by itself, and the row says that somebody has to look.
    assert record.operation.state is State.DONE
    assert record.wake_at is not None
    assert record.operation.proof == Proof()
    world.examiner.meanwhile = None
    await world.run(operation)
    assert (await world.events(operation)).count("examined") == 1


async def hangs() -> None:
    await asyncio.Event().wait()


async def breaks() -> None:
    raise ValueError("a defect")


@pytest.mark.parametrize(("meanwhile", "reason"), [(hangs, "timeout"), (breaks, "failed"), (None, "connect")])
async def test_an_examination_that_shows_nothing_is_repeated_twice_and_then_told_so(
    world: World, meanwhile: Callable[[], Awaitable[object]] | None, reason: str
) -> None:
    operation = await proven(world)
    world.examiner.meanwhile, world.vobiz.away = meanwhile, meanwhile is None
    assert await world.run(operation) == [5, 25]
    proof = (await world.record(operation)).operation.proof
    assert proof is not None
    assert proof.ready is not None
    assert (proof.ready.unseen, proof.ready.points) == (reason, ())
    assert (await world.events(operation)).count("examined") == 1
    # Where the message cannot be edited nobody is told twice that nothing was seen.
    assert await shown(world, operation) == [(Purpose.RESULT, {"added": False}), (Purpose.MODAL, None)]


@pytest.mark.parametrize(("account", "reason"), [(ACCOUNT, "gone"), ("MA_2", "other_account")])
async def test_a_trunk_that_is_gone_or_elsewhere_is_not_judged(
    world: World, account: str, reason: str
) -> None:
    operation = await proven(world)
    world.vobiz.there = []

    async def moves() -> None:
        world.vobiz.auth_id = account

    world.vobiz.meanwhile = moves
    await world.run(operation)
    proof = (await world.record(operation)).operation.proof
    assert proof is not None
    assert proof.ready is not None
    assert (proof.ready.unseen, world.examiner.asked) == (reason, 0)


async def test_the_domain_is_waited_for_before_the_trunk_is_examined(world: World) -> None:
    operation = await proven(world)
    bare = Thing(id=ID, data={"id": ID, "name": "Sales"}, awaited=("SIP domain",))
    world.vobiz.answers = [Done(bare, 201, None)]
    await world.run(operation)
    assert (await world.events(operation))[-3:] == ["done", "stated", "examined"]


async def test_what_was_done_before_a_refusal_is_examined_too(world: World) -> None:
    operation = await world.accepted("print_badge", BADGE, seen={"there": 0}, proof=Proof())
    world.vobiz.answers = [made(ID), REFUSED]

    async def there() -> None:
        world.vobiz.there = [trunk(ID)]

    world.vobiz.meanwhile = there
    await world.run(operation)
    assert (await world.record(operation)).operation.state is State.STOPPED
    assert (await world.events(operation))[-2:] == ["rejected", "examined"]
