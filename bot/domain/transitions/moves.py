"""What transitions share: the record as it is afterwards, and who is to be told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.domain.operation import Found, Operation, State, Step, StepState
from bot.domain.outcome import Thing
from bot.domain.records import Entry, Move, Notice, Purpose, Record

BOT: Final = "bot"  # the actor of what no person did
# Milliseconds without a move after which an operation in flight is missed: with the rounds of the sweep it
# goes on within 10 s. One that is only slow loses nothing: of two runs that want to move it one wins.
ATTENDED: Final = 5_000

# Milliseconds from what was judged to the write. A process that slept in between (a laptop's lid, a paused
# machine) may have been taken for dead: others may have looked, asked and sent meanwhile.
FRESH: Final = 5_000
# Milliseconds after a set-up for which the first call of its trunk is waited for.
WATCHED: Final = 86_400_000

Decide = Callable[[Record, int], Move | None]

RESULT: Final = Notice(Purpose.RESULT)
MODAL: Final = Notice(Purpose.MODAL)
RENEWED: Final = tuple(
    Notice(purpose, renew=True) for purpose in (Purpose.APPROVAL, Purpose.REMINDER, Purpose.QUESTION)
)
EDITED: Final = Notice(Purpose.RESULT, renew=True)


def done(
    record: Record,
    now: int,
    entry: Entry,
    *,
    thing: Thing | None,
    how: Found,
    resource: str | None,
    decided_by: str | None = None,
) -> Move:
    """End the step that an operation is at as done; it ends the operation, or the next step follows."""
    step = record.operation.step
    finished = replace(
        step, state=StepState.DONE, thing=thing, found=how, decided_by=decided_by or step.decided_by
    )
    things: tuple[tuple[str, str], ...] = ()
    # A later step may change the record that an earlier one made: that is the operation's already.
    if resource is not None and thing is not None and not _made(record.operation, thing):
        things = ((resource, thing.id),)
    if step.number < len(record.operation.steps):
        after = moved(record, now, State.RUNNING, finished, wake_at=now + ATTENDED)
        return Move(after, entry, (RESULT, MODAL, *RENEWED), things)
    return Move(ended_at(record, now, State.DONE, finished), entry, told_at_end(record.operation), things)


def stopped(record: Record, now: int, ended: Step, entry: Entry) -> Move:
    """End an operation with a step that was not done."""
    return Move(ended_at(record, now, State.STOPPED, ended), entry, told_at_end(record.operation))


def told_at_end(op: Operation) -> tuple[Notice, ...]:
    """Tell how it ended; the channel must not miss that an uncertain operation is settled."""
    unsure = op.state is State.UNKNOWN or op.uncertain
    settled = (Notice(Purpose.SETTLED),) if unsure else ()
    return (RESULT, MODAL, *settled, *RENEWED)


def as_it_was(began: Record, record: Record) -> bool:
    """Whether nothing has happened since a look began that makes what it showed out of date."""
    return record.operation.state is State.UNKNOWN and as_read(began, record)


def as_read(read: Record, record: Record) -> bool:
    """Whether an operation is still at what was read of it: the same step, sending, round and decision."""
    op, then = record.operation, read.operation
    now = (op.state, op.round, op.step.number, op.step.state, op.step.sendings, record.decision)
    return now == (
        then.state,
        then.round,
        then.step.number,
        then.step.state,
        then.step.sendings,
        read.decision,
    )


def next_round(record: Record) -> Record:
    """Count a person's decision."""
    return replace(record, operation=replace(record.operation, round=record.operation.round + 1))


def _made(op: Operation, thing: Thing) -> bool:
    own = (step.thing.id.casefold() for step in op.steps if step.thing is not None)
    return thing.id.casefold() in own


def ended_at(record: Record, now: int, state: State, step: Step) -> Record:
    """Return the record of an operation that has ended.

    One that was uncertain is to be looked at again, what Vobiz has not stated of a result to be read, and a
    trunk that shall carry calls to be examined.
    """
    after = moved(record, now, state, step, wake_at=None)
    op = after.operation
    if state is State.DONE and op.proof is not None and op.proof.watched:
        after = replace(after, watch_until=now + WATCHED)
    return replace(after, wake_at=now) if op.awaits or after.unproven or looked_for(op) else after


def looked_for(op: Operation) -> bool:
    """Whether an operation that has ended is to be looked at again: something may turn up late."""
    return op.uncertain or any(step.found is Found.LOOK for step in op.steps)


def moved(
    record: Record,
    now: int,
    state: State,
    step: Step,
    *,
    asking: bool = False,
    wake_at: int | None,
    touched: bool = True,
) -> Record:
    """Return the record in a state, with one step as it is now; no decision waits any more.

    What only changes what is known of the same state has not `touched` it: it was moved when it was.
    """
    op = record.operation
    steps = tuple(step if one.number == step.number else one for one in op.steps)
    updated = now if touched else op.updated_at
    moved = replace(op, state=state, steps=steps, asking=asking, updated_at=updated)
    return replace(record, operation=moved, decision=None, wake_at=wake_at)


def kept(record: Record, now: int, step: Step, *, wake_at: int | None) -> Record:
    """Return the record with nothing moved: what waits for a person still does."""
    kept = moved(
        record,
        now,
        record.operation.state,
        step,
        asking=record.operation.asking,
        wake_at=wake_at,
        touched=False,
    )
    return replace(kept, decision=record.decision)


def which_step(op: Operation, step: Step) -> dict[str, object]:
    """Say which step it was, where there are several."""
    return {"step": f"{step.number} of {len(op.steps)}: {step.name}"} if len(op.steps) > 1 else {}
