"""The ways by which a message reaches people: in place, as a reply, to the channel, or to the person alone.

For a channel: chat.postMessage, then the command's response_url (it works where the bot is no member),
then the requester's direct messages. For one person: at once only for their eyes in the channel; later, when
others or the time decided, in their direct messages.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bot.blockkit.layout import Message
from bot.domain.observer import Tried
from bot.domain.operation import State
from bot.domain.records import Post, Record
from bot.slack.client import SlackWeb
from bot.slack.codes import PASSING, TOO_FAST, UNFIT, UNINVITED
from bot.slack.rate_limit import PATIENCE
from bot.slack.responses import Failed
from bot.slack.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Said:
    """People were told. `place` is the message that can be brought up to date later, if it is one.

    With `whole` false the message says that there is one, and is to be brought up to date now.
    """

    route: str
    place: Post | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A way failed. When it is `curable` by time the next way is not tried: this one is, later.

    `lost` says that the message may be there all the same.
    """

    route: str
    error: str
    curable: bool = False
    lost: bool = False


Try = Said | Unsaid
Tries = tuple[Try, ...]  # one or more; the last one tells what came of it
Way = Callable[[], Awaitable[Try]]


async def by_first(*ways: Way) -> Tries:
    """Try ways until one works, or fails such that time may cure it."""
    tries: list[Try] = []
    for way in ways:
        tries.append(await way())
        if isinstance(tries[-1], Said) or tries[-1].curable:
            break
    return tuple(tries)


class Channels:
    """Brings messages to channels and people. `tried` hears of every try."""

    def __init__(self, slack: SlackWeb, sealer: Sealer, tried: Tried) -> None:
        self._slack = slack
        self._sealer = sealer
        self._tried = tried

    async def edit(self, route: str, place: Post, message: Message) -> Try:
        """Change a message where it stands."""
        failed = await self._slack.replace(place, message)
        if failed is not None and failed.error in UNFIT:
            failed = await self._slack.replace(place, Message(message.text, ()))
        return self.ended(route, failed or place, posts=False)

    async def post(
        self,
        route: str,
        to: str,
        message: Message,
        *,
        under: str | None = None,
        broadcast: bool = False,
        patience: float = PATIENCE,
    ) -> Try:
        """Post to a channel or a person; `route` is what the record calls this way.

        `under` is the message that it replies to. `patience` is for how many seconds Slack's limits may hold
        it back.
        """

        async def send(content: Message) -> Post | Failed:
            return await self._slack.post(
                to, content, thread_ts=under, reply_broadcast=broadcast, patience=patience
            )

        answer = await send(message)
        if isinstance(answer, Failed) and answer.error in UNFIT:
            answer = await send(Message(message.text, ()))
        return self.ended(route, answer)

    async def to_channel(
        self, record: Record, here: Message, message: Message, uninvited: Message | None = None
    ) -> Tries:
        """Tell a channel (`here`), else tell `message` by other ways.

        The requester is told `uninvited` when the bot may not post in the channel.
        """
        first = await self.post("channel", record.operation.channel, here)
        if isinstance(first, Said) or first.curable:
            return (first,)
        alone = uninvited if uninvited is not None and first.error in UNINVITED else message
        return (first, *await by_first(*self._elsewhere(record, message, alone, in_channel=True)))

    async def to_person(self, record: Record, message: Message) -> Tries:
        """Tell the requester alone."""
        op = record.operation
        ways: list[Way] = [partial(self._whisper, record, message)]
        # Slack drops what only one person sees when that person is away, and says that it was posted.
        if op.round and op.state is not State.WITHDRAWN:
            ways.insert(0, partial(self.post, "direct_message", op.requester, message))
        return await by_first(*ways, *self._elsewhere(record, message, message, in_channel=False))

    async def reply(self, record: Record, under: Post | None, message: Message, *, broadcast: bool) -> Tries:
        """Reply in the thread of the operation's message, and to the channel where there is none."""
        if under is not None:
            tried = await self.post("thread", under.channel, message, under=under.ts, broadcast=broadcast)
            if isinstance(tried, Said) or tried.curable:
                return (tried,)
            return (tried, *await self.to_channel(record, message, message))
        return await self.to_channel(record, message, message)

    def through_command(self, route: str, record: Record, message: Message, *, in_channel: bool) -> list[Way]:
        """Return the way through the command's response_url, while there is one."""
        url = self._sealer.open_reply(record.reply)
        return [] if url is None else [partial(self._respond, route, url, message, in_channel=in_channel)]

    def ended(self, route: str, answer: Post | Failed | None, *, posts: bool = True) -> Try:
        """Read what came of a try; one that posts nothing new can be made again without a trace."""
        error = answer.error if isinstance(answer, Failed) else None
        self._tried(route, error)
        if error is None:
            return Said(route, answer if isinstance(answer, Post) else None)
        return Unsaid(route, error, curable=error in PASSING, lost=posts and error in PASSING - TOO_FAST)

    def _elsewhere(
        self, record: Record, message: Message, alone: Message, *, in_channel: bool
    ) -> tuple[Way, ...]:
        return (
            *self.through_command("response_url", record, message, in_channel=in_channel),
            partial(self.post, "direct_message", record.operation.requester, alone),
        )

    async def _whisper(self, record: Record, message: Message) -> Try:
        op = record.operation
        return self.ended("ephemeral", await self._slack.whisper(op.channel, op.requester, message))

    async def _respond(self, route: str, url: str, message: Message, *, in_channel: bool) -> Try:
        failed = await self._slack.respond(url, message, in_channel=in_channel)
        tried = self.ended(route, failed)
        # There is another way, and the URL works for half an hour only: nobody waits for it to get well.
        return tried if isinstance(tried, Said) else Unsaid(route, tried.error)
