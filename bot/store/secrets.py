"""Sealed passwords, from before the step that sends one until an hour after it was shown, or a day."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.records import Entry
from bot.store.deadline import Deadline, TooLate
from bot.store.schema import insert, secrets
from bot.store.writer import Result, Said, Writer

SEALED_FOR: Final = 24 * 3_600_000  # milliseconds, at most
SHOWN_FOR: Final = 3_600_000  # milliseconds from the first time that it was shown


@dataclass(frozen=True, slots=True)
class _Kept:
    sealed: str
    made_at: int
    shown_at: int | None

    def until(self, now: int) -> int:
        """Return until when it can be shown (ms), if it is shown now."""
        return min(self.made_at + SEALED_FOR, (self.shown_at or now) + SHOWN_FOR)


class Secrets:
    """Secrets over the ledger's tables: what is kept here was sealed before."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def keep(self, operation: str, step: int, sealed: str) -> None:
        """Keep the secret of a step, in place of the one before, if there is one."""
        row = {"operation": operation, "step": step, "sealed": sealed, "made_at": self._writer.now}
        query = insert(self._writer.dialect, secrets)
        new = query.excluded
        query = query.on_conflict_do_update(
            index_elements=[secrets.c.operation, secrets.c.step],
            set_={"sealed": new.sealed, "made_at": new.made_at, "shown_at": sa.null()},
        )
        async with self._writer.writing() as connection:
            await connection.execute(query, row)

    async def get(self, operation: str, step: int) -> str | None:
        """Return the secret of a step, while it may be used."""
        async with self._writer.reader.connect() as connection:
            kept = await _find(connection, operation, step)
        return None if kept is None or kept.until(self._writer.now) <= self._writer.now else kept.sealed

    async def shown(
        self, operation: str, step: int, sealed: str, entry: Entry, deadline: Deadline
    ) -> int | TooLate | None:
        """Write down that a secret is shown, and return until when it can be shown again (ms).

        None when it is not there any more: it must not be shown then, nor when this raises.
        """

        async def work(connection: AsyncConnection) -> Result[int | None]:
            now = self._writer.now
            kept = await _find(connection, operation, step)
            if kept is None or kept.sealed != sealed or kept.until(now) <= now:
                return Result(None)
            await connection.execute(
                secrets.update()
                .where(secrets.c.operation == operation, secrets.c.step == step)
                .values(shown_at=kept.shown_at or now)
            )
            event = await self._writer.append(connection, Said(operation, entry))
            return Result(kept.until(now), commit=True, event=(operation, event))

        return await self._writer.transact(work, deadline)

    async def erase(self) -> int:
        """Erase what was shown long enough ago, or made, and return how many."""
        now = self._writer.now
        over = sa.or_(secrets.c.made_at <= now - SEALED_FOR, secrets.c.shown_at <= now - SHOWN_FOR)
        async with self._writer.reader.connect() as connection:
            if (await connection.execute(sa.select(secrets.c.step).where(over).limit(1))).first() is None:
                return 0
        async with self._writer.writing() as connection:
            return (await connection.execute(secrets.delete().where(over))).rowcount


async def _find(connection: AsyncConnection, operation: str, step: int) -> _Kept | None:
    columns = (secrets.c.sealed, secrets.c.made_at, secrets.c.shown_at)
    mine = (secrets.c.operation == operation, secrets.c.step == step)
    row = (await connection.execute(sa.select(*columns).where(*mine))).first()
    return None if row is None else _Kept(row.sealed, row.made_at, row.shown_at)
