"""Writing a move: the operation, on the condition that nobody wrote in between, and all that goes with it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.operation import IN_FLIGHT, TRANSITIONS, Operation, Standing, StepState
from bot.domain.records import Move, Record
from bot.domain.transitions.moves import Decide
from bot.store.deadline import Deadline, TooLate
from bot.store.outbox import put
from bot.store.rows import approval_row, find_record, moving, read_records, step_row
from bot.store.rows_digest import digest_of
from bot.store.schema import approvals, claims, insert_new, operations, resources, secrets, steps
from bot.store.secrets import erase_outdated
from bot.store.writer import Result, Said, Writer

_MINE: Final = sa.and_(
    operations.c.id == sa.bindparam("mine"), operations.c.revision == sa.bindparam("as_read")
)
# No password of such a step is in use, as far as is known.
_UNUSED: Final = frozenset({StepState.REJECTED, StepState.NOT_SENT, StepState.NOT_DONE})
_STEP: Final = sa.and_(steps.c.operation == sa.bindparam("mine"), steps.c.number == sa.bindparam("which"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A record at Vobiz that the move names belongs to another operation: nothing was written."""


@dataclass(frozen=True, slots=True)
class _Again:
    """Somebody wrote in between: nothing was written."""


@dataclass(frozen=True, slots=True)
class _Moved:
    before: Record
    after: Record
    move: Move


async def change(
    writer: Writer,
    operation: str,
    decide: Decide,
    *,
    alike: int | None = None,
    known: Record | None = None,
    deadline: Deadline | None = None,
) -> Record | Taken | TooLate | None:
    """Move an operation as `decide` says; None when that is None, or somebody holds what it claims.

    With `alike` it is None as well unless just so many operations that ask for the same were done since.
    `known` is how it was read last: it is read again only when it has moved since, or is not to be moved.
    """

    async def work(connection: AsyncConnection) -> Result[_Moved | _Again | Taken | None]:
        nonlocal known
        before, known = known, None
        move = None if before is None else decide(before, writer.now)
        if move is None:
            before = await find_record(connection, operations.c.id == operation)
            move = None if before is None else decide(before, writer.now)
        if before is None or move is None:
            return Result(None)
        return await _write(writer, connection, before, move, alike)

    while isinstance(moved := await writer.transact(work, deadline), _Again):
        pass
    if not isinstance(moved, _Moved):
        return moved
    if moved.move.entry is not None:
        writer.tell(moved.after, moved.move.entry, moved.before.operation.standing)
    if moved.move.notices:
        writer.noticed()
    return moved.after


async def _write(
    writer: Writer, connection: AsyncConnection, before: Record, move: Move, alike: int | None
) -> Result[_Moved | _Again | Taken | None]:
    after = replace(move.after, revision=before.revision + 1, moved_by=writer.process)
    old, new = before.operation, after.operation
    if new.state is not old.state and new.state not in TRANSITIONS.get(old.state, frozenset()):
        raise AssertionError(f"unreachable: {old.state} -> {new.state} is no transition")
    values = moving(after) | {"mine": new.id, "as_read": before.revision}
    if (await connection.execute(operations.update().where(_MINE), values)).rowcount == 0:
        return Result(_Again())
    await _write_parts(connection, old, new)
    if not await _hold(connection, before, after):
        return Result(None)
    # With the claims in hand: nobody who claims the same is under way, so that their number stands still.
    if alike is not None and await count_alike(connection, new) != alike:
        return Result(None)
    for resource, thing in sorted(move.things):
        if not await _own(connection, old, resource, thing):
            return Result(Taken())
    await put(writer, connection, new, after.revision, move.notices)
    left = digest_of(after)
    if move.entry is None:
        if left != digest_of(before):
            raise AssertionError("unreachable: a move that the record tells of has an entry")
        return Result(_Moved(before, after, move), commit=True)
    state = new.state if new.state is not old.state else None
    sealed = await writer.append(connection, Said(new.id, move.entry, state, left))
    return Result(_Moved(before, after, move), commit=True, event=(new.id, sealed))


async def _write_parts(connection: AsyncConnection, old: Operation, new: Operation) -> None:
    for was, step in zip(old.steps, new.steps, strict=True):
        if step != was:
            values = step_row(new.id, step) | {"mine": new.id, "which": step.number}
            await connection.execute(steps.update().where(_STEP), values)
        if step.state in _UNUSED and was.state not in _UNUSED and not step.may_hold:
            unused = (secrets.c.operation == new.id, secrets.c.step == step.number)
            await connection.execute(secrets.delete().where(*unused))
        if step.state is StepState.DONE is not was.state and step.thing is not None:
            await erase_outdated(connection, new.id, step.thing.id)
    if new.approval is not None and new.approval != old.approval:
        mine = approvals.c.operation == new.id
        await connection.execute(approvals.update().where(mine).values(approval_row(new.id, new.approval)))


async def _hold(connection: AsyncConnection, before: Record, after: Record) -> bool:
    """Take or release what an operation claims; false when another one holds it."""
    held, holds = (record.operation.state in IN_FLIGHT for record in (before, after))
    if holds and not held:
        return await take_claims(connection, after)
    if held and not holds and after.claims:
        mine = claims.c.operation == after.operation.id
        await connection.execute(claims.delete().where(claims.c.key.in_(claim_keys(after.claims)), mine))
    return True


async def take_claims(connection: AsyncConnection, record: Record) -> bool:
    """Take what an operation claims; false when another one holds it. In order, so that nobody deadlocks."""
    for key in claim_keys(record.claims):
        if not await insert_new(connection, claims, {"key": key, "operation": record.operation.id}):
            return False
    return True


def claim_keys(held: Sequence[str]) -> list[str]:
    """Return what stands for claims in the database."""
    return sorted({hashlib.sha256(claim.encode()).hexdigest() for claim in held})


async def _own(connection: AsyncConnection, op: Operation, resource: str, thing: str) -> bool:
    """Make a record at Vobiz the operation's, which is at the step that made it; false: it is another's."""
    row = {"account": op.account, "type": resource, "id": thing.casefold()}
    owned = row | {"operation": op.id, "step": op.step.number}
    if await insert_new(connection, resources, owned):
        return True
    where = [resources.c[name] == value for name, value in row.items()]
    owner = await connection.execute(sa.select(resources.c.operation).where(*where))
    return owner.scalar_one_or_none() == op.id


async def find_lately(connection: AsyncConnection, likeness: str, since: int, besides: str) -> Record | None:
    """Return the latest operation that asked for this and was done since a time (ms), if any."""
    lately = (
        operations.c.likeness == likeness,
        operations.c.standing == Standing.DONE.value,
        operations.c.updated_at >= since,
        operations.c.id != besides,
    )
    latest = await read_records(connection, *lately, order=(operations.c.updated_at.desc(),), most=1)
    return latest[0] if latest else None


def done_alike(op: Operation) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what holds for operations that ask for the same and were done since this one was asked for."""
    return (
        operations.c.likeness == op.likeness,
        operations.c.standing == Standing.DONE.value,
        operations.c.updated_at >= op.created_at,
        operations.c.id != op.id,
    )


async def count_alike(connection: AsyncConnection, op: Operation) -> int:
    """Count them."""
    query = sa.select(sa.func.count()).select_from(operations).where(*done_alike(op))
    return int((await connection.execute(query)).scalar_one())
