"""What becomes of a sending: its intent, its guard, its outcome, an answer that came late."""

from dataclasses import replace

from bot.domain.operation import Choice, Found, State, StepState
from bot.domain.outcome import Data, Done, NotSent, Outcome, Rejected, Thing, Unknown
from bot.domain.records import Entry, Move, Notice, Purpose, Record
from bot.domain.transitions.moves import (
    ATTENDED,
    BOT,
    EDITED,
    FRESH,
    MODAL,
    RENEWED,
    RESULT,
    as_read,
    done,
    ended_at,
    kept,
    moved,
    stopped,
    told_at_end,
    which_step,
)


def begin(
    record: Record, now: int, *, read: Record | None = None, looked_at: int | None = None
) -> Move | None:
    """Write the intent to send the step that is next: only the run that wrote it may send.

    What was never sent is, and what a person said to send again, once for each time that they said so. It
    holds for what was `read` and judged, and for what a look before sending again showed at `looked_at` (ms):
    a process that slept since then looks anew.
    """
    op, step = record.operation, record.operation.step
    if read is not None and not as_read(read, record):
        return None
    if looked_at is not None and now - looked_at > FRESH:
        return None
    fresh = op.state in {State.ACCEPTED, State.RUNNING} and step.state is StepState.WAITING
    again = op.state is State.UNKNOWN and record.decision is Choice.SEND_AGAIN
    if not fresh and not again:
        return None
    sent = step.sent_at if step.sent_at is not None else now
    sending = replace(
        step,
        state=StepState.SENDING,
        sent_at=sent,
        began_at=now,
        sendings=step.sendings + 1,
        looks=0,
        reason=None,
        refusal=None,
    )
    after = moved(record, now, State.RUNNING, sending, wake_at=now + ATTENDED)
    notices = (EDITED, *RENEWED) if again else ()
    return Move(after, Entry(BOT, StepState.SENDING, which_step(op, step)), notices)


def settle(
    record: Record,
    now: int,
    *,
    sent: Record,
    outcome: Outcome,
    resource: str | None = None,
    wake_at: int | None = None,
) -> Move | None:
    """Write what became of the sending that `sent` is the intent of; an answer settles its own only.

    When another run has taken this one for dead and written `unknown`, a success is still the answer, whether
    people were asked meanwhile or not: it was not sent again, and nobody said how it ended.
    `resource` is the type of the record that a success brings, `wake_at` when to look after an unknown one.
    """
    op, step, mine = record.operation, record.operation.step, sent.operation.step
    same = (step.number, step.sendings) == (mine.number, mine.sendings)
    late = step.state is StepState.UNKNOWN and isinstance(outcome, Done)
    if not same or not (step.state is StepState.SENDING or late):
        return None
    evidence = which_step(op, step) | _answer(outcome)
    match outcome:
        case Done(thing=thing):
            found = Found.LATE if late and mine.look is None else Found.ANSWER
            return done(
                record,
                now,
                Entry(BOT, StepState.DONE, evidence),
                thing=thing,
                how=found,
                resource=resource,
            )
        case Rejected(refusal=refusal):
            ended = replace(step, state=StepState.REJECTED, refusal=refusal)
            return stopped(record, now, ended, Entry(BOT, StepState.REJECTED, evidence))
        case NotSent(reason=reason):
            ended = replace(step, state=StepState.NOT_SENT, reason=reason)
            return stopped(record, now, ended, Entry(BOT, StepState.NOT_SENT, evidence))
        case Unknown(reason=reason, refusal=refusal):
            unsure = replace(step, state=StepState.UNKNOWN, reason=reason, refusal=refusal)
            after = moved(record, now, State.UNKNOWN, unsure, wake_at=wake_at)
            return Move(after, Entry(BOT, StepState.UNKNOWN, evidence), (RESULT, MODAL, *RENEWED))


def interrupted(
    record: Record, now: int, *, process: str, wake_at: int | None = None, read: Record | None = None
) -> Move | None:
    """Take over a sending whose run is gone, and with it the knowledge of what it sent."""
    step = record.operation.step
    if step.state is not StepState.SENDING or (read is not None and not as_read(read, record)):
        return None
    unsure = replace(step, state=StepState.UNKNOWN, reason="interrupted")
    after = moved(record, now, State.UNKNOWN, unsure, wake_at=wake_at)
    evidence = which_step(record.operation, step) | {"reason": "interrupted", "process": process}
    return Move(after, Entry(BOT, StepState.UNKNOWN, evidence), (RESULT, MODAL, *RENEWED))


def compare(record: Record, now: int) -> Move | None:
    """Begin to compare what the person saw with what is there now; nothing is sent before that (a guard)."""
    op = record.operation
    if op.state is not State.ACCEPTED:
        return None
    after = moved(record, now, State.RUNNING, op.step, wake_at=now + ATTENDED)
    return Move(after, Entry(BOT, "comparing", {}))


def changed_meanwhile(record: Record, now: int, *, what: Data, thing: Thing | None = None) -> Move | None:
    """End an operation before a step: what the person saw is not what is there now (a guard).

    `thing` is the record that was found changed, with what is told of it.
    """
    op, step = record.operation, record.operation.step
    if op.state is not State.RUNNING or step.state is not StepState.WAITING:
        return None
    ended = replace(step, state=StepState.NOT_SENT, reason="changed", thing=thing)
    after = ended_at(record, now, State.STOPPED, ended)
    return Move(after, Entry(BOT, "changed", {"reason": "changed", "now": dict(what)}), told_at_end(op))


def answered_late(
    record: Record, now: int, *, sent: Record, outcome: Outcome, resource: str | None = None
) -> Move:
    """Keep an answer that came too late to settle its sending; tell of the record that it names.

    That one is the operation's, as a record of the type `resource`: no other can take it for its own.
    """
    thing = outcome.thing if isinstance(outcome, Done) else None
    named = type(outcome).__name__.lower()
    # Whoever decides about it later reads what Vobiz said after all.
    evidence = which_step(sent.operation, sent.operation.step) | {"outcome": named} | _answer(outcome)
    after = kept(record, now, record.operation.step, wake_at=record.wake_at)
    known = record.operation.steps[sent.operation.step.number - 1].thing
    news = thing is not None and (known is None or known.id.casefold() != thing.id.casefold())
    data: Data = {"answer": thing.model_dump(mode="json")} if thing is not None else {}
    notices = (Notice(Purpose.LATE, thing.id, data),) if thing is not None and news else ()
    things = ((resource, thing.id),) if resource is not None and thing is not None and news else ()
    return Move(after, Entry(BOT, "late_answer", evidence), notices, things)


def _answer(outcome: Outcome) -> dict[str, object]:
    """Say what Vobiz answered, for the record."""
    match outcome:
        case Done(thing=thing, status=status, request_id=request_id):
            return {"status": status, "request_id": request_id, "id": thing.id if thing else None}
        case Rejected(refusal=refusal):
            return {"status": refusal.status, "code": refusal.code, "request_id": refusal.request_id}
        case NotSent(reason=reason):
            return {"reason": reason}
        case Unknown(reason=reason, request_id=request_id):
            return {"reason": reason, "request_id": request_id}
