"""Operations to reason about: one with any number of steps, and what may happen to it."""

from dataclasses import replace
from typing import Final

from bot.domain.operation import Approval, Look, Operation, State, Step, StepState
from bot.domain.outcome import Done, NotSent, Refusal, Rejected, Thing, Unknown
from bot.domain.records import Record

NOW: Final = 1_800_000_000_000
TRUNK: Final = Thing(id="T-1", data={"name": "Sales"})
OTHER: Final = Thing(id="T-2", data={"name": "Sales"})
DONE: Final = Done(TRUNK, 201, "req_1")
REJECTED: Final = Rejected(Refusal(status=422, message="No balance."))
NOT_SENT: Final = NotSent("connect")
UNKNOWN: Final = Unknown("timeout")
NOTHING_THERE: Final = Look(finished=True, whole=True, again=True)
ONE_THERE: Final = Look(finished=True, whole=True, candidates=(TRUNK,))


def accepted(count: int = 1, /, **changes: object) -> Record:
    """Return an operation of so many steps that was just accepted; `changes` are its fields."""
    op = Operation(
        id="00ff" * 8,
        kind="create_trunk",
        version=1,
        state=State.ACCEPTED,
        request={"name": "Sales", "direction": "outbound", "calls": 10},
        seen={},
        subject="Sales",
        account="MA_1",
        team="T1",
        channel="C1",
        requester="U1",
        created_at=NOW,
        updated_at=NOW,
        steps=tuple(Step(number, f"step_{number}") for number in range(1, count + 1)),
    )
    op = replace(op, **changes)  # type: ignore[arg-type]  # the fields are named where it is called
    return Record(op, claims=("c",), wake_at=NOW, digest=op.bound)


def requested(steps: int = 1) -> Record:
    """Return an operation that waits for an approval for an hour."""
    approval = Approval(note="why", expires_at=NOW + 3_600_000)
    record = accepted(steps, state=State.AWAITING_APPROVAL, approval=approval)
    return replace(record, wake_at=NOW + 1_800_000)


def at_step(record: Record, **changes: object) -> Record:
    """Change the step that an operation is at."""
    op = record.operation
    changed = replace(op.step, **changes)  # type: ignore[arg-type]  # as above
    steps = tuple(changed if step.number == changed.number else step for step in op.steps)
    return replace(record, operation=replace(op, steps=steps))


def sending(record: Record) -> Record:
    """Return it as it is while its step is being sent."""
    record = replace(record, operation=replace(record.operation, state=State.RUNNING))
    return at_step(record, state=StepState.SENDING, sent_at=NOW, began_at=NOW, sendings=1)


def unknown(record: Record, look: Look | None = None, looks: int = 0, *, asking: bool = False) -> Record:
    """Return it as it is after a sending whose outcome is not known."""
    record = at_step(sending(record), state=StepState.UNKNOWN, reason="timeout", look=look, looks=looks)
    return replace(record, operation=replace(record.operation, state=State.UNKNOWN, asking=asking))
