"""The record on SQLite and on Postgres: chained whoever writes at once, found again by any query."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.commands.history_query import PAGE, ByName, ByPerson, ByState, Cursor, Everything, Search
from bot.domain.operation import Standing
from bot.domain.outcome import Done, NotSent, Thing
from bot.domain.records import Entry
from bot.domain.transitions.looks import turned_up
from bot.domain.transitions.sendings import answered_late, begin, settle
from bot.store.chain import Trail
from bot.store.database import open_engine
from bot.store.keys import NO_KEYS, Keys
from bot.store.ledger import Ledger, Stored, TooLate
from bot.store.schema import events
from bot.store.search import STORY, Chronicle
from tests.conftest import TurnedClock
from tests.test_ledger import FAR, asked, confirmed, done, moved, sent


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


async def stored(ledger: Ledger, name: str = "Sales", user: str = "U1") -> str:
    new = confirmed(subject=name, requester=user)
    assert isinstance(await ledger.accept(new, FAR), Stored)
    return new.id


async def noted(ledger: Ledger, operation: str, **evidence: object) -> None:
    await ledger.note(operation, Entry("bot", "delivery", evidence))


async def followed(chronicle: Chronicle, keys: Keys = NO_KEYS) -> Trail:
    trail = Trail(keys)
    async for links in chronicle.batches():
        trail.follow(links)
    return trail


async def found(ledger: Ledger, search: Search, owner: str | None = None) -> list[str]:
    page = await ledger.chronicle.page(search, owner)
    return [operation.subject for operation in page.operations]


async def test_every_event_is_in_the_chain(ledger: Ledger) -> None:
    operation = await stored(ledger)
    await ledger.change(operation, begin)
    await noted(ledger, operation, é="\x00\ud800")
    await ledger.refused("U9", "create", "not_operator", "C1")
    whole = await followed(ledger.chronicle)
    assert (whole.misfits, whole.count) == (0, 4)


async def test_many_who_write_at_once_make_one_chain(database: AsyncEngine, clock: TurnedClock) -> None:
    instances = [Ledger(database, clock) for _ in range(3)]
    operations = await asyncio.gather(*(stored(ledger, f"n{n}") for n in range(6) for ledger in instances))
    await asyncio.gather(
        *(noted(ledger, operation) for operation in operations for ledger in instances),
        *(ledger.change(operation, begin) for operation in operations for ledger in instances),
    )
    whole = await followed(instances[0].chronicle)
    assert (whole.misfits, whole.count) == (0, 18 + 54 + 18)


async def test_what_was_rolled_back_is_no_link(ledger: Ledger, clock: TurnedClock) -> None:
    await stored(ledger)
    clock.tick = 1.0
    assert await ledger.accept(confirmed(), clock.time + 3.5) == TooLate()
    clock.tick = 0.0
    await stored(ledger)
    whole = await followed(ledger.chronicle)
    assert (whole.misfits, whole.count) == (0, 2)


async def test_whoever_vanishes_with_the_chain_in_hand_holds_up_the_others_for_seconds(
    database: AsyncEngine, ledger: Ledger
) -> None:
    if database.dialect.name == "sqlite":  # its lock is the kernel's, and dies with the process
        return
    await stored(ledger)
    limit = sa.text("SELECT current_setting('idle_in_transaction_session_timeout')")
    async with database.begin() as connection:
        await connection.execute(sa.text("SELECT events_head()"))
        assert (await connection.execute(limit)).scalar_one() == "5s"
    async with database.begin() as connection:
        assert (await connection.execute(limit)).scalar_one() == "0"


async def test_a_refusal_has_no_operation_but_a_lost_race_has(ledger: Ledger) -> None:
    operation = await stored(ledger)
    await ledger.refused("U9", "create", "not_operator", "C1")
    await ledger.refused("U2", "confirm", "identical", None, operation)
    (refused,) = (await ledger.chronicle.story("")).events
    assert (refused.actor, refused.kind, refused.state) == ("U9", "refused", None)
    assert refused.evidence == {"act": "create", "reason": "not_operator", "channel": "C1"}
    assert [event.kind for event in (await ledger.chronicle.story(operation)).events] == [
        "accepted",
        "refused",
    ]


async def test_a_refusal_that_can_not_be_recorded_raises_nothing(tmp_path: Path, clock: TurnedClock) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    await Ledger(engine, clock).refused("U9", "create", "not_operator", "C1")
    await engine.dispose()


# --- pages --------------------------------------------------------------------------------------

NAMES = ["Sales", "sales east", "100% SALES_x", 'the "big" one', "\N{TELEPHONE RECEIVER} line", "a\\b*"]


FOUND = {
    "SALES": ["100% SALES_x", "sales east", "Sales"],
    "%": ["100% SALES_x"],
    "_": ["100% SALES_x"],
    "\\": ["a\\b*"],
    "*": ["a\\b*"],
    '"big"': ['the "big" one'],
    "'": [],
    "'; DROP TABLE operations; --": [],
    "\N{TELEPHONE RECEIVER}": ["\N{TELEPHONE RECEIVER} line"],
    "%s": [],
}


async def test_a_name_is_found_by_any_part_of_it_literally(ledger: Ledger, clock: TurnedClock) -> None:
    for name in NAMES:
        clock.time += 1
        await stored(ledger, name)
    for typed, expected in FOUND.items():
        assert await found(ledger, ByName(typed)) == expected, typed


async def test_operations_are_found_by_person_and_standing_and_by_their_owner(
    ledger: Ledger, clock: TurnedClock
) -> None:
    first = await stored(ledger, "first", "U1")
    clock.time += 1
    await stored(ledger, "second", "U2")
    await ledger.change(first, begin)
    runs = ByState(Standing.RUNNING)
    assert await found(ledger, Everything()) == ["second", "first"]
    assert await found(ledger, ByPerson("U1")) == ["first"]
    assert await found(ledger, runs) == ["first"]
    assert await found(ledger, ByState(Standing.RUNNING, "toy")) == ["first"]
    assert await found(ledger, ByState(Standing.RUNNING, "create_trunk")) == []
    assert await found(ledger, Everything(), "U2") == ["second"]
    assert await found(ledger, ByPerson("U1"), "U2") == []
    assert await found(ledger, runs, "U2") == []
    assert await found(ledger, ByName("first"), "U2") == []


async def test_what_stopped_is_found_by_what_stopped_it(ledger: Ledger) -> None:
    new = confirmed(steps=("front", "back"))
    await moved(ledger, new.id, partial(settle, sent=await sent(ledger, new), outcome=Done(None, 204, None)))
    back = await moved(ledger, new.id, begin)
    await moved(ledger, new.id, partial(settle, sent=back, outcome=NotSent("dns")))
    assert await found(ledger, ByState(Standing.NOT_SENT)) == [new.subject]
    assert await found(ledger, ByState(Standing.DONE)) == []
    (op,) = (await ledger.chronicle.page(Everything())).operations
    assert len(op.steps) == 2


@pytest.mark.parametrize("count", [0, PAGE, PAGE + 1, 3 * PAGE], ids=str)
async def test_paging_there_and_back_shows_each_operation_once(ledger: Ledger, count: int) -> None:
    for number in range(count):  # all in the same millisecond: the id decides
        await stored(ledger, f"n{number}")
    page = await ledger.chronicle.page(Everything())
    assert not page.newer
    pages = [page]
    while page.older:
        last = page.operations[-1]
        page = await ledger.chronicle.page(Everything(), None, Cursor("older", last.created_at, last.id))
        assert page.newer
        pages.append(page)
    seen = [operation.id for page in pages for operation in page.operations]
    assert len(seen) == len(set(seen)) == count
    assert seen == sorted(seen, reverse=True)
    while page.newer:
        pages.pop()
        first = page.operations[0]
        page = await ledger.chronicle.page(Everything(), None, Cursor("newer", first.created_at, first.id))
        assert page == replace(pages[-1], older=True)


async def test_what_is_added_meanwhile_shifts_no_page(ledger: Ledger, clock: TurnedClock) -> None:
    for number in range(PAGE + 5):
        clock.time += 1
        await stored(ledger, f"n{number}")
    first = await ledger.chronicle.page(Everything())
    clock.time += 1
    await stored(ledger, "new")
    last = first.operations[-1]
    second = await ledger.chronicle.page(Everything(), None, Cursor("older", last.created_at, last.id))
    assert [operation.subject for operation in second.operations] == [f"n{n}" for n in range(4, -1, -1)]
    top = second.operations[0]
    back = await ledger.chronicle.page(Everything(), None, Cursor("newer", top.created_at, top.id))
    assert [operation.subject for operation in back.operations][:2] == [f"n{PAGE + 4}", f"n{PAGE + 3}"]


async def test_a_long_story_is_cut_and_says_by_how_much(ledger: Ledger) -> None:
    operation = await stored(ledger)
    for number in range(STORY + 2):
        await noted(ledger, operation, n=number)
    story = await ledger.chronicle.story(operation)
    assert [event.evidence.get("n") for event in story.events] == [None, *range(STORY - 1)]
    assert story.more == 3


async def test_a_flood_of_refusals_is_recorded_in_order_up_to_a_limit(
    ledger: Ledger, database: AsyncEngine
) -> None:
    refusals = (ledger.refused(f"U{number}", "create", "not_operator", "C1") for number in range(600))
    await asyncio.gather(*refusals)
    await ledger.refused("U9", "create", "not_operator", "C1")
    async with database.connect() as connection:
        query = sa.select(events.c.actor).order_by(events.c.id)
        actors = list((await connection.execute(query)).scalars())
    assert 501 <= len(actors) < 601
    assert actors == [*(f"U{number}" for number in range(len(actors) - 1)), "U9"]


async def test_what_turned_up_later_is_known_but_not_as_news_what_is_its_own(ledger: Ledger) -> None:
    ended = await done(ledger, confirmed(), "t-0")
    operation = ended.operation.id
    assert await ledger.chronicle.late(operation) == ()
    for things in (("t-1", "t-2"), ("T-0", "t-3")):
        twins = partial(turned_up, things=tuple(Thing(id=thing) for thing in things), wake_at=None)
        await moved(ledger, operation, twins)
    answer = Done(Thing(id="t-4"), 201, None)
    await moved(ledger, operation, partial(answered_late, sent=ended, outcome=answer))
    assert await ledger.chronicle.late(operation) == ("t-1", "t-2", "t-3", "t-4")
    other = await asked(ledger, confirmed())
    assert await ledger.chronicle.late(other.operation.id) == ()
