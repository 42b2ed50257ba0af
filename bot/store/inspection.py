"""Reading the rows of operations beside what their events left, for the auditor.

Each page is one statement, so that it shows one state of the database, whatever the bot writes meanwhile.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import IN_FLIGHT, StepState
from bot.domain.records import Event
from bot.store.rows import read_events
from bot.store.rows_digest import APPROVAL, OPERATION, STEP
from bot.store.schema import approvals, claims, events, operations, resources, steps

_BATCH: Final = 500  # operations read at once, a kilobyte each
_STORY: Final = 1000  # events that are read to say what does not fit

_LEFT: Final = (
    sa.select(events.c.rows)
    .where(events.c.operation == operations.c.id, events.c.rows.is_not(None))
    .order_by(events.c.operation.desc(), events.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
# Columns by their place: names cost as much as the rest.
_STEP_AT: Final = len(OPERATION)
_APPROVAL_AT: Final = _STEP_AT + len(STEP)
_LEFT_AT: Final = _APPROVAL_AT + len(APPROVAL) + 1
_ROWS: Final = (
    sa.select(
        *(operations.c[name] for name in OPERATION),
        *(steps.c[name].label(f"step_{name}") for name in STEP),
        *(approvals.c[name].label(f"approval_{name}") for name in APPROVAL),
        approvals.c.operation.label("asked"),
        _LEFT.label("left"),
    )
    .select_from(
        operations.outerjoin(steps, steps.c.operation == operations.c.id).outerjoin(
            approvals, approvals.c.operation == operations.c.id
        )
    )
    .order_by(operations.c.id, steps.c.number)
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an operation as they are, by the columns of bot/store/rows_digest.py, in their order.

    `left` is the digest that its last event holds; None when no event tells of it.
    """

    operation: Sequence[object]
    steps: Sequence[Sequence[object]]
    approval: Sequence[object] | None
    left: str | None

    @property
    def id(self) -> str:
        """The operation's id."""
        return str(self.operation[0])


@dataclass(frozen=True, slots=True)
class Owner:
    """An operation and the records at Vobiz that are its own.

    Of its steps each has its name, whether it is done, and what it names, as stored. `held` are rows of
    `resources`: account, type and id.
    """

    operation: str
    kind: str
    account: str
    steps: tuple[tuple[str, bool, object], ...]
    held: frozenset[tuple[str, str, str]]


class Inspection:
    """What the ledger's tables hold, as it is. `reader` opens transactions that only read."""

    def __init__(self, reader: AsyncEngine) -> None:
        self._reader = reader

    async def rows(self) -> AsyncIterator[list[Rows]]:
        """Yield the rows of all operations, so many operations at a time."""
        last = ""
        while True:
            page = sa.select(operations.c.id).where(operations.c.id > last).order_by(operations.c.id)
            async with self._reader.connect() as connection:
                query = _ROWS.where(operations.c.id.in_(page.limit(_BATCH)))
                found = (await connection.execute(query)).all()
            if not found:
                return
            yield [_rows(list(mine)) for _, mine in groupby(found, key=itemgetter(0))]
            last = found[-1][0]

    async def story(self, operation: str) -> tuple[Event, ...]:
        """Return the events of an operation, oldest first."""
        mine = events.select().where(events.c.operation == operation)
        order = mine.order_by(events.c.operation, events.c.id).limit(_STORY)
        async with self._reader.connect() as connection:
            return read_events((await connection.execute(order)).mappings())

    async def without_operation(self) -> Mapping[str, Sequence[str]]:
        """Return, by table, the ids of operations that its rows name and that are not there; up to 20."""
        found = {}
        async with self._reader.connect() as connection:
            for table in (events, steps, approvals, claims, resources):
                named = sa.select(table.c.operation.label("named")).distinct()
                # Other events note what was refused, also about an operation that was never stored.
                inner = (named.where(table.c.rows.is_not(None)) if table is events else named).subquery()
                there = sa.exists().where(operations.c.id == inner.c.named)
                missing = sa.select(inner.c.named).where(~there).limit(20)
                found[table.name] = (await connection.execute(missing)).scalars().all()
        return {name: [str(one) for one in ids] for name, ids in found.items() if ids}

    async def claims(self) -> Sequence[tuple[str, str, bool, frozenset[str]]]:
        """Return what holds claims, or should: id, claims as stored, in flight, and the keys it holds."""
        flies = operations.c.state.in_(sorted(IN_FLIGHT))
        query = (
            sa.select(operations.c.id, operations.c.claims, flies, claims.c.key)
            .select_from(operations.outerjoin(claims, claims.c.operation == operations.c.id))
            .where(flies | claims.c.key.is_not(None))
            .order_by(operations.c.id)
        )
        async with self._reader.connect() as connection:
            found = (await connection.execute(query)).all()
        held = []
        for _, mine in groupby(found, key=itemgetter(0)):
            rows = list(mine)
            keys = frozenset(key for *_, key in rows if key is not None)
            held.append((str(rows[0][0]), str(rows[0][1]), bool(rows[0][2]), keys))
        return held

    async def owners(self) -> AsyncIterator[Owner]:
        """Yield each operation that has records at Vobiz, or whose steps name some."""
        query = (
            sa.select(
                *(operations.c[name] for name in ("id", "kind", "account")),
                *(steps.c[name] for name in ("name", "state", "thing")),
                *(resources.c[name].label(f"own_{name}") for name in ("account", "type", "id")),
            )
            .select_from(
                operations.join(steps, steps.c.operation == operations.c.id).outerjoin(
                    resources, resources.c.operation == operations.c.id
                )
            )
            .where(steps.c.thing.is_not(None) | resources.c.id.is_not(None))
            .order_by(operations.c.id, steps.c.number)
            .execution_options(yield_per=_BATCH)
        )
        async with self._reader.connect() as connection, connection.stream(query) as found:
            mine: list[Sequence[object]] = []
            async for row in found:
                if mine and mine[0][0] != row[0]:
                    yield _owner(mine)
                    mine = []
                mine.append(row)
            if mine:
                yield _owner(mine)

    async def late(self, operation: str) -> frozenset[str]:
        """Return the ids, casefolded, of records that were named by answers that came too late."""
        mine = (events.c.operation == operation, events.c.kind == "late_answer")
        async with self._reader.connect() as connection:
            texts = (await connection.execute(sa.select(events.c.evidence).where(*mine))).scalars().all()
        return ids_in(texts)


def ids_in(texts: Iterable[object]) -> frozenset[str]:
    """Return what stands under `id` in JSON objects, casefolded; what is no such object has none."""
    ids = (read_object(text).get("id") for text in texts)
    return frozenset(str(one).casefold() for one in ids if one is not None)


def read_object(text: object) -> Mapping[str, object]:
    """Read a JSON object; what is none, as text changed by hand may be, holds nothing."""
    try:
        value = json.loads(str(text)) if text is not None else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _owner(rows: Sequence[Sequence[object]]) -> Owner:
    id_, kind, account, *_ = map(str, rows[0])
    made = dict.fromkeys((str(row[3]), row[4] == StepState.DONE, row[5]) for row in rows)
    held = frozenset((str(row[6]), str(row[7]), str(row[8])) for row in rows if row[8] is not None)
    return Owner(id_, kind, account, tuple(made), held)


def _rows(rows: Sequence[Sequence[object]]) -> Rows:
    first = rows[0]
    made = [row[_STEP_AT:_APPROVAL_AT] for row in rows if row[_STEP_AT] is not None]
    asked = first[_LEFT_AT - 1] is not None
    approval = first[_APPROVAL_AT : _LEFT_AT - 1] if asked else None
    left = first[_LEFT_AT]
    return Rows(first[:_STEP_AT], made, approval, None if left is None else str(left))
