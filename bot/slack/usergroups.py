"""Members of the user groups named in the settings, read in the background and never in a person's way.

What Slack says of a group is an answer, an outage or a refusal to tell, and each has its consequence:

- in use: its members are those that Slack names; deleted, disabled or moved away: it has none, at once;
- an outage (`codes.PASSING`: no answer, a limit, an error inside of Slack): its members are those of the last
  answer, for an hour;
- any other error (`missing_scope`, `plan_upgrade_required`, `team_access_not_granted`, ...): time does not
  cure it, and nobody can tell any more who is a member, from the next reading on.

All groups come with one request a minute (usergroups.list is Tier 2: 20 a minute), whose answers are
30 to 60 s old when somebody confirms or approves: nothing has to be asked while a person waits.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

import structlog

from bot.runtime.clock import Clock
from bot.slack.client import SlackWeb
from bot.slack.codes import PASSING
from bot.slack.responses import Failed

REFRESH: Final = 60  # seconds
RETRY: Final = 30  # seconds, while they could not be read
TOO_OLD: Final = 3600  # seconds after which the last good answer no longer counts

_log = structlog.get_logger("bot.groups")

Members = Mapping[str, frozenset[str] | None]  # of each group; None: not known


class Groups:
    """The last good answer, as long as it is young enough to act on."""

    def __init__(self, slack: SlackWeb, groups: frozenset[str], clock: Clock) -> None:
        self._slack = slack
        self._clock = clock
        self._groups = groups
        self._read: Members = dict.fromkeys(groups)
        self._read_at = 0.0
        self._well = not groups
        self._asked = asyncio.Event()

    def members(self) -> Members:
        """Return each group's members, or None where they could not be read lately."""
        old = self._read_at < self._clock.now() - TOO_OLD
        return dict.fromkeys(self._groups) if old else self._read

    async def refresh(self) -> None:
        """Read all groups once, together."""
        if self._groups:
            self._take(await self._slack.user_groups())
        self._asked.set()

    async def keep_fresh(self) -> None:
        """Read all groups for ever; run it as a task and cancel it."""
        while True:
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - old answers count for an hour: the next round has to come
                self._well = False
                _log.error("the user groups could not be read", error=type(error).__name__)
            await self._clock.sleep(REFRESH if self._well else RETRY)

    async def asked(self, within: float) -> None:
        """Wait until Slack was asked once, for that many seconds at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), within)

    def _take(self, answer: Members | Failed) -> None:
        self._well = not isinstance(answer, Failed)
        if isinstance(answer, Failed):
            _log.warning("the user groups could not be read", error=answer.error)
            if answer.error not in PASSING:
                self._read = dict.fromkeys(self._groups)
            return
        known = {group: answer.get(group, frozenset()) for group in self._groups}
        for group in sorted(self._groups):
            if group not in answer and self._read[group] != frozenset():
                _log.warning("a user group is not in use any more: nobody is a member", group=group)
        self._read, self._read_at = known, self._clock.now()
