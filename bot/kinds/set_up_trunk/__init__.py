"""Creating a trunk together with what lets it carry calls, in one confirmation: stages in their order."""

from bot.kinds.set_up_trunk.kind import SetUpTrunk

__all__ = ("SetUpTrunk",)
