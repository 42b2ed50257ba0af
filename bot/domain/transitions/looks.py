"""What a look at Vobiz says of a step whose outcome is not known, or of one that has ended."""

from dataclasses import replace

from bot.domain.operation import Choice, Found, Look, State, StepState
from bot.domain.outcome import Data, Thing
from bot.domain.records import Entry, Move, Notice, Purpose, Record
from bot.domain.transitions.moves import (
    BOT,
    MODAL,
    RENEWED,
    RESULT,
    as_it_was,
    done,
    kept,
    moved,
    next_round,
    which_step,
)


def looked(
    record: Record, now: int, *, began: Record, look: Look, evidence: Data, wake_at: int | None
) -> Move | None:
    """Write down what a look showed; a finished one opens the question of the round that it was made in.

    None when a person has decided since the look began: it says nothing of what is now.
    """
    op, step = record.operation, record.operation.step
    if not as_it_was(began, record) or (op.asking and step.look == look):
        return None
    told = replace(step, look=look, looks=step.looks + 1)
    asking = look.finished
    if op.asking:
        # Who decides has to see this one: what was decided about the question as it was does not hold.
        record = next_round(record)
    after = moved(
        record, now, State.UNKNOWN, told, asking=asking, wake_at=wake_at, touched=asking != op.asking
    )
    notices: tuple[Notice, ...] = ()
    if asking:
        ring = Notice(Purpose.QUESTION, str(record.operation.round))
        notices = (RESULT, MODAL, ring, *RENEWED)
    return Move(after, Entry(BOT, "looked", which_step(op, step) | dict(evidence)), notices)


def unfruitful(record: Record, now: int, *, began: Record, wake_at: int | None) -> Move | None:
    """Count a look that showed nothing new."""
    if not as_it_was(began, record):
        return None
    step = record.operation.step
    return Move(kept(record, now, replace(step, looks=step.looks + 1), wake_at=wake_at), None)


def found(
    record: Record, now: int, *, began: Record, thing: Thing | None, why: str, resource: str | None = None
) -> Move | None:
    """Say that a step was done: what is at Vobiz leaves no doubt. `why` is the rule that said so."""
    if not as_it_was(began, record):
        return None
    op, step = record.operation, record.operation.step
    evidence = which_step(op, step) | {"id": thing.id if thing else None, "fit": why}
    return done(
        record, now, Entry(BOT, StepState.DONE, evidence), thing=thing, how=Found.LOOK, resource=resource
    )


def not_sent_again(
    record: Record, now: int, *, began: Record, look: Look, wake_at: int | None
) -> Move | None:
    """Bring the question back: before sending again the account was read, and something speaks against it."""
    if record.decision is not Choice.SEND_AGAIN or not as_it_was(began, record):
        return None
    op, step = record.operation, record.operation.step
    told = replace(step, look=look, looks=step.looks + 1)
    after = moved(record, now, State.UNKNOWN, told, asking=True, wake_at=wake_at)
    evidence = which_step(op, step) | {
        "candidates": [thing.id for thing in look.candidates],
        "whole": look.whole,
    }
    ring = Notice(Purpose.QUESTION, str(op.round))
    return Move(after, Entry(BOT, "looked", evidence), (RESULT, MODAL, ring, *RENEWED))


def turned_up(record: Record, now: int, *, things: tuple[Thing, ...], wake_at: int | None) -> Move:
    """Tell of records that fit as well and turned up after an uncertain operation had ended."""
    after = kept(record, now, record.operation.step, wake_at=wake_at)
    ids = [thing.id for thing in things]
    data: Data = {"candidates": [thing.model_dump(mode="json") for thing in things]}
    return Move(after, Entry(BOT, "late_twin", {"candidates": ids}), (Notice(Purpose.LATE, ids[0], data),))


def rest(record: Record, now: int, *, wake_at: int | None) -> Move:
    """Set when an operation needs attention next, and nothing else."""
    return Move(kept(record, now, record.operation.step, wake_at=wake_at), None)
