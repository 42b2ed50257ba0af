"""What sending and looking both ask of the ledger, and of the account."""

from bot.domain.operation import Operation, Step
from bot.domain.outcome import Data, NotSent
from bot.domain.records import Record
from bot.domain.transitions.moves import Decide
from bot.kinds.base import At, Kind
from bot.store.ledger import Ledger, Taken
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.looking import look
from bot.vobiz.snapshot import Snapshot, read_snapshot


async def changed(ledger: Ledger, record: Record, decide: Decide) -> Record | None:
    """Make a transition that claims nothing at Vobiz; None when the operation has moved on."""
    after = await ledger.change(record.operation.id, decide, known=record)
    return None if isinstance(after, Taken) else after  # it is Taken only where something is claimed


async def before(ledger: Ledger, record: Record) -> Snapshot | None:
    """Return the reading of the account from before the operation, if there is one."""
    stored = None if record.snapshot is None else await ledger.snapshots.get(record.snapshot)
    if stored is None:
        return None
    return read_snapshot(stored.account, stored.taken_at, stored.ahead, stored.content)


def at_step(op: Operation, step: Step) -> At:
    """Return what a kind is told of a step."""
    return At(op.request, step, op.steps[: step.number - 1], op.seen)


def looked_at_before(kind: Kind, step: Step) -> bool:
    """Tell whether what a step makes is of those that the reading from before the operation shows."""
    return kind.resource is not None and kind.makes(step.name) == kind.resource


async def rechecked(vobiz: VobizClient, kind: Kind, at: At) -> Data | NotSent | None:
    """Return what others did that a step would undo or break, or why that cannot be told; else None."""
    needs = kind.rechecks(at)
    if needs is None:
        return None
    now = await look(vobiz, needs)
    if isinstance(now, Unreachable):
        return NotSent(now.reason)
    return kind.recheck(at, now) if now.complete(needs) else NotSent("unread")


def tag_of(op: Operation) -> str:
    """Return what `description` says of a record when VOBIZ_TAG_TRUNKS is on."""
    return f"trunk-bot {op.ref}"
