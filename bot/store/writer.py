"""Transactions on the ledger, and the end of the chain: everything that is written goes through here."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.observer import Moved
from bot.domain.operation import Standing, State
from bot.domain.records import Entry, Record
from bot.domain.transitions.moves import BOT
from bot.runtime.clock import Clock, milliseconds
from bot.runtime.errors import BotError
from bot.store.chain import GENESIS, hashed
from bot.store.deadline import Deadline, TooLate
from bot.store.keys import NO_KEYS, Keys
from bot.store.pulse import Pulse, prove_tables, prove_write
from bot.store.schema import POSTGRES, events
from bot.store.trouble import PASSING, in_words

T = TypeVar("T")

HEAD: Final = sa.select(events.c.hash, events.c.key).order_by(events.c.id.desc()).limit(1)
_HEAD_LOCKED: Final = sa.select("*").select_from(sa.func.events_head())
KEYED: Final = "keyed"  # the kind of the event with which another key begins to seal
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
    """An event to be added to the chain; `state` is the operation's after it, None where it is as before.

    `rows` is the digest of the operation's rows as it leaves them, None where it changes none.
    """

    operation: str
    entry: Entry
    state: State | None = None
    rows: str | None = None


class RecordKeyError(BotError, SQLAlchemyError):
    """The record is sealed with keys (`theirs`, ids) that this process was not given (it has `ours`).

    Writing on would leave events that nobody can tell from forged ones. To what writes it is a database
    that refuses: nothing was stored.
    """

    def __init__(self, theirs: str, ours: str | None) -> None:
        super().__init__(theirs, ours)
        self.theirs, self.ours = theirs, ours

    def __str__(self) -> str:
        """Say what to do."""
        has = "is not set" if self.ours is None else f"holds {self.ours}"
        return (
            f"The record is sealed with the key {self.theirs}, and TRUNK_AUDIT_KEY {has}. Give every "
            "instance the same key. If it is lost, stop them all and run `python -m bot audit rekey` with a "
            "new one."
        )


class _Head(NamedTuple):
    """The last event: its hash, and the ids of the keys that were set when it was sealed."""

    hash: str
    key: str | None


class Writer:
    """Writes to the database, in turn. `process` names this process in each move, `keys` seal the record."""

    def __init__(
        self, engine: AsyncEngine, clock: Clock, process: str, moved: Moved, keys: Keys = NO_KEYS
    ) -> None:
        self._engine = engine
        self.dialect = engine.dialect.name
        # A statement sees one state without a transaction, and several do not on Postgres either: that saves
        # each read the round trips of BEGIN and ROLLBACK.
        self.reader = engine.execution_options(
            reading=True, **({"isolation_level": "AUTOCOMMIT"} if self.dialect == POSTGRES else {})
        )
        self.clock = clock
        self.process = process
        self.keys = keys
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

        Tables are read each time. A write is made when none was of late, or the last one failed. Nothing can
        be written either where other instances seal the record with a key that is not ours.
        """
        try:
            async with self.reader.connect() as connection:
                await prove_tables(connection)
                head = (await connection.execute(HEAD)).first()
            self.accept_key(None if head is None else head.key)
            # Who writes just now will tell.
            if self._pulse.unsure and not self._turn.locked():
                async with self.writing() as connection:
                    await prove_write(connection)
                self._pulse.wrote()
        except RecordKeyError as error:
            return str(error)
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
        head = await self._head(connection)
        self.accept_key(head.key)
        return await self._append(connection, head.hash, said)

    async def _append(self, connection: AsyncConnection, previous: str, said: Sequence[Said]) -> str:
        rows: list[dict[str, object]] = []
        for each in said:
            event: dict[str, object] = {
                "operation": each.operation,
                "at": self.now,
                "actor": each.entry.actor,
                "kind": each.entry.kind,
                "state": each.state.value if each.state else None,
                "evidence": json.dumps(each.entry.evidence),
                "rows": each.rows,
            }
            made = hashed(previous, event)
            rows.append(event | {"previous": previous, "hash": made} | self.keys.seal(made))
            previous = made
        await connection.execute(_APPEND, rows if len(rows) > 1 else rows[0])
        return previous

    async def add(self, *said: Said) -> None:
        """Add events that change no operation."""
        async with self.writing() as connection:
            await self.append(connection, *said)
        self._pulse.wrote()

    async def take_up(self, *, lost: bool = False) -> None:
        """Take the record up: with a key that did not seal its last event, an event says so at once.

        So a record that has a key is never without a sealed event. Raises RecordKeyError when the record is
        sealed with a key that is not known, unless that one is `lost`.
        """
        async with self.writing() as connection:
            head = await self._head(connection)
            if not lost:
                self.accept_key(head.key)
            if self.keys.ids and (head.key or "").split(",")[0] != self.keys.ids[0]:
                evidence = {"key": self.keys.ids[0], "before": head.key} | ({"lost": True} if lost else {})
                await self._append(connection, head.hash, [Said("", Entry(BOT, KEYED, evidence))])

    def accept_key(self, key: str | None) -> None:
        """Go on after an event that was sealed so; raises RecordKeyError when none of the keys is ours."""
        if key is not None and not self.keys.know(key):
            raise RecordKeyError(key, self.keys.name)

    async def _head(self, connection: AsyncConnection) -> _Head:
        found = await connection.execute(_HEAD_LOCKED if self.dialect == POSTGRES else HEAD)
        row = found.first()
        return _Head(GENESIS, None) if row is None else _Head(*row)

    def tell(self, record: Record, entry: Entry, before: Standing | None) -> None:
        """Log what was committed, and tell who watches; `before` is how it stood."""
        op = record.operation
        _log.info("operation", ref=op.ref, kind=entry.kind, actor=entry.actor, reason=op.step.reason)
        if op.standing is not before:
            self._moved(op.standing)
        for changed in self._watching:
            changed()
