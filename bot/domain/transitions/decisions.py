"""What people decide: the answer to a question, an approval, the end of a request."""

from dataclasses import replace

from bot.domain.operation import Choice, Found, Look, State, StepState
from bot.domain.records import Entry, Move, Notice, Purpose, Record
from bot.domain.transitions.moves import (
    ATTENDED,
    BOT,
    EDITED,
    MODAL,
    RENEWED,
    RESULT,
    done,
    kept,
    moved,
    next_round,
    stopped,
    which_step,
)


def answer_question(
    record: Record,
    now: int,
    *,
    choice: Choice,
    actor: str,
    asked: int | None,
    picked: str | None = None,
    resource: str | None = None,
) -> Move | None:
    """Close the question of the round `asked` as a person decided; None if it is not open or not offered."""
    op, step = record.operation, record.operation.step
    if not op.asking or op.round != asked or choice not in op.choices:
        return None
    match choice:
        case Choice.GIVE_UP:
            ended = replace(step, state=StepState.NOT_DONE, decided_by=actor)
            return stopped(next_round(record), now, ended, Entry(actor, choice, which_step(op, step)))
        case Choice.PICK:
            candidates = step.look.candidates if step.look is not None else ()
            thing = next((thing for thing in candidates if thing.id == picked), None)
            if thing is None:
                return None
            entry = Entry(actor, choice, which_step(op, step) | {"id": thing.id})
            return done(
                next_round(record),
                now,
                entry,
                thing=thing,
                how=Found.PERSON,
                resource=resource,
                decided_by=actor,
            )
        case _:
            look = Look(finished=False, whole=True, candidates=step.look.candidates if step.look else ())
            asked_for = replace(step, look=look, decided_by=actor)
            after = moved(next_round(record), now, State.UNKNOWN, asked_for, wake_at=now + ATTENDED)
            return Move(
                replace(after, decision=choice),
                Entry(actor, choice, which_step(op, step)),
                (EDITED, *RENEWED),
            )


def approve(record: Record, now: int, *, bound: str, actor: str, snapshot: str | None = None) -> Move | None:
    """Accept what was asked for; `bound` is the digest that the approver saw.

    `snapshot` names the latest reading of the account: what others made while it waited is not the
    operation's.

    Nobody approves what they asked for: that is a condition here too, not only in the policy. What would be
    run is digested anew, so that a row that somebody edited does not pass with its old digest.
    """
    op, approval = record.operation, record.operation.approval
    if op.state is not State.AWAITING_APPROVAL or approval is None or op.requester == actor:
        return None
    if bound != record.digest or bound != op.bound or (approval.expires_at or 0) <= now:
        return None
    decided = replace(approval, decided_by=actor, decided_at=now)
    after = moved(next_round(record), now, State.ACCEPTED, op.step, wake_at=now + ATTENDED)
    approved = replace(after.operation, approval=decided)
    after = replace(after, operation=approved, snapshot=snapshot or record.snapshot)
    return Move(after, Entry(actor, "approved", {"digest": bound}), RENEWED)


def close(record: Record, now: int, *, end: State, actor: str, denial: str | None = None) -> Move | None:
    """End a request without anything sent: `denied`, `expired` or `withdrawn`."""
    op, approval = record.operation, record.operation.approval
    if op.state is not State.AWAITING_APPROVAL or approval is None:
        return None
    if end is State.EXPIRED and (approval.expires_at or 0) > now:
        return None
    by = None if end is State.EXPIRED else actor
    decided = replace(approval, decided_by=by, decided_at=now, denial=denial)
    after = moved(next_round(record), now, end, op.step, wake_at=None)
    after = replace(after, operation=replace(after.operation, approval=decided))
    # Who withdraws reads the answer to the button, in the place of what was said before.
    told = (EDITED,) if end is State.WITHDRAWN else (RESULT,)
    return Move(after, Entry(actor, end, {"reason": denial}), (*told, MODAL, *RENEWED))


def remind(record: Record, now: int) -> Move | None:
    """Have the approvers reminded, once, of a request that still waits when half of its time is over."""
    approval = record.operation.approval
    if record.operation.state is not State.AWAITING_APPROVAL or approval is None:
        return None
    if record.wake_at is None or record.wake_at > now or record.wake_at == approval.expires_at:
        return None
    after = kept(record, now, record.operation.step, wake_at=approval.expires_at)
    return Move(after, Entry(BOT, "reminded", {}), (Notice(Purpose.REMINDER),))
