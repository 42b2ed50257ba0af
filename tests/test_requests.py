"""Requests in the ledger, of both kinds: the first decision wins, whatever the handlers checked."""

import asyncio
from functools import partial

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import State
from bot.domain.records import Asking, Entry, Record
from bot.domain.transitions.decisions import approve, close, remind
from bot.domain.transitions.moves import Decide
from bot.domain.transitions.sendings import begin
from bot.store.ledger import Ledger
from bot.store.overview import LATELY, Overviews
from bot.words.home import SHOWN
from tests.conftest import TurnedClock
from tests.test_ledger import asked, confirmed, done, kinds, moved, stored

HOUR = 3_600_000  # milliseconds


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


async def waiting(ledger: Ledger, clock: TurnedClock) -> Record:
    return await stored(ledger, confirmed(asking=Asking("Launch", int(clock.now() * 1000) + HOUR)))


def approving(record: Record, actor: str = "U2") -> Decide:
    return partial(approve, bound=record.digest, actor=actor)


def ending(end: State, actor: str = "U2") -> Decide:
    return partial(close, end=end, actor=actor)


async def test_of_many_who_approve_at_once_one_does(ledger: Ledger, clock: TurnedClock) -> None:
    record = await waiting(ledger, clock)
    operation = record.operation.id
    tries = [ledger.change(operation, approving(record, f"U{n}")) for n in range(2, 8)]
    (won,) = [approved for approved in await asyncio.gather(*tries) if isinstance(approved, Record)]
    assert await kinds(ledger, operation) == [
        ("awaiting_approval", "awaiting_approval"),
        ("approved", "accepted"),
    ]
    last = (await ledger.chronicle.story(operation)).events[-1]
    assert last.actor == won.operation.approved_by


@pytest.mark.parametrize("end", [State.DENIED, State.WITHDRAWN])
async def test_of_approving_and_ending_one_does(ledger: Ledger, clock: TurnedClock, end: State) -> None:
    record, other = await waiting(ledger, clock), await waiting(ledger, clock)
    await moved(ledger, record.operation.id, ending(end))
    assert await ledger.change(record.operation.id, approving(record, "U3")) is None
    await moved(ledger, other.operation.id, approving(other, "U3"))
    assert await ledger.change(other.operation.id, ending(end)) is None


async def test_nobody_approves_their_own_another_one_or_too_late(ledger: Ledger, clock: TurnedClock) -> None:
    record, other = await waiting(ledger, clock), await waiting(ledger, clock)
    operation = record.operation.id
    assert await ledger.change(operation, ending(State.EXPIRED)) is None
    assert await ledger.change(operation, approving(record, "U1")) is None
    assert await ledger.change(operation, approving(other)) is None
    clock.time += HOUR / 1000
    assert await ledger.change(operation, approving(record)) is None
    assert len(await ledger.requests.expired()) == 2
    await moved(ledger, operation, ending(State.EXPIRED))
    assert await ledger.requests.expired() == [other]


async def test_the_home_reads_one_more_than_it_shows(
    ledger: Ledger, clock: TurnedClock, database: AsyncEngine
) -> None:
    records = []
    for number in range(SHOWN + 2):
        clock.time += (-1) ** number  # they do not expire in the order in which they were asked for
        records.append((await waiting(ledger, clock)).operation)
    seen = await Overviews(database).of("U2", int(clock.now() * 1000), all_of_them=True)
    assert (len(seen.waiting), len(seen.mine)) == (SHOWN + 1, 0)
    assert {op.expires_at for op in seen.waiting[:5]} == {min(op.expires_at or 0 for op in records)}


async def test_the_home_shows_what_was_done_and_what_is_not_known(
    ledger: Ledger, clock: TurnedClock, database: AsyncEngine
) -> None:
    made = await done(ledger, confirmed())
    open_question = await asked(ledger, confirmed(requester="U3"))
    now, overviews = int(clock.now() * 1000), Overviews(database)
    seen = await overviews.of("U2", now, all_of_them=True)
    assert (seen.last, seen.unknown) == ((made.operation,), (open_question.operation,))
    own = await overviews.of("U1", now, all_of_them=False)
    assert (own.last, own.unknown, own.mine) == ((made.operation,), (), ())


async def test_what_waits_is_at_home_however_much_ended_after_it(
    ledger: Ledger, clock: TurnedClock, database: AsyncEngine
) -> None:
    waits = await waiting(ledger, clock)
    ended = []
    for _ in range(SHOWN + 2):
        clock.time += 1
        ended.append((await waiting(ledger, clock)).operation.id)
        await moved(ledger, ended[-1], ending(State.WITHDRAWN, "U1"))

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
    await ledger.note(record.operation.id, Entry("bot", "delivery", {}))
    await ledger.refused("U9", "create", "not_operator", "C1")
    assert await overviews.newest() == newest
    await moved(ledger, record.operation.id, approving(record))
    assert await overviews.newest() != newest


async def test_the_time_of_a_decision_is_not_the_time_of_what_followed(
    ledger: Ledger, clock: TurnedClock
) -> None:
    record = await waiting(ledger, clock)
    clock.time += 60
    decided = int(clock.now() * 1000)
    await moved(ledger, record.operation.id, approving(record))
    clock.time += 60
    sending = await moved(ledger, record.operation.id, begin)
    assert sending.operation.approval is not None
    assert sending.operation.approval.decided_at == decided


@pytest.mark.parametrize("text", ["", "\0", "x" * 2000, "é" * 32, "A" * 32, "\ud800"])
async def test_what_is_no_id_finds_nothing(ledger: Ledger, text: str) -> None:
    """Postgres takes no NUL in a text, and no database half a surrogate pair."""
    assert await ledger.get(text) is None


async def test_a_request_is_reminded_of_once_at_half_time(ledger: Ledger, clock: TurnedClock) -> None:
    record = await waiting(ledger, clock)
    clock.time += HOUR / 2000 - 1
    assert await ledger.requests.half_expired() == []
    clock.time += 1
    assert [each.operation.id for each in await ledger.requests.half_expired()] == [record.operation.id]
    await moved(ledger, record.operation.id, remind)
    assert await ledger.change(record.operation.id, remind) is None
    assert await ledger.requests.half_expired() == []
    clock.time += HOUR / 2000
    assert await ledger.requests.half_expired() == []
    assert len(await ledger.requests.expired()) == 1
