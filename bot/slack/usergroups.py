"""Members of the user groups named in the settings, read in the background and never in a person's way."""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from bot.runtime.clock import Clock
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed

REFRESH: Final = 300  # seconds; usergroups.users.list is Tier 2: 20 calls a minute
RETRY: Final = 30  # seconds, while a group could not be read
TOO_OLD: Final = 3600  # seconds after which the last good answer no longer counts

_log = structlog.get_logger("bot.groups")


class Groups:
    """The last good answer for each group, as long as it is young enough to act on."""

    def __init__(self, slack: SlackWeb, groups: frozenset[str], clock: Clock) -> None:
        self._slack = slack
        self._clock = clock
        self._groups = groups
        self._read: dict[str, tuple[float, frozenset[str]]] = {}
        self._all_read = False

    def members(self) -> Mapping[str, frozenset[str] | None]:
        """Return each group's members, or None where they could not be read lately."""
        oldest = self._clock.now() - TOO_OLD
        return {
            group: known[1] if (known := self._read.get(group)) and known[0] >= oldest else None
            for group in self._groups
        }

    async def refresh(self) -> None:
        """Read all groups once, together."""
        self._all_read = all(await asyncio.gather(*(self._refresh(group) for group in self._groups)))

    async def keep_fresh(self) -> None:
        """Read all groups for ever; run it as a task and cancel it."""
        while True:
            await self._clock.sleep(REFRESH if self._all_read else RETRY)
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - old answers count for an hour: the next round has to come
                _log.error("the user groups could not be read", error=type(error).__name__)

    async def _refresh(self, group: str) -> bool:
        answer = await self._slack.members(group)
        if isinstance(answer, Failed):
            _log.warning("a user group could not be read", group=group, error=answer.error)
            return False
        self._read[group] = (self._clock.now(), answer)
        return True
