"""What happens to an operation after it was accepted: what is next, again and again, until nothing is.

Every step may be run again after a crash, and none repeats an effect that must not be: the conditional write
of the intent is the permission, and only the run whose write it was sends. A run that finds somebody else's
intent looks instead. Telling people is no part of it: who is to be told is written with each transition.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol
from weakref import WeakValueDictionary

from bot.domain.operation import State
from bot.domain.records import Record
from bot.domain.transitions.looks import not_sent_again, rest
from bot.domain.transitions.sendings import interrupted
from bot.kinds.registry import Kinds
from bot.runtime.clock import Clock, milliseconds
from bot.store.ledger import Ledger
from bot.workflow.prove import Prover
from bot.workflow.schedule import Act, Next, next_look, next_slow_look, what_is_next
from bot.workflow.send import Sender
from bot.workflow.stored import changed
from bot.workflow.verify import Verifier

END: Final = "end"
# Seconds that a run waits by itself. For what is due later bot.workflow.recovery starts one.
_NEAR: Final = 60.0


class Steps(Protocol):
    """What a workflow asks of its engine."""

    async def step(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        """Do work whose result is recorded: after a crash a finished step is not done again."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a crash does not prolong it."""
        ...


class Workflow:
    """Does what is next for an operation. `settle` is the settling time in seconds."""

    def __init__(
        self,
        ledger: Ledger,
        kinds: Kinds,
        sender: Sender,
        verifier: Verifier,
        clock: Clock,
        *,
        prover: Prover,
        settle: float,
    ) -> None:
        self._ledger = ledger
        self._kinds = kinds
        self._sender = sender
        self._verifier = verifier
        self._clock = clock
        self._settle = settle
        self._by_the_way = {
            Act.LOOK_SLOWLY: verifier.look_slowly,
            Act.READ_AGAIN: verifier.read_again,
            Act.EXAMINE: prover.examine,
            Act.LOOK_LATE: verifier.look_late,
        }
        self._at_work: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def operate(self, operation: str, steps: Steps) -> None:
        """See an operation through from wherever the ledger says that it stands."""
        while (wait := await steps.step("next", partial(self.next, operation))) != END:
            if float(wait):
                await steps.sleep(float(wait))

    async def next(self, operation: str) -> str:
        """Do what is due and return the seconds until the next is, or END when no run has to wait for it.

        Two runs of one process take turns: the second finds what the first has done. A run whose move was
        refused ends: whoever moved the operation sees it through.
        """
        lock = self._at_work.setdefault(operation, asyncio.Lock())
        async with lock:
            record = self._ledger.written(operation)
            # What goes on without a person is moved by its run alone: the next write will tell if not.
            if record is None or record.operation.state not in {State.ACCEPTED, State.RUNNING}:
                record = await self._ledger.get(operation)
            if record is not None and self._due(following := self._following(record)):
                record = await self._do(following.act, record)
            return END if record is None else await self._wait(record)

    def _following(self, record: Record) -> Next:
        return what_is_next(record, self._settle, known=self._kinds.knows(record.operation))

    def _due(self, following: Next) -> bool:
        return following.act is not Act.NOTHING and following.at <= milliseconds(self._clock)

    async def _wait(self, record: Record) -> str:
        following = self._following(record)
        if following.act is Act.NOTHING:
            return END
        wait = max(0.0, following.at / 1000 - self._clock.now())
        if wait <= _NEAR:
            return f"{wait:.3f}"
        if record.wake_at != following.at:
            await self._ledger.change(record.operation.id, partial(rest, wake_at=following.at))
        return END

    async def _do(self, act: Act, record: Record) -> Record | None:
        match act:
            case Act.SEND:
                return await self._sender.send(record)
            case Act.TAKE_OVER:
                at = next_look(milliseconds(self._clock), 0, self._settle)
                takes = partial(interrupted, process=self._ledger.process, wake_at=at, read=record)
                return await changed(self._ledger, record, takes)
            case Act.LOOK | Act.LOOK_LAST:
                return await self._verifier.look(record, last=act is Act.LOOK_LAST)
            case Act.LOOK_THEN_SEND:
                return await self._send_again(record)
            case _:
                return await self._by_the_way[act](record)

    async def _send_again(self, record: Record) -> Record | None:
        look = await self._verifier.objection(record)
        if look is None:
            return await self._sender.send(record, looked_at=milliseconds(self._clock))
        now = milliseconds(self._clock)
        back = partial(not_sent_again, began=record, look=look, wake_at=next_slow_look(now, now))
        return await changed(self._ledger, record, back)
