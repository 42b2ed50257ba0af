"""The ledger on SQLite and on Postgres: one winner for every move, and a record nobody can change."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

import bot
from bot.domain.operation import Choice, Look, Standing, State, StepState
from bot.domain.outcome import Done, NotSent, Refusal, Rejected, Thing, Unknown
from bot.domain.records import Asking, Entry, Move, NewOperation, Record
from bot.domain.reference import new_operation_id
from bot.domain.transitions.decisions import answer_question, approve
from bot.domain.transitions.looks import found, looked, rest
from bot.domain.transitions.moves import Decide
from bot.domain.transitions.sendings import begin, settle
from bot.store.database import migrate
from bot.store.ledger import Already, Claimed, Ledger, Repeated, Stored, Taken, TooLate, Unsure
from bot.store.schema import metadata, resources
from tests.conftest import TurnedClock

FAR = 9e12  # seconds
MADE = Done(Thing(id="T-1", data={"name": "Sales"}), 201, "r-1")
SENT = Look(finished=True, whole=True, candidates=(Thing(id="t-9", data={"calls": 10}),), again=True)


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


def confirmed(claim: str | None = None, **known: object) -> NewOperation:
    """Make what a person confirms; without a `claim` nobody else claims the same."""
    identity = new_operation_id()
    new = NewOperation(
        id=identity,
        kind="toy",
        version=1,
        request={"label": "Sales \N{TELEPHONE RECEIVER} “East”", "sides": 1},
        seen={"there": None},
        subject="Sales \N{TELEPHONE RECEIVER} “East”",
        claims=(claim or identity,),
        steps=("toy",),
        account="MA_1",
        team="T1",
        channel="C1",
        requester="U1",
        view_id="V1",
        reply="sealed",
        snapshot="s-1",
    )
    return replace(new, **known)  # type: ignore[arg-type]  # fields of the test's choice


async def stored(ledger: Ledger, new: NewOperation) -> Record:
    answer = await ledger.accept(new, FAR)
    assert isinstance(answer, Stored)
    return answer.record


async def moved(ledger: Ledger, operation: str, decide: Decide) -> Record:
    """Move an operation, and find it as it was said to be."""
    record = await ledger.change(operation, decide)
    assert isinstance(record, Record)
    assert await ledger.get(operation) == record
    return record


async def sent(ledger: Ledger, new: NewOperation) -> Record:
    await stored(ledger, new)
    return await moved(ledger, new.id, begin)


async def unknown(ledger: Ledger, new: NewOperation) -> Record:
    sending = await sent(ledger, new)
    return await moved(ledger, new.id, partial(settle, sent=sending, outcome=Unknown("timeout")))


async def asked(ledger: Ledger, new: NewOperation) -> Record:
    record = await unknown(ledger, new)
    return await moved(ledger, new.id, partial(looked, began=record, look=SENT, evidence={}, wake_at=None))


async def done(ledger: Ledger, new: NewOperation, thing: str = "t-1") -> Record:
    sending = await sent(ledger, new)
    made = Done(Thing(id=thing), 201, None)
    return await moved(ledger, new.id, partial(settle, sent=sending, outcome=made, resource="trunk"))


async def kinds(ledger: Ledger, operation: str) -> list[tuple[str, str | None]]:
    return [(event.kind, event.state) for event in (await ledger.chronicle.story(operation)).events]


# --- accepting ----------------------------------------------------------------------------------


async def test_an_accepted_operation_reads_back_whole(ledger: Ledger, clock: TurnedClock) -> None:
    new = confirmed(steps=("front", "lock", "back"), asking=Asking("Launch", 9_000_000_000_000, 5))
    record = await stored(ledger, new)
    assert await ledger.by_reference(record.operation.ref) == await ledger.get(new.id) == record
    op = record.operation
    assert (op.kind, op.request, op.seen, op.subject) == (new.kind, new.request, new.seen, new.subject)
    assert [(step.number, step.name) for step in op.steps] == [(1, "front"), (2, "lock"), (3, "back")]
    assert op.approval is not None
    assert (op.approval.note, op.approval.expires_at, op.approval.above) == ("Launch", 9_000_000_000_000, 5)
    assert (record.view_id, record.reply, record.snapshot) == ("V1", "sealed", "s-1")
    assert (record.claims, record.digest) == (new.claims, op.bound)
    now = int(clock.time * 1000)
    assert record.wake_at == (now + 9_000_000_000_000) // 2


async def test_the_same_form_twice_is_the_same_operation(ledger: Ledger) -> None:
    new = confirmed()
    first = await stored(ledger, new)
    assert await ledger.accept(replace(new, subject="Other"), FAR) == Already(first)


async def test_who_claims_the_same_is_told_who_holds_it(ledger: Ledger) -> None:
    first = await stored(ledger, confirmed("a", claims=("b", "a")))
    assert await ledger.accept(confirmed("a"), FAR) == Claimed(first)
    assert await ledger.accept(confirmed("b"), FAR) == Claimed(first)
    other = await stored(ledger, confirmed("c"))
    assert await ledger.holder(("c",), besides=first.operation.id) == other
    assert await ledger.holder(("c", "d"), besides=other.operation.id) is None


async def test_a_claim_may_be_longer_than_an_index_takes(ledger: Ledger) -> None:
    long = "".join(chr(0x4E00 + number) for number in range(9000))
    first = await stored(ledger, confirmed(long))
    assert await ledger.accept(confirmed(long), FAR) == Claimed(first)


async def test_what_was_claimed_is_free_again_when_the_first_has_ended(ledger: Ledger) -> None:
    new = confirmed("a")
    sending = await sent(ledger, new)
    refusal = Refusal(status=422, message="no")
    ended = await moved(ledger, new.id, partial(settle, sent=sending, outcome=Rejected(refusal)))
    assert ended.operation.step.refusal == refusal
    await stored(ledger, confirmed("a"))


async def test_what_waits_for_an_approval_claims_nothing_until_it_has_it(
    ledger: Ledger, clock: TurnedClock
) -> None:
    asking = Asking(None, int(clock.time * 1000) + 60_000)
    waits = await stored(ledger, confirmed("a", asking=asking))
    runs = await stored(ledger, confirmed("a"))
    approves = partial(approve, bound=waits.digest, actor="U2")
    assert await ledger.change(waits.operation.id, approves) is None
    assert await ledger.get(waits.operation.id) == waits
    assert await ledger.holder(waits.claims, besides=waits.operation.id) == runs
    sending = await moved(ledger, runs.operation.id, begin)
    not_sent = partial(settle, sent=sending, outcome=NotSent("dns"))
    await moved(ledger, runs.operation.id, not_sent)
    accepted = await moved(ledger, waits.operation.id, approves)
    assert await ledger.accept(confirmed("a"), FAR) == Claimed(accepted)


async def test_of_many_who_claim_the_same_at_once_one_is_stored(ledger: Ledger) -> None:
    answers = await asyncio.gather(*(ledger.accept(confirmed("a"), FAR) for _ in range(8)))
    assert sorted(type(answer).__name__ for answer in answers) == [*["Claimed"] * 7, "Stored"]


async def test_of_many_who_claim_two_in_any_order_none_is_left_waiting(ledger: Ledger) -> None:
    pairs = [("a", "b"), ("b", "a")] * 4
    answers = await asyncio.gather(*(ledger.accept(confirmed(claims=pair), FAR) for pair in pairs))
    assert sorted(type(answer).__name__ for answer in answers) == [*["Claimed"] * 7, "Stored"]


async def test_whoever_comes_as_the_first_ends_is_stored_or_told_of_one_that_runs(ledger: Ledger) -> None:
    """Each that gets in ends at once, while the others come: nobody is left without an answer."""

    async def quick() -> bool:
        new = confirmed("a")
        answer = await ledger.accept(new, FAR)
        if isinstance(answer, Stored):
            sending = await ledger.change(new.id, begin)
            assert isinstance(sending, Record)
            await ledger.change(new.id, partial(settle, sent=sending, outcome=NotSent("dns")))
        return isinstance(answer, Stored | Claimed)

    assert all([all(await asyncio.gather(*(quick() for _ in range(8)))) for _ in range(15)])


async def test_a_reference_that_is_taken_refuses_nobody(ledger: Ledger, clock: TurnedClock) -> None:
    first, second = ("a" * 10 + letter * 22 for letter in "12")
    await stored(ledger, confirmed(id=first))
    clock.time += 1
    newer = await stored(ledger, confirmed(id=second))
    assert await ledger.by_reference(newer.operation.ref) == newer


# --- in time ------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [-1.0, 3.5], ids=["over before it begins", "over while it is written"])
async def test_nothing_is_stored_after_the_deadline(ledger: Ledger, clock: TurnedClock, left: float) -> None:
    new = confirmed()
    clock.tick = 1.0
    assert await ledger.accept(new, clock.time + left) == TooLate()
    clock.tick = 0.0
    assert await ledger.get(new.id) is None
    assert (await ledger.chronicle.story(new.id)).events == ()
    await stored(ledger, new)


@contextmanager
def committing(database: AsyncEngine, first: Callable[[sa.Connection], None]) -> Iterator[None]:
    """Have a function called in place of the next commit's success, once."""
    left = [first]

    def on_commit(connection: sa.Connection) -> None:
        if left:
            left.pop()(connection)
            raise OperationalError("COMMIT", {}, Exception("the connection was lost"))

    sa.event.listen(database.sync_engine, "commit", on_commit)
    yield
    sa.event.remove(database.sync_engine, "commit", on_commit)


def carried_out(connection: sa.Connection) -> None:
    connection.connection.commit()


def not_carried_out(connection: sa.Connection) -> None:
    connection.connection.rollback()


async def test_a_commit_whose_answer_was_lost_is_found_in_the_chain(
    ledger: Ledger, database: AsyncEngine
) -> None:
    new = confirmed()
    with committing(database, carried_out):
        accepted = await stored(ledger, new)
    assert await ledger.get(new.id) == accepted
    with committing(database, carried_out):
        sending = await moved(ledger, new.id, begin)
    with committing(database, carried_out):
        settles = partial(settle, sent=sending, outcome=MADE)
        assert isinstance(await ledger.change_in_time(new.id, settles, FAR), Record)
    assert [kind for kind, _ in await kinds(ledger, new.id)] == ["accepted", "sending", "done"]


async def test_a_commit_that_failed_stored_nothing(ledger: Ledger, database: AsyncEngine) -> None:
    new = confirmed()
    with committing(database, not_carried_out):
        assert await ledger.accept(new, FAR) == TooLate()
    assert await ledger.get(new.id) is None
    await stored(ledger, new)
    with committing(database, not_carried_out):
        assert await ledger.change_in_time(new.id, begin, FAR) == TooLate()
    with committing(database, not_carried_out), pytest.raises(OperationalError):
        await ledger.change(new.id, begin)
    await moved(ledger, new.id, begin)


async def test_what_came_of_a_commit_may_not_be_known(ledger: Ledger, database: AsyncEngine) -> None:
    """The commit fails, and so does looking what came of it."""
    new = confirmed()

    def and_then_nothing_answers(connection: sa.Connection) -> None:
        connection.connection.commit()
        sa.event.listen(database.sync_engine, "before_cursor_execute", silent)

    def silent(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the server is away"))

    with committing(database, and_then_nothing_answers):
        assert await ledger.accept(new, FAR) == Unsure()
    sa.event.remove(database.sync_engine, "before_cursor_execute", silent)
    assert await ledger.get(new.id) is not None


@pytest.fixture
async def held(database: AsyncEngine) -> AsyncIterator[Callable[[], None]]:
    """The chain in somebody else's hands, until it is let go."""
    free = asyncio.Event()
    begun = asyncio.Event()

    async def hold() -> None:
        async with database.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(sa.text("SELECT events_head()"))
            begun.set()
            await free.wait()

    holding = asyncio.create_task(hold())
    await begun.wait()
    yield free.set
    free.set()
    await holding


async def test_whoever_waits_gets_an_answer_in_time_and_nothing_is_stored_after_it(
    ledger: Ledger, clock: TurnedClock, held: Callable[[], None]
) -> None:
    new = confirmed()
    assert await ledger.accept(new, clock.time + 0.05) == TooLate()
    held()
    await stored(ledger, confirmed())  # which waited behind it
    assert await ledger.get(new.id) is None


async def test_a_move_that_is_not_made_in_time_is_not_made(
    ledger: Ledger, clock: TurnedClock, database: AsyncEngine
) -> None:
    new = confirmed()
    await stored(ledger, new)
    async with database.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.text("SELECT events_head()"))
        assert await ledger.change_in_time(new.id, begin, clock.time + 0.05) == TooLate()
    await stored(ledger, confirmed())
    assert isinstance(await ledger.change_in_time(new.id, begin, clock.time + 60), Record)
    assert await ledger.change_in_time(new.id, begin, clock.time + 60) is None


# --- changing -----------------------------------------------------------------------------------


async def test_of_many_who_move_an_operation_one_wins(ledger: Ledger) -> None:
    new = confirmed()
    await stored(ledger, new)
    moves = await asyncio.gather(*(ledger.change(new.id, begin) for _ in range(8)))
    assert len([record for record in moves if record is not None]) == 1
    assert await kinds(ledger, new.id) == [("accepted", "accepted"), ("sending", "running")]


async def test_whoever_comes_second_is_asked_again_with_what_the_first_has_written(
    database: AsyncEngine, clock: TurnedClock
) -> None:
    instances = [Ledger(database, clock, f"p{number}") for number in range(3)]
    new = confirmed()
    await stored(instances[0], new)

    def one_more(record: Record, now: int) -> Move:
        return rest(record, now, wake_at=(record.wake_at or 0) + 1)

    before = await instances[0].get(new.id)
    await asyncio.gather(*(ledger.change(new.id, one_more) for ledger in instances for _ in range(5)))
    after = await instances[0].get(new.id)
    assert before is not None
    assert after is not None
    assert (after.wake_at, after.revision) == ((before.wake_at or 0) + 15, before.revision + 15)


async def test_nothing_is_moved_that_is_not_there(ledger: Ledger) -> None:
    assert await ledger.change(new_operation_id(), begin) is None


async def test_an_illegal_transition_is_a_defect(ledger: Ledger) -> None:
    record = await stored(ledger, confirmed())
    ended = replace(record, operation=replace(record.operation, state=State.EXPIRED))
    with pytest.raises(AssertionError):
        await ledger.change(record.operation.id, lambda _record, _now: Move(ended, None))


async def test_a_row_that_the_database_refuses_is_a_defect_and_no_lost_race(ledger: Ledger) -> None:
    record = await stored(ledger, confirmed())
    broken = replace(record, operation=replace(record.operation, updated_at=None))  # type: ignore[arg-type]  # on purpose
    with pytest.raises(IntegrityError):
        await ledger.change(record.operation.id, lambda _record, _now: Move(broken, None))


async def test_the_steps_of_an_operation_are_kept_each(ledger: Ledger) -> None:
    new = confirmed(steps=("front", "back"))
    sending = await sent(ledger, new)
    first = await moved(ledger, new.id, partial(settle, sent=sending, outcome=MADE, resource="trunk"))
    assert first.operation.standing is Standing.RUNNING
    second = await moved(ledger, new.id, begin)
    ended = await moved(ledger, new.id, partial(settle, sent=second, outcome=NotSent("dns")))
    assert [step.state for step in ended.operation.steps] == [StepState.DONE, StepState.NOT_SENT]
    assert ended.operation.steps[0].thing == MADE.thing
    assert await kinds(ledger, new.id) == [
        ("accepted", "accepted"),
        ("sending", "running"),
        ("done", None),
        ("sending", None),
        ("not_sent", "stopped"),
    ]


async def test_a_question_is_answered_once(ledger: Ledger) -> None:
    record = await asked(ledger, confirmed())
    assert record.operation.asking
    assert record.operation.step.look == SENT
    gives_up = partial(answer_question, choice=Choice.GIVE_UP, actor="U2", asked=0)
    answers = await asyncio.gather(*(ledger.change(record.operation.id, gives_up) for _ in range(4)))
    (closed,) = [answer for answer in answers if isinstance(answer, Record)]
    assert closed.operation.standing is Standing.NOT_DONE
    assert (closed.operation.decided_by, closed.operation.round) == ("U2", 1)


async def test_a_decision_waits_until_it_is_taken_up(ledger: Ledger) -> None:
    record = await asked(ledger, confirmed())
    again = partial(answer_question, choice=Choice.SEND_AGAIN, actor="U2", asked=0)
    decided = await moved(ledger, record.operation.id, again)
    assert (decided.decision, decided.operation.asking) == (Choice.SEND_AGAIN, False)
    sending = await moved(ledger, record.operation.id, begin)
    assert (sending.decision, sending.operation.step.sendings) == (None, 2)


async def test_a_thing_belongs_to_one_operation_however_its_id_is_written(ledger: Ledger) -> None:
    first = await done(ledger, confirmed(), "T-1")
    second, elsewhere = confirmed(), confirmed(account="MA_2")
    sending = await sent(ledger, second)
    made = Done(Thing(id="t-1"), 201, None)
    settles = partial(settle, sent=sending, outcome=made, resource="trunk")
    assert await ledger.change(second.id, settles) == Taken()
    assert await ledger.get(second.id) == sending
    ids = ["T-1", "t-2"]
    assert await ledger.owned("MA_1", "trunk", ids, besides=second.id) == {"t-1"}
    assert await ledger.owned("MA_1", "trunk", ids, besides=first.operation.id) == frozenset()
    assert await ledger.owned("MA_1", "credential", ids, besides=second.id) == frozenset()
    await done(ledger, elsewhere, "t-1")


async def test_of_two_who_find_the_same_thing_one_gets_it(ledger: Ledger) -> None:
    thing = Thing(id="t-1")
    records = [await unknown(ledger, confirmed()) for _ in range(2)]
    finds = [partial(found, began=record, thing=thing, why="fits", resource="trunk") for record in records]
    answers = await asyncio.gather(
        *(ledger.change(record.operation.id, find) for record, find in zip(records, finds, strict=True))
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Record", "Taken"]


async def test_what_was_done_alike_meanwhile_has_to_be_known(ledger: Ledger, clock: TurnedClock) -> None:
    """In the transaction: whoever checked before may have checked before the other's outcome was written."""
    asking = Asking(None, int(clock.time * 1000) + 600_000)
    waits = await stored(ledger, confirmed("a", asking=asking))
    approves = partial(approve, bound=waits.digest, actor="U2")
    assert await ledger.same_since(waits.operation) == (0, None)
    for number in (1, 2):
        clock.time += 1
        latest = await done(ledger, confirmed("a"), f"t-{number}")
        await done(ledger, confirmed(request={"label": "other"}), f"u-{number}")
        assert await ledger.same_since(waits.operation) == (number, latest)
        assert await ledger.change(waits.operation.id, approves, alike=number - 1) is None
        assert await ledger.change(waits.operation.id, approves, alike=number + 1) is None
    assert isinstance(await ledger.change(waits.operation.id, approves, alike=2), Record)


async def test_what_was_done_lately_is_found_by_what_it_asked_for(ledger: Ledger, clock: TurnedClock) -> None:
    first = await done(ledger, confirmed(), "t-1")
    asked, at = first.operation.likeness, first.operation.updated_at
    assert await ledger.done_lately(asked, at, besides="") == first
    assert await ledger.done_lately(asked, at + 1, besides="") is None
    assert await ledger.done_lately(asked, at, besides=first.operation.id) is None
    await unknown(ledger, confirmed())
    await done(ledger, confirmed(request={"label": "other"}), "t-2")
    assert await ledger.done_lately(asked, at, besides="") == first
    clock.time += 1
    second = await done(ledger, confirmed(), "t-3")
    assert await ledger.done_lately(asked, at, besides="") == second


async def test_what_was_just_done_is_stored_again_for_who_was_told_of_it(ledger: Ledger) -> None:
    first = await done(ledger, confirmed(), "t-1")
    again = confirmed(unless_since=first.operation.updated_at)
    assert await ledger.accept(again, FAR) == Repeated(first)
    assert await ledger.get(again.id) is None
    second = await stored(ledger, replace(again, shown=first.operation.id))
    assert await ledger.accept(again, FAR) == Already(second)
    await stored(ledger, confirmed(unless_since=first.operation.updated_at + 1))


async def test_what_ends_while_the_same_is_confirmed_is_told_of(ledger: Ledger) -> None:
    """One after the other, it was under way or it was done: there is no moment in between."""
    for number in range(10):
        label = {"label": str(number)}
        sending = await sent(ledger, confirmed("a", request=label))
        settles = partial(settle, sent=sending, outcome=Done(Thing(id=f"t-{number}"), 201, None))
        _, *answers = await asyncio.gather(
            ledger.change(sending.operation.id, settles),
            *(ledger.accept(confirmed("a", request=label, unless_since=0), FAR) for _ in range(5)),
        )
        assert {type(answer) for answer in answers} <= {Claimed, Repeated}


async def test_those_who_watch_hear_of_what_changed(database: AsyncEngine, clock: TurnedClock) -> None:
    heard: list[str] = []
    ledger = Ledger(database, clock, moved=lambda standing: heard.append(standing.value))
    ledger.watch(lambda: heard.append("first"))
    ledger.watch(lambda: heard.append("second"))
    new = confirmed()
    record = await unknown(ledger, new)
    told = ["first", "second"]
    assert heard == ["accepted", *told, "running", *told, "unknown", *told]
    await ledger.change(new.id, partial(rest, wake_at=1))
    await ledger.change(new.id, lambda _record, _now: None)
    await ledger.note(new.id, Entry("bot", "delivery", {}))
    assert len(heard) == 9
    now = partial(looked, began=record, look=SENT, evidence={}, wake_at=None)
    await ledger.change(new.id, now)
    assert heard[9:] == told


# --- what is due --------------------------------------------------------------------------------


async def due(ledger: Ledger, before: int) -> list[str]:
    return [record.operation.id async for record in ledger.due(before)]


async def test_what_needs_attention_is_found_when_its_time_has_come(ledger: Ledger) -> None:
    first, second, never = [await stored(ledger, confirmed()) for _ in range(3)]
    await ledger.change(first.operation.id, partial(rest, wake_at=200))
    await ledger.change(second.operation.id, partial(rest, wake_at=100))
    await ledger.change(never.operation.id, partial(rest, wake_at=None))
    assert await due(ledger, 100) == []
    assert await due(ledger, 101) == [second.operation.id]
    assert await due(ledger, 9_000_000_000_000) == [second.operation.id, first.operation.id]


async def test_what_waits_for_long_hides_nothing(ledger: Ledger, clock: TurnedClock) -> None:
    kept = []
    for number in range(402):
        clock.time += number % 2  # two of a time each: none is left out between two pages
        kept.append((await stored(ledger, confirmed())).operation)
    found = await due(ledger, int(clock.time * 1000) + 60_000)
    assert len(found) == 402
    assert found == [op.id for op in sorted(kept, key=lambda op: (op.created_at, op.id))]


async def test_a_record_at_vobiz_belongs_to_the_step_that_made_it(
    ledger: Ledger, database: AsyncEngine
) -> None:
    new = confirmed(steps=("front", "back"))
    record = await done(ledger, new, "T-1")
    assert record.operation.step.number == 2
    async with database.connect() as connection:
        rows = (await connection.execute(resources.select())).all()
    assert rows == [("MA_1", "trunk", "t-1", new.id, 1)]


# --- the record ---------------------------------------------------------------------------------


async def test_notes_are_events_without_a_state(ledger: Ledger) -> None:
    new = confirmed()
    await stored(ledger, new)
    await ledger.note(new.id, Entry("bot", "delivery", {"route": "channel"}))
    last = (await ledger.chronicle.story(new.id)).events[-1]
    assert (last.kind, last.state, last.evidence) == ("delivery", None, {"route": "channel"})


async def test_a_confirmation_says_exactly_what_was_confirmed(ledger: Ledger) -> None:
    until = 1_800_003_600_000
    asking = confirmed(asking=Asking("Launch", until))
    alone = confirmed(break_glass="Fire")
    for new in (asking, alone):
        await stored(ledger, new)
    (first,) = (await ledger.chronicle.story(asking.id)).events
    request = {"kind": "toy", **asking.request}
    assert first.evidence == request | {"reason": "Launch", "expires": "2027-01-15T09:00:00+00:00"}
    (second,) = (await ledger.chronicle.story(alone.id)).events
    assert (second.actor, second.kind, second.evidence) == (
        "U1",
        "accepted",
        request | {"break_glass": "Fire"},
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'x'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events VALUES (1, '', 1, 'x', 'x', NULL, '{}', NULL, '', '', NULL, NULL)",
        "TRUNCATE events",
    ],
)
async def test_events_cannot_be_changed(ledger: Ledger, database: AsyncEngine, statement: str) -> None:
    if statement.startswith("TRUNCATE") and database.dialect.name == "sqlite":
        return  # SQLite has none
    if "OR REPLACE" in statement and database.dialect.name == "postgresql":
        statement = statement.replace("OR REPLACE ", "") + " ON CONFLICT (id) DO UPDATE SET actor = 'x'"
    await stored(ledger, confirmed())
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.begin() as connection:
            await connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO events VALUES (0, '', 1, 'x', 'x', NULL, '{}', NULL, '', '', NULL, NULL)",
        "INSERT INTO events (operation, at, actor, kind, evidence) VALUES ('', 1, '', '', '')",
    ],
    ids=["before the first", "without a hash"],
)
async def test_an_event_that_is_no_link_is_refused(database: AsyncEngine, statement: str) -> None:
    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await connection.execute(sa.text(statement))


# --- the migration ------------------------------------------------------------------------------


async def test_migrating_twice_and_at_once_is_harmless(database: AsyncEngine) -> None:
    await asyncio.gather(migrate(database), migrate(database))


async def test_the_migration_makes_what_queries_expect(database: AsyncEngine) -> None:
    def columns(connection: sa.Connection) -> dict[str, set[str]]:
        inspector = sa.inspect(connection)
        return {
            table: {column["name"] for column in inspector.get_columns(table)}
            for table in inspector.get_table_names()
            if table in metadata.tables  # on SQLite the engine's are in the same file
        }

    async with database.connect() as connection:
        there = await connection.run_sync(columns)
    assert there == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}


def test_the_migration_is_frozen() -> None:
    versions = Path(bot.__file__).parent / "store" / "migrations" / "versions"
    for module in versions.glob("m*.py"):
        assert "import bot" not in module.read_text()
        assert "from bot" not in module.read_text()


async def test_what_another_process_moved_is_not_remembered_as_it_was(
    database: AsyncEngine, clock: TurnedClock
) -> None:
    """Whoever goes on from what it wrote itself reads anew as soon as that turns out to be old."""
    mine, other = (Ledger(database, clock, f"p{number}") for number in range(2))
    new = confirmed()
    await stored(mine, new)
    record = await mine.change(new.id, begin)
    assert isinstance(record, Record)
    assert mine.written(new.id) == record
    await other.change(new.id, partial(settle, sent=record, outcome=MADE))
    assert await mine.change(new.id, partial(begin, read=record), known=record) is None
    assert mine.written(new.id) is None
