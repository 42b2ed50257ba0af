"""The ways by which a message reaches people: in place, to the channel, or to the person alone.

For a channel: chat.postMessage, then the command's response_url (it works where the bot is no member),
then the requester's direct messages. For one person: at once only for their eyes in the channel; later, when
others or the time decided, in their direct messages. Each answer is checked and written to the ledger.
"""

from dataclasses import dataclass
from typing import Final

import structlog

from bot.blockkit.layout import Message
from bot.domain.operation import Operation, State
from bot.domain.records import Post, Record
from bot.notify.posting import PASSING, Poster
from bot.slack.client import SlackWeb
from bot.slack.rate_limit import PATIENCE
from bot.slack.responses import Failed
from bot.slack.sealing import Sealer

_UNINVITED: Final = frozenset({"not_in_channel", "channel_not_found"})
HURRY: Final = 3.0  # seconds; words may be held back by Slack's limits, the search for a trunk may not

# The name of the part that people know: what is logged here is about telling people.
_log = structlog.get_logger("bot.delivery")


@dataclass(frozen=True, slots=True)
class Delivered:
    """People were told; `post` is the message that can be brought up to date later, if it is one."""

    post: Post | None = None


class Routes:
    """Brings messages about an operation to its channel or its requester."""

    def __init__(self, slack: SlackWeb, poster: Poster, sealer: Sealer) -> None:
        self._slack = slack
        self._poster = poster
        self._sealer = sealer

    async def in_place(self, operation: Operation, post: Post, message: Message) -> bool:
        """Change a message where it stands; says whether Slack did."""
        failed = await self._slack.replace(post, message)
        await self._poster.note(operation, "update", failed)
        return failed is None

    async def to_channel(
        self, record: Record, message: Message, uninvited: Message
    ) -> Delivered | Failed | None:
        """Tell a channel, with the words of `uninvited` elsewhere where the bot is no member of it.

        Failed is what time may cure, and None when nobody could be told.
        """
        operation = record.operation
        searching = operation.state is State.UNKNOWN and not operation.asking
        patience = HURRY if searching else PATIENCE
        post = await self._poster.post(operation, "channel", operation.channel, message, patience)
        if isinstance(post, Post):
            return Delivered(post)
        if post.error in PASSING:
            return post
        elsewhere = uninvited if post.error in _UNINVITED else message
        return await self._elsewhere(record, elsewhere, in_channel=True)

    async def to_person(self, record: Record, message: Message) -> Delivered | Failed | None:
        """Tell the requester alone. Failed is what time may cure, and None when nobody could be told."""
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
