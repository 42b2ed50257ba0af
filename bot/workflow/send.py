"""Sending an operation to Vobiz: the intent, the one POST, its outcome as data."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

import structlog

from bot.domain.operation import LIVE, Choice, Found, Operation, State
from bot.domain.records import Baseline, Record
from bot.domain.resources import Trunk
from bot.runtime.clock import Clock
from bot.store.change import Change
from bot.store.database import PASSING
from bot.store.events import BOT
from bot.store.ledger import Ledger
from bot.vobiz.client import VobizClient
from bot.vobiz.outcome import Created, NotSent, Outcome, Rejected, Unknown
from bot.workflow.stages import Next

_PATIENCE: Final = 0.5  # seconds between tries to write an outcome, which must not be lost

_log = structlog.get_logger("bot.sending")

T = TypeVar("T")


class Sender:
    """Sends what is due and never what may have been sent."""

    def __init__(
        self,
        ledger: Ledger,
        vobiz: VobizClient,
        clock: Clock,
        late: Callable[[Record, Trunk], Awaitable[bool]],
        *,
        tag: bool,
    ) -> None:
        """Keep what is needed. `late` tells people of a trunk that the operation can not take."""
        self._process = ledger.process
        self._ledger = ledger
        self._vobiz = vobiz
        self._clock = clock
        self._late = late
        self._tag = tag
        self._busy: set[str] = set()

    async def send(self, operation: str) -> Next:
        """Send an accepted operation, or one that a person said to send again; else say what it needs."""
        if operation in self._busy:
            return Next.NOTHING  # another run of this process is sending it and will see it through
        self._busy.add(operation)
        try:
            return await self._send(operation)
        finally:
            self._busy.discard(operation)

    async def _send(self, operation: str) -> Next:
        intended = await self._intend(operation, State.ACCEPTED)
        if intended is not None:
            return await self._post(intended)
        record = await self._ledger.get(operation)
        return Next.NOTHING if record is None else await self._continue(record)

    async def _continue(self, record: Record) -> Next:
        operation = record.operation.id
        match record.operation.state:
            case State.SENDING:
                # The run that wrote this intent is gone, and with it the knowledge of what it sent.
                await self._write(record, State.UNKNOWN, Change(reason="interrupted"), {})
                return Next.SEARCH
            case State.UNKNOWN if record.decision is Choice.SEND_AGAIN and self._ours(record):
                again = await self._intend(operation, State.UNKNOWN)
                return await self._post(again) if again is not None else Next.SEARCH
            case State.UNKNOWN if record.decision is not None:
                await self._ledger.questions.take(operation, record.decision)
                return Next.LOOK_ONCE
            case State.UNKNOWN:
                return Next.NOTHING if record.operation.asking else Next.SEARCH
            case _:
                return after(record.operation)

    def _ours(self, record: Record) -> bool:
        # What was confirmed for one account holds in no other, and the bot may have been given another.
        return record.operation.account == self._vobiz.auth_id

    async def _intend(self, operation: str, before: State) -> Record | None:
        again = before is State.UNKNOWN
        return await self._ledger.move(
            operation,
            before,
            State.SENDING,
            actor=BOT,
            evidence={"tagged": self._tag},
            decided=Choice.SEND_AGAIN if again else None,
        )

    async def _post(self, record: Record) -> Next:
        operation = record.operation
        outcome: Outcome = NotSent("other_account")
        if self._ours(record):
            outcome = await self._vobiz.create(operation.request, tag_of(operation) if self._tag else None)
        state, change, evidence = _settled(outcome, record.baseline)
        moved = await self._write(record, state, change, evidence)
        if moved is None and change.trunk is not None:
            moved = await self._created_all_the_same(record, change, evidence)
        if moved is None:
            return await self._came_too_late(record, state, change.trunk, evidence)
        return Next.SEARCH if moved.operation.state is State.UNKNOWN else after(moved.operation)

    async def _created_all_the_same(
        self, record: Record, change: Change, evidence: Mapping[str, object]
    ) -> Record | None:
        # Another run took this one for dead and wrote `unknown`: the answer is still the answer. Or the
        # trunk id belongs to another operation already: then what this POST made is not known.
        if record.operation.look is None:  # nothing was sent, and looked for, before this sending
            change = replace(change, found=Found.LATE)
        late = await self._patiently(
            lambda: self._ledger.settle(record, State.CREATED, evidence, change, before=State.UNKNOWN)
        )
        return late or await self._write(record, State.UNKNOWN, Change(reason="trunk_taken"), evidence)

    async def _came_too_late(
        self, record: Record, state: State, trunk: Trunk | None, evidence: Mapping[str, object]
    ) -> Next:
        operation = record.operation
        now = await self._patiently(lambda: self._ledger.get(operation.id)) or record
        found = trunk is not None and now.operation.trunk is not None and now.operation.trunk.id == trunk.id
        if found or (now.operation.state, now.round, now.moved_by) == (state, record.round, self._process):
            # Found by looking, or written with a commit whose answer was lost.
            return Next.SEARCH if now.operation.state is State.UNKNOWN else after(now.operation)
        _log.error("an outcome found its operation moved", ref=operation.ref, outcome=state)
        told = False
        if trunk is not None and not await self._patiently(
            lambda: self._ledger.owned(frozenset({trunk.id}), besides=operation.id)
        ):
            told = await self._late(now, trunk)
        # Whoever decides about it later reads what Vobiz said after all.
        late = {"outcome": state, **evidence} | ({"told": True} if told else {})
        await self._patiently(lambda: self._ledger.note(operation.id, BOT, "late_answer", late))
        return Next.SEARCH

    async def _write(
        self, record: Record, after: State, change: Change, evidence: Mapping[str, object]
    ) -> Record | None:
        return await self._patiently(lambda: self._ledger.settle(record, after, evidence, change))

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await work()
            except PASSING as error:
                _log.warning("the outcome could not be written yet", error=type(error).__name__)
                await self._clock.sleep(_PATIENCE)


def tag_of(operation: Operation) -> str:
    """Return what `description` says of a trunk when VOBIZ_TAG_TRUNKS is on."""
    return f"trunk-bot {operation.ref}"


def after(operation: Operation) -> Next:
    """Say what an operation that has ended needs: a late look, if any attempt of it was uncertain."""
    if operation.state in LIVE:
        return Next.NOTHING
    uncertain = operation.look is not None or operation.found is Found.LOOK
    return Next.LOOK_LATE if uncertain else Next.NOTHING


def _settled(outcome: Outcome, before: Baseline) -> tuple[State, Change, dict[str, object]]:
    evidence: dict[str, object]
    match outcome:
        case Created(trunk=trunk, status=status, request_id=request_id):
            evidence = {"status": status, "request_id": request_id, "trunk_id": trunk.id}
            if trunk.id in before.known:
                return State.UNKNOWN, Change(reason="trunk_known"), evidence
            return State.CREATED, Change(trunk=trunk, found=Found.ANSWER), evidence
        case Rejected(refusal=refusal):
            evidence = {"status": refusal.status, "code": refusal.code, "request_id": refusal.request_id}
            return State.REJECTED, Change(refusal=refusal), evidence
        case NotSent(reason=reason):
            return State.NOT_SENT, Change(reason=reason), {"reason": reason}
        case Unknown(reason=reason, request_id=request_id):
            return State.UNKNOWN, Change(reason=reason), {"reason": reason, "request_id": request_id}
