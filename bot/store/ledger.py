"""The ledger: operations, and an event for everything that happens to them.

There is one way to change an operation: `change` reads it, asks a pure function what follows
(bot/domain/transitions), and writes that on the condition that nobody wrote in between, with its event and
with who is to be told, in one transaction. So of two who want to move an operation one wins, and the other
is asked again with how it stands then.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.observer import Moved, uncounted
from bot.domain.operation import Operation
from bot.domain.records import Entry, NewOperation, Record
from bot.domain.reference import is_operation_id
from bot.domain.transitions.moves import BOT, Decide
from bot.runtime.clock import Clock
from bot.store.accept import Accepting, Already, Claimed, Repeated, Stored, accept, find_holder
from bot.store.deadline import Punctual, TooLate, Unsure
from bot.store.keys import NO_KEYS, Keys
from bot.store.moves import Taken, change, count_alike, done_alike, find_lately
from bot.store.outbox import Outbox
from bot.store.refusals import Refusals
from bot.store.requests import Requests
from bot.store.rows import find_record, read_records
from bot.store.schema import operations, resources
from bot.store.search import Chronicle
from bot.store.secrets import Secrets
from bot.store.snapshots import Snapshots
from bot.store.turns import Turns
from bot.store.writer import Said, Writer

__all__ = ["Accepting", "Already", "Claimed", "Ledger", "Repeated", "Stored", "Taken", "TooLate", "Unsure"]

ABOUT_MAX: Final = 10  # operations about one record that are read
_BATCH: Final = 200  # operations that are read at once
_WRITTEN: Final = 100  # operations that are remembered as they were written: 5 KB each


class Ledger:
    """Operations and events over SQLite or Postgres.

    `process` names this process in each move: what another one left half done is told from our own. `moved`
    hears how an operation stands after each committed move that changed that. `keys` seal the record.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        process: str = BOT,
        moved: Moved = uncounted,
        keys: Keys = NO_KEYS,
    ) -> None:
        self.process = process
        self._writer = Writer(engine, clock, process, moved, keys)
        self._reader = self._writer.reader
        self._punctual = Punctual(clock)
        self._written: dict[str, Record] = {}
        self._refusals = Refusals(self._writer)
        self.outbox = Outbox(self._writer)
        self.snapshots = Snapshots(self._writer)
        self.secrets = Secrets(self._writer)
        self.requests = Requests(self._writer)
        self.turns = Turns(self._writer)
        self.chronicle = Chronicle(self._reader)

    def watch(self, changed: Callable[[], None]) -> None:
        """Have a function called after each commit that changed an operation; several may watch.

        It must be quick and raise nothing.
        """
        self._writer.watch(changed)

    async def stop(self) -> None:
        """Cut what nobody waits for any more and the database does not answer."""
        await self._punctual.stop()

    async def accept(self, new: NewOperation, until: float) -> Accepting | TooLate | Unsure:
        """Store a confirmed operation; the answer comes by `until` (seconds, epoch)."""
        answer = await self._punctual.run(partial(accept, self._writer, new), until)
        if isinstance(answer, Stored | Already):
            self._remember(answer.record)
        return answer

    async def change(
        self, operation: str, decide: Decide, *, alike: int | None = None, known: Record | None = None
    ) -> Record | Taken | None:
        """Move an operation as `decide` says of how it stands now. `decide` may be asked several times.

        None when it says None, when there is no such operation, or when another operation in flight holds
        what this one claims (see `holder`). With `alike` it is None as well unless just so many operations
        that ask for the same were done since this one was asked for (see `same_since`). `known` is how the
        operation was read last: while nobody has moved it since, it is not read again. Raises
        SQLAlchemyError when the database failed and the move was not written, or nobody knows.
        """
        moved = await change(self._writer, operation, decide, alike=alike, known=known)
        if isinstance(moved, Record):
            self._remember(moved)
        elif moved is None:
            # It is not as it was remembered: what was written last by another process has to be read.
            self._written.pop(operation, None)
        return None if isinstance(moved, TooLate) else moved  # which it is not: there was no deadline

    async def change_in_time(
        self, operation: str, decide: Decide, until: float
    ) -> Record | Taken | TooLate | Unsure | None:
        """Move an operation like `change`; the answer comes by `until` (seconds, epoch)."""
        moved = await self._punctual.run(
            lambda deadline: change(self._writer, operation, decide, deadline=deadline), until
        )
        if isinstance(moved, Record):
            self._remember(moved)
        return moved

    def written(self, operation: str) -> Record | None:
        """Return how this process wrote an operation, if it did lately; others may have moved it since.

        Good for what is written on the condition that nobody has, or for what need not be newer than that.
        """
        return self._written.get(operation)

    def _remember(self, record: Record) -> None:
        known = self._written.pop(record.operation.id, record)
        self._written[record.operation.id] = max(known, record, key=lambda one: one.revision)
        if len(self._written) > _WRITTEN:
            del self._written[next(iter(self._written))]

    async def get(self, operation: str) -> Record | None:
        """Return an operation by its id; anything that is no id, as a changed button may hold, finds none."""
        if not is_operation_id(operation):  # no database takes every text there is
            return None
        async with self._reader.connect() as connection:
            return await find_record(connection, operations.c.id == operation)

    async def by_reference(self, ref: str) -> Record | None:
        """Return an operation by its reference, `XXXX-XXXX`.

        It has 40 bits of the id: where two operations have the same one this is the newest.
        """
        async with self._reader.connect() as connection:
            return await find_record(connection, operations.c.ref == ref)

    async def holder(self, claims: Sequence[str], besides: str) -> Record | None:
        """Return an operation in flight that holds one of these claims, other than `besides`."""
        async with self._reader.connect() as connection:
            return await find_holder(connection, claims, besides)

    async def due(self, before: int) -> AsyncIterator[Record]:
        """Yield what needed attention before a time (ms), oldest first."""
        place = sa.tuple_(operations.c.wake_at, operations.c.id)
        late = operations.c.wake_at < before
        last: tuple[int | None, str] = (-1, "")
        while True:
            after = place > sa.tuple_(sa.literal(last[0], sa.BigInteger), sa.literal(last[1]))
            async with self._reader.connect() as connection:
                order = (operations.c.wake_at, operations.c.id)
                records = await read_records(connection, late, after, order=order, most=_BATCH)
            for record in records:
                yield record
            if len(records) < _BATCH:
                return
            last = (records[-1].wake_at, records[-1].operation.id)

    async def watched(self, account: str, now: int) -> list[Record]:
        """Return the operations whose trunk's first call is waited for at a time (ms), longest first."""
        waits = (operations.c.watch_until > now, operations.c.account == account)
        async with self._reader.connect() as connection:
            return await read_records(connection, *waits, order=(operations.c.watch_until,), most=_BATCH)

    async def owned(self, account: str, resource: str, ids: Iterable[str], besides: str) -> frozenset[str]:
        """Return those of the ids, casefolded, that belong to an operation other than `besides`."""
        wanted = sorted({one.casefold() for one in ids})
        query = sa.select(resources.c.id).where(
            resources.c.account == account,
            resources.c.type == resource,
            resources.c.id.in_(wanted),
            resources.c.operation != besides,
        )
        async with self._reader.connect() as connection:
            return frozenset((await connection.execute(query)).scalars().all())

    async def about(self, account: str, target: str, most: int = ABOUT_MAX) -> list[Operation]:
        """Return the operations that made or changed a record, by its id, the newest first."""
        key = target.casefold()
        made = sa.select(resources.c.operation).where(resources.c.account == account, resources.c.id == key)
        about = sa.or_(operations.c.target == key, operations.c.id.in_(made))
        async with self._reader.connect() as connection:
            order = (operations.c.updated_at.desc(),)
            records = await read_records(
                connection, operations.c.account == account, about, order=order, most=most
            )
        return [record.operation for record in records]

    async def same_since(self, op: Operation) -> tuple[int, Record | None]:
        """Return how many operations that ask for the same were done since `op` was asked for; the latest.

        They do not become fewer, and no two of them end at once: who knows their number knows of them all.
        """
        async with self._reader.connect() as connection:
            number = await count_alike(connection, op)
            latest = await read_records(
                connection, *done_alike(op), order=(operations.c.updated_at.desc(),), most=1
            )
        return number, latest[0] if latest else None

    async def done_lately(self, likeness: str, since: int, besides: str) -> Record | None:
        """Return the latest operation that asked for this and was done since a time (ms), if any."""
        async with self._reader.connect() as connection:
            return await find_lately(connection, likeness, since, besides)

    async def shown(
        self, operation: str, step: int, sealed: str, entry: Entry, until: float
    ) -> int | TooLate | Unsure | None:
        """Write down that a secret is shown, see `Secrets.shown`; the answer comes by `until` (seconds)."""
        return await self._punctual.run(partial(self.secrets.shown, operation, step, sealed, entry), until)

    async def note(self, operation: str, entry: Entry) -> None:
        """Add an event that changes no operation."""
        await self._writer.add(Said(operation, entry))

    async def refused(
        self, actor: str, act: str, reason: str, channel: str | None, operation: str = ""
    ) -> None:
        """Add the event of a refusal or a lost race, which changed nothing. Never raises."""
        await self._refusals.add(actor, act, reason, channel, operation)

    def alone(self) -> AbstractAsyncContextManager[object]:
        """Let nobody of this process write a SQLite file for as long as the context lasts."""
        return self._writer.turn()

    async def take_up(self) -> None:
        """Take the record up, before anything is written; raises RecordKeyError when its key is not ours."""
        await self._writer.take_up()

    async def alive(self) -> str | None:
        """Say why the database cannot be used now, in words without secrets, if so."""
        return await self._writer.alive()
