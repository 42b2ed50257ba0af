"""What happens to an operation after it was accepted, top to bottom: send once, tell, look, tell, look late.

Every step may be run again after a crash, and none repeats an effect that must not be: the ledger's
conditional write to `sending` is the intent, and only the run whose write it was sends. A run that finds
somebody else's intent looks for the trunk instead.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

import structlog

from bot.notify.results import Delivery
from bot.workflow.send import Sender
from bot.workflow.stages import Next
from bot.workflow.verify import Search

# Shares of the settling time before each look: 2, 4, 8, 16 and 30 s of the default 60.
_WAITS: Final = (2 / 60, 4 / 60, 8 / 60, 16 / 60, 30 / 60)
_LATE: Final = 5  # settling times after the end of an uncertain create, one more look for a late twin
# Seconds between tries while Slack or Vobiz does not work: 70 minutes in all, each try cheap.
_AGAIN: Final = (1, 2, 5, 10, 20, 30, 60, 60, 120, 300, 600, 900, 900, 1200)

_log = structlog.get_logger("bot.workflows")


class Steps(Protocol):
    """What a workflow asks of its engine."""

    async def step(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        """Do work whose result is recorded: after a crash a finished step is not done again."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a crash does not prolong it."""
        ...


class Workflow:
    """The order of effects. Steps return values and raise nothing; the engine makes them durable."""

    def __init__(self, sender: Sender, search: Search, delivery: Delivery, settle: float) -> None:
        self._sender = sender
        self._search = search
        self._delivery = delivery
        self._settle = settle

    async def operate(self, operation: str, steps: Steps) -> None:
        """See an operation through from wherever the ledger says that it stands."""
        after = Next(await steps.step("send", partial(self._sender.send, operation)))
        # One try to tell before the search, patience after it: Slack may delay words, not the search.
        told = await steps.step("tell", partial(self._delivery.tell, operation))
        searched = after in {Next.SEARCH, Next.LOOK_ONCE}
        if searched:
            waits = [0.0] if after is Next.LOOK_ONCE else [share * self._settle for share in _WAITS]
            for number, wait in enumerate(waits, start=1):
                await steps.sleep(wait)
                last = number == len(waits)
                after = Next(await steps.step("look", partial(self._search.look, operation, last=last)))
                if after is not Next.SEARCH:
                    break
        if searched or told != "told":
            await self._tell(operation, steps)
        if after is Next.LOOK_LATE:
            await self._look_late(operation, steps)

    async def _look_late(self, operation: str, steps: Steps) -> None:
        look = partial(self._search.look_late, operation)
        for wait in (_LATE * self._settle, *_AGAIN):
            await steps.sleep(wait)
            if Next(await steps.step("look_late", look)) is Next.NOTHING:
                return
        _log.error("a look for a late trunk was not finished")

    async def _tell(self, operation: str, steps: Steps) -> None:
        tell = partial(self._delivery.tell, operation)
        for wait in _AGAIN:
            if await steps.step("tell", tell) == "told":
                return
            await steps.sleep(wait)
        _log.error("nobody could be told")
