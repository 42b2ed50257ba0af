"""Sealed passwords, from before the step that sends one until it was shown."""

import sqlalchemy as sa

from bot.store.schema import insert, secrets
from bot.store.writer import Writer


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
        """Return the secret of a step, if it is still there."""
        mine = (secrets.c.operation == operation, secrets.c.step == step)
        async with self._writer.reader.connect() as connection:
            return (await connection.execute(sa.select(secrets.c.sealed).where(*mine))).scalar_one_or_none()

    async def erase(self, before: int) -> int:
        """Erase those that were made before a time (ms), and return how many."""
        async with self._writer.writing() as connection:
            gone = await connection.execute(secrets.delete().where(secrets.c.made_at < before))
        return gone.rowcount
