"""What a mistyped verb, direction or limit was most likely meant to be, or None when that is not clear."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Final

from bot.domain.operation import Direction

_GUESSABLE: Final = 20  # characters; nothing longer is a slip of one of our words
_MARGIN: Final = 0.1  # the second best must be this much worse: "unbound" is neither

_DIRECTION_SYNONYMS: Final[Mapping[str, Direction]] = MappingProxyType(
    {
        "incoming": Direction.INBOUND,
        "ingress": Direction.INBOUND,
        "outgoing": Direction.OUTBOUND,
        "egress": Direction.OUTBOUND,
    }
)
_VERB_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {"new": "create", "add": "create", "make": "create", "show": "status", "check": "status", "usage": "help"}
)
_UP_TO_TWENTY: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
_TENS: Final = "thirty forty fifty sixty seventy eighty ninety hundred"
_NUMBER_WORDS: Final[Mapping[str, int]] = MappingProxyType(
    {word: number for number, word in enumerate(_UP_TO_TWENTY.split(), start=1)}
    | {word: 10 * number for number, word in enumerate(_TENS.split(), start=3)}
)
_NUMERIC: Final = re.compile(r"[-+\u2010-\u2014\u2212]?\d[\d.,_eE+-]*")
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:_\d{3})+")
_WHOLE: Final = re.compile(r"\+?(\d{1,9})(?:[.,]0{1,2}|[.,;!]+)?")


def guess_verb(word: str, verbs: Iterable[str]) -> str | None:
    """Guess the verb that was meant."""
    return _VERB_SYNONYMS.get(word.lower()) or _closest(word, verbs, at_least=0.75)


def guess_direction(word: str) -> Direction | None:
    """Guess the direction that was meant."""
    if (synonym := _DIRECTION_SYNONYMS.get(word.lower())) is not None:
        return synonym
    closest = _closest(word, Direction, at_least=0.8)
    return None if closest is None else Direction(closest)


def guess_calls(word: str, max_calls: int) -> int | None:
    """Guess the limit that was meant; never one out of range, and never the cap in place of more."""
    number = _NUMBER_WORDS.get(word.lower())
    if number is None:
        grouped = _GROUPED.fullmatch(word) is not None
        whole = _WHOLE.fullmatch(word.replace(",", "").replace("_", "") if grouped else word)
        if whole is None:
            return None
        number = int("".join(str(unicodedata.decimal(digit)) for digit in whole[1]))
    return number if 1 <= number <= max_calls else None


def looks_numeric(word: str) -> bool:
    """Tell whether a word is a number, however badly written: `10.5`, `-1`, `1e9`, Arabic digits."""
    return _NUMERIC.fullmatch(word) is not None


def is_number_word(word: str) -> bool:
    """Tell whether a word is an English number, such as `ten`."""
    return word.lower() in _NUMBER_WORDS


def _closest(word: str, options: Iterable[str], *, at_least: float) -> str | None:
    if len(word) > _GUESSABLE:
        return None
    matchers = {option: SequenceMatcher(None, option, word.lower()) for option in options}
    if all(matcher.real_quick_ratio() < at_least for matcher in matchers.values()):
        return None
    scores = sorted(((matcher.ratio(), option) for option, matcher in matchers.items()), reverse=True)
    (best, option), (second, _) = scores[0], scores[1]
    return option if best >= at_least and best - second >= _MARGIN else None
