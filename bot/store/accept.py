"""Storing a confirmed operation: at once or not at all, once for each form, only with all that it claims."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.operation import Approval, Operation, State, Step, canonical
from bot.domain.records import Entry, NewOperation, Notice, Purpose, Record
from bot.domain.transitions.moves import ATTENDED
from bot.store.deadline import Deadline, TooLate
from bot.store.moves import claim_keys, find_lately, take_claims
from bot.store.outbox import put
from bot.store.rows import approval_row, find_record, operation_row, step_row
from bot.store.rows_digest import digest_of
from bot.store.schema import approvals, claims, insert_new, operations, steps
from bot.store.writer import Result, Said, Writer

_FIRST: Final = 1  # the revision that is stored first


@dataclass(frozen=True, slots=True)
class Stored:
    """The operation is in the ledger, committed."""

    record: Record


@dataclass(frozen=True, slots=True)
class Already:
    """This form was confirmed before: the same operation."""

    record: Record


@dataclass(frozen=True, slots=True)
class Claimed:
    """Another operation, in flight, holds something that this one claims."""

    record: Record


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same was done a short while ago, and the person was not told of it: nothing was stored."""

    record: Record


Accepting = Stored | Already | Claimed | Repeated


@dataclass(frozen=True, slots=True)
class _Again:
    """What was in the way had ended by the time it was looked up."""


async def accept(writer: Writer, new: NewOperation, deadline: Deadline) -> Accepting | TooLate:
    """Store a confirmed operation. It is `accepted`, or with `new.asking` waits for an approval."""

    async def work(connection: AsyncConnection) -> Result[Accepting | _Again]:
        return await _store(writer, connection, new)

    while isinstance(answer := await writer.transact(work, deadline), _Again):
        pass
    if isinstance(answer, Stored):
        writer.tell(answer.record, _entry(new, answer.record.operation), None)
        if _notices(new):
            writer.noticed()
    return answer


async def _store(
    writer: Writer, connection: AsyncConnection, new: NewOperation
) -> Result[Accepting | _Again]:
    record = _record(new, writer.now, writer.process)
    op = record.operation
    if not await insert_new(connection, operations, operation_row(record)):
        same = await find_record(connection, operations.c.id == op.id)
        return Result(_Again() if same is None else Already(same))
    if op.state is State.ACCEPTED and not await take_claims(connection, record):
        holder = await find_holder(connection, record.claims, op.id)
        return Result(_Again() if holder is None else Claimed(holder))
    # With the claims in hand: what asks for the same cannot end meanwhile.
    if new.unless_since is not None:
        latest = await find_lately(connection, op.likeness, new.unless_since, op.id)
        if latest is not None and latest.operation.id != new.shown:
            return Result(Repeated(latest))
    await connection.execute(steps.insert(), [step_row(op.id, step) for step in op.steps])
    if op.approval is not None:
        await connection.execute(approvals.insert(), approval_row(op.id, op.approval))
    await put(writer, connection, op, record.revision, _notices(new))
    sealed = await writer.append(connection, Said(op.id, _entry(new, op), op.state, digest_of(record)))
    return Result(Stored(record), commit=True, event=(op.id, sealed))


async def find_holder(connection: AsyncConnection, held: Sequence[str], besides: str) -> Record | None:
    """Return an operation in flight that holds one of the claims, other than `besides`."""
    mine = claims.select().where(claims.c.key.in_(claim_keys(held)), claims.c.operation != besides)
    row = (await connection.execute(mine)).mappings().first()
    return None if row is None else await find_record(connection, operations.c.id == row["operation"])


def _record(new: NewOperation, now: int, process: str) -> Record:
    asking = new.asking
    approval = None
    if asking is not None:
        approval = Approval(note=asking.note, expires_at=asking.expires_at, above=asking.above)
    elif new.break_glass is not None:
        approval = Approval(note=new.break_glass, break_glass=True)
    op = Operation(
        id=new.id,
        kind=new.kind,
        version=new.version,
        state=State.ACCEPTED if asking is None else State.AWAITING_APPROVAL,
        request=json.loads(canonical(new.request)),
        seen=json.loads(canonical(new.seen)),
        subject=new.subject,
        account=new.account,
        team=new.team,
        channel=new.channel,
        requester=new.requester,
        created_at=now,
        updated_at=now,
        steps=tuple(Step(number, name) for number, name in enumerate(new.steps, 1)),
        approval=approval,
        proof=new.proof,
    )
    return Record(
        operation=op,
        claims=new.claims,
        revision=_FIRST,
        moved_by=process,
        # The approvers are reminded when half of the time is over.
        wake_at=now + ATTENDED if asking is None else (now + asking.expires_at) // 2,
        view_id=new.view_id,
        reply=new.reply,
        snapshot=new.snapshot,
        target=new.target,
        digest=op.bound,
    )


def _entry(new: NewOperation, op: Operation) -> Entry:
    evidence: dict[str, object] = {"kind": op.kind} | dict(op.request)
    if new.asking is not None:
        until = datetime.fromtimestamp(new.asking.expires_at // 1000, UTC)
        evidence |= {"reason": new.asking.note, "expires": until.isoformat()}
    if new.break_glass is not None:
        evidence["break_glass"] = new.break_glass
    return Entry(new.requester, op.state.value, evidence)


def _notices(new: NewOperation) -> tuple[Notice, ...]:
    if new.asking is not None:
        # Both say where it was asked for.
        return (Notice(Purpose.APPROVAL), Notice(Purpose.RESULT), Notice(Purpose.MODAL))
    # The modal says “Creating…”, and what comes is still to be told.
    return () if new.break_glass is None else (Notice(Purpose.APPROVAL),)
