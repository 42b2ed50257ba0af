"""Looking for the trunk of an uncertain create: found, to be looked for again, or for a person to decide."""

from bot.domain.operation import LIVE, Found, Look, State
from bot.domain.records import Record
from bot.domain.resources import Trunk
from bot.kinds.matching import Fits, Trace, fits
from bot.notify.results import Delivery
from bot.runtime.clock import Clock
from bot.store.change import Change
from bot.store.events import BOT
from bot.store.ledger import Ledger
from bot.vobiz.client import Unreachable, VobizClient
from bot.workflow.send import after, tag_of
from bot.workflow.stages import Next


class Search:
    """Looks at the account and draws only the conclusions that the look allows."""

    def __init__(
        self, ledger: Ledger, vobiz: VobizClient, delivery: Delivery, clock: Clock, *, tag: bool
    ) -> None:
        self._ledger = ledger
        self._vobiz = vobiz
        self._delivery = delivery
        self._clock = clock
        self._tag = tag

    async def look(self, operation: str, *, last: bool) -> Next:
        """Look once. One trunk that fits is ours; several, or none at the last look, are for a person."""
        record = await self._ledger.get(operation)
        if record is None or record.operation.state is not State.UNKNOWN or record.operation.asking:
            return Next.NOTHING if record is None else after(record.operation)
        found, whole = await self._fits(record)
        # “The only one that fits” can only be said of the whole account.
        if whole and len(found.exact) == 1 and not found.near:
            created = await self._claim(record, found.exact[0])
            if created is not None:
                return Next.LOOK_LATE
        if last or len(found.exact) > 1 or self._elsewhere(record) is not None:
            await self._ask(record, found, whole=whole)
            return Next.NOTHING
        return Next.SEARCH

    async def look_late(self, operation: str) -> Next:
        """Report trunks that fit as well and turned up after an uncertain operation had ended.

        LOOK_LATE as long as that is not done: the whole account was not seen, or nobody could be told.
        """
        record = await self._ledger.get(operation)
        if record is None or record.operation.state in LIVE or self._elsewhere(record) is not None:
            return Next.NOTHING
        found, whole = await self._fits(record)
        ours, look = record.operation.trunk, record.operation.look
        late = await self._ledger.chronicle.late(operation)
        # What the question listed, or a late answer named, people know.
        listed = look.candidates if look else ()
        known = late.told | {trunk.id for trunk in (*listed, *((ours,) if ours else ()))}
        twins = tuple(trunk for trunk in (*found.exact, *found.near) if trunk.id not in known)
        if not twins:
            return Next.NOTHING if whole else Next.LOOK_LATE
        repeat = {trunk.id for trunk in twins} <= late.twins
        if not repeat:
            await self._ledger.note(operation, BOT, "late_twin", {"candidates": [t.id for t in twins]})
        told = await self._delivery.late_twins(record, twins, repeat=repeat)
        return Next.NOTHING if told else Next.LOOK_LATE

    def _elsewhere(self, record: Record) -> str | None:
        """Return the account that is looked at when it is not the operation's: its list proves nothing."""
        readable = self._vobiz.auth_id
        return None if record.operation.account == readable else readable

    async def _fits(self, record: Record) -> tuple[Fits, bool]:
        """Return what fits, and whether the whole account was seen: else absence says nothing."""
        if self._elsewhere(record) is not None:
            return Fits((), ()), False
        listing = await self._vobiz.trunks()
        if isinstance(listing, Unreachable) or record.sent_at is None:
            return Fits((), ()), False
        ahead = record.baseline.ahead
        if ahead is None:
            ahead = int((listing.now.timestamp() - self._clock.now()) * 1000) if listing.now else 0
        operation = record.operation
        named = frozenset(trunk.id for trunk in listing.trunks if trunk.name == operation.request.name)
        trace = Trace(
            request=operation.request,
            baseline=record.baseline,
            sent_at=record.sent_at,
            ahead=ahead,
            owned=await self._ledger.owned(named, besides=operation.id),
            tag=tag_of(operation) if self._tag else None,
        )
        return fits(trace, listing.trunks), listing.complete

    async def _claim(self, record: Record, trunk: Trunk) -> Record | None:
        return await self._ledger.move(
            record.operation.id,
            State.UNKNOWN,
            State.CREATED,
            actor=BOT,
            evidence={"trunk_id": trunk.id, "fit": "name, direction, calls, created after it was sent, sole"},
            change=Change(trunk=trunk, found=Found.LOOK),
        )

    async def _ask(self, record: Record, found: Fits, *, whole: bool) -> None:
        candidates = (*found.exact, *found.near)
        look = Look(finished=True, reachable=whole, candidates=candidates, elsewhere=self._elsewhere(record))
        evidence: dict[str, object] = {
            "reachable": look.reachable,
            "candidates": [trunk.id for trunk in candidates],
        }
        if look.elsewhere is not None:
            evidence["account"] = look.elsewhere
        await self._ledger.questions.looked(record.operation.id, look, evidence, record.round)
