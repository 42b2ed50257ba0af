"""The ways by which operators are reached: the first that works is taken.

In the approvals channel, else where the request was made, else through the command, else in person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bot.blockkit.layout import Message
from bot.domain.operation import Operation
from bot.domain.policy import Groups, Members
from bot.domain.records import Post, Record
from bot.notify.posting import PASSING, Poster
from bot.slack.responses import Failed
from bot.slack.sealing import Sealer

_IN_PERSON: Final = 5  # operators who are asked in direct messages, at most


@dataclass(frozen=True, slots=True)
class Approvals:
    """Where approvals are asked (None: where the request was made), and whom the message mentions.

    `groups` gives the members of the user groups as they are known now.
    """

    channel: str | None
    approvers: Members
    groups: Callable[[], Groups]


class Heard(Enum):
    """Whether the operators know what they have to know."""

    YES = auto()
    NOBODY = auto()  # every way failed for good
    LATER = auto()  # time may cure it


class OperatorWays:
    """Brings a message about an operation to the operators."""

    def __init__(self, poster: Poster, sealer: Sealer, approvals: Approvals) -> None:
        self._poster = poster
        self._sealer = sealer
        self._approvals = approvals

    async def reach(
        self, record: Record, route: str, message: Message, patience: float
    ) -> Post | Heard | Failed:
        """Say it by the first way that works; Failed or LATER when time may cure why none did.

        `patience` is for how many seconds Slack's limits may hold it back.
        """
        operation = record.operation
        for channel in dict.fromkeys((self._approvals.channel or operation.channel, operation.channel)):
            post = await self._poster.post(operation, route, channel, message, patience)
            if isinstance(post, Post):
                return post
            if post.error in PASSING:
                return post
        url = self._sealer.open_reply(record.reply)
        through = f"{route}_response_url"
        if url is not None and await self._poster.respond(operation, through, url, message, in_channel=True):
            return Heard.YES
        return await self._in_person(operation, f"{route}_direct_message", message, patience)

    async def _in_person(
        self, operation: Operation, route: str, message: Message, patience: float
    ) -> Post | Heard:
        # Nowhere to post: who can decide is asked in person, so that nobody waits for nothing.
        posts = [
            await self._poster.post(operation, route, user, message, patience)
            for user in self._people(besides=operation.requester)[:_IN_PERSON]
        ]
        # The first one is brought up to date; the others when they are pressed.
        first = next((post for post in posts if isinstance(post, Post)), None)
        if first is not None:
            return first
        passing = any(isinstance(post, Failed) and post.error in PASSING for post in posts)
        return Heard.LATER if passing else Heard.NOBODY

    def _people(self, *, besides: str) -> list[str]:
        """Return the operators as far as they are known: those named in the settings first."""
        named = self._approvals.approvers
        groups = self._approvals.groups()
        members = [user for group in sorted(named.groups) for user in sorted(groups.get(group) or ())]
        return [user for user in dict.fromkeys((*sorted(named.users), *members)) if user != besides]
