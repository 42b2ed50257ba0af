"""Running operations in this process: accepting, deciding, stopping. The seam a durable engine takes.

Accepting returns only after the operation is committed to the ledger. What runs is in the ledger at every
step, so a restart continues it: by sending what was never sent, by looking for what may have been.
"""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.delivery import Screen
from bot.ledger import BOT, Already, Change, Ledger, Stored, TooLate, Twin
from bot.operations import Found, State
from bot.records import NewOperation, Record
from bot.slack.report import Choice
from bot.workflows import Workflow

STORE_WITHIN: Final = 2.0  # seconds; Slack waits 3 for the answer to a submission
STOP_WITHIN: Final = 25.0  # seconds; Procfile hosts kill 30 s after SIGTERM

_log = logging.getLogger("bot.engine")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotStored:
    """Nothing was accepted: the ledger did not commit in time, or the process is stopping."""

    stopping: bool


Acceptance = Stored | Already | Twin | NotStored


@dataclass(frozen=True, slots=True)
class Decided:
    """The choice was recorded and is being carried out."""

    record: Record


@dataclass(frozen=True, slots=True)
class Settled:
    """The question is not open (any more); here is where the operation stands."""

    record: Record


class Engine:
    """Operations as tracked tasks of this process."""

    def __init__(self, ledger: Ledger, workflow: Workflow, clock: Clock) -> None:
        self._ledger = ledger
        self._workflow = workflow
        self._clock = clock
        self._tasks: set[asyncio.Task[object]] = set()
        self._stopping = False

    async def start(self) -> None:
        """Continue what an earlier process left unfinished."""
        for record in await self._ledger.in_flight():
            operation = record.operation
            match operation.state:
                case State.ACCEPTED:
                    self._run(self._workflow.create(record))
                case State.SENDING:
                    self._run(self._workflow.interrupted(record))
                case State.UNKNOWN if not operation.asking:
                    self._run(self._workflow.settle(record))
                case _:
                    pass  # a person's turn: the buttons work, and /trunk status shows it

    async def accept(self, new: NewOperation, screen: Screen) -> Acceptance:
        """Store a confirmed operation and start it; the answer comes within STORE_WITHIN seconds.

        Whoever hears NotStored may confirm again: the operation's id makes it the same operation.
        """
        if self._stopping:
            return NotStored(stopping=True)
        # The task is not cancelled with the wait: a commit that was under way is followed by its run.
        task = self._track(self._store(new, screen))
        done, _ = await asyncio.wait({task}, timeout=STORE_WITHIN)
        return task.result() if done else NotStored(stopping=False)

    async def decide(
        self, operation: str, choice: Choice, actor: str, trunk: str | None
    ) -> Decided | Settled | None:
        """Record what a person decided and carry it out; None when there is no such operation."""
        before = await self._ledger.get(operation)
        if before is None:
            return None
        after = await self._decide(before, choice, actor, trunk)
        if after is not None:
            return Decided(after)
        return Settled(await self._ledger.get(operation) or before)

    async def stop(self, within: float = STOP_WITHIN) -> None:
        """Accept nothing more, let what is under way finish, and mark truthfully what could not.

        Waits are cut at once: a search or a question goes on after the restart.
        """
        self._stopping = True
        end = self._clock.now() + within
        while self._tasks and (left := end - self._clock.now()) > 0:
            for task in self._workflow.resting & self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=min(left, 0.1), return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for record in await self._ledger.in_flight():
            if record.operation.state is State.SENDING:
                await self._ledger.move(
                    record.operation.id,
                    State.SENDING,
                    State.UNKNOWN,
                    actor=BOT,
                    evidence={"reason": "stopped"},
                    change=Change(reason="stopped"),
                )

    async def _store(self, new: NewOperation, screen: Screen) -> Acceptance:
        try:
            answer = await self._ledger.accept(new, deadline=self._clock.now() + STORE_WITHIN)
        except (SQLAlchemyError, LookupError) as error:
            _log.error("an operation could not be stored: %s", type(error).__name__)
            return NotStored(stopping=False)
        match answer:
            case Stored(record=record):
                self._run(self._workflow.create(record, screen))
                return answer
            case TooLate():
                return NotStored(stopping=False)
            case _:
                return answer

    async def _decide(self, before: Record, choice: Choice, actor: str, trunk: str | None) -> Record | None:
        operation = before.operation
        match choice:
            case Choice.CHECK_AGAIN:
                after = await self._ledger.look_again(operation.id, actor)
                if after is not None:
                    self._run(self._workflow.look_again(after))
                return after
            case Choice.SEND_AGAIN:
                after = await self._workflow.send_again(before, actor)
                if after is not None:
                    self._run(self._workflow.sent_again(after))
                return after
            case Choice.GIVE_UP:
                return await self._close(before, State.NOT_CREATED, actor, Change(decided_by=actor))
            case Choice.PICK:
                look = operation.look
                picked = [t for t in (look.candidates if look else ()) if t.id == trunk]
                if not picked:
                    return None
                change = Change(trunk=picked[0], found=Found.PERSON, decided_by=actor)
                return await self._close(before, State.CREATED, actor, change)
            case Choice.TRY_AGAIN:
                raise AssertionError("unreachable: trying again opens a form, see handlers/retry.py")

    async def _close(self, before: Record, after: State, actor: str, change: Change) -> Record | None:
        trunk = change.trunk.id if change.trunk else None
        closed = await self._ledger.move(
            before.operation.id,
            State.UNKNOWN,
            after,
            actor=actor,
            evidence={"trunk_id": trunk},
            change=change,
            asked=True,
        )
        if closed is not None:
            self._run(self._workflow.settled_by_person(closed))
        return closed

    def _run(self, work: Coroutine[object, object, object]) -> None:
        self._track(self._surviving(work))

    def _track(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _surviving(self, work: Coroutine[object, object, object]) -> None:
        try:
            await work
        except Exception:  # noqa: BLE001 - the end of a task: there is nobody above to tell
            _log.exception("an operation stopped; it continues at the next start")
