"""The ledger on SQLite and on Postgres: one winner for every transition, and a record nobody can change."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import Choice, Direction, Found, Look, State, TrunkRequest, new_operation_id
from bot.domain.records import Baseline, NewOperation, Post, Record
from bot.domain.resources import Refusal, Trunk
from bot.store.accept import Already, Stored, Twin
from bot.store.change import Change
from bot.store.database import migrate
from bot.store.events import Limit, TooLate
from bot.store.ledger import Ledger
from bot.store.schema import operations
from tests.conftest import TurnedClock

SALES = TrunkRequest("Sales \N{TELEPHONE RECEIVER} “East”", Direction.OUTBOUND, 10)
FAR = Limit(9e12)


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


def confirmed(request: TrunkRequest = SALES) -> NewOperation:
    return NewOperation(
        id=new_operation_id(),
        request=request,
        account="MA_1",
        team="T1",
        channel="C1",
        requester="U1",
        view_id="V1",
        reply="sealed",
        baseline=Baseline(frozenset({"old-1", "old-2"}), ahead=-250),
    )


async def sending(ledger: Ledger, new: NewOperation) -> None:
    await ledger.accept(new, FAR)
    await ledger.move(new.id, State.ACCEPTED, State.SENDING, actor="bot", evidence={})


async def test_an_accepted_operation_reads_back_whole(ledger: Ledger) -> None:
    new = confirmed()
    stored = await ledger.accept(new, FAR)
    assert isinstance(stored, Stored)
    read = await ledger.by_reference(stored.record.operation.ref)
    assert read == await ledger.get(new.id) == stored.record
    assert read.operation.state is State.ACCEPTED
    assert read.operation.request == SALES
    assert (read.view_id, read.reply, read.baseline) == ("V1", "sealed", new.baseline)


async def test_the_same_form_twice_is_the_same_operation(ledger: Ledger) -> None:
    new = confirmed()
    await ledger.accept(new, FAR)
    again = await ledger.accept(replace(new, request=replace(SALES, calls=99)), FAR)
    assert isinstance(again, Already)
    assert again.record.operation.request.calls == 10


@pytest.mark.parametrize(
    "other",
    [
        replace(SALES, name="Sales"),
        replace(SALES, direction=Direction.INBOUND),
        replace(SALES, calls=11),
    ],
    ids=["name", "direction", "calls"],
)
async def test_only_identical_requests_in_flight_are_twins(ledger: Ledger, other: TrunkRequest) -> None:
    first = confirmed()
    await ledger.accept(first, FAR)
    twin = await ledger.accept(confirmed(), FAR)
    assert isinstance(twin, Twin)
    assert twin.record.operation.id == first.id
    assert isinstance(await ledger.accept(confirmed(other), FAR), Stored)


async def test_an_identical_request_is_free_again_when_the_first_has_ended(ledger: Ledger) -> None:
    new = confirmed()
    await sending(ledger, new)
    refusal = Change(refusal=Refusal(status=422, message="no"))
    await ledger.move(new.id, State.SENDING, State.REJECTED, actor="bot", evidence={}, change=refusal)
    assert isinstance(await ledger.accept(confirmed(), FAR), Stored)


async def test_of_many_identical_requests_at_once_one_is_stored(ledger: Ledger) -> None:
    answers = await asyncio.gather(*(ledger.accept(confirmed(), FAR) for _ in range(8)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Stored", *["Twin"] * 7]


async def test_who_comes_as_the_identical_request_ends_is_stored_or_told_of_one_that_runs(
    ledger: Ledger,
) -> None:
    """Each that gets in ends at once, while the others come: nobody is left without an answer."""

    async def quick() -> bool:
        new = confirmed()
        answer = await ledger.accept(new, FAR)
        if isinstance(answer, Stored):
            await ledger.move(new.id, State.ACCEPTED, State.SENDING, actor="bot", evidence={})
            await ledger.move(new.id, State.SENDING, State.NOT_SENT, actor="bot", evidence={})
        return isinstance(answer, Stored | Twin)

    assert all([all(await asyncio.gather(*(quick() for _ in range(8)))) for _ in range(25)])


@pytest.mark.parametrize("left", [-1.0, 2.5], ids=["over before it begins", "over while it is written"])
async def test_nothing_is_stored_after_the_deadline(ledger: Ledger, clock: TurnedClock, left: float) -> None:
    new = confirmed()
    clock.tick = 1.0
    assert await ledger.accept(new, Limit(clock.time + left)) == TooLate()
    assert await ledger.get(new.id) is None
    assert (await ledger.chronicle.story(new.id)).events == ()
    assert isinstance(await ledger.accept(new, FAR), Stored)


async def test_of_many_who_move_an_operation_one_wins(ledger: Ledger) -> None:
    new = confirmed()
    await ledger.accept(new, FAR)
    moves = [
        ledger.move(new.id, State.ACCEPTED, State.SENDING, actor=f"U{n}", evidence={"n": n}) for n in range(8)
    ]
    won = [record for record in await asyncio.gather(*moves) if record is not None]
    assert len(won) == 1
    assert [event.kind for event in (await ledger.chronicle.story(new.id)).events] == ["accepted", "sending"]


async def test_an_illegal_transition_is_a_defect(ledger: Ledger) -> None:
    with pytest.raises(AssertionError):
        await ledger.move("0" * 32, State.CREATED, State.SENDING, actor="bot", evidence={})


async def test_a_trunk_belongs_to_one_operation(ledger: Ledger) -> None:
    change = Change(trunk=Trunk(id="t-1", name="Sales"), found=Found.ANSWER)
    first, second = confirmed(), confirmed(replace(SALES, calls=1))
    for new in (first, second):
        await sending(ledger, new)
    moved = await ledger.move(first.id, State.SENDING, State.CREATED, actor="bot", evidence={}, change=change)
    assert moved is not None
    assert moved.operation.trunk == change.trunk
    assert (
        await ledger.move(second.id, State.SENDING, State.CREATED, actor="bot", evidence={}, change=change)
        is None
    )
    left = await ledger.get(second.id)
    assert left is not None
    assert left.operation.state is State.SENDING
    assert await ledger.owned(frozenset({"t-1", "t-2"}), besides=second.id) == {"t-1"}
    assert await ledger.owned(frozenset({"t-1", "t-2"}), besides=first.id) == frozenset()


async def test_a_question_is_answered_once(ledger: Ledger) -> None:
    new = confirmed()
    await sending(ledger, new)
    await ledger.move(
        new.id, State.SENDING, State.UNKNOWN, actor="bot", evidence={}, change=Change(reason="timeout")
    )

    def give_up() -> Awaitable[Record | None]:
        change = Change(decided_by="U2")
        return ledger.move(
            new.id, State.UNKNOWN, State.NOT_CREATED, actor="U2", evidence={}, change=change, asked=0
        )

    assert await give_up() is None
    look = Look(finished=True, reachable=True, candidates=(Trunk(id="t-9", name="Sales"),))
    asked = await ledger.questions.looked(new.id, look, {}, 0)
    assert asked is not None
    assert asked.operation.asking
    assert asked.operation.look == look
    assert await ledger.questions.decide(new.id, Choice.CHECK_AGAIN, "U2", 1) is None
    closed = await give_up()
    assert closed is not None
    assert (closed.operation.state, closed.operation.decided_by) == (State.NOT_CREATED, "U2")
    assert await give_up() is None


async def unknown(ledger: Ledger, new: NewOperation) -> None:
    await sending(ledger, new)
    await ledger.move(new.id, State.SENDING, State.UNKNOWN, actor="bot", evidence={})


async def test_a_decision_closes_the_question_and_is_taken_up_once(ledger: Ledger) -> None:
    new = confirmed()
    await unknown(ledger, new)
    assert await ledger.questions.decide(new.id, Choice.CHECK_AGAIN, "U2", 0) is None
    await ledger.questions.looked(new.id, Look(finished=True, reachable=False), {}, 0)
    decided = await ledger.questions.decide(new.id, Choice.CHECK_AGAIN, "U2", 0)
    assert decided is not None
    assert (decided.operation.asking, decided.round, decided.decision) == (False, 1, Choice.CHECK_AGAIN)
    assert await ledger.questions.decide(new.id, Choice.SEND_AGAIN, "U3", 1) is None
    assert await ledger.questions.take(new.id, Choice.CHECK_AGAIN) is not None
    assert await ledger.questions.take(new.id, Choice.CHECK_AGAIN) is None


async def test_sending_again_needs_the_decision_and_keeps_the_time_of_the_first_post(
    ledger: Ledger, clock: TurnedClock
) -> None:
    new = confirmed()
    await unknown(ledger, new)
    first = await ledger.get(new.id)
    await ledger.questions.looked(new.id, Look(finished=True, reachable=True), {}, 0)
    clock.time += 60

    def again() -> Awaitable[Record | None]:
        return ledger.move(
            new.id, State.UNKNOWN, State.SENDING, actor="bot", evidence={}, decided=Choice.SEND_AGAIN
        )

    assert await again() is None
    await ledger.questions.decide(new.id, Choice.SEND_AGAIN, "U2", 0)
    sent = await again()
    assert first is not None
    assert sent is not None
    assert sent.sent_at == first.sent_at == 1_800_000_000_000
    assert await again() is None


async def unattended(ledger: Ledger, before: int) -> list[Record]:
    return [record async for record in ledger.unattended(before)]


async def test_unattended_is_what_should_move_and_has_not(ledger: Ledger, clock: TurnedClock) -> None:
    new = confirmed()
    await unknown(ledger, new)
    now = int(clock.now() * 1000)
    assert await unattended(ledger, now) == []
    assert [record.operation.id for record in await unattended(ledger, now + 1)] == [new.id]
    asked = await ledger.questions.looked(new.id, Look(finished=True, reachable=True), {}, 0)
    assert asked is not None
    assert not asked.told
    assert len(await unattended(ledger, now + 1)) == 1
    await ledger.told(asked, Post("C1", "1.2"))
    assert await unattended(ledger, now + 1) == []
    closed = await ledger.move(new.id, State.UNKNOWN, State.NOT_CREATED, actor="U2", evidence={}, asked=0)
    assert closed is not None
    assert [record.post for record in await unattended(ledger, now + 1)] == [Post("C1", "1.2")]


async def test_what_nobody_can_be_told_of_hides_nothing(
    ledger: Ledger, database: AsyncEngine, clock: TurnedClock
) -> None:
    first = confirmed()
    await sending(ledger, first)
    await ledger.move(first.id, State.SENDING, State.NOT_SENT, actor="bot", evidence={})
    async with database.begin() as connection:
        row = (await connection.execute(operations.select())).mappings().one()
        # Two of a time each: none is left out between two pages of 200.
        later = [row["updated_at"] + 1_000 * ((number + 1) // 2) for number in range(1, 401)]
        kept = [
            {**row, "id": new_operation_id(), "ref": str(at[0]), "updated_at": at[1]}
            for at in enumerate(later)
        ]
        await connection.execute(operations.insert(), kept)
    clock.time += 300
    last = confirmed(replace(SALES, calls=402))
    await ledger.accept(last, FAR)
    found = await unattended(ledger, int(clock.now() * 1000) + 1)
    assert len(found) == 402
    assert {record.operation.id for record in found} == {first.id, last.id, *(row["id"] for row in kept)}
    assert found[-1].operation.id == last.id


async def test_a_look_does_not_undo_a_decision(ledger: Ledger) -> None:
    """Two runs may search for one trunk, and a person may decide between the last looks of both."""
    new = confirmed()
    await unknown(ledger, new)
    await ledger.questions.looked(new.id, Look(finished=True, reachable=True), {}, 0)
    await ledger.questions.decide(new.id, Choice.SEND_AGAIN, "U2", 0)
    assert await ledger.questions.looked(new.id, Look(finished=True, reachable=True), {}, 1) is None
    decided = await ledger.get(new.id)
    assert decided is not None
    assert (decided.decision, decided.operation.asking) == (Choice.SEND_AGAIN, False)


async def test_a_look_from_before_a_decision_opens_no_question_after_it(ledger: Ledger) -> None:
    """It saw the account as it was before the second sending, and would offer a third on that."""
    new = confirmed()
    await unknown(ledger, new)
    look = Look(finished=True, reachable=True)
    await ledger.questions.looked(new.id, look, {}, 0)
    await ledger.questions.decide(new.id, Choice.CHECK_AGAIN, "U2", 0)
    await ledger.questions.take(new.id, Choice.CHECK_AGAIN)
    assert await ledger.questions.looked(new.id, look, {}, 0) is None
    assert await ledger.questions.looked(new.id, look, {}, 1) is not None


async def test_what_moved_while_it_was_told_is_still_to_be_told(ledger: Ledger) -> None:
    new = confirmed()
    await unknown(ledger, new)
    asked = await ledger.questions.looked(new.id, Look(finished=True, reachable=True), {}, 0)
    assert asked is not None
    await ledger.move(new.id, State.UNKNOWN, State.NOT_CREATED, actor="U2", evidence={}, asked=0)
    await ledger.told(asked, Post("C1", "1.2"))
    closed = await ledger.get(new.id)
    assert closed is not None
    assert (closed.told, closed.post) == (False, Post("C1", "1.2"))


async def test_notes_are_events_without_a_state(ledger: Ledger) -> None:
    new = confirmed()
    await ledger.accept(new, FAR)
    await ledger.note(new.id, "bot", "delivery", {"route": "channel"})
    last = (await ledger.chronicle.story(new.id)).events[-1]
    assert (last.kind, last.state, last.evidence) == ("delivery", None, {"route": "channel"})


@pytest.mark.parametrize("statement", ["UPDATE events SET actor = 'x'", "DELETE FROM events"])
async def test_events_can_not_be_changed(ledger: Ledger, database: AsyncEngine, statement: str) -> None:
    await ledger.accept(confirmed(), FAR)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.begin() as connection:
            await connection.execute(sa.text(statement))


async def test_migrating_twice_and_at_once_is_harmless(database: AsyncEngine) -> None:
    await asyncio.gather(migrate(database), migrate(database))
