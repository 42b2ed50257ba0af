"""What the ledger and the clients tell whoever counts: words and seconds, never what was sent or by whom."""

from collections.abc import Callable
from enum import StrEnum

from bot.domain.operation import Standing


class Signature(StrEnum):
    """What became of a signature."""

    GOOD = "good"
    UNSIGNED = "unsigned"
    STALE = "stale"
    WRONG = "wrong"
    REPLAYED = "replayed"


SlackHeard = Callable[[str, str | None], None]  # a call's method (or `response_url`); its error or None
VobizHeard = Callable[[str, str, float], None]  # which call it was, a word for how it ended, its seconds
Acked = Callable[[str, float], None]  # the kind of a request of Slack's, and the seconds until its answer
Moved = Callable[[Standing], None]  # how an operation stands since it moved
Tried = Callable[[str, str | None], None]  # the way that was tried to tell people; its error or None


def uncounted(*_words: object) -> None:
    """Stand where nobody counts."""
