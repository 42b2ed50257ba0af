"""What App Home shows: the operations that wait for somebody, one person's own, and the last trunks."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import LIVE, Operation, State
from bot.domain.records import read_record
from bot.store.events import REFUSED
from bot.store.schema import events, operations

_NOTED: Final = ("delivery", REFUSED)  # kinds of events that change no operation
_NEWEST: Final = operations.c.created_at.desc()
_READ: Final = 11  # of each kind: ten are shown, and one more tells that there are more
LATELY: Final = 7 * 86_400_000  # milliseconds for which what came to another end than a trunk is shown
# What ended lately was asked for this long before, at most, or is left to the history: the longest
# TRUNK_APPROVAL_TTL. It bounds the part of the index that is read.
_OPEN_MAX: Final = 30 * 86_400_000
_ENDED: Final = tuple(state for state in State if state not in LIVE | {State.DRAFT, State.CREATED})
# No index by person serves this: SQLite took that one and read 100,000 rows of one person, in 109 ms. What is
# open is little, and found by its state in 2 ms.
_requester: Final = sa.func.coalesce(operations.c.requester, "")


@dataclass(frozen=True, slots=True)
class Overview:
    """The operations of App Home: newest first in each part, but `waiting` by when they expire.

    `mine` are the person's own that are open, `ended` those that lately came to another end than a trunk.
    """

    waiting: tuple[Operation, ...]
    mine: tuple[Operation, ...]
    ended: tuple[Operation, ...]
    unknown: tuple[Operation, ...]
    last: tuple[Operation, ...]


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
        waits = operations.c.state == State.AWAITING_APPROVAL
        return Overview(
            waiting=await self._read(waits, sa.not_(own), order=operations.c.expires_at)
            if all_of_them
            else (),
            mine=await self._read(_requester == person, operations.c.state.in_(sorted(LIVE))),
            ended=await self._read(
                own,
                operations.c.state.in_(_ENDED),
                operations.c.updated_at >= now - LATELY,
                operations.c.created_at >= now - LATELY - _OPEN_MAX,
            ),
            unknown=await self._read(others, operations.c.state == State.UNKNOWN),
            last=await self._read(others, operations.c.state == State.CREATED),
        )

    async def newest(self) -> int | None:
        """Return the id of the newest event that can have changed a home; None when there is none."""
        query = (
            sa.select(events.c.id).where(events.c.kind.not_in(_NOTED)).order_by(events.c.id.desc()).limit(1)
        )
        async with self._reader.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def _read(
        self, *where: sa.ColumnElement[bool], order: sa.ColumnElement[int] = _NEWEST
    ) -> tuple[Operation, ...]:
        query = operations.select().where(*where).order_by(order).limit(_READ)
        async with self._reader.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(read_record(dict(row)).operation for row in rows)
