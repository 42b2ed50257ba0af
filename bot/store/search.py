"""Reading the record: pages of operations, one operation's story, all events in order."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.commands.history_query import PAGE, ByName, ByPerson, ByState, Cursor, Everything, Search, folded
from bot.domain.history import Page, Story
from bot.domain.operation import Operation
from bot.store.chain import Link
from bot.store.rows import read_events, read_records
from bot.store.schema import POSTGRES, events, operations, steps

STORY: Final = 40  # events of one operation that are shown
_BATCH: Final = 1000  # events read at once; a batch is half a megabyte
_LINKS: Final = sa.select(*(events.c[name] for name in Link._fields))
_PLAIN: Final = frozenset({int, str, type(None)})


class Chronicle:
    """What was written, for people to read. `reader` opens transactions that only read."""

    def __init__(self, reader: AsyncEngine) -> None:
        self._reader = reader

    async def page(self, search: Search, owner: str | None = None, cursor: Cursor | None = None) -> Page:
        """Return a page of what is found, of `owner`'s own operations only when one is given.

        Pages are found by their neighbour, not by counting: what is added meanwhile shifts none, and the
        thousandth costs what the first does.
        """
        where = self._where(search, owner)
        if cursor is not None and cursor.way == "newer":
            found = await self._rows(where, cursor)
            # A first page that is not full would hide what belongs on it.
            if len(found) > PAGE:
                return Page(tuple(reversed(found[:PAGE])), older=True, newer=True)
            cursor = None
        found = await self._rows(where, cursor)
        return Page(tuple(found[:PAGE]), older=len(found) > PAGE, newer=cursor is not None)

    async def story(self, operation: str) -> Story:
        """Return the first events of an operation."""
        mine = events.c.operation == operation
        first = events.select().where(mine).order_by(events.c.id).limit(STORY)
        count = sa.select(sa.func.count()).select_from(events).where(mine)
        async with self._reader.connect() as connection:
            rows = (await connection.execute(first)).mappings().all()
            total = (await connection.execute(count)).scalar_one()
        return Story(read_events(rows), total - len(rows))

    async def late(self, operation: str) -> tuple[str, ...]:
        """Return the ids, oldest first, of what turned up after it had moved on, but for its result."""
        turned_up = events.c.kind.in_(("late_twin", "late_answer"))
        query = sa.select(events.c.evidence).where(events.c.operation == operation, turned_up)
        own = sa.select(steps.c.thing).where(steps.c.operation == operation, steps.c.thing.is_not(None))
        async with self._reader.connect() as connection:
            texts = (await connection.execute(query.order_by(events.c.id))).scalars().all()
            things = (await connection.execute(own)).scalars().all() if texts else ()
        known = {str(thing["id"]).casefold() for thing in map(json.loads, things)}
        found: dict[str, None] = {}
        for said in map(json.loads, texts):
            found |= dict.fromkeys([said["id"]] if said.get("id") else said.get("candidates", ()))
        return tuple(one for one in found if one.casefold() not in known)

    async def batches(self, since: int | None = None, until: int | None = None) -> AsyncIterator[list[Link]]:
        """Yield events in their order, so many at a time; between `since` and `until` (ms), if given.

        Each batch is a short read of its own: events are only ever added at the end, so what is read is
        one record, and no long transaction holds the database up.
        """
        last: int | None = None
        query = _LINKS.order_by(events.c.id).limit(_BATCH)
        if since is not None:
            query = query.where(events.c.at >= since)
        if until is not None:
            query = query.where(events.c.at < until)
        while True:
            page = query if last is None else query.where(events.c.id > last)
            async with self._reader.connect() as connection:
                rows = (await connection.execute(page)).all()
            if not rows:
                return
            yield [_link(row) for row in rows]
            last = rows[-1].id

    def _where(self, search: Search, owner: str | None) -> list[sa.ColumnElement[bool]]:
        where = [] if owner is None else [operations.c.requester == owner]
        match search:
            case Everything():
                pass
            case ByName(text):
                # A position, not a pattern: nothing in the text is a wildcard.
                position = sa.func.strpos if self._reader.dialect.name == POSTGRES else sa.func.instr
                where.append(position(operations.c.folded, folded(text)) > 0)
            case ByPerson(user):
                where.append(operations.c.requester == user)
            case ByState(standing, kind):
                where.append(operations.c.standing == standing.value)
                if kind is not None:
                    where.append(operations.c.kind == kind)
        return where

    async def _rows(self, where: Sequence[sa.ColumnElement[bool]], cursor: Cursor | None) -> list[Operation]:
        """Return one more than a page holds, from the cursor on, in its direction."""
        place = sa.tuple_(operations.c.created_at, operations.c.id)
        newer = cursor is not None and cursor.way == "newer"
        order = [
            column.asc() if newer else column.desc() for column in (operations.c.created_at, operations.c.id)
        ]
        if cursor is not None:
            here = sa.tuple_(sa.literal(cursor.created_at, sa.BigInteger), sa.literal(cursor.id))
            where = [*where, place > here if newer else place < here]
        async with self._reader.connect() as connection:
            found = await read_records(connection, *where, order=order, most=PAGE + 1)
        return [record.operation for record in found]


def _link(row: Sequence[object]) -> Link:
    # SQLite takes bytes into any column. Written out they fit no hash, and can be told of.
    return Link._make(row if _PLAIN.issuperset(map(type, row)) else map(_as_plain, row))


def _as_plain(value: object) -> object:
    return value if type(value) in _PLAIN else repr(value)
