"""What somebody with all rights on the database may do to the record, and what `audit verify` says of it."""

import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.audit.compare import as_left
from bot.audit.export import Format
from bot.audit.report import BROKEN, UNCHECKED, WHOLE, report
from bot.audit.verify import inspect, write_out
from bot.domain.operation import Choice, State
from bot.domain.outcome import Done, Thing
from bot.domain.records import Asking, Entry
from bot.domain.reference import reference
from bot.domain.transitions.decisions import answer_question, approve, close
from bot.domain.transitions.looks import unfruitful
from bot.domain.transitions.sendings import answered_late, begin, settle
from bot.store.chain import GENESIS, Link, hashed
from bot.store.inspection import Rows
from bot.store.keys import NO_KEYS, Keys, key_id
from bot.store.ledger import Ledger
from bot.store.rows_digest import OPERATION, digest_of_rows
from bot.store.schema import approvals, claims, events, operations, resources, steps
from bot.store.writer import RecordKeyError
from tests.conftest import TurnedClock
from tests.test_ledger import asked, confirmed, done, moved, sent, stored

SECRET, OTHER = b"first-0123456789abcdefghijklmnopq", b"other-0123456789abcdefghijklmnopq"
KEYS, ROTATED, RENEWED = Keys([SECRET]), Keys([OTHER, SECRET]), Keys([OTHER])
LATER = 9_000_000_000_000


UNKEYED = pytest.mark.parametrize("keys", [NO_KEYS], ids=["no key"], indirect=True)


@pytest.fixture(params=[NO_KEYS, KEYS], ids=["no key", "key"])
def keys(request: pytest.FixtureRequest) -> Keys:
    given: Keys = request.param
    return given


@pytest.fixture
async def ledger(database: AsyncEngine, clock: TurnedClock, keys: Keys) -> Ledger:
    made = Ledger(database, clock, keys=keys)
    await made.take_up()
    return made


@pytest.fixture
async def operation(ledger: Ledger) -> str:
    """A record of seven operations in every state, of which one was approved by U0BOB and is done."""
    await ledger.refused("U9", "create", "not_operator", "C1")
    new = confirmed(asking=Asking("Launch", LATER, 5), subject="Sales")
    record = await stored(ledger, new)
    await moved(ledger, new.id, partial(approve, bound=record.digest, actor="U0BOB"))
    sending = await moved(ledger, new.id, begin)
    made = Done(Thing(id="T-77", data={"domain": "77.sip.vobiz.ai"}), 201, None)
    await moved(ledger, new.id, partial(settle, sent=sending, outcome=made, resource="trunk"))
    await stored(ledger, confirmed(break_glass="Fire"))
    await sent(ledger, confirmed())
    denied = await stored(ledger, confirmed(asking=Asking("Please", LATER)))
    no = partial(close, end=State.DENIED, actor="U0BOB", denial="Not now")
    await moved(ledger, denied.operation.id, no)
    question = await asked(ledger, confirmed())
    ended = partial(answer_question, choice=Choice.GIVE_UP, actor="U0OMAR", asked=question.operation.round)
    await moved(ledger, question.operation.id, ended)
    await asked(ledger, confirmed())
    await done(ledger, confirmed(), "t-2")
    return new.id


async def unlocked(database: AsyncEngine, *statements: str) -> None:
    """Change the record as someone with all rights on the database could."""
    async with database.begin() as connection:
        await unlock(connection)
        for statement in statements:
            await connection.execute(sa.text(statement))


async def unlock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete", "replace"):
            await connection.execute(sa.text(f"DROP TRIGGER IF EXISTS events_no_{verb}"))
        await connection.execute(sa.text("PRAGMA ignore_check_constraints = ON"))
        return
    await connection.execute(sa.text("ALTER TABLE events DISABLE TRIGGER events_append_only"))
    for name in ("after_the_first", "sealed_with_a_key"):
        await connection.execute(sa.text(f"ALTER TABLE events DROP CONSTRAINT IF EXISTS {name}"))


async def verified(database_url: str, keys: Keys, head: str | None = None) -> tuple[str, int]:
    return report(await inspect(database_url, keys, head), keys, head)


@asynccontextmanager
async def put_back(database: AsyncEngine) -> AsyncIterator[None]:
    """Let the tables be changed, and have them afterwards as they were."""
    tables = (events, operations, steps, approvals, claims, resources)
    async with database.connect() as connection:
        kept = [(await connection.execute(table.select())).mappings().all() for table in tables]
    yield
    async with database.begin() as connection:
        await unlock(connection)
        for table, rows in zip(tables, kept, strict=True):
            await connection.execute(table.delete())
            await connection.execute(table.insert(), list(map(dict, rows)))


async def links(database: AsyncEngine) -> list[Link]:
    async with database.connect() as connection:
        query = sa.select(*(events.c[name] for name in Link._fields)).order_by(events.c.id)
        return [Link(*row) for row in (await connection.execute(query)).all()]


# --- what is whole ------------------------------------------------------------------------------


async def test_whatever_happens_to_operations_the_record_is_whole(
    database_url: str, ledger: Ledger, operation: str, keys: Keys
) -> None:
    record = await ledger.get(operation)
    assert record is not None
    unclear = await asked(ledger, confirmed())
    await moved(ledger, unclear.operation.id, partial(unfruitful, began=unclear, wake_at=None))
    await ledger.note(operation, Entry("bot", "delivery", {}))
    words, code = await verified(database_url, keys)
    assert code == WHOLE
    assert "The rows of 8 operations are as their events left them." in words
    if keys.name is None:
        assert "whoever may write to the database could have written all of it" in words
    else:
        assert f"events from event 1 (2027-01-15 08:00 UTC) on are sealed with the key {keys.name}." in words


async def test_an_empty_record_is_whole_and_one_with_a_key_is_never_empty(
    database: AsyncEngine, database_url: str, clock: TurnedClock
) -> None:
    assert (await verified(database_url, NO_KEYS))[1] == WHOLE
    words, code = await verified(database_url, KEYS)
    assert (code, "either none was started with it yet" in words) == (BROKEN, True)
    await Ledger(database, clock, keys=KEYS).take_up()
    assert (await verified(database_url, KEYS))[1] == WHOLE


# --- events -------------------------------------------------------------------------------------

INSERT = (
    "INSERT INTO events (id, operation, at, actor, kind, state, evidence, rows, previous, hash, key, seal) "
    "SELECT {id}, operation, at, 'U0BOB', 'approved', state, evidence, rows, {previous}, hash, {key} "
    "FROM events WHERE id = 4"
)
SWAP = (
    "UPDATE events SET id = 1000 WHERE id = 4",
    "UPDATE events SET id = 4 WHERE id = 5",
    "UPDATE events SET id = 5 WHERE id = 1000",
)
GAP = "UPDATE events SET id = id + 1000 WHERE id > 5"


# What is done to the events, and which of them is named first.
DONE: dict[tuple[str, ...], int] = {
    ("UPDATE events SET actor = 'U2' WHERE id = 3",): 3,
    ("UPDATE events SET evidence = '{}' WHERE id = 3",): 3,
    ("UPDATE events SET rows = NULL WHERE id = 3",): 3,
    ("UPDATE events SET hash = previous WHERE id = 3",): 3,
    ("DELETE FROM events WHERE id = 3",): 4,
    ("DELETE FROM events WHERE id < 3",): 3,
    (INSERT.format(id=0, previous="previous", key="key, seal"),): 0,
    (INSERT.format(id=-1, previous=f"'{GENESIS}'", key="key, seal"),): -1,
    (GAP, INSERT.format(id=7, previous="hash", key="key, seal")): 7,
    (INSERT.format(id=1000, previous="previous", key="key, seal"),): 1000,
    SWAP: 4,
}


async def test_a_change_of_events_by_hand_is_found(
    database: AsyncEngine, database_url: str, operation: str, keys: Keys
) -> None:
    assert operation
    for statements, event in DONE.items():
        async with put_back(database):
            await unlocked(database, *statements)
            words, code = await verified(database_url, keys)
        assert code == BROKEN, statements
        assert words.startswith(f"The record is broken at event {event} ("), statements


@UNKEYED
async def test_an_id_below_the_first_is_followed_though_it_fits(
    database: AsyncEngine, database_url: str, operation: str
) -> None:
    """The forged event follows nothing, and so it is the real first one that follows it no more."""
    assert operation
    first = (await links(database))[0]
    event = first._replace(id=-1, actor="U0BOB")
    made = event._replace(hash=hashed(GENESIS, event._asdict()))
    async with database.begin() as connection:
        await unlock(connection)
        await connection.execute(events.insert(), made._asdict())
    words, code = await verified(database_url, NO_KEYS)
    assert code == BROKEN
    assert "broken at event 1 " in words


async def test_a_record_that_was_emptied_is_told_from_one_that_never_had_anything(
    database: AsyncEngine, database_url: str, operation: str, keys: Keys
) -> None:
    head = (await links(database))[-1].hash
    await unlocked(
        database, "TRUNCATE events" if database.dialect.name == "postgresql" else "DELETE FROM events"
    )
    words, code = await verified(database_url, keys)
    assert code == BROKEN
    assert f"{reference(operation)}: no event tells of it" in words
    tables = ("operations", "steps", "approvals", "claims", "resources")
    await unlocked(database, *(f"DELETE FROM {table}" for table in tables))
    assert (await verified(database_url, keys))[1] == (BROKEN if keys.ids else WHOLE)
    words, code = await verified(database_url, keys, head)
    assert (code, f"None of the 0 events has the hash {head}" in words) == (BROKEN, True)


async def test_an_end_that_was_cut_off_is_found_by_a_head_from_before_and_by_the_rows(
    database: AsyncEngine, database_url: str, operation: str, keys: Keys
) -> None:
    assert operation
    before = await links(database)
    head, older = before[-1].hash, before[-3].hash
    assert (await verified(database_url, keys, older))[1] == WHOLE
    await unlocked(database, f"DELETE FROM events WHERE id = {before[-1].id}")
    words, code = await verified(database_url, keys)
    assert code == BROKEN
    assert "the state: the row says done, the events running" in words
    assert f"has the hash {head}" in (await verified(database_url, keys, head))[0]
    assert f"has the hash {older}" not in (await verified(database_url, keys, older))[0]


def rewritten(record: list[Link], start: int, with_keys: Keys) -> list[Link]:
    """Write a chain anew from one event on, with other people in it."""
    head, made = record[start].previous, []
    for link in record[start:]:
        event = link._replace(actor="U0EVE", previous=head)
        head = hashed(head, event._asdict())
        made.append(event._replace(hash=head, **with_keys.seal(head)))
    return made


async def test_a_chain_that_was_written_anew_is_found_with_a_key_alone(
    database: AsyncEngine, database_url: str, operation: str, keys: Keys
) -> None:
    assert operation
    record = await links(database)
    head = record[-1].hash
    for start, forger in ((0, NO_KEYS), (0, RENEWED), (4, NO_KEYS), (4, RENEWED)):
        async with put_back(database):
            async with database.begin() as connection:
                await unlock(connection)
                for link in rewritten(record, start, forger):
                    await connection.execute(events.update().where(events.c.id == link.id), link._asdict())
            trail = (await inspect(database_url, keys)).trail
            words, code = await verified(database_url, keys)
            with_head, _ = await verified(database_url, keys, head)
        assert f"has the hash {head}" in with_head
        if not keys.ids:  # nothing in the database shows it: only what is kept elsewhere does
            assert trail.misfits == 0
            continue
        assert code == BROKEN
        if start:
            assert (trail.broken[0].link.id, trail.misfits) == (5, len(record) - 4)
        else:
            assert f"None of the {len(record)} events is sealed with TRUNK_AUDIT_KEY" in words


async def test_a_fitting_event_can_be_appended_only_where_the_record_is_not_sealed(
    database: AsyncEngine, database_url: str, ledger: Ledger, operation: str, keys: Keys
) -> None:
    last = (await links(database))[-1]
    forged = last._replace(id=last.id + 1, operation=operation, actor="U0BOB", kind="approved", state=None)
    forged = forged._replace(rows=None, previous=last.hash, key=None, seal=None)
    forged = forged._replace(hash=hashed(last.hash, forged._asdict()))
    async with database.begin() as connection:  # without any other right
        await connection.execute(events.insert(), forged._asdict())
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.text("SELECT nextval('events_id_seq')"))
    assert (await verified(database_url, keys))[1] == (BROKEN if keys.ids else WHOLE)
    await ledger.note(operation, Entry("bot", "delivery", {}))
    words, code = await verified(database_url, keys)
    if keys.ids:
        assert code == BROKEN
        assert words.startswith(f"The record is broken at event {forged.id} (approved")
        assert "written without the key" in words
    else:
        assert code == WHOLE


# --- keys ---------------------------------------------------------------------------------------


async def test_a_record_that_began_without_a_key_is_sealed_from_then_on(
    database: AsyncEngine, database_url: str, clock: TurnedClock
) -> None:
    await stored(Ledger(database, clock), confirmed())
    await stored(Ledger(database, clock), confirmed())
    ledger = Ledger(database, clock, keys=KEYS)
    await ledger.take_up()
    await ledger.take_up()
    await stored(ledger, confirmed())
    words, code = await verified(database_url, KEYS)
    assert code == WHOLE
    assert "Its first 2 events are not sealed; since event 3 (2027-01-15 08:00 UTC) nobody without" in words
    assert f"2 events from event 3 (2027-01-15 08:00 UTC) on are sealed with the key {KEYS.name}." in words
    told = (await links(database))[2]
    assert (told.kind, json.loads(told.evidence)) == ("keyed", {"key": KEYS.name, "before": None})
    await unlocked(database, "UPDATE events SET actor = 'U2' WHERE id = 1")
    assert (await verified(database_url, KEYS))[1] == BROKEN


async def test_a_key_is_rotated_and_what_the_old_one_sealed_stays_proven(
    database: AsyncEngine, database_url: str, clock: TurnedClock
) -> None:
    for keys in (KEYS, ROTATED, RENEWED):
        ledger = Ledger(database, clock, keys=keys)
        await ledger.take_up()
        await stored(ledger, confirmed())
    for keys in (ROTATED, RENEWED):
        words, code = await verified(database_url, keys)
        assert code == WHOLE
    assert (
        f"2 events from event 1 (2027-01-15 08:00 UTC) on are sealed with the key {KEYS.name}, which "
        in words
    )
    words, code = await verified(database_url, NO_KEYS)
    assert code == UNCHECKED
    assert "The seals of the last 5 events could not be checked: set TRUNK_AUDIT_KEY to their key." in words
    assert (await verified(database_url, KEYS))[1] == BROKEN
    await unlocked(database, "UPDATE events SET seal = hash WHERE id = 5")
    assert "Its seal is not one of the key that it names" in (await verified(database_url, RENEWED))[0]


async def test_whoever_lacks_the_key_writes_nothing_and_says_so(
    database: AsyncEngine, database_url: str, clock: TurnedClock
) -> None:
    early = [Ledger(database, clock), Ledger(database, clock, keys=RENEWED)]
    await stored(early[0], confirmed())
    assert [await ledger.alive() for ledger in early] == [None, None]
    sealing = Ledger(database, clock, keys=KEYS)
    await sealing.take_up()
    for ledger, has in zip(early, ("is not set", f"holds {key_id(OTHER)}"), strict=True):
        with pytest.raises(RecordKeyError, match=has):
            await ledger.take_up()
        with pytest.raises(RecordKeyError, match=has):
            await ledger.note("", Entry("bot", "delivery", {}))
        assert has in str(await ledger.alive())
    rotating = Ledger(database, clock, keys=ROTATED)
    await rotating.take_up()
    await stored(sealing, confirmed())  # in a deploy old and new work side by side
    assert await sealing.alive() is None
    assert (await verified(database_url, ROTATED))[1] == WHOLE
    assert len(await links(database)) == 4


# --- operations ---------------------------------------------------------------------------------

UNSPELLED = "it differs in what no event spells out"
# What is changed of the operation's rows, in which table, and what is said of it.
CHANGES = {
    "operations": {
        "requester = 'U0EVE'": "the requester: the row says U0EVE, the events U1",
        "kind = 'delete_trunk'": "the kind: the row says delete_trunk, the events toy",
        """request = '{"label":"Sales","sides":9}'""": "“sides” of the request: the row says 9, the events 1",
        "request = 'x'": "“sides” of the request: the row says nothing, the events 1",
        "state = 'denied'": "the state: the row says denied, the events done",
        "subject = 'Other'": "the subject 'Other' is not what searches find it by, 'sales'",
        "ref = '0000-0000'": "the reference: the row says 0000-0000, the events ",
        **dict.fromkeys(
            (
                *("seen = '{}'", "account = 'MA_2'", "team = 'T2'", "channel = 'C2'", "version = 2"),
                *(
                    "digest = 'x'",
                    "likeness = 'x'",
                    "standing = 'denied'",
                    "asking = NOT asking",
                    "round = 9",
                ),
                *("decision = 'send_again'", "claims = '[]'", "created_at = 1", "updated_at = 1"),
                *("snapshot = 's-9'", "subject = 'Other', folded = 'other'", "proof = '{}'"),
            ),
            UNSPELLED,
        ),
    },
    "steps": {
        """thing = '{"data":{},"id":"t-78"}'""": "what it made at Vobiz: the row says t-78, the",
        """thing = '{"data":{"domain":"evil.example"},"id":"T-77"}'""": UNSPELLED,
        "decided_by = 'U0BOB'": "who decided: the row says U0BOB, the events nothing",
        **dict.fromkeys(
            (
                *("state = 'unknown'", "name = 'x'", "sent_at = 1", "began_at = 1", "sendings = 2"),
                *("number = 7", "found = 'person'", "refusal = '{}'", "reason = 'x'", "look = '{}'"),
            ),
            UNSPELLED,
        ),
    },
    "approvals": {
        "decided_by = 'U0EVE'": "who decided about the approval: the row says U0EVE, the events U0BOB",
        "note = 'x'": "the reason: the row says x, the events Launch",
        "break_glass = NOT break_glass": "whether approval was skipped: the row says True, the events False",
        "expires_at = 1": "until when: the row says 1970-01-01T00:00:00+00:00, the events 2255-",
        "denial = 'x'": "why it was denied: the row says x, the events nothing",
        **dict.fromkeys(("above = 9", "decided_at = 1"), UNSPELLED),
    },
}
MORE = {
    "DELETE FROM steps WHERE operation = :id": ("what it made at Vobiz: the row says nothing",),
    "DELETE FROM approvals WHERE operation = :id": ("its approval is gone",),
    "DELETE FROM operations WHERE id = :id": (
        "events tell of operations that are not there",
        "there are steps of operations that are not there",
        "there are approvals of operations that are not there",
        "there are records at Vobiz of operations that are not there",
    ),
    "INSERT INTO claims VALUES ('x', :id)": ("has ended, and holds claims: others are refused for it",),
    "INSERT INTO resources VALUES ('MA_1', 'trunk', 't-78', :id, 1)": (
        "t-78 at Vobiz is said to be its own",
    ),
}


def changes() -> Iterator[tuple[str, tuple[str, ...]]]:
    for table, columns in CHANGES.items():
        key = "id" if table == "operations" else "operation"
        for change, words in columns.items():
            yield f"UPDATE {table} SET {change} WHERE {key} = :id", (words,)
    yield from MORE.items()


@UNKEYED
async def test_a_row_that_was_changed_by_hand_is_told_by_reference(
    database: AsyncEngine, database_url: str, operation: str
) -> None:
    for statement, told in changes():
        async with put_back(database):
            async with database.begin() as connection:
                text = sa.text(re.sub(r'"(\w+)":', r'"\1"\\:', statement))
                await connection.execute(text, {"id": operation})
            said, code = await verified(database_url, NO_KEYS)
        assert code == BROKEN, statement
        for words in told:
            lines = [line for line in said.splitlines() if words in line]
            assert [line.split(": ")[0] for line in lines] == [f"  {reference(operation)}"], statement
    assert (await verified(database_url, NO_KEYS))[1] == WHOLE


@UNKEYED
async def test_claims_that_were_taken_away_or_changed_are_told(
    database: AsyncEngine, database_url: str, operation: str
) -> None:
    assert operation
    one = "(SELECT min(key) FROM claims)"
    for changed in ("DELETE FROM claims", f"UPDATE claims SET key = 'x' WHERE key = {one}"):
        async with put_back(database):
            async with database.begin() as connection:
                await connection.execute(sa.text(changed))
            words, code = await verified(database_url, NO_KEYS)
        assert code == BROKEN
        assert "is in flight, and does not hold just what it claims" in words


@UNKEYED
async def test_a_database_that_would_let_events_be_changed_is_told_of(
    database: AsyncEngine, database_url: str, operation: str
) -> None:
    assert operation
    loose = "does not refuse to change events any more"
    assert loose not in (await verified(database_url, NO_KEYS))[0]
    await unlocked(database)
    words, code = await verified(database_url, NO_KEYS)
    assert (code, loose in words) == (WHOLE, True)


def trunks(kind: str, step: str) -> str | None:
    """Say what the steps of the tests' kind make."""
    return "trunk" if (kind, step) == ("toy", "toy") else None


OWNED = {
    "DELETE FROM resources WHERE operation = :id": "t-77 at Vobiz is its own, and the table",
    "UPDATE resources SET operation = 'x' WHERE operation = :id": "t-77 at Vobiz is its own, and the table",
    "UPDATE resources SET account = 'MA_9' WHERE operation = :id": "the account of t-77 at Vobiz: the row",
    "UPDATE resources SET type = 'number' WHERE operation = :id": "what t-77 at Vobiz is: the row",
}


@UNKEYED
async def test_a_record_at_vobiz_that_was_made_free_for_others_is_told(
    database: AsyncEngine, database_url: str, operation: str
) -> None:
    for statement, told in OWNED.items():
        async with put_back(database):
            async with database.begin() as connection:
                await connection.execute(sa.text(statement), {"id": operation})
            words, code = report(await inspect(database_url, makes=trunks), NO_KEYS, None)
        assert code == BROKEN, statement
        assert f"  {reference(operation)}: {told}" in words
    assert report(await inspect(database_url, makes=trunks), NO_KEYS, None)[1] == WHOLE


@UNKEYED
async def test_a_record_that_only_a_late_answer_named_is_its_operations(
    database_url: str, ledger: Ledger
) -> None:
    question = await asked(ledger, confirmed())
    ended = partial(answer_question, choice=Choice.GIVE_UP, actor="U0OMAR", asked=question.operation.round)
    await moved(ledger, question.operation.id, ended)
    late = Done(Thing(id="T-99"), 201, None)
    told = partial(answered_late, sent=question, outcome=late, resource="trunk")
    await moved(ledger, question.operation.id, told)
    words, code = report(await inspect(database_url, makes=trunks), NO_KEYS, None)
    assert code == WHOLE, words


# What no event of the bot's ever holds. Bytes fit into any column of SQLite's.
ODD = {
    "UPDATE events SET seal = 'é'": "Its seal is not one of the key that it names",
    "UPDATE events SET at = 99999999999999999": "It does not fit its own hash",
    "UPDATE events SET kind = :steers": r"(\x1b[2J\nThe record is whole",
    "UPDATE operations SET requester = :steers": r"the requester: the row says \x1b[2J\nThe record is whole",
}
ODD_IN_SQLITE = {
    "UPDATE events SET at = 'soon'": "It does not fit its own hash",
    **dict.fromkeys(
        (f"UPDATE events SET {name} = x'ff'" for name in ("operation", "actor", "evidence", "rows", "hash")),
        "It does not fit its own hash",
    ),
    "UPDATE events SET previous = x'ff'": "It does not follow the event before it",
    "UPDATE events SET key = x'ff', seal = x'ff'": "is sealed",
    **dict.fromkeys(
        (f"UPDATE operations SET {name} = x'ff'" for name in ("request", "seen", "subject", "claims")),
        "times the tables do not fit",
    ),
    "UPDATE steps SET thing = x'ff'": "what it made at Vobiz: the row says nothing, the events t-77",
    "UPDATE approvals SET expires_at = 9000000000000000000": "until when: the row says 9000000000000000000",
    "UPDATE approvals SET note = x'ff'": "the reason: the row says",
    "UPDATE resources SET operation = x'ff' WHERE id = 't-77'": "there are records at Vobiz of",
}


@pytest.mark.parametrize("keys", [KEYS], ids=["key"], indirect=True)
async def test_what_no_bot_would_write_is_told_and_written_out_and_steers_no_terminal(
    database: AsyncEngine, database_url: str, operation: str, keys: Keys
) -> None:
    assert operation
    sqlite = database.dialect.name == "sqlite"
    for statement, told in (ODD | (ODD_IN_SQLITE if sqlite else {})).items():
        async with put_back(database):
            async with database.begin() as connection:
                await unlock(connection)
                steers = {"steers": "\x1b[2J\nThe record is whole"} if ":steers" in statement else {}
                await connection.execute(sa.text(statement), steers)
            words, code = await verified(database_url, keys)
            for style in Format:
                await write_out(database_url, style, io.StringIO(), 0, None)
        assert (code, told in words) == (BROKEN, True), (statement, words)
        assert words.isprintable() or set(filter(lambda sign: not sign.isprintable(), words)) == {"\n"}
        assert not any(line.startswith("The record is whole") for line in words.splitlines())


@UNKEYED
async def test_an_operation_that_was_added_by_hand_is_told(
    database: AsyncEngine, database_url: str, operation: str
) -> None:
    async with database.begin() as connection:
        row = (await connection.execute(operations.select().where(operations.c.id == operation))).one()
        await connection.execute(operations.insert(), row._asdict() | {"id": "f" * 32, "ref": "ZZZZ-ZZZZ"})
    words, code = await verified(database_url, NO_KEYS)
    assert code == BROKEN
    assert "ZZZZ-ZZZZ: no event tells of it: the row was added, or its events were removed" in words


@UNKEYED
async def test_many_differences_are_counted_and_the_first_are_named(
    database: AsyncEngine, database_url: str, ledger: Ledger
) -> None:
    for _ in range(25):
        await stored(ledger, confirmed())
    async with database.begin() as connection:
        await connection.execute(operations.update().values(requester="U0EVE"))
    words, code = await verified(database_url, NO_KEYS)
    assert code == BROKEN
    assert words.startswith("25 times the tables do not fit what the events say:\n")
    assert words.count("the row says U0EVE") == 20
    assert words.endswith("  … and 5 more\n")


def test_an_operation_that_an_older_version_left_is_compared_by_the_columns_of_that_version() -> None:
    asked = [f"{number}" for number in range(len(OPERATION))]
    left = digest_of_rows(asked, [], None, "1")
    assert as_left(Rows(asked, [], None, left))
    assert not as_left(Rows(["other", *asked[1:]], [], None, left))
    # That version knew nothing of what is seen of a trunk.
    assert as_left(Rows([*asked[:-1], "seen later"], [], None, left))
    assert not as_left(Rows(asked, [], None, left.replace("1:", "2:", 1)))
    assert not as_left(Rows(asked, [], None, left.replace("1:", "9:", 1)))
