"""Requests in the ledger, of both kinds: the first decision wins, whatever the handlers checked."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import Direction, Found, State, TrunkRequest, new_operation_id
from bot.domain.policy import Allowed
from bot.domain.records import Asking, NewOperation, Record
from bot.domain.resources import Trunk
from bot.store.accept import Stored
from bot.store.change import Change
from bot.store.events import Limit
from bot.store.ledger import Ledger
from bot.store.overview import LATELY, Overviews
from bot.words.home import SHOWN, home_view
from tests.conftest import TurnedClock
from tests.wording_samples import readable

HOUR = 3_600_000  # milliseconds
FAR = Limit(9e12)


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


async def waiting(ledger: Ledger, clock: TurnedClock) -> Record:
    new = NewOperation(
        id=new_operation_id(),
        request=TrunkRequest("Sales", Direction.OUTBOUND, 10),
        account="MA_1",
        team="T1",
        channel="C1",
        requester="U1",
        asking=Asking("Launch", int(clock.now() * 1000) + HOUR),
    )
    stored = await ledger.accept(new, FAR)
    assert isinstance(stored, Stored)
    return stored.record


async def test_of_many_who_approve_at_once_one_does(ledger: Ledger, clock: TurnedClock) -> None:
    record = await waiting(ledger, clock)
    tries = [ledger.requests.approve(record.operation, record.digest or "", f"U{n}") for n in range(2, 8)]
    won = [approved for approved in await asyncio.gather(*tries) if approved is not None]
    assert len(won) == 1
    events = (await ledger.chronicle.story(record.operation.id)).events
    assert [event.kind for event in events] == ["awaiting_approval", "accepted"]
    assert events[1].actor == won[0].operation.approved_by


async def test_an_identical_request_that_made_a_trunk_meanwhile_has_to_be_known(
    ledger: Ledger, clock: TurnedClock
) -> None:
    """In the condition: who checked before may have checked before the other's outcome was written."""
    record = await waiting(ledger, clock)
    bound = record.digest or ""
    for number in (1, 2):
        clock.time += 1
        made = await waiting(ledger, clock)
        assert await ledger.requests.approve(made.operation, made.digest or "", "U2") is not None
        await ledger.move(made.operation.id, State.ACCEPTED, State.SENDING, actor="bot", evidence={})
        change = Change(trunk=Trunk(id=f"t-{number}", name="Sales"), found=Found.ANSWER)
        after = await ledger.move(
            made.operation.id, State.SENDING, State.CREATED, actor="bot", evidence={}, change=change
        )
        assert await ledger.requests.created_meanwhile(record.operation) == (number, after)
        assert await ledger.requests.approve(record.operation, bound, "U2", number - 1) is None
        assert await ledger.requests.approve(record.operation, bound, "U2", number + 1) is None
    assert await ledger.requests.approve(record.operation, bound, "U2", 2) is not None


@pytest.mark.parametrize("end", [State.DENIED, State.WITHDRAWN])
async def test_of_approving_and_ending_one_does(ledger: Ledger, clock: TurnedClock, end: State) -> None:
    record = await waiting(ledger, clock)
    operation, bound = record.operation.id, record.digest or ""
    assert await ledger.requests.close(operation, end, actor="U2") is not None
    assert await ledger.requests.approve(record.operation, bound, "U3") is None
    other = await waiting(ledger, clock)
    assert await ledger.requests.approve(other.operation, other.digest or "", "U3") is not None
    assert await ledger.requests.close(other.operation.id, end, actor="U2") is None


async def test_nobody_approves_their_own_another_one_or_too_late(ledger: Ledger, clock: TurnedClock) -> None:
    record, other = await waiting(ledger, clock), await waiting(ledger, clock)
    operation, bound = record.operation.id, record.digest or ""
    assert await ledger.requests.close(operation, State.EXPIRED, actor="bot") is None
    assert await ledger.requests.approve(record.operation, bound, "U1") is None
    assert await ledger.requests.approve(record.operation, other.digest or "", "U2") is None
    clock.time += HOUR / 1000
    assert await ledger.requests.approve(record.operation, bound, "U2") is None
    assert len(await ledger.requests.expired()) == 2
    assert await ledger.requests.close(operation, State.EXPIRED, actor="bot") is not None


async def test_the_home_reads_one_more_than_it_shows(
    ledger: Ledger, clock: TurnedClock, database: AsyncEngine
) -> None:
    for _ in range(SHOWN + 2):
        await waiting(ledger, clock)
    seen = await Overviews(database).of("U2", int(clock.now() * 1000), all_of_them=True)
    assert (len(seen.waiting), len(seen.mine)) == (SHOWN + 1, 0)
    view = home_view("U2", seen.waiting, seen.mine, seen.unknown, seen.last, decision=Allowed())
    assert readable(view).count("There are more") == 1


async def test_what_waits_is_at_home_however_much_ended_after_it(
    ledger: Ledger, clock: TurnedClock, database: AsyncEngine
) -> None:
    waits = await waiting(ledger, clock)
    ended = []
    for _ in range(SHOWN + 2):
        clock.time += 1
        ended.append((await waiting(ledger, clock)).operation.id)
        assert await ledger.requests.close(ended[-1], State.WITHDRAWN, actor="U1") is not None

    async def seen() -> tuple[list[str], list[str]]:
        overview = await Overviews(database).of("U1", int(clock.now() * 1000), all_of_them=False)
        return [op.id for op in overview.mine], [op.id for op in overview.ended]

    assert await seen() == ([waits.operation.id], ended[:0:-1])
    clock.time += LATELY / 1000
    assert await seen() == ([waits.operation.id], ended[-1:])
    clock.time += 1
    assert await seen() == ([waits.operation.id], [])


async def test_what_is_only_noted_changes_no_home(
    ledger: Ledger, clock: TurnedClock, database: AsyncEngine
) -> None:
    overviews = Overviews(database)
    assert await overviews.newest() is None
    record = await waiting(ledger, clock)
    newest = await overviews.newest()
    await ledger.note(record.operation.id, "bot", "delivery", {})
    await ledger.refused("U9", "create", "not_operator", "C1")
    assert await overviews.newest() == newest
    await ledger.requests.remind(record.operation.id)
    assert await overviews.newest() != newest


async def test_the_time_of_a_decision_is_not_the_time_of_what_followed(
    ledger: Ledger, clock: TurnedClock
) -> None:
    record = await waiting(ledger, clock)
    operation = record.operation.id
    assert await ledger.requests.decided_at(operation) is None
    clock.time += 60
    decided = int(clock.now() * 1000)
    assert await ledger.requests.approve(record.operation, record.digest or "", "U2") is not None
    clock.time += 60
    assert await ledger.move(operation, State.ACCEPTED, State.SENDING, actor="bot", evidence={}) is not None
    assert await ledger.requests.decided_at(operation) == decided


async def test_what_is_no_id_finds_nothing(ledger: Ledger) -> None:
    """Postgres takes no NUL in a text, and no database half a surrogate pair."""
    for text in ("", "\0", "x" * 2000, "é" * 32, "A" * 32, "\ud800"):
        assert await ledger.get(text) is None, ascii(text)


async def test_a_request_is_reminded_of_once_at_half_time(ledger: Ledger, clock: TurnedClock) -> None:
    record = await waiting(ledger, clock)
    clock.time += HOUR / 2000 - 1
    assert await ledger.requests.half_expired() == []
    clock.time += 1
    assert [each.operation.id for each in await ledger.requests.half_expired()] == [record.operation.id]
    assert await ledger.requests.remind(record.operation.id) is not None
    assert await ledger.requests.remind(record.operation.id) is None
    assert await ledger.requests.half_expired() == []
