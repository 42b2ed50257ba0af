"""Sealed passwords, from before the step that sends one until an hour after it was shown, or a day."""

import json
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.records import Entry
from bot.store.deadline import Deadline, TooLate
from bot.store.schema import insert_new, secrets, steps
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

    async def keep(self, operation: str, step: int, sealed: str, instead_of: str | None = None) -> str:
        """Keep the secret of a step, and return the one that is kept: the first that somebody kept for it.

        Another run may be about to send the same step: both have to send the same. Only what is over, or is
        the one to be kept `instead_of`, gives way.
        """
        now = self._writer.now
        row = {"operation": operation, "step": step, "sealed": sealed, "made_at": now}
        mine = (secrets.c.operation == operation, secrets.c.step == step)
        async with self._writer.writing() as connection:
            gives_way = sa.or_(secrets.c.sealed == instead_of, _over(now))
            await connection.execute(secrets.delete().where(*mine, gives_way))
            await insert_new(connection, secrets, row)
            return str((await connection.execute(sa.select(secrets.c.sealed).where(*mine))).scalar_one())

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
        over = _over(self._writer.now)
        async with self._writer.reader.connect() as connection:
            if (await connection.execute(sa.select(secrets.c.step).where(over).limit(1))).first() is None:
                return 0
        async with self._writer.writing() as connection:
            return (await connection.execute(secrets.delete().where(over))).rowcount


async def erase_outdated(connection: AsyncConnection, operation: str, thing: str) -> None:
    """Erase what others than `operation` had for a record at Vobiz, which it has changed or deleted."""
    of_it = steps.c.operation == secrets.c.operation, steps.c.number == secrets.c.step
    same = sa.func.lower(steps.c.thing).contains(f'"id":{json.dumps(thing)}'.lower(), autoescape=True)
    outdated = sa.exists().where(*of_it, same)
    await connection.execute(secrets.delete().where(secrets.c.operation != operation, outdated))


def _over(now: int) -> sa.ColumnElement[bool]:
    return sa.or_(secrets.c.made_at <= now - SEALED_FOR, secrets.c.shown_at <= now - SHOWN_FOR)


async def _find(connection: AsyncConnection, operation: str, step: int) -> _Kept | None:
    columns = (secrets.c.sealed, secrets.c.made_at, secrets.c.shown_at)
    mine = (secrets.c.operation == operation, secrets.c.step == step)
    row = (await connection.execute(sa.select(*columns).where(*mine))).first()
    return None if row is None else _Kept(row.sealed, row.made_at, row.shown_at)
