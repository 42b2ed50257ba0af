"""Readings of the account, each kept once for all the operations that were confirmed with it."""

import json
import secrets
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from bot.domain.operation import LIVE, canonical, digest
from bot.domain.outcome import Data
from bot.store.schema import operations, snapshots
from bot.store.writer import Writer

_AGAIN: Final = 30_000  # milliseconds after which it is written down that the account still looks like this
_NEWEST: Final = 3  # of each account that stay in any case
_YOUNG: Final = 3_600_000  # milliseconds for which one stays: a form that shows it may still be submitted


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """What a reading of an account showed. Times are in milliseconds, `ahead` is Vobiz's clock minus ours."""

    id: str
    account: str
    taken_at: int
    ahead: int | None
    content: Data


class Snapshots:
    """Readings over the ledger's tables."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._latest: StoredSnapshot | None = None

    async def keep(self, account: str, taken_at: int, ahead: int | None, content: Data) -> str:
        """Keep a reading, and return its id: that of the newest one where that shows the same.

        Its time is when it was last seen to be so, give or take half a minute. That may be after the sending
        of an operation that refers to it: what is not in it was not there before then either.
        """
        shown = digest(content)
        columns = (snapshots.c.id, snapshots.c.digest, snapshots.c.taken_at)
        query = sa.select(*columns).where(snapshots.c.account == account)
        async with self._writer.reader.connect() as connection:
            newest = (await connection.execute(_newest_first(query).limit(1))).first()
        if newest is not None and newest.digest == shown:
            if taken_at - newest.taken_at > _AGAIN:
                seen = snapshots.update().where(snapshots.c.id == newest.id).values(taken_at=taken_at)
                async with self._writer.writing() as connection:
                    await connection.execute(seen)
                self._latest = None
            return str(newest.id)
        identity = secrets.token_hex(16)
        row = {"id": identity, "account": account, "taken_at": taken_at, "ahead": ahead, "digest": shown}
        async with self._writer.writing() as connection:
            await connection.execute(snapshots.insert(), row | {"content": canonical(content)})
        # The operations that are confirmed with it will ask for it.
        self._latest = StoredSnapshot(identity, account, taken_at, ahead, content)
        return identity

    async def newest(self, account: str) -> StoredSnapshot | None:
        """Return the latest reading of an account."""
        return await self._first(_newest_first(snapshots.select().where(snapshots.c.account == account)))

    async def get(self, identity: str) -> StoredSnapshot | None:
        """Return a reading by its id. It never changes, and many operations in a row ask for the same one."""
        if self._latest is None or self._latest.id != identity:
            self._latest = await self._first(snapshots.select().where(snapshots.c.id == identity))
        return self._latest

    async def prune(self) -> None:
        """Delete what nothing under way refers to, but for the newest of each account and young ones."""
        under_way = sa.or_(
            operations.c.standing.in_(sorted(LIVE)),
            operations.c.wake_at.is_not(None),  # it has ended, and is still looked after
        )
        needed = sa.select(operations.c.snapshot).where(operations.c.snapshot.is_not(None), under_way)
        place = sa.func.row_number().over(
            partition_by=snapshots.c.account, order_by=(snapshots.c.taken_at.desc(), snapshots.c.id.desc())
        )
        ranked = sa.select(snapshots.c.id, place.label("place")).subquery()
        newest = sa.select(ranked.c.id).where(ranked.c.place <= _NEWEST)
        old = snapshots.c.taken_at < self._writer.now - _YOUNG
        query = snapshots.delete().where(old, snapshots.c.id.not_in(needed), snapshots.c.id.not_in(newest))
        async with self._writer.writing() as connection:
            await connection.execute(query)

    async def _first(self, query: sa.Select[tuple[object, ...]]) -> StoredSnapshot | None:
        async with self._writer.reader.connect() as connection:
            row = (await connection.execute(query.limit(1))).first()
        if row is None:
            return None
        return StoredSnapshot(row.id, row.account, row.taken_at, row.ahead, json.loads(row.content))


def _newest_first(query: sa.Select[tuple[object, ...]]) -> sa.Select[tuple[object, ...]]:
    return query.order_by(snapshots.c.taken_at.desc(), snapshots.c.id.desc())
