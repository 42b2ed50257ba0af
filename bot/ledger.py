"""The ledger: operations, and an event for everything that happens to them.

A transition is one conditional write and one event in one transaction, so that of two who want to move
an operation one wins and the other is told where it stands.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.chain import GENESIS, seal
from bot.chronicle import Chronicle
from bot.clock import Clock, milliseconds
from bot.observer import Moved, unheard
from bot.operations import (
    IN_FLIGHT,
    TRANSITIONS,
    Choice,
    Found,
    Look,
    Operation,
    State,
    TrunkRequest,
    digest,
)
from bot.queries import folded
from bot.records import Event, NewOperation, Post, Record, dump_baseline, dump_look, read_event, read_record
from bot.schema import events, operations
from bot.vobiz.models import Refusal, Trunk

_log = structlog.get_logger("bot.ledger")

BOT: Final = "bot"  # the actor of what no person did
REFUSED: Final = "refused"  # the kind of an event that says who was refused what


@dataclass(frozen=True, slots=True)
class Stored:
    """The operation is in the ledger, committed."""

    record: Record


@dataclass(frozen=True, slots=True)
class Already:
    """This form was confirmed before: the same operation."""

    record: Record


@dataclass(frozen=True, slots=True)
class Twin:
    """An identical request is in flight."""

    record: Record


@dataclass(frozen=True, slots=True)
class TooLate:
    """The deadline passed before the commit; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a transition writes beside the state. Unset fields stay as they are."""

    trunk: Trunk | None = None
    found: Found | None = None
    refusal: Refusal | None = None
    reason: str | None = None
    look: Look | None = None
    decided_by: str | None = None

    def columns(self) -> dict[str, object]:
        """Return the columns that this change sets."""
        values: dict[str, object] = {}
        if self.trunk is not None:
            values |= {"trunk_id": self.trunk.id, "trunk": self.trunk.model_dump_json()}
        if self.refusal is not None:
            values["refusal"] = self.refusal.model_dump_json()
        if self.look is not None:
            values["look"] = dump_look(self.look)
        for column in ("found", "reason", "decided_by"):
            if (value := getattr(self, column)) is not None:
                values[column] = value
        return values


_NOTHING: Final = Change()
_HEAD: Final = sa.select(events.c.hash).order_by(events.c.id.desc()).limit(1)
_HEAD_LOCKED: Final = sa.select(sa.func.events_head(type_=sa.String))
# As the partial index of the same name has it, so that the sweep reads a few rows of many.
_UNATTENDED: Final = sa.text("(NOT told OR state IN ('accepted', 'sending', 'unknown'))")


@dataclass(frozen=True, slots=True)
class _Entry:
    actor: str
    kind: str
    evidence: Mapping[str, object]
    state: State | None = None


class Ledger:
    """Operations and events over SQLite or Postgres.

    `process` names this process in each transition: what another one left half done is told from our own.
    `moved` hears of each transition that was committed.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock, process: str = BOT, moved: Moved = unheard) -> None:
        self._engine = engine
        self._reader = engine.execution_options(reading=True)
        self._clock = clock
        self.process = process
        self._turn = asyncio.Lock()
        self.chronicle = Chronicle(self._reader)
        self._changed: Callable[[], None] = unheard
        self._moved_to = moved

    def watch(self, changed: Callable[[], None]) -> None:
        """Have a function called after each change; it must be quick and raise nothing."""
        self._changed = changed

    async def accept(self, new: NewOperation, deadline: float) -> Stored | Already | Twin | TooLate:
        """Store a confirmed operation, unless the clock passes `deadline` (seconds, epoch).

        It is `accepted`, or with `new.asking` waits for an approval that is bound to exactly this request.

        The deadline is checked after the write lock was obtained and the row written, just before the
        commit. So who was told “not accepted yet” does not find a trunk afterwards, unless the commit alone
        took that long; and pressing again is the same operation in any case.
        """
        now = milliseconds(self._clock)
        state = State.AWAITING_APPROVAL if new.asking else State.ACCEPTED
        row = {
            "id": new.id,
            "state": state,
            "account": new.account,
            "name": new.request.name,
            "folded": folded(new.request.name),
            "direction": new.request.direction,
            "calls": new.request.calls,
            "team": new.team,
            "channel": new.channel,
            "requester": new.requester,
            "created_at": now,
            "updated_at": now,
            "asking": False,
            "round": 0,
            # The modal says “Creating…”, and what comes is still to be told; who approves does not know yet.
            "told": new.asking is None,
            "note": new.asking.note if new.asking else new.break_glass,
            "expires_at": new.asking.expires_at if new.asking else None,
            "digest": digest(new.id, new.account, new.request, new.requester, new.channel),
            "reminded": False,
            "break_glass": new.break_glass is not None,
            "moved_by": self.process,
            "view_id": new.view_id,
            "reply": new.reply,
            "baseline": dump_baseline(new.baseline),
        }
        try:
            async with self._writing() as connection:
                # Who waited this long for a connection was told already. Writing for them and undoing it
                # keeps those waiting who could still be served: a soak above capacity never recovered.
                if self._clock.now() > deadline:
                    return TooLate()
                record = read_record(_blank | row)
                await connection.execute(operations.insert(), row | {"ref": record.operation.ref})
                evidence: dict[str, object] = {
                    "name": new.request.name,
                    "direction": new.request.direction,
                    "calls": new.request.calls,
                }
                if new.break_glass is not None:
                    evidence["break_glass"] = new.break_glass
                entry = _Entry(new.requester, state, evidence, state)
                await self._write(connection, new.id, entry)
                if self._clock.now() > deadline:
                    await connection.rollback()
                    return TooLate()
        except IntegrityError:
            return await self._why_not(new)
        _log.info("operation", ref=record.operation.ref, kind=state, actor=new.requester)
        self._moved_to(state)
        self._changed()
        return Stored(record)

    async def _why_not(self, new: NewOperation) -> Already | Twin:
        async with self._reader.connect() as connection:
            same = await self._one(connection, operations.c.id == new.id)
            if same is not None:
                return Already(same)
            twin = await self._twin(connection, new.account, new.request)
        # The twin may have ended between the two statements: its person tries again and gets through.
        if twin is None:
            raise LookupError("the identical request ended while it was looked up")
        return Twin(twin)

    async def twin(self, operation: Operation) -> Record | None:
        """Return the identical request that is in flight, if there is one."""
        async with self._reader.connect() as connection:
            return await self._twin(connection, operation.account, operation.request)

    async def _twin(self, connection: AsyncConnection, account: str, request: TrunkRequest) -> Record | None:
        return await self._one(
            connection,
            operations.c.account == account,
            operations.c.name == request.name,
            operations.c.direction == request.direction,
            operations.c.calls == request.calls,
            operations.c.state.in_(IN_FLIGHT),
        )

    async def move(
        self,
        operation: str,
        before: State,
        after: State,
        *,
        actor: str,
        evidence: Mapping[str, object],
        change: Change = _NOTHING,
        asked: bool = False,
        decided: Choice | None = None,
    ) -> Record | None:
        """Make one legal transition; None when the operation is not (any more) in `before`.

        With `asked`, only an operation whose question is open moves, and the answer counts as a round. With
        `decided`, only one whose decision waits to be carried out. A trunk id that belongs to another
        operation does not move either: a trunk belongs to one (unique constraint).
        """
        if after not in TRANSITIONS.get(before, frozenset()):
            raise AssertionError(f"unreachable: {before} -> {after} is no transition")
        now = milliseconds(self._clock)
        values = self._moved(told=after is State.SENDING) | {"state": after} | change.columns()
        if after is State.SENDING:
            values["sent_at"] = sa.func.coalesce(operations.c.sent_at, now)
        where = [operations.c.id == operation, operations.c.state == before]
        if asked:
            where.append(operations.c.asking.is_(True))
            values["round"] = operations.c.round + 1
        if decided is not None:
            where.append(operations.c.decision == decided)
        return await self._update(operation, where, values, _Entry(actor, after, evidence, after))

    async def looked(self, operation: str, look: Look, evidence: Mapping[str, object]) -> Record | None:
        """Write down what a finished look showed and open the question to a person."""
        values = self._moved(told=False) | {"look": dump_look(look), "asking": True}
        where = [operations.c.id == operation, operations.c.state == State.UNKNOWN]
        where.append(operations.c.asking.is_(False))
        return await self._update(operation, where, values, _Entry(BOT, "looked", evidence))

    async def decide(self, operation: str, choice: Choice, actor: str) -> Record | None:
        """Close the question with a decision that is to be carried out; None when it was not open."""
        values = self._moved(told=True) | {
            "look": dump_look(Look(finished=False, reachable=True)),
            "decision": choice,
            "decided_by": actor,
            "round": operations.c.round + 1,
        }
        where = [operations.c.id == operation, operations.c.state == State.UNKNOWN]
        where.append(operations.c.asking.is_(True))
        return await self._update(operation, where, values, _Entry(actor, choice, {}))

    async def take(self, operation: str, choice: Choice) -> Record | None:
        """Take up a decision that waits; None when there is none (any more)."""
        where = [operations.c.id == operation, operations.c.decision == choice]
        values = self._moved(told=True)
        return await self._update(operation, where, values, _Entry(BOT, "taken_up", {"decision": choice}))

    async def approve(self, operation: str, bound: str, actor: str) -> Record | None:
        """Accept what was asked for; None when it does not wait (any more), has expired or was changed.

        `bound` is the digest that the approver saw. Nobody approves what they asked for: that is in the
        condition too, not only in the policy.
        """
        values = self._moved(told=True) | {
            "state": State.ACCEPTED,
            "approved_by": actor,
            "round": operations.c.round + 1,
        }
        where = [
            operations.c.id == operation,
            operations.c.state == State.AWAITING_APPROVAL,
            operations.c.digest == bound,
            operations.c.expires_at > milliseconds(self._clock),
            operations.c.requester != actor,
        ]
        entry = _Entry(actor, State.ACCEPTED, {"digest": bound}, State.ACCEPTED)
        return await self._update(operation, where, values, entry)

    async def close_request(
        self, operation: str, after: State, *, actor: str, denial: str | None = None
    ) -> Record | None:
        """End a request without a trunk: `denied`, `expired` or `withdrawn`. None when it does not wait."""
        if after not in TRANSITIONS[State.AWAITING_APPROVAL] - {State.ACCEPTED}:
            raise AssertionError(f"unreachable: a request does not end as {after}")
        values = self._moved(told=False) | {
            "state": after,
            "denial": denial,
            "decided_by": actor,
            "round": operations.c.round + 1,
        }
        where = [operations.c.id == operation, operations.c.state == State.AWAITING_APPROVAL]
        if after is State.EXPIRED:
            where.append(operations.c.expires_at <= milliseconds(self._clock))
        return await self._update(operation, where, values, _Entry(actor, after, {"reason": denial}, after))

    async def remind(self, operation: str) -> Record | None:
        """Mark that approvers are reminded of a request; None when they were, or it does not wait."""
        where = [
            operations.c.id == operation,
            operations.c.state == State.AWAITING_APPROVAL,
            operations.c.reminded.is_(False),
        ]
        return await self._update(operation, where, {"reminded": True}, _Entry(BOT, "reminded", {}))

    async def announced(self, operation: str) -> Record | None:
        """Mark that everyone was told of a create without a second person; None when it was marked."""
        where = [operations.c.id == operation, operations.c.reminded.is_(False)]
        return await self._update(operation, where, {"reminded": True}, _Entry(BOT, "announced", {}))

    async def expired(self) -> list[Record]:
        """Return the requests whose time is over."""
        return await self._waiting(operations.c.expires_at <= milliseconds(self._clock))

    async def half_expired(self) -> list[Record]:
        """Return the requests that have waited half of their time and were not reminded of."""
        half = (operations.c.expires_at + operations.c.created_at) / 2
        return await self._waiting(operations.c.reminded.is_(False), half <= milliseconds(self._clock))

    async def asked(self, operation: str, post: Post) -> None:
        """Remember the message that asks for an approval, so that it can be brought up to date."""
        values = {"approval_channel": post.channel, "approval_ts": post.ts}
        async with self._writing() as connection:
            await connection.execute(operations.update().where(operations.c.id == operation).values(values))

    async def _waiting(self, *where: sa.ColumnElement[bool]) -> list[Record]:
        query = operations.select().where(operations.c.state == State.AWAITING_APPROVAL, *where).limit(200)
        async with self._reader.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [read_record(dict(row)) for row in rows]

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
        async with self._writing() as connection:
            query = operations.update().where(operations.c.id == operation.id).values(values)
            await connection.execute(query)

    def _moved(self, *, told: bool) -> dict[str, object]:
        return {
            "updated_at": milliseconds(self._clock),
            "asking": False,
            "decision": None,
            "told": told,
            "moved_by": self.process,
        }

    async def note(self, operation: str, actor: str, kind: str, evidence: Mapping[str, object]) -> None:
        """Add an event that is no transition."""
        async with self._writing() as connection:
            await self._write(connection, operation, _Entry(actor, kind, evidence))

    async def refused(
        self, actor: str, act: str, reason: str, channel: str | None, operation: str = ""
    ) -> None:
        """Add the event of a refusal or a lost race, which changed nothing. Never raises.

        `act` is what was tried. What was typed is not kept: it may be anything.
        """
        evidence = {"act": act, "reason": reason, "channel": channel}
        try:
            await self.note(operation, actor, REFUSED, evidence)
        except (SQLAlchemyError, OSError) as error:
            _log.error("a refusal could not be recorded", reason=reason, error=type(error).__name__)

    async def get(self, operation: str) -> Record | None:
        """Return an operation by its id."""
        async with self._reader.connect() as connection:
            return await self._one(connection, operations.c.id == operation)

    async def by_reference(self, ref: str) -> Record | None:
        """Return an operation by its reference, `XXXX-XXXX`."""
        async with self._reader.connect() as connection:
            return await self._one(connection, operations.c.ref == ref)

    async def unattended(self, before: int, limit: int = 200) -> list[Record]:
        """Return what a workflow should be busy with and has not moved since `before` (ms), oldest first.

        That is: what is in flight and waits for no person, and what people were not told.
        """
        query = (
            operations.select()
            .where(_UNATTENDED, operations.c.asking.is_(False) | operations.c.told.is_(False))
            .where(operations.c.updated_at < before)
            .order_by(operations.c.updated_at)
            .limit(limit)
        )
        async with self._reader.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [read_record(dict(row)) for row in rows]

    async def owned(self, trunks: frozenset[str], besides: str) -> frozenset[str]:
        """Return those of the trunk ids that the ledger gives to an operation other than `besides`."""
        query = sa.select(operations.c.trunk_id).where(
            operations.c.trunk_id.in_(trunks), operations.c.id != besides
        )
        async with self._reader.connect() as connection:
            return frozenset((await connection.execute(query)).scalars().all())

    async def history(self, operation: str) -> list[Event]:
        """Return an operation's events in order."""
        query = events.select().where(events.c.operation == operation).order_by(events.c.id)
        async with self._reader.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [read_event(dict(row)) for row in rows]

    async def alive(self) -> None:
        """Ask the database for anything; raises when it does not answer."""
        async with self._reader.connect() as connection:
            await connection.execute(sa.select(1))

    @contextlib.asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        # SQLite lets one write and has the others poll, which is unfair and slow under a burst: 32 confirms
        # took up to 1.9 s. In line they take their turn.
        turn = self._turn if self._engine.dialect.name == "sqlite" else contextlib.nullcontext()
        async with turn, self._engine.begin() as connection:
            yield connection

    async def _one(self, connection: AsyncConnection, *where: sa.ColumnElement[bool]) -> Record | None:
        row = (await connection.execute(operations.select().where(*where))).mappings().first()
        return read_record(dict(row)) if row else None

    async def _update(
        self,
        operation: str,
        where: list[sa.ColumnElement[bool]],
        values: dict[str, object],
        entry: _Entry,
    ) -> Record | None:
        query = operations.update().where(*where).values(values).returning(*operations.c)
        try:
            async with self._writing() as connection:
                row = (await connection.execute(query)).mappings().first()
                if row is None:
                    return None
                await self._write(connection, operation, entry)
        except IntegrityError:
            return None
        record = read_record(dict(row))
        _log.info(
            "operation",
            ref=record.operation.ref,
            kind=entry.kind,
            actor=entry.actor,
            reason=record.operation.reason,
        )
        if entry.state is not None:
            self._moved_to(entry.state)
        self._changed()
        return record

    async def _write(self, connection: AsyncConnection, operation: str, entry: _Entry) -> None:
        event = {
            "operation": operation,
            "at": milliseconds(self._clock),
            "actor": entry.actor,
            "kind": entry.kind,
            "state": entry.state,
            "evidence": json.dumps(entry.evidence),
        }
        previous = await _head(connection)
        sealed = event | {"previous": previous, "hash": seal(previous, event)}
        await connection.execute(events.insert(), sealed)


async def _head(connection: AsyncConnection) -> str:
    """Return the hash of the last event; until this transaction ends nobody else adds one.

    On SQLite BEGIN IMMEDIATE sees to that, on Postgres a lock that the function takes (migration 0002).
    """
    on_postgres = connection.dialect.name == "postgresql"
    head = await connection.execute(_HEAD_LOCKED if on_postgres else _HEAD)
    return head.scalar_one_or_none() or GENESIS


_blank: dict[str, object] = dict.fromkeys(operations.c.keys())
