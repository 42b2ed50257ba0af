"""Faults that are drawn anew for each call, by a seed, in place of the switch that a person turns."""

import random
from collections.abc import Mapping

from bot.sandbox.faults import NONE, Fault, FaultSwitch


class DrawnFaults(FaultSwitch):
    """A switch that turns itself: each kind of call has its faults, with their shares of its calls."""

    def __init__(
        self,
        catalogue: tuple[Fault, ...],
        shares: Mapping[str, Mapping[str, float]],
        rng: random.Random,
    ) -> None:
        super().__init__(catalogue, lambda: None)
        self._shares = shares
        self._rng = rng
        self._calm = False

    def calm(self) -> None:
        """From now on everything works."""
        self._calm = True

    def hit(self, call: str) -> str:
        """Draw the fault of one call."""
        drawn = self._rng.random()
        if self._calm:
            return NONE
        for fault, share in self._shares.get(call, {}).items():
            drawn -= share
            if drawn < 0:
                return fault
        return NONE
