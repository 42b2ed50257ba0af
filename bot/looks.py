"""The look at the account that follows the opening of a modal: what to tell, and a baseline for later.

It never stands in a person's way: the modal is open before it starts and confirming does not wait for it.
"""

import asyncio
from collections import OrderedDict
from typing import Final

from bot.clock import Clock
from bot.records import Baseline
from bot.slack.views import Draft, Notice
from bot.vobiz.client import Unreachable, VobizClient

_KEPT: Final = 1000  # open modals whose baseline is remembered; a lost one costs precision, not safety


class Looks:
    """Baselines by operation id, from the look made when that operation's modal opened."""

    def __init__(self, vobiz: VobizClient, clock: Clock) -> None:
        self._vobiz = vobiz
        self._clock = clock
        self._baselines: OrderedDict[str, tuple[str | None, Baseline]] = OrderedDict()

    async def look(self, operation: str, draft: Draft) -> Notice | None:
        """Look at the account for a modal; return what the person should know, if anything."""
        listing, ceiling = await asyncio.gather(self._vobiz.trunks(), self._vobiz.ceiling())
        over = ceiling is not None and draft.calls is not None and draft.calls > ceiling
        if isinstance(listing, Unreachable):
            return Notice(same_name=(), ceiling=None, reachable=False)
        same = tuple(trunk for trunk in listing.trunks if draft.name is not None and trunk.name == draft.name)
        ahead = int((listing.now.timestamp() - self._clock.now()) * 1000) if listing.now else None
        self._keep(operation, draft.name, Baseline(frozenset(trunk.id for trunk in same), ahead))
        if not same and not over:
            return None
        return Notice(same_name=same, ceiling=ceiling if over else None, reachable=True)

    def baseline(self, operation: str, name: str) -> Baseline:
        """Return the baseline for what was confirmed, and forget it.

        Known ids only count for the name that was looked for; Vobiz's clock counts for any.
        """
        looked_for, baseline = self._baselines.pop(operation, (None, Baseline()))
        return baseline if looked_for == name else Baseline(frozenset(), baseline.ahead)

    def _keep(self, operation: str, name: str | None, baseline: Baseline) -> None:
        self._baselines[operation] = (name, baseline)
        while len(self._baselines) > _KEPT:
            self._baselines.popitem(last=False)
