"""What App Home shows: the operations that wait for somebody, one person's own, and what was done last."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.history import Overview
from bot.domain.operation import LIVE, Operation, Standing
from bot.domain.records import Post, Purpose
from bot.store.refusals import REFUSED
from bot.store.rows import read_records
from bot.store.schema import approvals, events, notices, operations

_NOTED: Final = ("delivery", REFUSED)  # kinds of events that change no operation
_NEWEST: Final = operations.c.created_at.desc()
_EXPIRES: Final = approvals.c.expires_at.asc()
_READ: Final = 11  # of each kind: ten are shown, and one more tells that there are more
LATELY: Final = 7 * 86_400_000  # milliseconds for which what came to another end than done is shown
# What ended lately was asked for this long before, at most, or is left to the history: the longest
# TRUNK_APPROVAL_TTL. It bounds the part of the index that is read.
_OPEN_MAX: Final = 30 * 86_400_000
_LIVE: Final = sorted(LIVE)
_ENDED: Final = sorted({*Standing} - {*_LIVE, Standing.DONE})
# No index by person serves this: SQLite took that one and read 100,000 rows of one person, in 109 ms. What is
# open is little, and found by its standing in 2 ms.
_requester: Final = sa.func.coalesce(operations.c.requester, "")


class Overviews:
    """Reads overviews; nothing of it is kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._reader = engine.execution_options(reading=True)

    async def of(self, person: str, now: int, *, all_of_them: bool) -> Overview:
        """Return what a person may see: everything for an operator, else the person's own.

        `now` is in milliseconds.
        """
        own = operations.c.requester == person
        others = sa.true() if all_of_them else own
        waits = _stands(Standing.AWAITING_APPROVAL)
        lately = (
            operations.c.updated_at >= now - LATELY,
            operations.c.created_at >= now - LATELY - _OPEN_MAX,
        )
        async with self._reader.connect() as connection:

            async def read(
                *where: sa.ColumnElement[bool], order: sa.ColumnElement[int] = _NEWEST
            ) -> tuple[Operation, ...]:
                records = await read_records(connection, *where, order=(order,), most=_READ)
                return tuple(record.operation for record in records)

            unknown = await read(others, _stands(Standing.UNKNOWN))
            return Overview(
                waiting=await read(waits, sa.not_(own), order=_EXPIRES) if all_of_them else (),
                mine=await read(_requester == person, operations.c.standing.in_(_LIVE)),
                ended=await read(own, operations.c.standing.in_(_ENDED), *lately),
                unknown=unknown,
                last=await read(others, _stands(Standing.DONE)),
                places=await _places(connection, [op.id for op in unknown]) if unknown else {},
            )

    async def newest(self) -> int | None:
        """Return the id of the newest event that can have changed a home; None when there is none."""
        query = (
            sa.select(events.c.id).where(events.c.kind.not_in(_NOTED)).order_by(events.c.id.desc()).limit(1)
        )
        async with self._reader.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()


async def _places(connection: AsyncConnection, ids: list[str]) -> dict[str, Post]:
    """Read where the messages of these operations are, as far as that is known."""
    columns = (notices.c.operation, notices.c.channel, notices.c.ts)
    query = sa.select(*columns).where(
        notices.c.operation.in_(ids), notices.c.purpose == Purpose.RESULT.value, notices.c.ts.is_not(None)
    )
    rows = (await connection.execute(query)).all()
    return {row.operation: Post(row.channel, row.ts) for row in rows}


def _stands(standing: Standing) -> sa.ColumnElement[bool]:
    return operations.c.standing == standing.value
