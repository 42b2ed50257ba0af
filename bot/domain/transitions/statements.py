"""What Vobiz states of a result after its answer left it out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.domain.operation import State
from bot.domain.outcome import Data, Thing
from bot.domain.records import Entry, Move, Notice, Purpose, Record
from bot.domain.transitions.moves import BOT, MODAL, kept, looked_for

# What the notice of a result holds when something was added to it, or is not waited for any more.
ADDED: Final[Data] = {"added": True}
ENDED: Final[Data] = {"added": False}


def stated(
    record: Record, now: int, *, read: Record, things: Mapping[int, Thing], wake_at: int | None
) -> Move | None:
    """Write down what Vobiz states by now of what an operation made: `things` by the number of their step.

    What is still missing is read again at `wake_at` (ms). When that is None nobody waits for it any more:
    people are told that it was not stated.
    """
    op = record.operation
    if op.state not in {State.DONE, State.STOPPED} or op.steps != read.operation.steps:
        return None
    missing = sorted({name for thing in things.values() for name in thing.awaited})
    if wake_at is None:
        things = {number: thing.model_copy(update={"awaited": ()}) for number, thing in things.items()}
        wake_at = now if record.unproven or looked_for(op) else None
    steps = tuple(replace(step, thing=things.get(step.number, step.thing)) for step in op.steps)
    after = kept(record, now, op.step, wake_at=wake_at)
    if steps == op.steps:
        return Move(after, None)
    after = replace(after, operation=replace(after.operation, steps=steps))
    news = {
        key: value
        for step in op.steps
        if step.thing is not None and step.number in things
        for key, value in things[step.number].data.items()
        if key not in step.thing.data
    }
    entry = Entry(BOT, "stated" if news else "not_stated", {**news, "missing": missing})
    return Move(after, entry, (Notice(Purpose.RESULT, data=ADDED if news else ENDED), MODAL))
