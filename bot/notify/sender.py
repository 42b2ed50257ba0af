"""The outbox's sender: takes the notices that are due, tells them in order, writes down what came of it.

At least once: what Slack did not confirm is told again, ever more slowly, and says that it may be there
twice. What is known of telling is in the notices themselves; here is only what is under way.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.operation import State
from bot.domain.records import Entry, Purpose, Record, Telling
from bot.domain.transitions.moves import BOT
from bot.notify.channels import Said, Tries, Unsaid
from bot.notify.notices import Notices
from bot.runtime.clock import Clock, milliseconds
from bot.runtime.log import now_about
from bot.runtime.tasks import end
from bot.store.ledger import Ledger

T = TypeVar("T")

# Seconds between tries, 70 minutes in all.
AGAIN: Final = (1, 2, 5, 10, 20, 30, 60, 60, 120, 300, 600, 900, 900, 1200)
_SLOWER: Final = 2  # places further on in these, where a try may leave one more line in the channel
_FORM_TRIES: Final = 4  # nobody looks at a form for longer
_AT_ONCE: Final = 100  # lines; those in a channel that Slack holds back must not fill it
_MOST: Final = 50  # notices that are taken at once
_EACH: Final = 8  # notices of one operation that may be due, at most
_LOOK: Final = 3.0  # seconds until the outbox is looked at again: another instance may have left something
_SOON: Final = 0.5  # the same while there is more than was taken
_PATIENCE: Final = 15  # seconds between tries to reach the database, at most
_REST: Final = 5.0  # seconds after a defect, for the operation that shows it
_STOP_WITHIN: Final = 5.0  # seconds
_REPLY: Final = 2
_TURN_AGAIN: Final = 500  # milliseconds, at least, until a notice asks again whether it is its turn
# Who has to decide is asked first, since the result says where that was; replies go under the result.
_TURN: Final = {
    Purpose.APPROVAL: 0,
    Purpose.REMINDER: 0,
    Purpose.MODAL: 1,
    Purpose.RESULT: 1,
    Purpose.QUESTION: _REPLY,
    Purpose.SETTLED: _REPLY,
    Purpose.LATE: _REPLY,
    Purpose.CALL: _REPLY,
}

_log = structlog.get_logger("bot.delivery")


class Teller:
    """Tells what the outbox holds: each operation's notices in their order, operations side by side.

    What needs no turn is told beside the others of its operation.
    """

    def __init__(self, ledger: Ledger, notices: Notices, clock: Clock) -> None:
        self._ledger = ledger
        self._outbox = ledger.outbox
        self._notices = notices
        self._clock = clock
        self._woken = asyncio.Event()
        self._taking = asyncio.Lock()
        self._underway: dict[str, asyncio.Task[None]] = {}
        self._stopped = False

    def wake(self) -> None:
        """Look at the outbox soon: something was committed."""
        self._woken.set()

    async def keep_telling(self) -> None:
        """Tell what is due, for ever; run it as a task and cancel it."""
        while True:
            self._woken.clear()
            try:
                wait = await self._begin()
            except Exception as error:  # noqa: BLE001 - whatever fails, the next round has to come
                _log.error("the outbox's sender failed", error=type(error).__name__)
                wait = _LOOK
            await self._pause(wait)

    async def tell_due(self) -> None:
        """Tell what is due now, and wait for it."""
        await self._begin()
        while self._underway:
            await asyncio.wait(set(self._underway.values()))
            await self._begin()

    async def stop(self, within: float = _STOP_WITHIN) -> None:
        """Tell what is due for `within` seconds more, then cut. What was cut is told by the next process."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.tell_due()
        self._stopped = True
        await end(self._underway.values())

    async def _begin(self) -> float:
        """Begin to tell what is due; return for how many seconds there is no more, if nobody wakes this."""
        async with self._taking:
            if self._stopped:
                return _LOOK
            # What ends while the outbox is read was read as it was before.
            busy = set(self._underway)
            due: dict[str, list[Telling]] = {}
            most = _MOST + _EACH * len(busy)
            found = await self._patiently(lambda: self._outbox.take(most))
            for telling in found.now:
                if (line := _line(telling)) not in busy:
                    due.setdefault(line, []).append(telling)
            begun = list(due.items())[: max(0, _AT_ONCE - len(busy))]
            for line, tellings in begun:
                self._underway[line] = asyncio.create_task(self._tell(line, tellings))
        left = _LOOK if found.then is None else (found.then - milliseconds(self._clock)) / 1000
        return min(left, _LOOK) if left > 0 else _SOON

    async def _pause(self, seconds: float) -> None:
        waits = [
            asyncio.create_task(self._woken.wait()),
            asyncio.create_task(self._clock.sleep(seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _tell(self, line: str, tellings: list[Telling]) -> None:
        now_about(tellings[0].operation)
        try:
            for telling in sorted(tellings, key=lambda telling: (_TURN[telling.purpose], telling.id)):
                await self._try(telling)
        except Exception as error:  # noqa: BLE001 - other operations' notices must be told all the same
            _log.error("an operation could not be told of", error=type(error).__name__)
            await self._clock.sleep(_REST)
        finally:
            del self._underway[line]
            self.wake()

    async def _try(self, telling: Telling) -> None:
        """Try once, and write down what came of it."""
        record = self._ledger.written(telling.operation)
        if record is None or record.revision < telling.wanted or telling.tries:
            record = await self._patiently(lambda: self._ledger.get(telling.operation))
        if record is None:
            raise AssertionError("unreachable: a notice belongs to an operation")
        related = _TURN[telling.purpose] == _REPLY or record.operation.approval is not None
        others = await self._patiently(lambda: self._outbox.of(telling.operation)) if related else ()
        wait_until = _wait_until(telling, record, others)
        if wait_until is not None:
            # Another instance may be at the one that comes first: then it is past its time.
            at = max(wait_until, milliseconds(self._clock) + _TURN_AGAIN)
            await self._patiently(lambda: self._outbox.later(telling, at))
            return
        try:
            tries = await self._notices.tell(telling, record, others)
        except Exception as error:  # noqa: BLE001 - a defect in the words of one notice; it may pass with the state
            _log.error("a notice could not be told", ref=record.operation.ref, error=type(error).__name__)
            tries = (Unsaid(telling.purpose, type(error).__name__, curable=True, lost=telling.place is None),)
        await self._note(telling, tries[:-1])
        match tries[-1]:
            case Said(route=route, place=place, whole=whole):
                shown = record.revision if whole else 0
                await self._patiently(lambda: self._outbox.told(telling, shown, route, place))
            case Unsaid() as failed:
                await self._failed(telling, record, failed)

    async def _failed(self, telling: Telling, record: Record, failed: Unsaid) -> None:
        again_at = None
        most = _FORM_TRIES if telling.purpose is Purpose.MODAL else len(AGAIN)
        if failed.curable and telling.tries < most:
            place = telling.tries + (_SLOWER if telling.unsure and failed.lost else 0)
            again_at = milliseconds(self._clock) + AGAIN[min(place, len(AGAIN) - 1)] * 1000
        unsure = telling.unsure or failed.lost
        await self._patiently(
            lambda: self._outbox.failed(telling, failed.route, failed.error, again_at, unsure)
        )
        if again_at is None:
            _give_up(telling, record, failed)

    async def _note(self, telling: Telling, tries: Tries) -> None:
        """Write down the ways before the last one; of several tries that fail alike the first."""
        for tried in tries if telling.tries == 0 else ():
            error = tried.error if isinstance(tried, Unsaid) else None
            entry = Entry(BOT, "delivery", {"route": tried.route, "error": error, "purpose": telling.purpose})
            try:
                await self._ledger.note(telling.operation, entry)
            except SQLAlchemyError as trouble:
                # What came of the last way matters more.
                _log.warning("a delivery was not noted", error=type(trouble).__name__)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Ask the store until it answers: what was said must be written down, or it is said for ever."""
        wait = 1
        while True:
            try:
                return await work()
            except SQLAlchemyError as error:
                _log.warning("the outbox waits for the database", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - a defect in the store must not flood a channel
                _log.error("the outbox could not be used", error=type(error).__name__)
            await self._clock.sleep(wait)
            wait = min(2 * wait, _PATIENCE)


def _line(telling: Telling) -> str:
    """Name the line in which a notice waits its turn: its operation's, or its own where it needs no turn.

    That is the form, and a question to the operators that is brought up to date: no channel holds these up.
    """
    alone = telling.purpose is Purpose.MODAL or (_TURN[telling.purpose] == 0 and telling.place is not None)
    return f"{telling.operation} {telling.id}" if alone else telling.operation


def _wait_until(telling: Telling, record: Record, others: Sequence[Telling]) -> int | None:
    """Return when to try instead, if another notice of the operation comes first and is not told yet.

    A result waits for an announcement only as long as one try takes; that a request waits is said when
    somebody was asked to decide.
    """
    waits = record.operation.state is State.AWAITING_APPROVAL
    for other in others:
        asked = other.purpose is Purpose.APPROVAL and other.shown is None
        if telling.purpose in {Purpose.RESULT, Purpose.MODAL} and waits and asked:
            return other.due_at
        if _TURN[telling.purpose] == _REPLY and other.purpose is Purpose.RESULT:
            return other.due_at
    return None


def _give_up(telling: Telling, record: Record, failed: Unsaid) -> None:
    ref, way = record.operation.ref, {"route": failed.route, "error": failed.error}
    match telling.purpose:
        case Purpose.MODAL:
            _log.warning("the modal could not be updated", ref=ref, **way)
        case Purpose.APPROVAL | Purpose.REMINDER if telling.place is None:
            _log.error("no operator could be reached", ref=ref, **way)
        case Purpose.APPROVAL | Purpose.REMINDER:
            _log.warning("an older message could not be brought up to date", ref=ref, **way)
        case _:
            _log.error("a message could not be delivered", ref=ref, **way)
