"""The order of effects: intent, one POST, its outcome, a search where that is unknown, a report.

Whoever writes the intent sends, and only then: the transition to `sending` is a conditional write, so a
second run, a second process or a repeated click finds the state changed and sends nothing.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.delivery import Delivery, Screen
from bot.ledger import BOT, Change, Ledger
from bot.matching import Fits, Trace, fits
from bot.operations import Found, Look, State
from bot.records import Record
from bot.vobiz.client import Unreachable, VobizClient
from bot.vobiz.models import Trunk
from bot.vobiz.outcome import Created, NotSent, Outcome, Rejected, Unknown

# Shares of the settling time before each look: 2, 4, 8, 16 and 30 s of the default 60.
_WAITS: Final = (2 / 60, 4 / 60, 8 / 60, 16 / 60, 30 / 60)
_LATE: Final = 5  # settling times after the end of an uncertain create, one more look for a late twin
_RECORD_PATIENCE: Final = 0.5  # seconds between tries to write an outcome that must not be lost

_log = logging.getLogger("bot.workflows")


@dataclass(frozen=True, slots=True)
class Rules:
    """How long an uncertain create is looked for, in seconds, and whether trunks carry our reference."""

    settle: float
    tag: bool


class Workflow:
    """What happens to an operation after it was accepted."""

    def __init__(
        self, ledger: Ledger, vobiz: VobizClient, delivery: Delivery, clock: Clock, rules: Rules
    ) -> None:
        self._ledger = ledger
        self._vobiz = vobiz
        self._delivery = delivery
        self._clock = clock
        self._rules = rules
        self.resting: set[asyncio.Task[object]] = set()

    async def create(self, record: Record, screen: Screen | None = None) -> None:
        """Send an accepted operation once and see it to its end."""
        await self._send(record, State.ACCEPTED, BOT, screen)

    async def send_again(self, record: Record, actor: str) -> Record | None:
        """Write a person's intent to send once more; None when the question is no longer open."""
        return await self._intend(record, State.UNKNOWN, actor)

    async def sent_again(self, record: Record) -> None:
        """Carry out what `send_again` wrote."""
        await self._post(record, None)

    async def interrupted(self, record: Record) -> None:
        """Continue an operation that another run left in `sending`: look, never send."""
        unknown = await self._record(record, State.UNKNOWN, Change(reason="interrupted"), {})
        if unknown is not None:
            await self._report_and_settle(unknown, None)

    async def settle(self, record: Record) -> None:
        """Look for the trunk of an uncertain create until it is found or the time is over."""
        await self._search(record, [share * self._rules.settle for share in _WAITS])

    async def look_again(self, record: Record) -> None:
        """Look once more, now, because a person asked for it."""
        await self._search(record, [0], in_place=True)

    async def _search(self, record: Record, waits: list[float], *, in_place: bool = False) -> None:
        for number, wait in enumerate(waits, start=1):
            await self._rest(wait)
            found = await self._look(record)
            exact = found.exact if found is not None else ()
            clear = found is not None and len(exact) == 1 and not found.near
            if clear and (created := await self._claim(record, exact[0])) is not None:
                await self._delivery.report(created)
                await self._look_late(created)
                return
            if number == len(waits) or len(exact) > 1:
                await self._ask(record, found, in_place=in_place)
                return

    async def settled_by_person(self, record: Record) -> None:
        """Report what a person decided, and still look once for a late twin."""
        await self._delivery.report(record)
        await self._look_late(record)

    async def _send(self, record: Record, before: State, actor: str, screen: Screen | None) -> None:
        intended = await self._intend(record, before, actor)
        if intended is not None:
            await self._post(intended, screen)

    async def _intend(self, record: Record, before: State, actor: str) -> Record | None:
        again = before is State.UNKNOWN
        # The old question must not stand while the new attempt is looked for.
        change = Change(look=Look(finished=False, reachable=True)) if again else Change()
        return await self._ledger.move(
            record.operation.id,
            before,
            State.SENDING,
            actor=actor,
            evidence={"tagged": self._rules.tag},
            change=change,
            asked=again,
        )

    async def _post(self, record: Record, screen: Screen | None) -> None:
        operation = record.operation
        outcome = await self._vobiz.create(operation.request, self._tag(record))
        after, change, evidence = _settled(outcome)
        moved = await self._record(record, after, change, evidence)
        if moved is None and after is State.CREATED:
            # The trunk id already belongs to another operation: what this POST made is not known.
            moved = await self._record(record, State.UNKNOWN, Change(reason="trunk_taken"), evidence)
        if moved is not None:
            await self._report_and_settle(moved, screen)

    async def _report_and_settle(self, record: Record, screen: Screen | None) -> None:
        await self._delivery.report(record, screen)
        if record.operation.state is State.UNKNOWN:
            # The report has posted a message: read again, so that the next report replaces it.
            await self.settle(await self._ledger.get(record.operation.id) or record)

    async def _record(
        self, record: Record, after: State, change: Change, evidence: Mapping[str, object]
    ) -> Record | None:
        while True:
            try:
                return await self._ledger.move(
                    record.operation.id, State.SENDING, after, actor=BOT, evidence=evidence, change=change
                )
            except SQLAlchemyError as error:
                _log.warning("the outcome could not be written yet: %s", type(error).__name__)
                await self._clock.sleep(_RECORD_PATIENCE)

    async def _look(self, record: Record) -> Fits | None:
        listing = await self._vobiz.trunks()
        if isinstance(listing, Unreachable) or record.sent_at is None:
            return None
        ahead = record.baseline.ahead
        if ahead is None:
            ahead = int((listing.now.timestamp() - self._clock.now()) * 1000) if listing.now else 0
        named = frozenset(trunk.id for trunk in listing.trunks if trunk.name == record.operation.request.name)
        trace = Trace(
            request=record.operation.request,
            baseline=record.baseline,
            sent_at=record.sent_at,
            ahead=ahead,
            owned=await self._ledger.owned(named, besides=record.operation.id),
            tag=self._tag(record),
        )
        found = fits(trace, listing.trunks)
        return found if listing.complete or found.exact or found.near else None

    async def _claim(self, record: Record, trunk: Trunk) -> Record | None:
        return await self._ledger.move(
            record.operation.id,
            State.UNKNOWN,
            State.CREATED,
            actor=BOT,
            evidence={"trunk_id": trunk.id, "fit": "name, direction, calls, created after it was sent, sole"},
            change=Change(trunk=trunk, found=Found.LOOK),
        )

    async def _ask(self, record: Record, found: Fits | None, *, in_place: bool) -> None:
        candidates = (*found.exact, *found.near) if found is not None else ()
        look = Look(finished=True, reachable=found is not None, candidates=candidates)
        evidence = {"reachable": look.reachable, "candidates": [trunk.id for trunk in candidates]}
        asked = await self._ledger.looked(record.operation.id, look, evidence)
        if asked is not None:
            await self._delivery.report(asked, in_place=in_place)

    async def _look_late(self, record: Record) -> None:
        await self._rest(_LATE * self._rules.settle)
        found = await self._look(record)
        ours = record.operation.trunk
        twins = tuple(
            trunk
            for trunk in ((*found.exact, *found.near) if found is not None else ())
            if ours is None or trunk.id != ours.id
        )
        if twins:
            evidence = {"candidates": [trunk.id for trunk in twins]}
            await self._ledger.note(record.operation.id, BOT, "late_twin", evidence)
            await self._delivery.late_twins(record, twins)

    async def _rest(self, seconds: float) -> None:
        # Named, so that stopping cuts this and nothing else.
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("unreachable: operations run in tasks")
        self.resting.add(task)
        try:
            await self._clock.sleep(seconds)
        finally:
            self.resting.discard(task)

    def _tag(self, record: Record) -> str | None:
        return f"trunk-bot {record.operation.ref}" if self._rules.tag else None


def _settled(outcome: Outcome) -> tuple[State, Change, dict[str, object]]:
    evidence: dict[str, object]
    match outcome:
        case Created(trunk=trunk, status=status, request_id=request_id):
            evidence = {"status": status, "request_id": request_id, "trunk_id": trunk.id}
            return State.CREATED, Change(trunk=trunk, found=Found.ANSWER), evidence
        case Rejected(refusal=refusal):
            evidence = {"status": refusal.status, "code": refusal.code, "request_id": refusal.request_id}
            return State.REJECTED, Change(refusal=refusal), evidence
        case NotSent(reason=reason):
            return State.NOT_SENT, Change(reason=reason), {"reason": reason}
        case Unknown(reason=reason, request_id=request_id):
            return State.UNKNOWN, Change(reason=reason), {"reason": reason, "request_id": request_id}
