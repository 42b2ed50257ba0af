"""What App Home shows: the operations that wait for somebody, one person's own, and the last trunks."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.operations import Operation, State
from bot.records import read_record
from bot.schema import events, operations
from bot.writing import REFUSED

_NOTED: Final = ("delivery", REFUSED)  # kinds of events that change no operation
_NEWEST: Final = operations.c.created_at.desc()
_READ: Final = 11  # of each kind: ten are shown, and one more tells that there are more


@dataclass(frozen=True, slots=True)
class Overview:
    """The operations of App Home: newest first in each part, but `waiting` by when they expire."""

    waiting: tuple[Operation, ...]
    mine: tuple[Operation, ...]
    unknown: tuple[Operation, ...]
    last: tuple[Operation, ...]


class Overviews:
    """Reads overviews; nothing of it is kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._reader = engine.execution_options(reading=True)

    async def of(self, person: str, *, all_of_them: bool) -> Overview:
        """Return what a person may see: everything for an operator, else the person's own."""
        own = operations.c.requester == person
        others = sa.true() if all_of_them else own
        waits = operations.c.state == State.AWAITING_APPROVAL
        return Overview(
            waiting=await self._read(waits, sa.not_(own), order=operations.c.expires_at)
            if all_of_them
            else (),
            mine=await self._read(own, operations.c.state != State.CREATED),
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
