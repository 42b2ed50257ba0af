"""Transactions on the ledger, and the end of the chain: everything that is written goes through here."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.observer import Moved
from bot.domain.operation import Standing, State
from bot.domain.records import Entry, Record
from bot.runtime.clock import Clock, milliseconds
from bot.store.chain import GENESIS, seal
from bot.store.deadline import Deadline, TooLate
from bot.store.pulse import Pulse, prove_tables, prove_write
from bot.store.schema import POSTGRES, events
from bot.store.trouble import PASSING, in_words

T = TypeVar("T")

_HEAD: Final = sa.select(events.c.hash).order_by(events.c.id.desc()).limit(1)
_HEAD_LOCKED: Final = sa.select(sa.func.events_head(type_=sa.String))
_APPEND: Final = events.insert().inline()  # nobody needs the new row's id

# The name of the part that people know: what is logged here is the ledger's story.
_log = structlog.get_logger("bot.ledger")


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """What a transaction answers, whether it is to be committed, and the event that it added, if any.

    Of an event: the operation that it is about, and its hash.
    """

    answer: T
    commit: bool = False
    event: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An event to be added to the chain; `state` is the operation's after it, None where it is as before."""

    operation: str
    entry: Entry
    state: State | None = None


class Writer:
    """Writes to the database, in turn. `process` names this process in each move."""

    def __init__(self, engine: AsyncEngine, clock: Clock, process: str, moved: Moved) -> None:
        self._engine = engine
        self.dialect = engine.dialect.name
        self.reader = engine.execution_options(reading=True)
        self.clock = clock
        self.process = process
        self._turn = asyncio.Lock()
        self._pulse = Pulse(clock)
        self._watching: list[Callable[[], None]] = []
        self._telling: list[Callable[[], None]] = []
        self._moved = moved

    @property
    def now(self) -> int:
        """The time in milliseconds."""
        return milliseconds(self.clock)

    def watch(self, changed: Callable[[], None]) -> None:
        """Have a function called after each change; it must be quick and raise nothing."""
        self._watching.append(changed)

    def watch_notices(self, due: Callable[[], None]) -> None:
        """Have a function called after each commit that left somebody to be told; as `watch`."""
        self._telling.append(due)

    def noticed(self) -> None:
        """Tell who watches that somebody is to be told something."""
        for due in self._telling:
            due()

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes, and commit it at the end."""
        try:
            async with self.turn(), self._engine.begin() as connection:
                yield connection
        except PASSING as error:
            self._pulse.failed(error)
            raise

    def turn(self) -> contextlib.AbstractAsyncContextManager[object]:
        """Wait until nobody else of this process writes, where only one can."""
        # SQLite lets one write and has the others poll, which is unfair and slow under a burst: 32 confirms
        # took up to 1.9 s. In line they take their turn.
        return contextlib.nullcontext() if self.dialect == POSTGRES else self._turn

    async def alive(self) -> str | None:
        """Say why nothing can be stored or read now, if so.

        Tables are read each time. A write is made when none was of late, or the last one failed.
        """
        try:
            async with self.reader.connect() as connection:
                await prove_tables(connection)
            # Who writes just now will tell.
            if self._pulse.unsure and not self._turn.locked():
                async with self.writing() as connection:
                    await prove_write(connection)
                self._pulse.wrote()
        except SQLAlchemyError as error:
            return f"cannot be used: {in_words(error)}"
        trouble = self._pulse.trouble
        return None if trouble is None else f"cannot be written: {trouble}"

    async def transact(
        self, work: Callable[[AsyncConnection], Awaitable[Result[T]]], deadline: Deadline | None = None
    ) -> T | TooLate:
        """Do work in a transaction, which ends as the result says.

        After a commit that failed, the chain says what came of it: what was lost may have been no more than
        the answer. Raises SQLAlchemyError when nothing was stored, or when that cannot be found out.
        """
        kept: Result[T] | None = None
        try:
            async with self.writing() as connection:
                # Whoever waited this long for their turn was told already. Writing for them and undoing it
                # keeps those waiting who could still be served: a soak above capacity never recovered.
                if deadline is not None and deadline.over:
                    return TooLate()
                result = await work(connection)
                if not result.commit:
                    await connection.rollback()
                    return result.answer
                if deadline is not None and not deadline.begin_commit():
                    await connection.rollback()
                    return TooLate()
                kept = result
        except SQLAlchemyError:
            if kept is None or kept.event is None:
                raise
            if not await self._has(*kept.event):
                if deadline is not None:
                    deadline.committed_nothing()
                raise
        self._pulse.wrote()
        return kept.answer

    async def _has(self, operation: str, sealed: str) -> bool:
        """Say whether the chain has an event, once every commit that is under way has ended."""
        query = sa.select(events.c.id).where(events.c.operation == operation, events.c.hash == sealed)
        async with self.writing() as connection:
            await self._head(connection)
            found = (await connection.execute(query)).first() is not None
            await connection.rollback()
        return found

    async def append(self, connection: AsyncConnection, *said: Said) -> str:
        """Add events to the chain, and return the hash of the last one. It must come last in a transaction.

        Until the transaction ends nobody else adds an event: on SQLite BEGIN IMMEDIATE sees to that, on
        Postgres a lock that the function takes. So it comes last, and others wait for two round trips.
        """
        previous = await self._head(connection)
        rows: list[dict[str, object]] = []
        for each in said:
            event: dict[str, object] = {
                "operation": each.operation,
                "at": self.now,
                "actor": each.entry.actor,
                "kind": each.entry.kind,
                "state": each.state.value if each.state else None,
                "evidence": json.dumps(each.entry.evidence),
            }
            sealed = seal(previous, event)
            rows.append(event | {"previous": previous, "hash": sealed})
            previous = sealed
        await connection.execute(_APPEND, rows if len(rows) > 1 else rows[0])
        return previous

    async def add(self, *said: Said) -> None:
        """Add events that change no operation."""
        async with self.writing() as connection:
            await self.append(connection, *said)
        self._pulse.wrote()

    async def _head(self, connection: AsyncConnection) -> str:
        head = await connection.execute(_HEAD_LOCKED if self.dialect == POSTGRES else _HEAD)
        return head.scalar_one_or_none() or GENESIS

    def tell(self, record: Record, entry: Entry, before: Standing | None) -> None:
        """Log what was committed, and tell who watches; `before` is how it stood."""
        op = record.operation
        _log.info("operation", ref=op.ref, kind=entry.kind, actor=entry.actor, reason=op.step.reason)
        if op.standing is not before:
            self._moved(op.standing)
        for changed in self._watching:
            changed()
