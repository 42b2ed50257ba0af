"""The outbox on SQLite and on Postgres: what is written with a move is told, by one process, until it was."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import State
from bot.domain.records import Asking, Move, Notice, Post, Purpose, Record, Telling
from bot.domain.transitions.decisions import close, remind
from bot.domain.transitions.looks import rest
from bot.domain.transitions.sendings import begin, settle
from bot.store.ledger import Ledger
from bot.store.outbox import LEASE
from tests.conftest import TurnedClock
from tests.test_ledger import MADE, asked, confirmed, done, moved, sent, stored, unknown

RESULT, MODAL = Purpose.RESULT, Purpose.MODAL


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock, "one")


def saying(*notices: Notice) -> Callable[[Record, int], Move]:
    """Move nothing, and tell."""

    def decide(record: Record, now: int) -> Move:
        return replace(rest(record, now, wake_at=record.wake_at), notices=notices)

    return decide


async def purposes(ledger: Ledger) -> list[Purpose]:
    return [telling.purpose for telling in (await ledger.outbox.take()).now]


async def only(ledger: Ledger, operation: str, purpose: Purpose = RESULT) -> Telling:
    (telling,) = [one for one in await ledger.outbox.of(operation) if one.purpose is purpose]
    return telling


async def deliveries(ledger: Ledger, operation: str) -> list[dict[str, object]]:
    events = (await ledger.chronicle.story(operation)).events
    return [dict(event.evidence) for event in events if event.kind == "delivery"]


async def test_what_a_move_has_to_tell_is_due_with_it(ledger: Ledger, clock: TurnedClock) -> None:
    new = confirmed()
    await stored(ledger, new)
    assert (await ledger.outbox.take()).now == []
    assert (await ledger.outbox.take()).then is None
    record = await done(ledger, confirmed())
    clock.time += 1
    (result, modal) = (await ledger.outbox.take()).now
    assert (result.purpose, result.operation, result.wanted) == (RESULT, record.operation.id, record.revision)
    assert (result.shown, result.tries, result.unsure, result.place) == (None, 0, False, None)
    assert modal.purpose is MODAL
    assert await ledger.outbox.of(record.operation.id) == (result, modal)


async def test_a_move_that_is_not_made_tells_nobody(ledger: Ledger) -> None:
    await done(ledger, confirmed())
    new = confirmed()
    sending = await sent(ledger, new)
    await ledger.change(new.id, partial(settle, sent=sending, outcome=MADE, resource="trunk"))
    assert await ledger.outbox.of(new.id) == ()


async def test_the_form_waits_until_the_answer_to_it_has_left(ledger: Ledger, clock: TurnedClock) -> None:
    record = await done(ledger, confirmed())
    assert await purposes(ledger) == [RESULT]
    await ledger.outbox.told(
        (await ledger.outbox.take()).now[0], record.revision, "channel", Post("C1", "1.1")
    )
    assert (await ledger.outbox.take()).then == record.operation.created_at + 400
    clock.time += 0.4
    assert await purposes(ledger) == [MODAL]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, []),
        ({"break_glass": "Fire"}, [Purpose.APPROVAL]),
        ({"asking": Asking(None, 1_800_000_600_000)}, [Purpose.APPROVAL, RESULT]),
    ],
    ids=["plain", "break glass", "asks"],
)
async def test_a_confirmation_tells_those_who_approve(
    ledger: Ledger, known: dict[str, Any], expected: list[Purpose]
) -> None:
    await stored(ledger, confirmed(**known))
    assert await purposes(ledger) == expected


async def test_what_was_told_is_not_told_again_until_there_is_news(ledger: Ledger) -> None:
    new = confirmed()
    record = await unknown(ledger, new)
    (result,) = (await ledger.outbox.take()).now
    await ledger.outbox.told(result, record.revision, "channel", Post("C1", "1.1"))
    assert (await ledger.outbox.take()).now == []
    later = await moved(ledger, new.id, saying(Notice(RESULT)))
    (again,) = (await ledger.outbox.take()).now
    assert (again.id, again.wanted, again.shown) == (result.id, later.revision, record.revision)
    assert (again.place, again.route) == (Post("C1", "1.1"), "channel")
    assert await deliveries(ledger, new.id) == [{"route": "channel", "error": None, "purpose": "result"}]


async def test_what_moves_while_it_is_told_stays_due(ledger: Ledger) -> None:
    new = confirmed()
    record = await unknown(ledger, new)
    (result,) = (await ledger.outbox.take()).now
    await moved(ledger, new.id, saying(Notice(RESULT)))
    await ledger.outbox.told(result, record.revision, "channel", Post("C1", "1.1"))
    (again,) = (await ledger.outbox.take()).now
    assert again.place == Post("C1", "1.1")
    await ledger.outbox.told(again, again.wanted, "update", None)
    assert (await ledger.outbox.take()).now == []
    assert (await only(ledger, new.id)).place == Post("C1", "1.1")


async def test_where_nothing_was_to_be_said_nothing_is_recorded(ledger: Ledger) -> None:
    record = await unknown(ledger, confirmed())
    (result,) = (await ledger.outbox.take()).now
    await ledger.outbox.told(result, record.revision, "", None)
    assert (await ledger.outbox.take()).now == []
    assert await deliveries(ledger, record.operation.id) == []


async def test_what_is_renewed_was_said_before_or_is_still_to_be_said(
    ledger: Ledger, clock: TurnedClock
) -> None:
    new = confirmed(break_glass="Fire")
    renewed = saying(*(Notice(purpose, renew=True) for purpose in (RESULT, Purpose.APPROVAL)))
    await stored(ledger, new)
    (approval,) = (await ledger.outbox.take()).now
    await ledger.outbox.failed(
        approval, "channel", "unreachable", int(clock.time * 1000) + 60_000, unsure=True
    )
    assert (await ledger.outbox.take()).now == []
    await moved(ledger, new.id, renewed)
    (approval,) = (await ledger.outbox.take()).now
    assert (approval.purpose, approval.tries, approval.unsure) == (Purpose.APPROVAL, 0, True)
    await ledger.outbox.told(approval, approval.wanted, "direct_message", None)
    await moved(ledger, new.id, renewed)
    assert (await ledger.outbox.take()).now == []  # it was said where nothing can be edited
    await ledger.outbox.told(approval, approval.wanted, "channel", Post("C1", "1.1"))
    await moved(ledger, new.id, renewed)
    assert await purposes(ledger) == [Purpose.APPROVAL]


async def test_a_reply_is_made_once_for_each_key(ledger: Ledger) -> None:
    record = await asked(ledger, confirmed())
    operation = record.operation.id
    late = [Notice(Purpose.LATE, key, {"answer": {"id": key}}) for key in ("t-1", "t-2", "t-1")]
    await moved(ledger, operation, saying(*late))
    await moved(ledger, operation, saying(late[0], Notice(Purpose.QUESTION, "0")))
    replies = [one for one in await ledger.outbox.of(operation) if one.purpose not in {RESULT, MODAL}]
    assert [(one.purpose, one.key, one.data) for one in replies] == [
        (Purpose.QUESTION, "0", None),
        (Purpose.LATE, "t-1", {"answer": {"id": "t-1"}}),
        (Purpose.LATE, "t-2", {"answer": {"id": "t-2"}}),
    ]
    await ledger.outbox.told(replies[0], record.revision, "thread", Post("C1", "1.1"))
    await moved(ledger, operation, saying(Notice(Purpose.QUESTION, "0")))
    assert Purpose.QUESTION not in await purposes(ledger)


async def test_what_failed_is_tried_again_at_its_time_and_the_record_has_the_first_of_many(
    ledger: Ledger, clock: TurnedClock
) -> None:
    record = await unknown(ledger, confirmed())
    operation = record.operation.id
    await ledger.outbox.told(await only(ledger, operation, MODAL), record.revision, "", None)
    errors = ("unreachable", "unreachable", "http_500", "http_500")
    for number, error in enumerate(errors):
        (result,) = (await ledger.outbox.take()).now
        assert (result.tries, result.unsure) == (number, number > 2)
        at = int(clock.time * 1000) + 1000
        await ledger.outbox.failed(result, "channel", error, at, unsure=number > 1)
        assert (await ledger.outbox.take()).now == []
        assert (await ledger.outbox.take()).then == at
        clock.time += 1
    (result,) = (await ledger.outbox.take()).now
    await ledger.outbox.failed(result, "channel", "is_archived", None, unsure=True)
    assert (await ledger.outbox.take()).then is None
    assert (await only(ledger, operation)).shown is None
    said = [delivery["error"] for delivery in await deliveries(ledger, operation)]
    assert said == ["unreachable", "http_500", "is_archived"]


async def test_news_is_not_given_up_with_what_it_replaces(ledger: Ledger) -> None:
    new = confirmed()
    await unknown(ledger, new)
    (result,) = (await ledger.outbox.take()).now
    await moved(ledger, new.id, saying(Notice(RESULT)))
    await ledger.outbox.failed(result, "channel", "lost", None, unsure=True)
    (again,) = (await ledger.outbox.take()).now
    assert (again.tries, again.unsure) == (0, True)


async def test_what_comes_after_another_waits_without_a_try(ledger: Ledger, clock: TurnedClock) -> None:
    record = await unknown(ledger, confirmed())
    (result,) = (await ledger.outbox.take()).now
    await ledger.outbox.later(result, int(clock.time * 1000) + 5000)
    assert (await ledger.outbox.take()).now == []
    clock.time += 5
    assert [telling.tries for telling in (await ledger.outbox.take()).now if telling.purpose is RESULT] == [0]
    assert await deliveries(ledger, record.operation.id) == []


async def test_the_oldest_is_told_first_and_not_all_at_once(ledger: Ledger, clock: TurnedClock) -> None:
    records = []
    for _ in range(3):
        clock.time += 1
        records.append(await unknown(ledger, confirmed()))
    first, second = (await ledger.outbox.take(2)).now
    assert [first.operation, second.operation] == [
        records[0].operation.id,
        records[0].operation.id,
    ]


async def test_what_a_process_left_is_told_by_another(
    ledger: Ledger, database: AsyncEngine, clock: TurnedClock
) -> None:
    """On SQLite at once, since there is one process; on Postgres when its lease is over."""
    other = Ledger(database, clock, "two")
    new = confirmed()
    record = await unknown(ledger, new)
    (mine, _) = await ledger.outbox.of(new.id)
    if database.dialect.name == "postgresql":
        assert (await other.outbox.take()).now == []
        assert (await other.outbox.take()).then == int(clock.time * 1000) + LEASE
        clock.time += LEASE / 2000
        assert mine in (await ledger.outbox.take()).now  # it still looks, which prolongs its lease
        clock.time += LEASE / 2000
        assert (await other.outbox.take()).now == []
        clock.time += LEASE / 2000
    taken = (await other.outbox.take()).now
    assert replace(mine, unsure=True) in taken
    assert (await ledger.outbox.take()).now == [] or database.dialect.name == "sqlite"
    await other.outbox.told(replace(mine, unsure=True), record.revision, "channel", Post("C1", "1.1"))
    assert (await only(other, new.id)).unsure  # what is edited from now on still says that it may be twice


async def test_where_a_message_is_known_nothing_is_unsure(
    ledger: Ledger, database: AsyncEngine, clock: TurnedClock
) -> None:
    new = confirmed()
    record = await unknown(ledger, new)
    result = await only(ledger, new.id)
    await ledger.outbox.told(result, record.revision, "channel", Post("C1", "1.1"))
    await moved(ledger, new.id, saying(Notice(RESULT)))
    clock.time += LEASE / 1000 + 1
    found = {one.purpose: one.unsure for one in (await Ledger(database, clock, "two").outbox.take()).now}
    assert found == {RESULT: False, MODAL: True}


async def test_of_two_processes_one_tells(ledger: Ledger, database: AsyncEngine, clock: TurnedClock) -> None:
    if database.dialect.name == "sqlite":
        return  # it has one
    for _ in range(5):
        await unknown(ledger, confirmed())
    clock.time += LEASE / 1000 + 1
    others = [Ledger(database, clock, name) for name in ("two", "three", "four")]
    taken = await asyncio.gather(*(other.outbox.take() for other in others))
    ids = [telling.id for due in taken for telling in due.now]
    assert len(ids) == len(set(ids)) == 10


async def test_news_of_another_process_stays_with_the_one_that_is_at_it(
    ledger: Ledger, database: AsyncEngine, clock: TurnedClock
) -> None:
    other = Ledger(database, clock, "two")
    new = confirmed()
    await unknown(ledger, new)
    (mine,) = [one for one in (await ledger.outbox.take()).now if one.purpose is RESULT]
    later = await moved(other, new.id, saying(Notice(RESULT)))
    (again,) = [one for one in (await ledger.outbox.take()).now if one.purpose is RESULT]
    assert again == replace(mine, wanted=later.revision)
    if database.dialect.name == "postgresql":
        assert (await other.outbox.take()).now == []
    await ledger.outbox.told(again, later.revision, "channel", Post("C1", "1.1"))
    await moved(other, new.id, saying(Notice(RESULT)))
    assert RESULT in await purposes(other)


async def test_requests_are_reminded_of_and_their_messages_brought_up_to_date(
    ledger: Ledger, clock: TurnedClock
) -> None:
    new = confirmed(asking=Asking(None, int(clock.time * 1000) + 60_000))
    await stored(ledger, new)
    clock.time += 30
    await moved(ledger, new.id, remind)
    for telling in (await ledger.outbox.take()).now:
        await ledger.outbox.told(telling, telling.wanted, "channel", Post("C1", f"{telling.id}.1"))
    assert (await ledger.outbox.take()).now == []
    await moved(ledger, new.id, partial(close, end=State.DENIED, actor="U2"))
    clock.time += 1
    assert set(await purposes(ledger)) == {Purpose.APPROVAL, Purpose.REMINDER, RESULT, MODAL}
    assert await ledger.change(new.id, begin) is None


async def test_that_somebody_went_alone_is_announced_again_where_nobody_heard(ledger: Ledger) -> None:
    alone, waits = confirmed(break_glass="Fire"), confirmed(asking=Asking(None, 1_800_000_600_000))
    for new in (alone, waits):
        await stored(ledger, new)
    for telling in (await ledger.outbox.take()).now:
        await ledger.outbox.failed(telling, "channel", "not_in_channel", None, unsure=False)
    assert await purposes(ledger) == []
    await ledger.outbox.announce_again()
    (again,) = (await ledger.outbox.take()).now
    assert (again.operation, again.purpose, again.unsure) == (alone.id, Purpose.APPROVAL, False)
    await ledger.outbox.told(again, again.wanted, "break_glass", Post("C1", "1.1"))
    await ledger.outbox.announce_again()
    assert await purposes(ledger) == []
