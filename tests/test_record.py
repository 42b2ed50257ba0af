"""The record on SQLite and on Postgres: chained whoever writes at once, found again by any query."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncEngine

import bot
from bot.commands.history_query import PAGE, ByName, ByPerson, ByState, Cursor, Everything, Search
from bot.domain.operation import Direction, State, TrunkRequest, new_operation_id
from bot.domain.records import NewOperation
from bot.store.accept import Stored
from bot.store.chain import Broken, Intact, Misfit, verify
from bot.store.database import migrate, open_engine
from bot.store.events import Limit, TooLate
from bot.store.ledger import Ledger
from bot.store.schema import events
from bot.store.search import STORY, Chronicle
from tests.conftest import TurnedClock

FAR = Limit(9e12)


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


async def stored(ledger: Ledger, name: str = "Sales", user: str = "U1") -> str:
    """Store an operation; the same name again is another limit, since twins are refused."""
    new = NewOperation(
        id=new_operation_id(),
        request=TrunkRequest(name, Direction.OUTBOUND, 1),
        account=new_operation_id(),
        team="T1",
        channel="C1",
        requester=user,
    )
    assert isinstance(await ledger.accept(new, FAR), Stored)
    return new.id


async def followed(chronicle: Chronicle) -> Intact | Broken:
    return verify([link async for links in chronicle.batches() for link in links])


async def found(ledger: Ledger, search: Search, owner: str | None = None) -> list[str]:
    page = await ledger.chronicle.page(search, owner)
    return [operation.request.name for operation in page.operations]


async def test_every_event_is_in_the_chain(ledger: Ledger) -> None:
    operation = await stored(ledger)
    await ledger.move(operation, State.ACCEPTED, State.SENDING, actor="bot", evidence={"é": "\x00\ud800"})
    await ledger.note(operation, "bot", "delivery", {})
    await ledger.refused("U9", "create", "not_operator", "C1")
    whole = await followed(ledger.chronicle)
    assert isinstance(whole, Intact)
    assert whole.count == 4


async def test_many_who_write_at_once_make_one_chain(database: AsyncEngine, clock: TurnedClock) -> None:
    instances = [Ledger(database, clock) for _ in range(3)]
    operations = await asyncio.gather(*(stored(ledger, f"n{n}") for n in range(6) for ledger in instances))
    await asyncio.gather(
        *(ledger.note(operation, "bot", "delivery", {}) for operation in operations for ledger in instances),
        *(
            ledger.move(operation, State.ACCEPTED, State.SENDING, actor="bot", evidence={})
            for operation in operations
            for ledger in instances
        ),
    )
    assert isinstance(whole := await followed(instances[0].chronicle), Intact)
    assert whole.count == 18 + 54 + 18


async def test_what_was_rolled_back_is_no_link(ledger: Ledger, clock: TurnedClock) -> None:
    await stored(ledger)
    new = NewOperation(new_operation_id(), TrunkRequest("late", Direction.INBOUND, 1), "M", "T", "C", "U")
    clock.tick = 1.0
    assert await ledger.accept(new, Limit(clock.time + 2.5)) == TooLate()
    clock.tick = 0.0
    await stored(ledger)
    assert isinstance(whole := await followed(ledger.chronicle), Intact)
    assert whole.count == 2


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


async def unlocked(database: AsyncEngine, *statements: str) -> None:
    """Change the record as someone with all rights on the database could."""
    async with database.begin() as connection:
        if connection.dialect.name == "sqlite":
            for verb in ("update", "delete"):
                await connection.execute(sa.text(f"DROP TRIGGER events_no_{verb}"))
        else:
            await connection.execute(sa.text("ALTER TABLE events DISABLE TRIGGER events_append_only"))
        for statement in statements:
            await connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("statement", "event", "misfit"),
    [
        ("UPDATE events SET actor = 'U2' WHERE id = 3", 3, Misfit.CONTENT),
        ("UPDATE events SET evidence = '{}' WHERE id = 3", 3, Misfit.CONTENT),
        ("UPDATE events SET hash = previous WHERE id = 3", 3, Misfit.CONTENT),
        ("DELETE FROM events WHERE id = 3", 4, Misfit.ORDER),
        ("DELETE FROM events WHERE id < 3", 3, Misfit.ORDER),
    ],
    ids=["actor", "evidence", "hash", "deletion", "the beginning cut off"],
)
async def test_a_change_by_hand_is_found(
    ledger: Ledger, database: AsyncEngine, statement: str, event: int, misfit: Misfit
) -> None:
    for number in range(5):
        await stored(ledger, f"n{number}")
    await unlocked(database, statement)
    broken = await followed(ledger.chronicle)
    assert isinstance(broken, Broken)
    assert (broken.link.id, broken.misfit) == (event, misfit)


@pytest.mark.parametrize("verb", ["UPDATE events SET actor = 'x'", "DELETE FROM events"])
async def test_a_refusal_is_as_unchangeable_as_any_event(
    ledger: Ledger, database: AsyncEngine, verb: str
) -> None:
    await ledger.refused("U9", "create", "not_operator", "C1")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        async with database.begin() as connection:
            await connection.execute(sa.text(verb))


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


# --- the migration ------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
async def older(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A database as version 0001 left it, with 2,500 events."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/older.db"
    else:
        server = request.getfixturevalue("postgres")
        server.psql("DROP DATABASE IF EXISTS older WITH (FORCE)")
        server.psql("CREATE DATABASE older")
        given = sa.make_url(server.get_uri("older")).set(drivername="postgresql+psycopg")
        url = given.render_as_string(hide_password=False)
    engine = open_engine(url)

    def upgrade(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(bot.__file__).parent / "store" / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        operation = {
            "id": "a" * 32, "ref": "X", "state": "accepted", "account": "M", "name": "Ärger",
            "direction": "inbound", "calls": 1, "team": "T", "channel": "C", "requester": "U",
            "created_at": 1, "updated_at": 1, "asking": False, "round": 0, "told": True, "moved_by": "p",
        }  # fmt: skip
        columns = ", ".join(operation)
        values = ", ".join(f":{name}" for name in operation)
        await connection.execute(sa.text(f"INSERT INTO operations ({columns}) VALUES ({values})"), operation)
        event = (
            "INSERT INTO events (operation, at, actor, kind, state, evidence) "
            "VALUES (:operation, :at, 'bot', 'delivery', NULL, '{}')"
        )
        rows = [{"operation": "a" * 32, "at": number} for number in range(2500)]
        await connection.execute(sa.text(event), rows)
    yield engine
    await engine.dispose()


async def test_what_was_there_before_is_chained_and_found(older: AsyncEngine, clock: TurnedClock) -> None:
    await asyncio.gather(migrate(older), migrate(older))
    ledger = Ledger(older, clock)
    await ledger.note("a" * 32, "bot", "delivery", {})
    assert isinstance(whole := await followed(ledger.chronicle), Intact)
    assert whole.count == 2501
    assert await found(ledger, ByName("äRG")) == ["Ärger"]
    for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            async with older.begin() as connection:
                await connection.execute(sa.text(statement))


async def test_an_event_without_a_hash_is_refused(database: AsyncEngine) -> None:
    statement = "INSERT INTO events (operation, at, actor, kind, evidence) VALUES ('', 1, 'x', 'x', '{}')"
    with pytest.raises(sa.exc.IntegrityError):
        async with database.begin() as connection:
            await connection.execute(sa.text(statement))


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


async def test_operations_are_found_by_person_and_state_and_by_their_owner(
    ledger: Ledger, clock: TurnedClock
) -> None:
    first = await stored(ledger, "first", "U1")
    clock.time += 1
    await stored(ledger, "second", "U2")
    await ledger.move(first, State.ACCEPTED, State.SENDING, actor="bot", evidence={})
    assert await found(ledger, Everything()) == ["second", "first"]
    assert await found(ledger, ByPerson("U1")) == ["first"]
    assert await found(ledger, ByState(State.SENDING)) == ["first"]
    assert await found(ledger, Everything(), "U2") == ["second"]
    assert await found(ledger, ByPerson("U1"), "U2") == []
    assert await found(ledger, ByState(State.SENDING), "U2") == []
    assert await found(ledger, ByName("first"), "U2") == []


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
    assert [operation.request.name for operation in second.operations] == [f"n{n}" for n in range(4, -1, -1)]
    top = second.operations[0]
    back = await ledger.chronicle.page(Everything(), None, Cursor("newer", top.created_at, top.id))
    assert [operation.request.name for operation in back.operations][:2] == [f"n{PAGE + 4}", f"n{PAGE + 3}"]


async def test_a_long_story_is_cut_and_says_by_how_much(ledger: Ledger) -> None:
    operation = await stored(ledger)
    for number in range(STORY + 2):
        await ledger.note(operation, "bot", "delivery", {"n": number})
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
