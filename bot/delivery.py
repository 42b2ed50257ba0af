"""How a result reaches people: the modal that asked, and the channel or the person alone.

For a channel: chat.postMessage, then the command's response_url (it works where the bot is no member),
then the requester's direct messages. For one person: at once only for their eyes in the channel; later, when
others or the time decided, in their direct messages. Each answer is checked and written to the ledger; the
failure of one step never hides the result, and `/trunk status` answers in any case.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.asking import Approvals, Heard, Operators
from bot.clock import Clock
from bot.ledger import Ledger
from bot.observer import Tried, uncounted
from bot.operations import State
from bot.pacing import PATIENCE
from bot.posting import PASSING, Poster
from bot.records import Post, Record
from bot.sealing import Sealer
from bot.slack.late import late_answer_message
from bot.slack.layout import Message
from bot.slack.results import late_twin_message, operation_message, replaced_message
from bot.slack.views import operation_modal
from bot.slackanswers import Failed
from bot.slackweb import SlackWeb
from bot.vobiz.models import Trunk

# Slack gives no sign that it has applied the answer to a submission. An update that overtakes it is lost
# behind “Creating…”, so the modal's update waits for our answer to have left, and this long more (seconds).
SETTLE_VIEW: Final = 0.15
_UNINVITED: Final = frozenset({"not_in_channel", "channel_not_found"})
_HURRY: Final = 3.0  # seconds; words may be held back by Slack's limits, the search for a trunk may not
# Tries to bring older messages up to date, with the waits of telling between them: 3 s. A button that stays
# is answered when it is pressed, and must not keep a result from being told.
_RENEW_TRIES: Final = 4
# What only this person needs to see: nothing was created, so the channel has nothing to know.
_PRIVATE: Final = frozenset(
    {State.REJECTED, State.NOT_SENT, State.DENIED, State.EXPIRED, State.WITHDRAWN, State.AWAITING_APPROVAL}
)

_log = structlog.get_logger("bot.delivery")


@dataclass(frozen=True, slots=True)
class Delivered:
    """People were told; `post` is the message that can be brought up to date later, if it is one."""

    post: Post | None = None


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
        self._slack = slack
        self._ledger = ledger
        self._sealer = sealer
        self._clock = clock
        self._settle = round(settle)  # seconds, as people read them
        self._poster = Poster(slack, ledger, tried)
        self._tried = tried
        self.operators = Operators(self._poster, ledger, sealer, approvals, clock)
        self._answered: dict[str, asyncio.Event] = {}
        self._begun: dict[str, _Telling] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def hold(self, operation: str, answered: asyncio.Event) -> None:
        """Keep an operation's modal as it is until the answer to its submission has left."""
        self._answered[operation] = answered

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
            begun.heard = await self.operators.inform(record, _HURRY)
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
            self._show(record), self._announce(record, repeat=repeat, unheard=unheard)
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
        return isinstance(await self._to_channel(record, message, message), Delivered)

    async def late_answer(self, record: Record, trunk: Trunk) -> None:
        """Say that Vobiz confirmed a trunk which the operation, as it stands in `record`, can not take."""
        message = late_answer_message(record.operation, trunk)
        await self._to_channel(record, message, message)

    async def _show(self, record: Record) -> None:
        answered = self._answered.pop(record.operation.id, None)
        if record.view_id is None:
            return
        if answered is not None:
            await answered.wait()
            await self._clock.sleep(SETTLE_VIEW)
        shown = await self._slack.update_view(
            record.view_id, operation_modal(record.operation, self._settle, approvals=record.asked_in)
        )
        # The person may have closed the modal: `not_found` is no trouble.
        error = shown.error if isinstance(shown, Failed) and shown.error != "not_found" else None
        self._tried("modal", error)
        if error is not None:
            _log.warning("the modal could not be updated", ref=record.operation.ref, error=error)

    async def _announce(self, record: Record, *, repeat: bool, unheard: bool) -> Delivered | Failed | None:
        # Failed says that only one way was tried, and how that ended.
        operation = record.operation
        message = operation_message(
            operation, settle=self._settle, repeat=repeat, approvals=record.asked_in, unheard=unheard
        )
        if operation.state is State.WITHDRAWN and not repeat:
            return Delivered()  # this process has answered the button, in the place of what was told before
        if operation.state in _PRIVATE:
            return await self._to_person(record, message)
        # Who pressed “Check again” is looking at the question: it changes in place, without a new message.
        in_place = record.post if operation.asking and record.round else None
        if in_place is not None:
            failed = await self._slack.replace(in_place, message)
            await self._poster.note(operation, "update", failed)
            if failed is None:
                return Delivered(in_place)
        elsewhere = operation_message(
            operation, settle=self._settle, repeat=repeat, instead_of=operation.channel, unheard=unheard
        )
        return await self._to_channel(record, message, elsewhere)

    async def _to_channel(
        self, record: Record, message: Message, uninvited: Message
    ) -> Delivered | Failed | None:
        operation = record.operation
        searching = operation.state is State.UNKNOWN and not operation.asking
        patience = _HURRY if searching else PATIENCE
        post = await self._poster.post(operation, "channel", operation.channel, message, patience)
        if isinstance(post, Post):
            return Delivered(post)
        if post.error in PASSING:
            return post
        elsewhere = uninvited if post.error in _UNINVITED else message
        return await self._elsewhere(record, elsewhere, in_channel=True)

    async def _to_person(self, record: Record, message: Message) -> Delivered | Failed | None:
        operation = record.operation
        # Slack drops what only one person sees when that person is away, and says that it was posted.
        if record.round and operation.state is not State.WITHDRAWN:
            post = await self._poster.post(operation, "direct_message", operation.requester, message)
            if isinstance(post, Post):
                return Delivered(post)
            if post.error in PASSING:
                return post
        failed = await self._slack.whisper(operation.channel, operation.requester, message)
        await self._poster.note(operation, "ephemeral", failed)
        if failed is None:
            return Delivered()
        if failed.error in PASSING:
            return failed
        return await self._elsewhere(record, message, in_channel=False)

    async def _elsewhere(self, record: Record, message: Message, *, in_channel: bool) -> Delivered | None:
        operation = record.operation
        url = self._sealer.open_reply(record.reply)
        if url is not None and await self._poster.respond(
            operation, "response_url", url, message, in_channel=in_channel
        ):
            return Delivered()
        post = await self._poster.post(operation, "direct_message", operation.requester, message)
        if isinstance(post, Failed):
            _log.error("nobody could be told", ref=operation.ref, error=post.error)
            return None
        return Delivered(post)
