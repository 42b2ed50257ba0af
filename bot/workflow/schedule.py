"""What is next for an operation, and when: decided from the record alone. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.operation import Choice, State, StepState
from bot.domain.records import Record

# Shares of the settling time before each look: 2, 4, 8, 16 and 30 s of the default 60.
_SHARES: Final = (2 / 60, 4 / 60, 8 / 60, 16 / 60, 30 / 60)
# While a question is open: every 5 minutes, then more and more seldom, at last once an hour. In seconds.
_SLOW_LEAST: Final = 300
_SLOW_MOST: Final = 3600
_SLOW_SHARE: Final = 1 / 6  # of the time that the question has been open
_SLOW_FOR: Final = 7 * 86_400
# After the end of an uncertain operation: a few settling times later, and then until a day has passed.
_LATE_FIRST: Final = 5  # settling times
_LATE: Final = (1800, 7200, 28_800, 86_400)  # seconds
_LATE_AGAIN: Final = 600  # seconds until a late look that did not see the whole account is repeated
# After the end, while Vobiz has not stated all of what was made, in seconds: a new trunk's SIP domain can be
# missing for one.
_AGAIN: Final = (1, 2, 4, 8, 15)
# After the end, until something of the trunk was seen, in seconds; the first time is at once.
_EXAMINED: Final = (5, 30)
_LATE_FOR: Final = 86_400 + 2 * 3600  # seconds


class Act(StrEnum):
    """What a run may do for an operation."""

    SEND = "send"
    TAKE_OVER = "take_over"  # a sending whose run is gone
    LOOK = "look"
    LOOK_LAST = "look_last"  # and ask, if that does not settle it
    LOOK_THEN_SEND = "look_then_send"
    LOOK_SLOWLY = "look_slowly"  # while people are asked
    READ_AGAIN = "read_again"  # what Vobiz has not stated of a result
    EXAMINE = "examine"  # whether the trunk is ready
    LOOK_LATE = "look_late"  # after the end
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Next:
    """What is next, and from when on (ms); 0 is at once."""

    act: Act
    at: int = 0


_NOTHING: Final = Next(Act.NOTHING)


def what_is_next(record: Record, settle: float, *, known: bool) -> Next:
    """Say what an operation needs next; `settle` is the settling time in seconds.

    An operation of a kind that this version does not know (`known`) is left to one that does.
    """
    op, step = record.operation, record.operation.step
    if not known:
        return _NOTHING
    match op.state:
        case State.ACCEPTED | State.RUNNING:
            acts = {StepState.WAITING: Act.SEND, StepState.SENDING: Act.TAKE_OVER}
            return Next(acts.get(step.state, Act.NOTHING))
        case State.UNKNOWN:
            return _unknown(record)
        case State.DONE | State.STOPPED if record.wake_at is not None:
            return _ended(record, record.wake_at, settle)
        case _:
            return _NOTHING


def _ended(record: Record, wake_at: int, settle: float) -> Next:
    op = record.operation
    if op.awaits:
        return Next(Act.READ_AGAIN, max(op.updated_at + _AGAIN[0] * 1000, wake_at))
    if record.unproven:
        return Next(Act.EXAMINE, wake_at)
    return Next(Act.LOOK_LATE, max(op.updated_at + int(_LATE_FIRST * settle * 1000), wake_at))


def _unknown(record: Record) -> Next:
    op = record.operation
    if record.decision is Choice.SEND_AGAIN:
        return Next(Act.LOOK_THEN_SEND)
    if record.decision is Choice.CHECK_AGAIN:
        return Next(Act.LOOK_LAST)
    if op.asking:
        return _NOTHING if record.wake_at is None else Next(Act.LOOK_SLOWLY, record.wake_at)
    last = op.step.looks + 1 >= len(_SHARES)
    return Next(Act.LOOK_LAST if last else Act.LOOK, record.wake_at or 0)


def next_look(now: int, looks: int, settle: float) -> int:
    """Return when to look after so many looks in vain; `now` and the answer in ms, `settle` in seconds."""
    return now + int(_SHARES[min(looks, len(_SHARES) - 1)] * settle * 1000)


def next_slow_look(now: int, asked_at: int) -> int | None:
    """Return when to look while a question is open since `asked_at` (ms); None when it was long enough."""
    age = (now - asked_at) / 1000
    if age >= _SLOW_FOR:
        return None
    return now + int(min(_SLOW_MOST, max(_SLOW_LEAST, age * _SLOW_SHARE)) * 1000)


def next_reading(now: int, ended_at: int) -> int | None:
    """Return when to read a result again that ended at `ended_at` (ms); None when it was often enough."""
    return next((due for after in _AGAIN if (due := ended_at + after * 1000) > now), None)


def next_examination(now: int, ended_at: int) -> int | None:
    """Return when to examine a trunk of which nothing was seen so far; None when it was often enough."""
    return next((due for after in _EXAMINED if (due := ended_at + after * 1000) > now), None)


def next_late_look(now: int, ended_at: int, *, seen: bool) -> int | None:
    """Return when to look after an operation that ended at `ended_at` (ms); None when it was long enough.

    `seen` says that the look of now showed the whole account: else it is repeated before the next is due.
    """
    age = (now - ended_at) / 1000
    due = next((ended_at + after * 1000 for after in _LATE if after > age), None)
    if seen:
        return due
    soon = now + _LATE_AGAIN * 1000 if age < _LATE_FOR else None
    return soon if due is None else min(due, soon or due)
