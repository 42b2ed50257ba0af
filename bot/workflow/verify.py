"""Looking for what an uncertain step did, and reading again what Vobiz left out of a result.

What is looked for is found, to be looked for again, or for a person to decide.
"""

from dataclasses import replace
from functools import partial

from bot.domain.operation import Found, Look, Operation, Step
from bot.domain.outcome import Data, Thing
from bot.domain.records import Purpose, Record
from bot.domain.transitions.looks import found, looked, rest, turned_up, unfruitful
from bot.domain.transitions.statements import stated
from bot.kinds.base import CannotTell, Finding, Kind, NotThere, Several, ThisOne, Trace
from bot.kinds.registry import Kinds
from bot.runtime.clock import Clock, milliseconds
from bot.store.ledger import Ledger, Taken
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.looking import find_trunk, look
from bot.vobiz.snapshot import Needs, Snapshot
from bot.workflow.schedule import next_late_look, next_look, next_reading, next_slow_look
from bot.workflow.stored import at_step, before, changed, differs, looked_at_before, tag_of


class Verifier:
    """Looks at the account and draws only the conclusions that the kind allows.

    `settle` is the settling time in seconds. What is at another account than the operation's proves nothing:
    it is not looked at.
    """

    def __init__(
        self, ledger: Ledger, vobiz: VobizClient, kinds: Kinds, clock: Clock, *, settle: float, tag: bool
    ) -> None:
        self._ledger = ledger
        self._vobiz = vobiz
        self._kinds = kinds
        self._clock = clock
        self._settle = settle
        self._tag = tag

    async def look(self, record: Record, *, last: bool) -> Record | None:
        """Look once: it is found, or several can be it, which is for a person; so is all at the last look."""
        now = await self._read(record)
        finding = await self._find(record, now)
        if isinstance(finding, ThisOne):
            after = await self._found(record, finding)
            if not isinstance(after, Taken):
                return after
            finding = CannotTell()  # another operation got it in this moment
        several = isinstance(finding, Several) and len(finding.things) > 1
        if last or several or self._elsewhere(record.operation) is not None:
            return await self._ask(record, self._seen(record, finding, now))
        at = next_look(milliseconds(self._clock), record.operation.step.looks + 1, self._settle)
        return await changed(self._ledger, record, partial(unfruitful, began=record, wake_at=at))

    async def objection(self, record: Record) -> Look | None:
        """Say what speaks against sending again, if anything: something new, or an account not seen whole.

        Who said to send again has seen the candidates of their question: these are no news.
        """
        now = await self._read(record)
        look = self._seen(record, await self._find(record, now), now)
        before = record.operation.step.look
        listed = {thing.id.casefold() for thing in before.candidates} if before is not None else set()
        news = any(thing.id.casefold() not in listed for thing in look.candidates)
        if news or not look.again:
            return look
        op = record.operation
        there = await differs(self._vobiz, self._kind(record), at_step(op, op.step))
        return None if there is None else replace(look, again=False)

    async def look_slowly(self, record: Record) -> Record | None:
        """Look while a question is open: it is settled where there is no doubt, else brought up to date."""
        op, time = record.operation, milliseconds(self._clock)
        at = next_slow_look(time, op.updated_at)
        in_vain = partial(unfruitful, began=record, wake_at=at)
        now = await self._read(record)
        finding = await self._find(record, now)
        if isinstance(finding, ThisOne):
            after = await self._found(record, finding)
            return await changed(self._ledger, record, in_vain) if isinstance(after, Taken) else after
        look = self._seen(record, finding, now)
        if isinstance(finding, CannotTell) or look == op.step.look:
            return await changed(self._ledger, record, in_vain)
        return await self._ask(record, look, at)

    async def look_late(self, record: Record) -> Record | None:
        """Tell, once, of what turned up after an uncertain operation had ended and fits as well."""
        op, kind = record.operation, self._kind(record)
        looked_for = [step for step in op.steps if step.uncertain_before or step.found is Found.LOOK]
        needs = [self._needs(record, step) for step in looked_for]
        seen, new = True, dict[str, Thing]()
        readings = {need: await self._read(record, need) for need in dict.fromkeys(needs)}
        known = await self._known(op)
        for step, need in zip(looked_for, needs, strict=True):
            now = readings[need]
            seen &= now is not None and now.complete(need)
            if now is not None:
                things = kind.late(await self._trace(record, step, now))
                new |= {one.id: one for one in things if one.id.casefold() not in known}
        at = next_late_look(milliseconds(self._clock), op.updated_at, seen=seen)
        late = partial(turned_up, things=tuple(new.values())) if new else rest
        return await changed(self._ledger, record, partial(late, wake_at=at))

    async def read_again(self, record: Record) -> Record | None:
        """Read what Vobiz has not stated of a result; people are told when it has, or is not waited for."""
        op, kind = record.operation, self._kind(record)
        things: dict[int, Thing] = {}
        for step in op.steps:
            if step.thing is None or not step.thing.awaited:
                continue
            elsewhere = self._elsewhere(op) is not None
            now = None if elsewhere else await find_trunk(self._vobiz, step.thing.id)
            things[step.number] = step.thing if now is None else kind.completed(step.thing, now)
        time = milliseconds(self._clock)
        due = None if not any(one.awaited for one in things.values()) else next_reading(time, op.updated_at)
        says = partial(stated, read=record, things=things, wake_at=due)
        return await changed(self._ledger, record, says)

    async def _known(self, op: Operation) -> frozenset[str]:
        """Return the ids that people know of: the result, what questions listed, what was told late."""
        ids = {step.thing.id for step in op.steps if step.thing is not None}
        ids |= {thing.id for step in op.steps if step.look is not None for thing in step.look.candidates}
        for telling in await self._ledger.outbox.of(op.id):
            if telling.purpose is Purpose.LATE and telling.data is not None:
                ids |= _named(telling.data)
        return frozenset(one.casefold() for one in ids)

    def _kind(self, record: Record) -> Kind:
        kind = self._kinds.of(record.operation.kind)
        if kind is None:
            raise AssertionError("unreachable: nothing is looked for of a kind that is not known")
        return kind

    def _elsewhere(self, op: Operation) -> str | None:
        """Return the account that the bot works for when it is not the operation's."""
        return None if op.account == self._vobiz.auth_id else self._vobiz.auth_id

    async def _read(self, record: Record, needs: Needs | None = None) -> Snapshot | None:
        if self._elsewhere(record.operation) is not None:
            return None
        now = await look(self._vobiz, needs or self._needs(record, record.operation.step))
        return None if isinstance(now, Unreachable) else now

    def _needs(self, record: Record, step: Step) -> Needs:
        return self._kind(record).afterwards(at_step(record.operation, step)) or Needs()

    async def _find(self, record: Record, now: Snapshot | None) -> Finding:
        if now is None:
            return CannotTell()
        return self._kind(record).find(await self._trace(record, record.operation.step, now))

    async def _trace(self, record: Record, step: Step, now: Snapshot) -> Trace:
        op, kind = record.operation, self._kind(record)
        there = await before(self._ledger, record)
        owned = frozenset[str]()
        if (makes := kind.makes(step.name)) is not None:
            new = now.listed
            if looked_at_before(kind, step):
                new = now.ids - there.ids if there is not None else now.ids
            owned = await self._ledger.owned(op.account, makes, new, besides=op.id)
        tag = tag_of(op) if self._tag else None
        at = at_step(op, step)
        return Trace(at.request, step, at.done, at.seen, before=there, now=now, owned=owned, tag=tag)

    def _seen(self, record: Record, finding: Finding, now: Snapshot | None) -> Look:
        op = record.operation
        whole = now is not None and now.complete(self._needs(record, op.step))
        match finding:
            case NotThere():
                return Look(finished=True, whole=whole, again=True)
            case Several(things=things):
                return Look(finished=True, whole=whole, candidates=things, again=whole)
            case ThisOne(thing=thing):
                things = () if thing is None else (thing,)
                return Look(finished=True, whole=whole, candidates=things, again=whole and bool(things))
            case CannotTell():
                # What was listed before may still be it.
                listed = op.step.look.candidates if op.step.look is not None else ()
                elsewhere = self._elsewhere(op)
                return Look(finished=True, whole=False, candidates=listed, elsewhere=elsewhere)

    async def _found(self, record: Record, finding: ThisOne) -> Record | Taken | None:
        resource = self._kind(record).makes(record.operation.step.name)
        says = partial(found, began=record, thing=finding.thing, why=finding.why, resource=resource)
        return await self._ledger.change(record.operation.id, says)

    async def _ask(self, record: Record, look: Look, wake_at: int | None = None) -> Record | None:
        """Open the question, or bring the open one up to date."""
        evidence: dict[str, object] = {
            "whole": look.whole,
            "candidates": [thing.id for thing in look.candidates],
        }
        if look.elsewhere is not None:
            evidence["account"] = look.elsewhere
        now = milliseconds(self._clock)
        at = wake_at if record.operation.asking else next_slow_look(now, now)
        asks = partial(looked, began=record, look=look, evidence=evidence, wake_at=at)
        return await changed(self._ledger, record, asks)


def _named(data: Data) -> set[str]:
    """Return the ids in the data of a late message: `{"answer": thing}` or `{"candidates": [things]}`."""
    listed = data.get("candidates")
    things = [data.get("answer"), *(listed if isinstance(listed, list) else [])]
    return {str(thing["id"]) for thing in things if isinstance(thing, dict)}
