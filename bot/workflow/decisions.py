"""Carrying out what people decided: the answer to a question, an approval, the end of a request.

The first decision wins, and whoever comes later is told where the operation stands. What a decision starts is
tracked by the engine, which finishes it when the process stops.
"""

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bot.domain.operation import Choice, Found, State
from bot.domain.records import Record
from bot.notify.results import Delivery
from bot.runtime.clock import Clock, milliseconds
from bot.store.change import Change
from bot.store.events import BOT, Limit
from bot.store.ledger import Ledger
from bot.workflow.intake import Engine, NotStored


@dataclass(frozen=True, slots=True)
class Decided:
    """The choice was recorded and is being carried out."""

    record: Record


@dataclass(frozen=True, slots=True)
class Changed:
    """What is stored is not what was approved: nothing was done."""

    record: Record


@dataclass(frozen=True, slots=True)
class Held:
    """An identical request is in flight, so this one still waits."""

    twin: Record


@dataclass(frozen=True, slots=True)
class Made:
    """Identical requests (`number`, the latest is `twin`) made trunks while this one waited, as it does."""

    record: Record
    twin: Record
    number: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The question is not open (any more); here is where the operation stands."""

    record: Record


ApprovalAnswer = Decided | Settled | Changed | Held | Made | None  # None: there is no such operation


class Decisions:
    """Records decisions, and has the engine start a workflow for each."""

    def __init__(self, ledger: Ledger, engine: Engine, delivery: Delivery, clock: Clock) -> None:
        self._ledger = ledger
        self._engine = engine
        self._delivery = delivery
        self._clock = clock

    async def decide(
        self, operation: str, choice: Choice, actor: str, asked: int | None, trunk: str | None
    ) -> Decided | Settled | None:
        """Record what a person decided and carry it out; None when there is no such operation.

        It holds for the question that the person saw, which is the one of the round `asked`, and for what
        that one offers.
        """
        before = await self._ledger.get(operation)
        if before is None:
            return None
        fits = before.round == asked and choice in before.operation.choices
        after = await self._decide(before, choice, actor, trunk) if fits else None
        if after is None:
            return Settled(await self._ledger.get(operation) or before)
        self._engine.begin(f"{operation}-{after.round}", operation)
        return Decided(after)

    async def approve(self, operation: str, bound: str, actor: str, known: int = 0) -> ApprovalAnswer:
        """Approve exactly what `bound` is the digest of, and start it. The first decision wins.

        `known` is of how many identical requests that made a trunk meanwhile the approver was told.
        """
        before = await self._ledger.get(operation)
        if before is None:
            return None
        # Computed from what would be sent: a row that was edited does not pass with its old digest.
        fits = bound == before.operation.bound
        answer: ApprovalAnswer = None
        # Twice: an identical one may have been in the way and have ended when it is looked up.
        for _ in range(2):
            approved = (
                await self._ledger.requests.approve(before.operation, bound, actor, known) if fits else None
            )
            if approved is not None:
                self._engine.begin(f"{operation}-{approved.round}", operation)
                self._engine.track(self._delivery.decided(approved))
                return Decided(approved)
            answer = await self._not_approved(operation, bound, known)
            if not fits or not isinstance(answer, Changed):
                break
        return answer

    async def _not_approved(self, operation: str, bound: str, known: int) -> ApprovalAnswer:
        record = await self._ledger.get(operation)
        if record is None:
            return None
        if record.operation.state is not State.AWAITING_APPROVAL:
            return Settled(record)
        expires = record.operation.expires_at
        if expires is not None and expires <= milliseconds(self._clock):
            # The next round of bot.workflow.expiry would say it; who presses hears it now.
            await self.close_request(operation, State.EXPIRED, BOT)
            return Settled(await self._ledger.get(operation) or record)
        if bound != record.operation.bound:
            return Changed(record)
        number, made = await self._ledger.requests.created_meanwhile(record.operation)
        if made is not None and number != known:
            return Made(record, made, number)
        twin = await self._ledger.twin(record.operation)
        return Changed(record) if twin is None else Held(twin)

    async def close_request(
        self, operation: str, after: State, actor: str, denial: str | None = None
    ) -> Decided | Settled | None:
        """Deny, withdraw or expire a request and tell whom it concerns."""
        closed = await self._ledger.requests.close(operation, after, actor=actor, denial=denial)
        return await self._closed(operation, closed)

    async def deny(
        self, operation: str, actor: str, reason: str, limit: Limit
    ) -> Decided | Settled | NotStored | None:
        """Deny a request and tell whom it concerns; NotStored when the limit of time was over."""
        try:
            closed = await self._ledger.requests.close(
                operation, State.DENIED, actor=actor, denial=reason, limit=limit
            )
        except SQLAlchemyError:
            closed = await self._engine.after_all(operation, limit)
            if closed is None or (closed.operation.state, closed.operation.decider) != (State.DENIED, actor):
                raise
        return NotStored(stopping=False) if limit.passed else await self._closed(operation, closed)

    async def _closed(self, operation: str, closed: Record | None) -> Decided | Settled | None:
        if closed is not None:
            self._engine.begin(f"{operation}-{closed.round}", operation)
            return Decided(closed)
        record = await self._ledger.get(operation)
        return None if record is None else Settled(record)

    async def _decide(self, before: Record, choice: Choice, actor: str, trunk: str | None) -> Record | None:
        match choice:
            case Choice.CHECK_AGAIN | Choice.SEND_AGAIN:
                return await self._ledger.questions.decide(before.operation.id, choice, actor, before.round)
            case Choice.GIVE_UP:
                return await self._close(before, State.NOT_CREATED, actor, Change(decided_by=actor))
            case Choice.PICK:
                look = before.operation.look
                picked = [t for t in (look.candidates if look else ()) if t.id == trunk]
                change = Change(trunk=picked[0], found=Found.PERSON, decided_by=actor) if picked else None
                return await self._close(before, State.CREATED, actor, change) if change else None
            case Choice.TRY_AGAIN:
                raise AssertionError("unreachable: trying again opens a form, see handlers/retry.py")

    async def _close(self, before: Record, after: State, actor: str, change: Change) -> Record | None:
        trunk = change.trunk.id if change.trunk else None
        return await self._ledger.move(
            before.operation.id,
            State.UNKNOWN,
            after,
            actor=actor,
            evidence={"trunk_id": trunk},
            change=change,
            asked=before.round,
        )
