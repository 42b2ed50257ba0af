"""What an operation needs after a step of its workflow."""

from enum import StrEnum


class Next(StrEnum):
    """Recorded as the step's result, so that a run after a crash goes the same way."""

    SEARCH = "search"
    LOOK_ONCE = "look_once"
    LOOK_LATE = "look_late"
    NOTHING = "nothing"
