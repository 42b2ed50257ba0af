"""How a result reaches people: the modal that asked, and the channel or the person alone.

For a channel: chat.postMessage, then the command's response_url (it works where the bot is no member),
then the requester's direct messages. Each step's answer is checked and written to the ledger; the failure
of one never hides the result, and `/trunk status` answers in any case.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.ledger import BOT, Ledger
from bot.operations import Operation, State
from bot.records import Post, Record
from bot.sealing import Sealer
from bot.slack.blocks import Message, late_twin_message, operation_message, replaced_message
from bot.slack.views import operation_modal
from bot.slackweb import Failed, SlackWeb
from bot.vobiz.models import Trunk

# Slack gives no sign that it has applied the answer to a submission. An update that overtakes it is lost
# behind “Creating…”, so the modal's update waits for our answer to have left, and this long more (seconds).
SETTLE_VIEW: Final = 0.15
# What a repeat may cure. `internal_error` and `fatal_error` may have posted: a repeat can show twice,
# and a result that shows twice is better than one that never shows.
_PASSING: Final = frozenset(
    {"unreachable", "unreadable", "internal_error", "fatal_error", "service_unavailable"}
)
_UNFIT: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_REPEATS: Final = (1.0, 4.0)  # seconds before the second and the third try
# What only this person needs to see: nothing was created, so the channel has nothing to know.
_PRIVATE: Final = frozenset({State.REJECTED, State.NOT_SENT})

_log = logging.getLogger("bot.delivery")


@dataclass(frozen=True, slots=True)
class Screen:
    """The modal in which a person confirmed, and whether our answer to that has left."""

    answered: asyncio.Event


class Delivery:
    """Tells people where an operation stands."""

    def __init__(self, slack: SlackWeb, ledger: Ledger, sealer: Sealer, clock: Clock, settle: float) -> None:
        self._slack = slack
        self._ledger = ledger
        self._sealer = sealer
        self._clock = clock
        self._settle = round(settle)  # seconds, as people read them

    async def report(self, record: Record, screen: Screen | None = None, *, in_place: bool = False) -> None:
        """Show an operation's state in its modal and to whom it concerns; never raises.

        With `in_place` the message that speaks for it changes, silently; else a new one notifies.
        """
        announced = self._renew(record) if in_place and record.post else self._announce(record)
        done = await asyncio.gather(self._show(record, screen), announced, return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):
                _log.error("a result could not be delivered", exc_info=error)

    async def late_twins(self, record: Record, twins: tuple[Trunk, ...]) -> None:
        """Say that trunks turned up after the operation was settled."""
        message = late_twin_message(record.operation, twins)
        await self._to_channel(record, message, message)

    async def _show(self, record: Record, screen: Screen | None) -> None:
        if record.view_id is None:
            return
        if screen is not None:
            await screen.answered.wait()
            await self._clock.sleep(SETTLE_VIEW)
        shown = await self._slack.update_view(record.view_id, operation_modal(record.operation, self._settle))
        # The person may have closed the modal: `not_found` is no trouble.
        if isinstance(shown, Failed) and shown.error != "not_found":
            _log.warning("the modal could not be updated: %s", shown.error)

    async def _renew(self, record: Record) -> None:
        message = operation_message(record.operation, settle=self._settle)
        if record.post is None or await self._slack.replace(record.post, message):
            await self._announce(record)

    async def _announce(self, record: Record) -> None:
        operation = record.operation
        message = operation_message(operation, settle=self._settle)
        if operation.state in _PRIVATE:
            await self._to_person(record, message)
        else:
            elsewhere = operation_message(operation, settle=self._settle, instead_of=operation.channel)
            post = await self._to_channel(record, message, elsewhere)
            if post is not None:
                await self._ledger.posted(operation.id, post)
        if record.post is not None:
            await self._slack.replace(record.post, replaced_message(operation))

    async def _to_channel(self, record: Record, message: Message, elsewhere: Message) -> Post | None:
        operation = record.operation
        post = await self._post(operation.channel, message)
        await self._note(operation, "channel", post)
        if isinstance(post, Post):
            return post
        if (url := self._sealer.open_reply(record.reply)) is not None:
            failed = await self._slack.respond(url, elsewhere, in_channel=True)
            await self._note(operation, "response_url", failed)
            if failed is None:
                return None
        return await self._to_messages(operation, elsewhere)

    async def _to_person(self, record: Record, message: Message) -> None:
        operation = record.operation
        failed = await self._slack.whisper(operation.channel, operation.requester, message)
        await self._note(operation, "ephemeral", failed)
        if failed is None:
            return
        if (url := self._sealer.open_reply(record.reply)) is not None:
            failed = await self._slack.respond(url, message)
            await self._note(operation, "response_url", failed)
            if failed is None:
                return
        await self._to_messages(operation, message)

    async def _to_messages(self, operation: Operation, message: Message) -> Post | None:
        post = await self._post(operation.requester, message)
        await self._note(operation, "direct_message", post)
        if isinstance(post, Failed):
            _log.error("nobody could be told about %s: %s", operation.ref, post.error)
            return None
        return post

    async def _post(self, channel: str, message: Message) -> Post | Failed:
        answer = await self._slack.post(channel, message)
        for wait in _REPEATS:
            if not isinstance(answer, Failed) or answer.error not in _PASSING:
                break
            await self._clock.sleep(wait)
            answer = await self._slack.post(channel, message)
        if isinstance(answer, Failed) and answer.error in _UNFIT:
            return await self._slack.post(channel, Message(message.text, ()))
        return answer

    async def _note(self, operation: Operation, route: str, answer: Post | Failed | None) -> None:
        error = answer.error if isinstance(answer, Failed) else None
        await self._ledger.note(operation.id, BOT, "delivery", {"route": route, "error": error})
