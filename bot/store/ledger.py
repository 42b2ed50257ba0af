"""The ledger: operations, and an event for everything that happens to them.

A transition is one conditional write and one event in one transaction, so that of two who want to move
an operation one wins and the other is told where it stands.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.observer import Moved, uncounted
from bot.domain.operation import TRANSITIONS, Choice, Operation, State, is_operation_id
from bot.domain.records import NewOperation, Post, Record, read_record
from bot.runtime.clock import Clock
from bot.store.accept import Already, Stored, Twin, accept, find, find_twin
from bot.store.approvals import Requests
from bot.store.change import Change
from bot.store.events import BOT, Entry, Limit, TooLate, Writer
from bot.store.questions import Questions, asks
from bot.store.refusals import Refusals
from bot.store.schema import operations
from bot.store.search import Chronicle

_NOTHING: Final = Change()
_BATCH: Final = 200  # operations that are read at once
# As the partial index of the same name has it, so that the sweep reads a few rows of many.
_UNATTENDED: Final = sa.text("(NOT told OR state IN ('accepted', 'sending', 'unknown'))")


class Ledger:
    """Operations and events over SQLite or Postgres.

    `process` names this process in each transition: what another one left half done is told from our own.
    `moved` hears of each transition that was committed.
    """

    def __init__(
        self, engine: AsyncEngine, clock: Clock, process: str = BOT, moved: Moved = uncounted
    ) -> None:
        self.process = process
        self._writer = Writer(engine, clock, process, moved)
        self._reader = self._writer.reader
        self.requests = Requests(self._writer)
        self.questions = Questions(self._writer)
        self._refusals = Refusals(self._writer)
        self.chronicle = Chronicle(self._reader)

    def watch(self, changed: Callable[[], None]) -> None:
        """Have a function called after each change; it must be quick and raise nothing."""
        self._writer.changed = changed

    async def accept(self, new: NewOperation, limit: Limit) -> Stored | Already | Twin | TooLate:
        """Store a confirmed operation within a limit of time.

        It is `accepted`, or with `new.asking` waits for an approval that is bound to exactly this request.
        """
        return await accept(self._writer, new, limit)

    async def twin(self, operation: Operation) -> Record | None:
        """Return the identical request that is in flight, if there is one."""
        async with self._reader.connect() as connection:
            return await find_twin(connection, operation.account, operation.request)

    async def move(
        self,
        operation: str,
        before: State,
        after: State,
        *,
        actor: str,
        evidence: Mapping[str, object],
        change: Change = _NOTHING,
        asked: int | None = None,
        decided: Choice | None = None,
    ) -> Record | None:
        """Make one legal transition; None when the operation is not (any more) in `before`.

        With `asked`, only an operation moves whose question of that round is open, and the answer counts as a
        round. With `decided`, only one whose decision waits to be carried out. A trunk id that belongs to
        another operation does not move either: a trunk belongs to one (unique constraint).
        """
        values = change.columns()
        where: list[sa.ColumnElement[bool]] = []
        if asked is not None:
            where += asks(asked)
            values["round"] = asked + 1
        if decided is not None:
            where.append(operations.c.decision == decided)
        return await self._move(operation, before, Entry(actor, after, evidence, after), values, where)

    async def settle(
        self,
        record: Record,
        after: State,
        evidence: Mapping[str, object],
        change: Change,
        *,
        before: State = State.SENDING,
    ) -> Record | None:
        """Write what became of the sending that `record` is of; None when it is not that one (any more).

        Each round has one sending at most, and an answer settles its own only.
        """
        entry, of_this = Entry(BOT, after, evidence, after), operations.c.round == record.round
        return await self._move(record.operation.id, before, entry, change.columns(), [of_this])

    async def _move(
        self,
        operation: str,
        before: State,
        entry: Entry,
        values: dict[str, object],
        where: list[sa.ColumnElement[bool]],
    ) -> Record | None:
        after = entry.state
        if after is None or after not in TRANSITIONS.get(before, frozenset()):
            raise AssertionError(f"unreachable: {before} -> {after} is no transition")
        values |= self._writer.moved(told=after is State.SENDING) | {"state": after}
        if after is State.SENDING:
            values["sent_at"] = sa.func.coalesce(operations.c.sent_at, self._writer.now)
        return await self._writer.update(operation, [operations.c.state == before, *where], values, entry)

    async def told(self, record: Record, post: Post | None) -> None:
        """Note that people know how an operation stands, and which message speaks for it from now on.

        When it has moved meanwhile only the message is noted: how it stands now is still to be told.
        """
        operation = record.operation
        known = sa.and_(
            operations.c.state == operation.state,
            operations.c.round == record.round,
            operations.c.asking == operation.asking,
        )
        values: dict[str, object] = {"told": sa.or_(operations.c.told, known)}
        if post is not None:
            values |= {"post_channel": post.channel, "post_ts": post.ts}
        async with self._writer.writing() as connection:
            query = operations.update().where(operations.c.id == operation.id).values(values)
            await connection.execute(query)

    async def note(self, operation: str, actor: str, kind: str, evidence: Mapping[str, object]) -> None:
        """Add an event that is no transition."""
        async with self._writer.adding() as (connection, head):
            await self._writer.add(connection, head, operation, Entry(actor, kind, evidence))

    async def refused(
        self, actor: str, act: str, reason: str, channel: str | None, operation: str = ""
    ) -> None:
        """Add the event of a refusal or a lost race, which changed nothing. Never raises."""
        await self._refusals.add(actor, act, reason, channel, operation)

    async def get(self, operation: str) -> Record | None:
        """Return an operation by its id; anything that is no id, as a changed button may hold, finds none."""
        if not is_operation_id(operation):  # no database takes every text there is
            return None
        async with self._reader.connect() as connection:
            return await find(connection, operations.c.id == operation)

    async def settled(self, operation: str) -> Record | None:
        """Return an operation as it is once every write that is under way has ended.

        After a commit that failed this says what came of it: it had the chain, which this waits for.
        """
        async with self._writer.adding() as (connection, _):
            return await find(connection, operations.c.id == operation)

    async def by_reference(self, ref: str) -> Record | None:
        """Return an operation by its reference, `XXXX-XXXX`."""
        async with self._reader.connect() as connection:
            return await find(connection, operations.c.ref == ref)

    async def unattended(self, before: int) -> AsyncIterator[Record]:
        """Yield what a workflow should be busy with and has not moved since `before` (ms), oldest first.

        That is: what is in flight and waits for no person, and what people were not told. All of it: what
        nobody can be told of stays, and must not hide what comes after it.
        """
        place = sa.tuple_(operations.c.updated_at, operations.c.id)
        query = (
            operations.select()
            .where(_UNATTENDED, operations.c.asking.is_(False) | operations.c.told.is_(False))
            .where(operations.c.updated_at < before)
            .order_by(*place)
            .limit(_BATCH)
        )
        last = (-1, "")
        while True:
            async with self._reader.connect() as connection:
                rows = (await connection.execute(query.where(place > last))).mappings().all()
            for row in rows:
                yield read_record(dict(row))
            if len(rows) < _BATCH:
                return
            last = (rows[-1]["updated_at"], rows[-1]["id"])

    async def owned(self, trunks: frozenset[str], besides: str) -> frozenset[str]:
        """Return those of the trunk ids that the ledger gives to an operation other than `besides`."""
        query = sa.select(operations.c.trunk_id).where(
            operations.c.trunk_id.in_(trunks), operations.c.id != besides
        )
        async with self._reader.connect() as connection:
            return frozenset((await connection.execute(query)).scalars().all())

    async def alive(self) -> None:
        """Ask the database for anything; raises when it does not answer."""
        async with self._reader.connect() as connection:
            await connection.execute(sa.select(1))
