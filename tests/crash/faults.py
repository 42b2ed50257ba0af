"""Faults that are drawn anew for each call, by a seed, in place of the switch that a person turns.

Others are held for a while, or as long as there is the sandbox.
"""

import random
from collections.abc import Mapping

from bot.sandbox.faults import NONE, Fault, FaultSwitch


class DrawnFaults(FaultSwitch):
    """A switch that turns itself: each kind of call has its faults, with their shares of its calls.

    `held` are the faults of all calls of a kind at the moment, `always` those that stay.
    """

    def __init__(
        self,
        catalogue: tuple[Fault, ...],
        shares: Mapping[str, Mapping[str, float]],
        rng: random.Random,
        always: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(catalogue, lambda: None)
        self.held: Mapping[str, str] = {}
        self._always = always or {}
        self.current = next(iter(self._always.values()), NONE)
        self._shares = shares
        self._rng = rng
        self._calm = False

    def calm(self) -> None:
        """From now on everything works."""
        self._calm = True

    def hit(self, call: str) -> str:
        """Draw the fault of one call."""
        drawn = self._rng.random()
        lasting = self._always.get(call) or self.held.get(call)
        if lasting is not None:
            return lasting
        if self._calm:
            return NONE
        for fault, share in self._shares.get(call, {}).items():
            drawn -= share
            if drawn < 0:
                return fault
        return NONE
