"""What the ledger and the clients tell whoever counts: words and seconds, never what was sent or by whom."""

from enum import StrEnum
from typing import Protocol

from bot.domain.operation import State


class Signature(StrEnum):
    """What became of a signature."""

    GOOD = "good"
    UNSIGNED = "unsigned"
    STALE = "stale"
    WRONG = "wrong"
    REPLAYED = "replayed"


class SlackHeard(Protocol):
    """Hears of every call to Slack."""

    def __call__(self, method: str, error: str | None, /) -> None:
        """Note a call's method (or `response_url`) and its error's code; None when it worked."""
        ...


class VobizHeard(Protocol):
    """Hears of every call to Vobiz."""

    def __call__(self, call: str, outcome: str, seconds: float, /) -> None:
        """Note which call it was, a word for how it ended, and how long it took."""
        ...


class Acked(Protocol):
    """Hears of every answer to a request of Slack's."""

    def __call__(self, kind: str, seconds: float, /) -> None:
        """Note what kind of request it was, and how long its answer took."""
        ...


class Moved(Protocol):
    """Hears of every transition of an operation."""

    def __call__(self, state: State, /) -> None:
        """Note the state that an operation has moved to."""
        ...


class Tried(Protocol):
    """Hears of every try to tell people something."""

    def __call__(self, route: str, error: str | None, /) -> None:
        """Note the way that was tried and its error's code; None when it worked."""
        ...


def uncounted(*_words: object) -> None:
    """Stand where nobody counts."""
