"""Storing a confirmed operation: at once or not at all, once for each form, no identical ones in flight."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.history_query import folded
from bot.domain.operation import IN_FLIGHT, State, TrunkRequest, digest
from bot.domain.records import NewOperation, Record, dump_baseline, read_record
from bot.store.events import Entry, Limit, TooLate, Writer
from bot.store.schema import operations


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


async def accept(writer: Writer, new: NewOperation, limit: Limit) -> Stored | Already | Twin | TooLate:
    """Store a confirmed operation within a limit of time.

    It is checked after the write lock was obtained and the row written, just before the commit. So who was
    told “not accepted yet” does not find a trunk afterwards; and pressing again is the same operation.
    """
    # An identical request that was in the way may have ended by the time it is looked up: then once more.
    while (answer := await _try_to_store(writer, new, limit)) is None:
        pass
    return answer


async def _try_to_store(
    writer: Writer, new: NewOperation, limit: Limit
) -> Stored | Already | Twin | TooLate | None:
    row = _row(writer, new)
    record = read_record(row)
    entry = _entry(new, record.operation.state)
    try:
        async with writer.adding() as (connection, head):
            # Who waited this long for its turn was told already. Writing for them and undoing it
            # keeps those waiting who could still be served: a soak above capacity never recovered.
            if limit.over(writer.clock, committing=False):
                return TooLate()
            await connection.execute(operations.insert(), row)
            await writer.add(connection, head, new.id, entry)
            if limit.over(writer.clock, committing=True):
                await connection.rollback()
                return TooLate()
    except IntegrityError:
        return await _why_not(writer, new)
    writer.tell(record, entry)
    return Stored(record)


async def find(connection: AsyncConnection, *where: sa.ColumnElement[bool]) -> Record | None:
    """Return the operation for which this holds; the first, when there are several."""
    row = (await connection.execute(operations.select().where(*where))).mappings().first()
    return read_record(dict(row)) if row else None


async def find_twin(connection: AsyncConnection, account: str, request: TrunkRequest) -> Record | None:
    """Return the identical request that is in flight, if there is one."""
    return await find(
        connection,
        operations.c.account == account,
        operations.c.name == request.name,
        operations.c.direction == request.direction,
        operations.c.calls == request.calls,
        operations.c.state.in_(IN_FLIGHT),
    )


def _row(writer: Writer, new: NewOperation) -> dict[str, object]:
    now = writer.now
    row: dict[str, object] = dict.fromkeys(operations.c.keys()) | {
        "id": new.id,
        "state": State.AWAITING_APPROVAL if new.asking else State.ACCEPTED,
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
        "moved_by": writer.process,
        "view_id": new.view_id,
        "reply": new.reply,
        "baseline": dump_baseline(new.baseline),
    }
    return row | {"ref": read_record(row).operation.ref}


def _entry(new: NewOperation, state: State) -> Entry:
    evidence: dict[str, object] = {
        "name": new.request.name,
        "direction": new.request.direction,
        "calls": new.request.calls,
    }
    if new.asking is not None:
        until = datetime.fromtimestamp(new.asking.expires_at // 1000, UTC)
        evidence |= {"reason": new.asking.note, "expires": until.isoformat()}
    if new.break_glass is not None:
        evidence["break_glass"] = new.break_glass
    return Entry(new.requester, state, evidence, state)


async def _why_not(writer: Writer, new: NewOperation) -> Already | Twin | None:
    async with writer.reader.connect() as connection:
        same = await find(connection, operations.c.id == new.id)
        if same is not None:
            return Already(same)
        twin = await find_twin(connection, new.account, new.request)
    return None if twin is None else Twin(twin)
