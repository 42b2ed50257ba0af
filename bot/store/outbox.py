"""The outbox: who is still to be told what. A notice is written with the move that makes it true."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.operation import Operation
from bot.domain.records import Entry, Notice, Post, Purpose, Telling
from bot.domain.transitions.moves import BOT
from bot.store.rows import Row, read_telling
from bot.store.schema import POSTGRES, Insert, approvals, insert, notices
from bot.store.writer import Said, Writer

# Of these an operation has one each, which is told anew; of the others one by each key, told once.
_EDITED: Final = frozenset({Purpose.RESULT, Purpose.APPROVAL, Purpose.REMINDER, Purpose.MODAL})
_ASKS: Final = frozenset({Purpose.APPROVAL, Purpose.REMINDER})
# Milliseconds after a confirmation before the form may change: the answer to the submission must have left
# first, and Slack gives no sign of that.
_ANSWERED: Final = 400
# Milliseconds for which a notice is one process's to tell. It looks every few seconds, which prolongs that.
LEASE: Final = 9_000


async def put(
    writer: Writer, connection: AsyncConnection, op: Operation, revision: int, wanted: Iterable[Notice]
) -> None:
    """Write the notices of a move to `revision`: from now on they are due."""
    now = writer.now
    anew: list[dict[str, object]] = []
    once: list[dict[str, object]] = []
    renewed: set[Purpose] = set()
    for notice in wanted:
        if notice.renew:
            # Nobody was ever asked about what needs no approval, or was never uncertain.
            asks_in_vain = op.approval is None if notice.purpose in _ASKS else not op.uncertain
            if notice.purpose is Purpose.RESULT or not asks_in_vain:
                renewed.add(notice.purpose)
            continue
        due_at = max(now, op.created_at + _ANSWERED) if notice.purpose is Purpose.MODAL else now
        row: dict[str, object] = {
            "operation": op.id,
            "purpose": notice.purpose.value,
            "key": notice.key,
            "data": json.dumps(dict(notice.data)) if notice.data is not None else None,
            "wanted": revision,
            "due_at": due_at,
            "tries": 0,
            "unsure": False,
            "held_by": writer.process,
            "held_until": due_at + LEASE,
        }
        (anew if notice.purpose in _EDITED else once).append(row)
    if renewed:
        mine = (notices.c.operation == op.id, notices.c.purpose.in_(sorted(renewed)))
        told = sa.or_(notices.c.ts.is_not(None), notices.c.due_at.is_not(None))
        values = _due(
            sa.literal(revision), sa.literal(now), sa.literal(writer.process), sa.literal(now + LEASE)
        )
        await connection.execute(notices.update().where(*mine, told).values(values))
    if anew:
        await connection.execute(_tell_anew(writer.dialect), anew)
    if once:
        await connection.execute(insert(writer.dialect, notices).on_conflict_do_nothing(), once)


@cache
def _tell_anew(dialect: str) -> Insert:
    query = insert(dialect, notices)
    new = query.excluded
    values = _due(new.wanted, new.due_at, new.held_by, new.held_until) | {"data": new.data}
    return query.on_conflict_do_update(
        index_elements=[notices.c.operation, notices.c.purpose, notices.c.key], set_=values
    )


def _due(
    wanted: sa.ColumnElement[int],
    due_at: sa.ColumnElement[int],
    process: sa.ColumnElement[str],
    until: sa.ColumnElement[int],
) -> dict[str, sa.ColumnElement[object]]:
    """Return what makes a notice due that is there.

    While one is still to be told it stays with whom it is, who may be at it: for a lease at most.
    """
    rests, short = notices.c.due_at.is_(None), notices.c.held_until < until
    held_until = sa.case((rests, until), (short, notices.c.held_until), else_=until)
    held_by = sa.case((rests, process), else_=notices.c.held_by)
    zero = sa.literal(0)
    return {"wanted": wanted, "due_at": due_at, "tries": zero, "held_by": held_by, "held_until": held_until}


class Due(NamedTuple):
    """What is to be told now, and when there is more (ms), as things stand; None when there is not."""

    now: list[Telling]
    then: int | None


class Outbox:
    """The notices of all operations. One sender in each process takes what is due."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._mine = notices.c.held_by == writer.process
        # SQLite has one process: what another one holds was left by it.
        self._alone = writer.dialect != POSTGRES
        at: sa.ColumnElement[int] = notices.c.due_at
        if not self._alone:
            foreign = sa.and_(sa.not_(self._mine), notices.c.held_until > notices.c.due_at)
            at = sa.case((foreign, notices.c.held_until), else_=notices.c.due_at)
        # What is told waits for this: it is made once.
        self._in_order = (
            sa.select(notices, at.label("at"))
            .where(notices.c.due_at.is_not(None))
            .order_by(at, notices.c.id)
            .limit(sa.bindparam("most"))
        )

    def watch(self, due: Callable[[], None]) -> None:
        """Have a function called after each commit that left somebody to be told.

        It must be quick and raise nothing.
        """
        self._writer.watch_notices(due)

    async def take(self, most: int = 50) -> Due:
        """Return what this process has to tell now, oldest first, and when there is more.

        That is what it wrote itself, and what another process did not get to: it may have posted that, so
        where no message is known of it is `unsure` whether there is one.
        """
        now = self._writer.now
        async with self._writer.reader.connect() as connection:
            waiting = (await connection.execute(self._in_order, {"most": most + 1})).mappings().all()
        rows = [row for row in waiting[:most] if row["at"] <= now]
        then = waiting[len(rows)]["at"] if len(waiting) > len(rows) else None
        return Due(await self._hold(rows, now), then)

    async def _hold(self, rows: Sequence[Row], now: int) -> list[Telling]:
        own = self._writer.process
        held = {row["id"] for row in rows if row["held_by"] == own and row["held_until"] > now + LEASE // 2}
        late = [row["id"] for row in rows if row["id"] not in held]
        if not late:
            return [read_telling(row) for row in rows]
        lost = sa.and_(sa.not_(self._mine), notices.c.ts.is_(None))
        values = {
            "held_by": own,
            "held_until": now + LEASE,
            "unsure": sa.or_(notices.c.unsure, lost),
        }
        free = sa.true() if self._alone else sa.or_(self._mine, notices.c.held_until <= now)
        takes = notices.update().where(notices.c.id.in_(late), free).values(values).returning(notices)
        async with self._writer.writing() as connection:
            taken = {row["id"]: row for row in (await connection.execute(takes)).mappings()}
        return [read_telling(taken.get(row["id"], row)) for row in rows if row["id"] in {*held, *taken}]

    async def told(self, telling: Telling, shown: int, route: str, place: Post | None) -> None:
        """Note that people were told how the operation stood at the revision `shown`, and where.

        When it has moved meanwhile, it stays due. An empty `route` says that there was nothing to say.
        Whether an earlier try may have left another message stays known: what is edited later still says so.
        """
        now = self._writer.now
        behind = notices.c.wanted > shown
        values: dict[str, object] = {
            "shown": shown,
            "due_at": sa.case((behind, now), else_=sa.null()),
            "tries": 0,
            "failure": None,
            "held_until": now + LEASE,
        }
        if route:
            values["route"] = route
        if place is not None:
            values |= {"channel": place.channel, "ts": place.ts}
        await self._write(telling, values, (route, None) if route else None)

    async def failed(
        self, telling: Telling, route: str, error: str, again_at: int | None, unsure: bool
    ) -> None:
        """Note a try that failed, to be made again at `again_at` (ms), or given up.

        What was to be told anew meanwhile stays due. Of tries that fail alike the record has the first.
        """
        failure = f"{route}: {error}"
        as_it_was = notices.c.wanted == telling.wanted
        until = (self._writer.now if again_at is None else again_at) + LEASE
        values: dict[str, object] = {
            "due_at": sa.case((as_it_was, again_at), else_=notices.c.due_at),
            "tries": sa.case((as_it_was, notices.c.tries + 1), else_=notices.c.tries),
            "unsure": unsure,
            "failure": failure,
            "held_until": sa.case((as_it_was, until), else_=notices.c.held_until),
        }
        query = sa.select(notices.c.failure).where(notices.c.id == telling.id)
        async with self._writer.reader.connect() as connection:
            known = (await connection.execute(query)).scalar_one_or_none()
        await self._write(telling, values, None if known == failure else (route, error))

    async def later(self, telling: Telling, at: int) -> None:
        """Let a notice wait until `at` (ms), without a try."""
        await self._write(telling, {"due_at": at, "held_until": at + LEASE}, None)

    async def announce_again(self) -> None:
        """Have it announced again that somebody went alone, where no operator could be told of it so far."""
        now = self._writer.now
        alone = sa.select(approvals.c.operation).where(approvals.c.break_glass)
        announces = (notices.c.purpose == Purpose.APPROVAL.value, notices.c.operation.in_(alone))
        given_up = (notices.c.shown.is_(None), notices.c.due_at.is_(None))
        values = {"due_at": now, "held_by": self._writer.process, "held_until": now + LEASE}
        async with self._writer.writing() as connection:
            await connection.execute(notices.update().where(*announces, *given_up).values(values))

    async def of(self, operation: str) -> tuple[Telling, ...]:
        """Return all notices of an operation, in the order in which they came up."""
        query = notices.select().where(notices.c.operation == operation).order_by(notices.c.id)
        async with self._writer.reader.connect() as connection:
            return tuple(read_telling(row) for row in (await connection.execute(query)).mappings())

    async def _write(
        self, telling: Telling, values: dict[str, object], said: tuple[str, str | None] | None
    ) -> None:
        async with self._writer.writing() as connection:
            await connection.execute(notices.update().where(notices.c.id == telling.id).values(values))
            if said is not None:
                route, error = said
                evidence = {"route": route, "error": error, "purpose": telling.purpose.value}
                await self._writer.append(
                    connection, Said(telling.operation, Entry(BOT, "delivery", evidence))
                )
