"""What is seen of a trunk after an operation has ended: how ready it is, and its first call."""

from dataclasses import replace

from bot.domain.operation import State
from bot.domain.outcome import Data
from bot.domain.proof import Call, Proof, Ready
from bot.domain.records import Entry, Move, Notice, Purpose, Record
from bot.domain.transitions.moves import BOT, MODAL, kept, looked_for
from bot.domain.transitions.statements import ADDED, ENDED

_ENDED = frozenset({State.DONE, State.STOPPED})


def examined(record: Record, now: int, *, ready: Ready, evidence: Data, wake_at: int | None) -> Move | None:
    """Write down what an examination of the operation's trunk showed, once.

    With `wake_at` (ms) nothing was seen, and it is tried again then. What was seen is news that is told anew
    where the result cannot be edited; that nothing was seen is not.
    """
    op = record.operation
    if op.state not in _ENDED or not record.unproven or op.awaits or op.proof is None:
        return None
    if wake_at is not None:
        return Move(kept(record, now, op.step, wake_at=wake_at), None)
    after = kept(record, now, op.step, wake_at=now if looked_for(op) else None)
    after = _with(after, op.proof.model_copy(update={"ready": ready}))
    news = ENDED if ready.unseen is not None else ADDED
    return Move(after, Entry(BOT, "examined", evidence), (Notice(Purpose.RESULT, data=news), MODAL))


def called(record: Record, now: int, *, call: Call) -> Move | None:
    """Tell, once, of the first call that the operation's trunk carried, while it is waited for."""
    op = record.operation
    if op.proof is None or op.proof.call is not None or record.watch_until is None:
        return None
    after = kept(record, now, op.step, wake_at=record.wake_at)
    after = _with(replace(after, watch_until=None), op.proof.model_copy(update={"call": call}))
    evidence: Data = {"answered": call.answered, "seconds": call.seconds, "cause": call.cause}
    return Move(after, Entry(BOT, "called", evidence), (Notice(Purpose.CALL),))


def _with(record: Record, proof: Proof) -> Record:
    return replace(record, operation=replace(record.operation, proof=proof))
