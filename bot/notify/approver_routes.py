"""The ways by which operators are reached: the first that works is taken.

In the approvals channel, else where the request was made, else through the command, else in person.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.blockkit.layout import Message
from bot.domain.policy import Groups, Members
from bot.domain.records import Record
from bot.notify.channels import Channels, Said, Tries, Try, by_first
from bot.slack.rate_limit import PATIENCE

_IN_PERSON: Final = 5  # operators who are asked in direct messages, at most
_TRIED: Final = 50  # of those who are known, at most: who has left cannot be asked


@dataclass(frozen=True, slots=True)
class Approvals:
    """Where approvals are asked (None: where the request was made), and whom the message mentions.

    `groups` gives the members of the user groups as they are known now.
    """

    channel: str | None
    approvers: Members
    groups: Callable[[], Groups]

    def people(self, *, besides: str) -> list[str]:
        """Return the operators as far as they are known: those named in the settings first."""
        named, groups = self.approvers, self.groups()
        members = [user for group in sorted(named.groups) for user in sorted(groups.get(group) or ())]
        return [user for user in dict.fromkeys((*sorted(named.users), *members)) if user != besides]


class OperatorWays:
    """Brings a message about an operation to the operators."""

    def __init__(self, channels: Channels, approvals: Approvals) -> None:
        self._channels = channels
        self._approvals = approvals

    async def reach(self, record: Record, route: str, message: Message, patience: float = PATIENCE) -> Tries:
        """Say it by the first way that works.

        `patience` is for how many seconds Slack's limits may hold it back.
        """
        op, post = record.operation, partial(self._channels.post, message=message, patience=patience)
        places = dict.fromkeys((self._approvals.channel or op.channel, op.channel))
        through = f"{route}_response_url"
        tries = await by_first(
            *(partial(post, route, place) for place in places),
            *self._channels.through_command(through, record, message, in_channel=True),
        )
        if isinstance(tries[-1], Said) or tries[-1].curable:
            return tries
        # Nowhere to post: who can decide is asked in person, so that nobody waits for nothing.
        asked = await self._in_person(op.requester, partial(post, f"{route}_direct_message"))
        # One of the messages is brought up to date; the others when they are pressed.
        asked.sort(key=lambda tried: 2 if isinstance(tried, Said) else int(tried.curable))
        return (*tries, *asked)

    async def _in_person(self, requester: str, post: Callable[[str], Awaitable[Try]]) -> list[Try]:
        """Ask those who can be asked; of the tries that failed alike the first is returned."""
        asked: list[Try] = []
        failed: dict[str, Try] = {}
        for user in self._approvals.people(besides=requester)[:_TRIED]:
            tried = await post(user)
            if isinstance(tried, Said) or tried.curable:
                asked.append(tried)
            else:
                failed.setdefault(tried.error, tried)
            if len(asked) == _IN_PERSON:
                break
        return [*failed.values(), *asked]
