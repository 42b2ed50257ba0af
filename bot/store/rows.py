"""Rows to typed values and back: each JSON column has one reader and one writer, both here."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.history_query import folded
from bot.domain.operation import Approval, Choice, Found, Look, Operation, State, Step, StepState, canonical
from bot.domain.outcome import Data, Refusal, Thing
from bot.domain.proof import Proof
from bot.domain.records import Event, Post, Purpose, Record, Telling
from bot.store.schema import approvals, operations, steps

Row = sa.RowMapping

# Everything of an operation is one SELECT: a row for each of its steps.
_STEP: Final = "step_"
_APPROVAL: Final = "approval_"
_WITH_APPROVALS: Final = operations.outerjoin(approvals, approvals.c.operation == operations.c.id)
_RECORDS: Final = sa.select(
    *operations.c,
    *(column.label(_STEP + column.name) for column in steps.c if column.name != "operation"),
    *(column.label(_APPROVAL + column.name) for column in approvals.c),
).select_from(_WITH_APPROVALS.join(steps, steps.c.operation == operations.c.id))


async def read_records(
    connection: AsyncConnection,
    *where: sa.ColumnElement[bool],
    order: Sequence[sa.ColumnElement[Any]] = (),
    most: int | None = None,
) -> list[Record]:
    """Return the operations (and approvals) for which this holds, in an order, `most` of them."""
    query = _RECORDS.where(*where)
    if most is not None:
        # The ids come from an index that holds what is compared; only those rows are read that are wanted.
        found = sa.select(operations.c.id).select_from(_WITH_APPROVALS)
        query = _RECORDS.where(operations.c.id.in_(found.where(*where).order_by(*order).limit(most)))
    rows = (await connection.execute(query.order_by(*order, operations.c.id, steps.c.number))).mappings()
    return [read_record(list(mine)) for _, mine in groupby(rows, key=lambda row: str(row["id"]))]


async def find_record(connection: AsyncConnection, *where: sa.ColumnElement[bool]) -> Record | None:
    """Return the operation for which this holds; the newest, when there are several."""
    records = await read_records(connection, *where)
    return max(records, key=lambda record: record.operation.created_at, default=None)


def read_record(rows: Sequence[Row]) -> Record:
    """Read the rows of one operation, of which there is one for each step, in the steps' order."""
    row = rows[0]
    proof = _text(row, "proof")
    operation = Operation(
        id=_word(row, "id"),
        kind=_word(row, "kind"),
        version=_number(row, "version"),
        state=State(_word(row, "state")),
        request=_data(_word(row, "request")),
        seen=_data(_word(row, "seen")),
        subject=_word(row, "subject"),
        account=_word(row, "account"),
        team=_word(row, "team"),
        channel=_word(row, "channel"),
        requester=_word(row, "requester"),
        created_at=_number(row, "created_at"),
        updated_at=_number(row, "updated_at"),
        steps=tuple(_read_step(each) for each in rows),
        round=_number(row, "round"),
        asking=bool(row["asking"]),
        approval=_read_approval(row),
        proof=Proof.model_validate_json(proof) if proof else None,
    )
    decision = _text(row, "decision")
    return Record(
        operation=operation,
        claims=tuple(json.loads(_word(row, "claims"))),
        decision=Choice(decision) if decision else None,
        revision=_number(row, "revision"),
        moved_by=_word(row, "moved_by"),
        wake_at=_integer(row, "wake_at"),
        view_id=_text(row, "view_id"),
        reply=_text(row, "reply"),
        snapshot=_text(row, "snapshot"),
        digest=_word(row, "digest"),
        target=_word(row, "target"),
        watch_until=_integer(row, "watch_until"),
    )


def operation_row(record: Record) -> dict[str, object]:
    """Write an operation's row."""
    op = record.operation
    confirmed = {
        "id": op.id,
        "ref": op.ref,
        "kind": op.kind,
        "version": op.version,
        "request": canonical(op.request),
        "seen": canonical(op.seen),
        "subject": op.subject,
        "folded": folded(op.subject),
        "likeness": op.likeness,
        "digest": record.digest,
        "claims": json.dumps(record.claims),
        "account": op.account,
        "team": op.team,
        "channel": op.channel,
        "requester": op.requester,
        "created_at": op.created_at,
        "view_id": record.view_id,
        "reply": record.reply,
        "target": record.target,
        "snapshot": record.snapshot,
    }
    return confirmed | moving(record)


def moving(record: Record) -> dict[str, object]:
    """Write what of an operation's row may change after it was confirmed."""
    op = record.operation
    return {
        "state": op.state.value,
        "standing": op.standing.value,
        "round": op.round,
        "asking": op.asking,
        "decision": record.decision.value if record.decision else None,
        "revision": record.revision,
        "moved_by": record.moved_by,
        "wake_at": record.wake_at,
        "snapshot": record.snapshot,
        "updated_at": op.updated_at,
        "proof": canonical(op.proof.model_dump(mode="json")) if op.proof else None,
        "watch_until": record.watch_until,
    }


def step_row(operation: str, step: Step) -> dict[str, object]:
    """Write a step's row."""
    return {
        "operation": operation,
        "number": step.number,
        "name": step.name,
        "state": step.state.value,
        "sent_at": step.sent_at,
        "began_at": step.began_at,
        "sendings": step.sendings,
        "thing": canonical(step.thing.model_dump(mode="json")) if step.thing else None,
        "found": step.found.value if step.found else None,
        "refusal": canonical(step.refusal.model_dump(mode="json")) if step.refusal else None,
        "reason": step.reason,
        "look": _dump_look(step.look) if step.look else None,
        "looks": step.looks,
        "decided_by": step.decided_by,
    }


def approval_row(operation: str, approval: Approval) -> dict[str, object]:
    """Write an approval's row."""
    said = {field.name: getattr(approval, field.name) for field in fields(approval)}
    return said | {"operation": operation}


def read_telling(row: Row) -> Telling:
    """Read a row of `notices`."""
    data, channel, ts = _text(row, "data"), _text(row, "channel"), _text(row, "ts")
    return Telling(
        id=_number(row, "id"),
        operation=_word(row, "operation"),
        purpose=Purpose(_word(row, "purpose")),
        key=_word(row, "key"),
        data=_data(data) if data is not None else None,
        wanted=_number(row, "wanted"),
        shown=_integer(row, "shown"),
        due_at=_integer(row, "due_at"),
        tries=_number(row, "tries"),
        unsure=bool(row["unsure"]),
        route=_text(row, "route"),
        place=Post(channel, ts) if channel and ts else None,
    )


def read_events(rows: Iterable[Row]) -> tuple[Event, ...]:
    """Read rows of `events`."""
    return tuple(
        Event(
            _number(row, "at"),
            _word(row, "actor"),
            _word(row, "kind"),
            _text(row, "state"),
            _data(_word(row, "evidence")),
        )
        for row in rows
    )


def _read_step(row: Row) -> Step:
    thing, refusal = _text(row, _STEP + "thing"), _text(row, _STEP + "refusal")
    look, found = _text(row, _STEP + "look"), _text(row, _STEP + "found")
    return Step(
        number=_number(row, _STEP + "number"),
        name=_word(row, _STEP + "name"),
        state=StepState(_word(row, _STEP + "state")),
        sent_at=_integer(row, _STEP + "sent_at"),
        began_at=_integer(row, _STEP + "began_at"),
        sendings=_number(row, _STEP + "sendings"),
        thing=Thing.model_validate_json(thing) if thing else None,
        found=Found(found) if found else None,
        refusal=Refusal.model_validate_json(refusal) if refusal else None,
        reason=_text(row, _STEP + "reason"),
        look=_read_look(look) if look else None,
        looks=_number(row, _STEP + "looks"),
        decided_by=_text(row, _STEP + "decided_by"),
    )


def _read_approval(row: Row) -> Approval | None:
    if row[_APPROVAL + "operation"] is None:
        return None
    return Approval(
        note=_text(row, _APPROVAL + "note"),
        expires_at=_integer(row, _APPROVAL + "expires_at"),
        break_glass=bool(row[_APPROVAL + "break_glass"]),
        above=_integer(row, _APPROVAL + "above"),
        decided_by=_text(row, _APPROVAL + "decided_by"),
        decided_at=_integer(row, _APPROVAL + "decided_at"),
        denial=_text(row, _APPROVAL + "denial"),
    )


def _dump_look(look: Look) -> str:
    said: dict[str, object] = {"finished": look.finished, "whole": look.whole, "again": look.again}
    candidates = [thing.model_dump(mode="json") for thing in look.candidates]
    return canonical(said | {"candidates": candidates, "elsewhere": look.elsewhere})


def _read_look(text: str) -> Look:
    said = json.loads(text)
    candidates = tuple(Thing.model_validate(thing) for thing in said["candidates"])
    return Look(said["finished"], said["whole"], candidates, said["again"], said["elsewhere"])


def _data(text: str) -> Data:
    data: dict[str, object] = json.loads(text)
    return data


def _word(row: Row, column: str) -> str:
    value = row[column]
    if not isinstance(value, str):
        raise TypeError(column)
    return value


def _text(row: Row, column: str) -> str | None:
    return None if row[column] is None else _word(row, column)


def _number(row: Row, column: str) -> int:
    value = row[column]
    if not isinstance(value, int):
        raise TypeError(column)
    return value


def _integer(row: Row, column: str) -> int | None:
    return None if row[column] is None else _number(row, column)
