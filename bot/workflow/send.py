"""Sending a step to Vobiz: the guard, the intent, the one write, its outcome as data."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.operation import State, StepState
from bot.domain.outcome import Done, NotSent, Outcome, Rejected, Thing, Unknown
from bot.domain.records import Record
from bot.domain.transitions.moves import FRESH, Decide
from bot.domain.transitions.sendings import answered_late, begin, changed_meanwhile, compare, settle
from bot.kinds.base import OTHER, At, Kind
from bot.kinds.registry import Kinds
from bot.runtime.clock import Clock, milliseconds
from bot.slack.sealing import Sealer
from bot.store.ledger import Ledger, Taken
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.looking import look
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.writes import Write
from bot.workflow.passwords import new_password
from bot.workflow.schedule import next_look
from bot.workflow.stored import at_step, before, changed, differs, looked_at_before, tag_of

_READ_BACK: Final = 3.0  # seconds that the result waits for what else the change changed
_PATIENCE: Final = 0.5  # seconds between tries to write an outcome, which must not be lost
_ENDS: Final = MappingProxyType(
    {
        Done: StepState.DONE,
        Rejected: StepState.REJECTED,
        NotSent: StepState.NOT_SENT,
        Unknown: StepState.UNKNOWN,
    }
)

_log = structlog.get_logger("bot.sending")

T = TypeVar("T")


class Sender:
    """Sends what is due and never what may have been sent. `settle` is the settling time in seconds."""

    def __init__(
        self,
        ledger: Ledger,
        vobiz: VobizClient,
        kinds: Kinds,
        sealer: Sealer,
        clock: Clock,
        *,
        settle: float,
        tag: bool,
    ) -> None:
        self._ledger = ledger
        self._vobiz = vobiz
        self._kinds = kinds
        self._sealer = sealer
        self._clock = clock
        self._settle = settle
        self._tag = tag

    async def send(self, record: Record, looked_at: int | None = None) -> Record | None:
        """Send the step that is next, if nothing speaks against it; None when the operation has moved on.

        `looked_at` is when a look showed that it may be sent again (ms).
        """
        op, kind = record.operation, self._kinds.of(record.operation.kind)
        if kind is None:
            raise AssertionError("unreachable: nothing is sent for a kind that is not known")
        refrain: NotSent | None = None
        if op.account != self._vobiz.auth_id:
            # What was confirmed for one account holds in no other, and the bot may have been given another.
            refrain = NotSent("other_account")
        elif record.digest != op.bound:
            refrain = NotSent("edited")
        elif op.state is not State.UNKNOWN and (kind.guarded or op.step.number > 1):
            comparing = record if op.state is not State.ACCEPTED else await self._moved(record, compare)
            if comparing is None:
                return None
            record = comparing
            there = await differs(self._vobiz, kind, at_step(op, op.step))
            if there is not None and not isinstance(there, NotSent):
                met = partial(changed_meanwhile, what=there, thing=kind.met(op.request, there))
                return await self._moved(record, met)
            refrain = there
        write = refrain or await self._write(kind, record)
        begins = partial(begin, read=record, looked_at=looked_at)
        sent = await changed(self._ledger, record, begins)
        if sent is None:
            return None
        outcome = write if isinstance(write, NotSent) else await self._post(kind, record, sent, write)
        return await self._settled(kind, sent, outcome)

    async def _moved(self, record: Record, decide: Decide) -> Record | None:
        return await changed(self._ledger, record, decide)

    async def _write(self, kind: Kind, record: Record) -> Write | NotSent:
        op, step = record.operation, record.operation.step
        secret = await self._secret(record) if kind.secret(step.name) else None
        if isinstance(secret, NotSent):
            return secret
        tag = tag_of(op) if self._tag else None
        return replace(kind.write(at_step(op, step), tag=tag, secret=secret), secret=secret)

    async def _secret(self, record: Record) -> str | NotSent:
        """Return the password of a step: kept before anything can need it, and the same when sent again.

        With another one nobody could tell which of the two is in force.
        """
        op, step = record.operation.id, record.operation.step
        sealed = await self._ledger.secrets.get(op, step.number)
        secret = None if sealed is None else self._sealer.open_text(sealed)
        if secret is None and step.sendings:
            return NotSent("password_gone")
        if secret is None:
            made = self._sealer.seal_text(new_password())
            secret = self._sealer.open_text(await self._ledger.secrets.keep(op, step.number, made, sealed))
        return NotSent("password_gone") if secret is None else secret

    async def _post(self, kind: Kind, record: Record, sent: Record, write: Write) -> Outcome:
        op, step = sent.operation, sent.operation.step
        if not record.operation.bound == op.bound == sent.digest:
            return NotSent("edited")  # in the moment between reading it and writing the intent
        if milliseconds(self._clock) - (step.began_at or 0) > FRESH:
            return NotSent("overslept")
        outcome = await self._vobiz.write(write, partial(kind.read_success, step.name))
        if isinstance(outcome, Rejected | Unknown) and outcome.refusal is not None:
            outcome = kind.read_refusal(step, outcome, outcome.refusal)
        at = at_step(op, step)
        if isinstance(outcome, Done) and outcome.thing is not None:
            outcome = await self._believed(kind, sent, at, outcome, outcome.thing)
        if isinstance(outcome, Done) and (needs := kind.afterwards(at)) is not None:
            outcome = replace(outcome, thing=await self._read_back(kind, at, needs, outcome.thing))
        return outcome

    async def _believed(
        self, kind: Kind, sent: Record, at: At, outcome: Done, thing: Thing
    ) -> Done | Unknown:
        """Return a success, unless the record that it names was there before, or may have been."""
        if looked_at_before(kind, at.step):
            there = await self._patiently(lambda: before(self._ledger, sent))
            if there is not None and thing.id.casefold() in there.ids:
                return Unknown(f"known_{thing.id}", outcome.request_id)
            if there is not None and there.whole:
                return outcome
        return Unknown(f"{OTHER}{thing.id}", outcome.request_id) if kind.mistaken(at, thing) else outcome

    async def _read_back(self, kind: Kind, at: At, needs: Needs, thing: Thing | None) -> Thing | None:
        """Read what was changed, so that what else changed can be told; that it was done is known already."""
        now: Snapshot | Unreachable
        try:
            async with asyncio.timeout(_READ_BACK):
                now = await look(self._vobiz, needs)
        except TimeoutError:
            now = Unreachable("timeout")
        seen = None if isinstance(now, Unreachable) else now
        return kind.read_back(at, thing, seen)

    async def _settled(self, kind: Kind, sent: Record, outcome: Outcome) -> Record | None:
        after = await self._patiently(lambda: self._settle_with(kind, sent, outcome))
        if isinstance(after, Taken):
            outcome = _taken(outcome)
            after = await self._patiently(lambda: self._settle_with(kind, sent, outcome))
        if isinstance(after, Record):
            return after
        return await self._came_late(kind, sent, outcome)

    async def _settle_with(self, kind: Kind, sent: Record, outcome: Outcome) -> Record | Taken | None:
        at = next_look(milliseconds(self._clock), 0, self._settle)
        makes = kind.makes(sent.operation.step.name)
        decide = partial(settle, sent=sent, outcome=outcome, resource=makes, wake_at=at)
        return await self._ledger.change(sent.operation.id, decide, known=sent)

    async def _came_late(self, kind: Kind, sent: Record, outcome: Outcome) -> Record | None:
        op, mine = sent.operation, sent.operation.step
        thing = outcome.thing if isinstance(outcome, Done) else None
        now = await self._patiently(lambda: self._ledger.get(op.id))
        if now is None:
            return None
        step = now.operation.steps[mine.number - 1]
        found = thing is not None and step.thing is not None and _same(step.thing, thing)
        as_sent = (step.sendings, step.state) == (mine.sendings, _ENDS[type(outcome)])
        if found or (as_sent and thing is None):
            return now  # found by looking, or written with a commit whose answer was lost
        _log.warning("an outcome found its operation moved", ref=op.ref, outcome=_ENDS[type(outcome)])
        if isinstance(await self._keep_late(kind, sent, outcome), Taken):
            await self._keep_late(kind, sent, _taken(outcome))
        return None

    async def _keep_late(self, kind: Kind, sent: Record, outcome: Outcome) -> Record | Taken | None:
        makes = kind.makes(sent.operation.step.name)
        late = partial(answered_late, sent=sent, outcome=outcome, resource=makes)
        return await self._patiently(lambda: self._ledger.change(sent.operation.id, late, known=sent))

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await work()
            except SQLAlchemyError as error:  # of whatever kind: there is nowhere else to keep what was heard
                _log.warning("the outcome could not be written yet", error=type(error).__name__)
                await self._clock.sleep(_PATIENCE)


def _taken(outcome: Outcome) -> Unknown:
    """Say of a success whose record belongs to another operation that what it made is not known."""
    if not isinstance(outcome, Done) or outcome.thing is None:
        raise AssertionError("unreachable: only what a success names is taken")
    return Unknown(f"taken_{outcome.thing.id}", outcome.request_id)


def _same(one: Thing, other: Thing) -> bool:
    return one.id.casefold() == other.id.casefold()
