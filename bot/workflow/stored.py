"""What sending and looking both ask of the ledger, and of the account."""

from collections.abc import Sequence
from typing import Final

from bot.domain.operation import Operation, Step
from bot.domain.outcome import Data, NotSent
from bot.domain.records import Record
from bot.domain.transitions.moves import Decide
from bot.kinds.base import At, Kind
from bot.runtime.tasks import Question
from bot.store.database import PASSING
from bot.store.ledger import Ledger, Taken
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.looking import look
from bot.vobiz.snapshot import Snapshot, read_snapshot

LEDGER_WITHIN: Final = 1.0  # seconds; what the record could add is left out then


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


async def known_about(ledger: Ledger, account: str, target: str) -> Sequence[Operation]:
    """Return the operations about a record at Vobiz, the newest first; none if the ledger is not in time."""
    try:
        return await Question(lambda: ledger.about(account, target)).ask(LEDGER_WITHIN)
    except (TimeoutError, *PASSING):
        return ()


def at_step(op: Operation, step: Step) -> At:
    """Return what a kind is told of a step."""
    return At(op.request, step, op.steps[: step.number - 1], op.seen)


def looked_at_before(kind: Kind, step: Step) -> bool:
    """Tell whether what a step makes is of those that the reading from before the operation shows."""
    return kind.resource is not None and kind.makes(step.name) == kind.resource


async def differs(vobiz: VobizClient, kind: Kind, at: At) -> Data | NotSent | None:
    """Return what is not as the person saw it, right before a step is sent; or why that cannot be told.

    Before the first sending of the first step that is what the kind guards; later it is what the step would
    undo or break of what others did.
    """
    first = at.step.number == 1 and not at.step.sendings
    needs = kind.guards(at.request) if first else kind.rechecks(at)
    if needs is None:
        return None
    now = await look(vobiz, needs)
    if isinstance(now, Unreachable):
        return NotSent(now.reason)
    if not now.complete(needs):
        return NotSent("unread")
    return kind.guard(at.request, at.seen, now) if first else kind.recheck(at, now)


def tag_of(op: Operation) -> str:
    """Return what `description` says of a record when VOBIZ_TAG_TRUNKS is on."""
    return f"trunk-bot {op.ref}"
