"""What a mistyped word was most likely meant to be, or None when that is not clear."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

_GUESSABLE: Final = 20  # characters; nothing longer is a slip of one of our words
_MARGIN: Final = 0.1  # the second best must be this much worse: "unbound" is neither


def closest(word: str, options: Iterable[str], *, at_least: float) -> str | None:
    """Return the option that a word is a slip of, if it is like none other; `at_least` is 0 to 1."""
    if len(word) > _GUESSABLE:
        return None
    matchers = {option: SequenceMatcher(None, option, word.lower()) for option in options}
    if all(matcher.real_quick_ratio() < at_least for matcher in matchers.values()):
        return None
    scores = sorted(((matcher.ratio(), option) for option, matcher in matchers.items()), reverse=True)
    best, option = scores[0]
    second = scores[1][0] if len(scores) > 1 else 0
    return option if best >= at_least and best - second >= _MARGIN else None
