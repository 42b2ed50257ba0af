"""Telling people where an operation stands: what they are told, in which order, and until they are told.

The modal that asked and the message go side by side; by which ways a message reaches people is in
bot.notify.channels.
The failure of one step never hides the result, and `/trunk status` answers in any case.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.observer import Tried, uncounted
from bot.domain.operation import State
from bot.domain.records import Record
from bot.domain.resources import Trunk
from bot.notify.approver_routes import Approvals, Heard
from bot.notify.approvers import Operators
from bot.notify.channels import HURRY, Delivered, Routes
from bot.notify.modal import Modals
from bot.notify.posting import Poster
from bot.runtime.clock import Clock
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed
from bot.slack.sealing import Sealer
from bot.store.ledger import Ledger
from bot.words.late import late_answer_message
from bot.words.results import late_twin_message, operation_message, replaced_message

# Tries to bring older messages up to date, with the waits of telling between them: 3 s. A button that stays
# is answered when it is pressed, and must not keep a result from being told.
_RENEW_TRIES: Final = 4
# What only this person needs to see: nothing was created, so the channel has nothing to know.
_PRIVATE: Final = frozenset(
    {State.REJECTED, State.NOT_SENT, State.DENIED, State.EXPIRED, State.WITHDRAWN, State.AWAITING_APPROVAL}
)

_log = structlog.get_logger("bot.delivery")


@dataclass(slots=True)
class _Telling:
    """How far telling people has come; `what` is how the operation stands that they are told of."""

    what: str
    heard: Heard = Heard.LATER
    tried: bool = False
    delivered: Delivered | None = None
    renewals: int = 0


class Delivery:
    """Tells people where an operation stands, at least once, and says when it may be twice."""

    def __init__(
        self,
        slack: SlackWeb,
        ledger: Ledger,
        sealer: Sealer,
        clock: Clock,
        *,
        settle: float,
        approvals: Approvals,
        tried: Tried = uncounted,
    ) -> None:
        self._ledger = ledger
        self._settle = round(settle)  # seconds, as people read them
        self._poster = Poster(slack, ledger, tried)
        self._routes = Routes(slack, self._poster, sealer)
        self.modals = Modals(slack, clock, tried, settle=self._settle)
        self.operators = Operators(self._poster, ledger, sealer, approvals, clock)
        self._begun: dict[str, _Telling] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def tell(self, operation: str) -> str:
        """Tell people how an operation stands, unless they know: `told`, or `later` while Slack is down."""
        # One after the other: somebody can press a button before its own message is written down, and the
        # next message has to know which one it replaces.
        async with self._turns.setdefault(operation, asyncio.Lock()):
            return await self._tell(operation)

    async def decided(self, record: Record) -> None:
        """Say in the message that asked who approved, before there is a result. One try: more will follow."""
        with contextlib.suppress(SQLAlchemyError):
            await self.operators.renew(record)

    async def _tell(self, operation: str) -> str:
        record = await self._ledger.get(operation)
        begun = self._telling(record)
        if record is None or begun is None:
            self._begun.pop(operation, None)
            return "told"
        owed = begun.heard is Heard.LATER and self.operators.due(record)
        if owed:
            begun.heard = await self.operators.inform(record, HURRY)
            if begun.heard is not Heard.LATER:
                return await self._tell(operation)  # read again: it says now where it was asked
            # A result does not wait for its announcement. That a request waits is said when it was asked.
            if record.told or record.operation.state is State.AWAITING_APPROVAL:
                return "later"
        if begun.delivered is None:
            begun.delivered = await self._deliver(record, begun)
        # Before it is noted that people know, or a crash in between would leave live buttons behind.
        if begun.delivered is None or not await self._renewed(record, begun, begun.delivered):
            return "later"
        await self._ledger.told(record, begun.delivered.post)
        if not owed:
            self._begun.pop(operation, None)
        return "later" if owed else "told"  # the operators are still to be told

    def _telling(self, record: Record | None) -> _Telling | None:
        """Return how far telling has come; None when there is nothing to tell (any more)."""
        if record is None:
            return None
        operation = record.operation
        what = f"{operation.state} {record.round} {operation.asking}"
        begun = self._begun.get(operation.id)
        if begun is not None and begun.what != what:
            begun = None
        if record.told:
            owed = begun is not None and begun.heard is Heard.LATER and self.operators.due(record)
            return begun if owed else None
        if begun is None:
            begun = self._begun[operation.id] = _Telling(what)
        return begun

    async def _deliver(self, record: Record, begun: _Telling) -> Delivered | None:
        repeat = begun.tried or record.moved_by != self._ledger.process
        begun.tried = True
        unheard = begun.heard is Heard.NOBODY
        _, delivered = await asyncio.gather(
            self.modals.show(record), self._announce(record, repeat=repeat, unheard=unheard)
        )
        if isinstance(delivered, Failed):
            # What Slack's limits held back was surely not posted: the next one repeats nothing.
            begun.tried = repeat or delivered.error != "ratelimited"
            return None
        return delivered

    async def _renewed(self, record: Record, begun: _Telling, delivered: Delivered) -> bool:
        # The operators may have been told just now how it stands.
        renewed = begun.heard is Heard.YES or await self.operators.renew(record)
        if await self._renew(record, delivered) and renewed:
            return True
        begun.renewals += 1
        if begun.renewals < _RENEW_TRIES:
            return False
        _log.warning("an older message could not be brought up to date", ref=record.operation.ref)
        return True

    async def _renew(self, record: Record, delivered: Delivered) -> bool:
        """Bring an older message up to date: it has buttons, or says less than is known by now."""
        if record.post is None or record.post == delivered.post:
            return True
        message = replaced_message(record.operation)
        return await self._poster.replace(record.operation, "update", record.post, message)

    async def late_twins(self, record: Record, twins: tuple[Trunk, ...], *, repeat: bool) -> bool:
        """Say that trunks turned up after the operation was settled; False when nobody could be told."""
        message = late_twin_message(record.operation, twins, repeat=repeat)
        return isinstance(await self._routes.to_channel(record, message, message), Delivered)

    async def late_answer(self, record: Record, trunk: Trunk) -> bool:
        """Say that Vobiz confirmed a trunk which the operation, as it stands in `record`, can not take.

        False when nobody could be told.
        """
        message = late_answer_message(record.operation, trunk)
        return isinstance(await self._routes.to_channel(record, message, message), Delivered)

    async def _announce(self, record: Record, *, repeat: bool, unheard: bool) -> Delivered | Failed | None:
        # Failed says that only one way was tried, and how that ended.
        operation = record.operation
        message = operation_message(
            operation, settle=self._settle, repeat=repeat, approvals=record.asked_in, unheard=unheard
        )
        if operation.state is State.WITHDRAWN and not repeat:
            return Delivered()  # this process has answered the button, in the place of what was told before
        if operation.state in _PRIVATE:
            return await self._routes.to_person(record, message)
        # Who pressed “Check again” is looking at the question: it changes in place, without a new message.
        in_place = record.post if operation.asking and operation.decided_by else None
        if in_place is not None and await self._routes.in_place(operation, in_place, message):
            return Delivered(in_place)
        elsewhere = operation_message(
            operation, settle=self._settle, repeat=repeat, instead_of=operation.channel, unheard=unheard
        )
        return await self._routes.to_channel(record, message, elsewhere)
