"""How a result reaches people: the modal that asked, and the channel or the person alone.

For a channel: chat.postMessage, then the command's response_url (it works where the bot is no member),
then the requester's direct messages. Each answer is checked and written to the ledger; the failure of one
step never hides the result, and `/trunk status` answers in any case.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.ledger import BOT, Ledger
from bot.observer import Tried, unheard
from bot.operations import Operation, State
from bot.policy import Members
from bot.records import Post, Record
from bot.sealing import Sealer
from bot.slack.approvals import approval_message, break_glass_message, reminder_message
from bot.slack.blocks import Message, late_twin_message, operation_message, replaced_message
from bot.slack.views import operation_modal
from bot.slackweb import Failed, SlackWeb
from bot.vobiz.models import Trunk

# Slack gives no sign that it has applied the answer to a submission. An update that overtakes it is lost
# behind “Creating…”, so the modal's update waits for our answer to have left, and this long more (seconds).
SETTLE_VIEW: Final = 0.15
# What time may cure. `internal_error` and `fatal_error` may have posted: a repeat says that it can be one,
# and a result that shows twice is better than one that never shows.
_PASSING: Final = frozenset(
    {"unreachable", "unreadable", "internal_error", "fatal_error", "service_unavailable", "ratelimited"}
)
_UNFIT: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_UNINVITED: Final = frozenset({"not_in_channel", "channel_not_found"})
_ASKED_IN_PERSON: Final = 5
_REPLACE_AGAIN: Final = (1.0, 3.0, 10.0)  # seconds
# What only this person needs to see: nothing was created, so the channel has nothing to know.
_PRIVATE: Final = frozenset(
    {State.REJECTED, State.NOT_SENT, State.DENIED, State.EXPIRED, State.WITHDRAWN, State.AWAITING_APPROVAL}
)

_log = structlog.get_logger("bot.delivery")


@dataclass(frozen=True, slots=True)
class Approvals:
    """Where approvals are asked (None: where the request was made), and whom the message mentions."""

    channel: str | None
    approvers: Members


@dataclass(frozen=True, slots=True)
class Delivered:
    """People were told; `post` is the message that can be brought up to date later, if it is one."""

    post: Post | None = None


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
        tried: Tried = unheard,
    ) -> None:
        self._slack = slack
        self._ledger = ledger
        self._sealer = sealer
        self._clock = clock
        self._settle = round(settle)  # seconds, as people read them
        self._approvals = approvals
        self._heard = tried
        self._answered: dict[str, asyncio.Event] = {}
        self._tried: set[str] = set()
        self._telling: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def hold(self, operation: str, answered: asyncio.Event) -> None:
        """Keep an operation's modal as it is until the answer to its submission has left."""
        self._answered[operation] = answered

    async def tell(self, operation: str) -> str:
        """Tell people how an operation stands, unless they know: `told`, or `later` while Slack is down."""
        # One after the other: somebody can press a button before its own message is written down, and the
        # next message has to know which one it replaces.
        async with self._telling.setdefault(operation, asyncio.Lock()):
            return await self._tell(operation)

    async def _tell(self, operation: str) -> str:
        record = await self._ledger.get(operation)
        if record is None or record.told:
            return "told"
        key = f"{operation} {record.operation.state} {record.round} {record.operation.asking}"
        repeat = key in self._tried or record.moved_by != self._ledger.process
        self._tried.add(key)
        if record.operation.state is State.AWAITING_APPROVAL and not await self._ask(record):
            return "later"
        if record.operation.break_glass and not await self._shout(record):
            return "later"
        _, delivered = await asyncio.gather(self._show(record), self._announce(record, repeat=repeat))
        if delivered is None:
            return "later"
        await self._ledger.told(record, delivered.post)
        self._tried.discard(key)
        await self._renew(record, delivered)
        return "told"

    async def _renew(self, record: Record, delivered: Delivered) -> None:
        """Bring older messages up to date: they have buttons, or say less than is known by now."""
        if record.post is not None and record.post != delivered.post:
            await self._replace(record.post, replaced_message(record.operation))
        if record.approval is not None and record.operation.state is not State.AWAITING_APPROVAL:
            await self._replace(record.approval, self._approval(record))

    async def _replace(self, post: Post, message: Message) -> None:
        # A message that keeps its buttons is answered when they are pressed, but it should not keep them.
        for wait in (*_REPLACE_AGAIN, None):
            failed = await self._slack.replace(post, message)
            if wait is None or failed is None or failed.error not in _PASSING:
                return
            await self._clock.sleep(wait)

    async def remind(self, record: Record) -> None:
        """Remind the approvers of a request, once."""
        channel = record.approval.channel if record.approval else record.operation.channel
        await self._note(
            record.operation, "reminder", await self._post(channel, reminder_message(record.operation))
        )

    async def _ask(self, record: Record) -> bool:
        """Ask for an approval where approvals are asked, else where the request was made."""
        if record.approval is not None:
            return True
        post = await self._to_operators(record, "approval", self._approval(record))
        if isinstance(post, Post):
            await self._ledger.asked(record.operation.id, post)
        return not isinstance(post, Failed)

    async def _to_operators(self, record: Record, route: str, message: Message) -> Post | Failed | None:
        # A failure that time may cure is returned; None says that no message can be brought up to date.
        operation = record.operation
        for channel in dict.fromkeys((self._approvals.channel or operation.channel, operation.channel)):
            post = await self._post(channel, message)
            await self._note(operation, route, post)
            if isinstance(post, Post) or post.error in _PASSING:
                return post
        if (url := self._sealer.open_reply(record.reply)) is not None:
            failed = await self._slack.respond(url, message, in_channel=True)
            await self._note(operation, f"{route}_response_url", failed)
            if failed is None:
                return None
        # Nowhere to post: who can decide is asked in person, so that nobody waits for nothing.
        for user in sorted(self._approvals.approvers.users - {operation.requester})[:_ASKED_IN_PERSON]:
            await self._note(operation, f"{route}_direct_message", await self._post(user, message))
        return None

    def _approval(self, record: Record) -> Message:
        operation = record.operation
        decided = None if operation.state is State.AWAITING_APPROVAL else operation.updated_at
        return approval_message(operation, self._approvals.approvers, record.digest or "", decided_at=decided)

    async def _shout(self, record: Record) -> bool:
        """Announce a create without a second person: at least once, so it is marked when it was said."""
        if record.reminded:
            return True
        message = break_glass_message(record.operation, self._approvals.approvers)
        if isinstance(await self._to_operators(record, "break_glass", message), Failed):
            return False
        await self._ledger.announced(record.operation.id)
        return True

    async def late_twins(self, record: Record, twins: tuple[Trunk, ...]) -> None:
        """Say that trunks turned up after the operation was settled."""
        message = late_twin_message(record.operation, twins)
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
        self._heard("modal", error)
        if error is not None:
            _log.warning("the modal could not be updated", ref=record.operation.ref, error=error)

    async def _announce(self, record: Record, *, repeat: bool) -> Delivered | None:
        operation = record.operation
        message = operation_message(operation, settle=self._settle, repeat=repeat, approvals=record.asked_in)
        if operation.state in _PRIVATE:
            return await self._to_person(record, message)
        # Who pressed “Check again” is looking at the question: it changes in place, without a new message.
        if operation.asking and record.round and record.post is not None:
            refused = await self._slack.replace(record.post, message)
            if refused is None:
                return Delivered(record.post)
        elsewhere = operation_message(
            operation, settle=self._settle, repeat=repeat, instead_of=operation.channel
        )
        return await self._to_channel(record, message, elsewhere)

    async def _to_channel(self, record: Record, message: Message, uninvited: Message) -> Delivered | None:
        operation = record.operation
        post = await self._post(operation.channel, message)
        await self._note(operation, "channel", post)
        if isinstance(post, Post):
            return Delivered(post)
        if post.error in _PASSING:
            return None
        elsewhere = uninvited if post.error in _UNINVITED else message
        if (url := self._sealer.open_reply(record.reply)) is not None:
            failed = await self._slack.respond(url, elsewhere, in_channel=True)
            await self._note(operation, "response_url", failed)
            if failed is None:
                return Delivered()
        return await self._to_messages(operation, elsewhere)

    async def _to_person(self, record: Record, message: Message) -> Delivered | None:
        operation = record.operation
        failed = await self._slack.whisper(operation.channel, operation.requester, message)
        await self._note(operation, "ephemeral", failed)
        if failed is None:
            return Delivered()
        if failed.error in _PASSING:
            return None
        if (url := self._sealer.open_reply(record.reply)) is not None:
            failed = await self._slack.respond(url, message)
            await self._note(operation, "response_url", failed)
            if failed is None:
                return Delivered()
        return await self._to_messages(operation, message)

    async def _to_messages(self, operation: Operation, message: Message) -> Delivered | None:
        post = await self._post(operation.requester, message)
        await self._note(operation, "direct_message", post)
        if isinstance(post, Failed):
            _log.error("nobody could be told", ref=operation.ref, error=post.error)
            return None
        return Delivered(post)

    async def _post(self, channel: str, message: Message) -> Post | Failed:
        answer = await self._slack.post(channel, message)
        if isinstance(answer, Failed) and answer.error in _UNFIT:
            return await self._slack.post(channel, Message(message.text, ()))
        return answer

    async def _note(self, operation: Operation, route: str, answer: Post | Failed | None) -> None:
        error = answer.error if isinstance(answer, Failed) else None
        self._heard(route, error)
        try:
            await self._ledger.note(operation.id, BOT, "delivery", {"route": route, "error": error})
        except SQLAlchemyError as trouble:
            # The next route must be tried all the same: people come before the note.
            _log.warning("a delivery was not noted", ref=operation.ref, error=type(trouble).__name__)
