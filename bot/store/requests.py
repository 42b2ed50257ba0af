"""Requests that wait for an approval: whose time is over, and who is to be reminded of."""

from typing import Final

import sqlalchemy as sa

from bot.domain.operation import Standing
from bot.domain.records import Record
from bot.store.rows import read_records
from bot.store.schema import approvals, operations
from bot.store.writer import Writer

_BATCH: Final = 200


class Requests:
    """Requests over the ledger's tables."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def expired(self) -> list[Record]:
        """Return the requests whose time is over."""
        return await self._waiting(approvals.c.expires_at <= self._writer.now)

    async def half_expired(self) -> list[Record]:
        """Return the requests that have waited half of their time and were not reminded of."""
        now = self._writer.now
        # It is to be looked at when half of the time is over, and after the reminder at its end.
        not_reminded = operations.c.wake_at < approvals.c.expires_at
        return await self._waiting(operations.c.wake_at <= now, not_reminded, approvals.c.expires_at > now)

    async def _waiting(self, *where: sa.ColumnElement[bool]) -> list[Record]:
        waits = operations.c.standing == Standing.AWAITING_APPROVAL.value
        async with self._writer.reader.connect() as connection:
            return await read_records(connection, waits, *where, most=_BATCH)
