"""What a mistyped direction or limit was most likely meant to be, or None when that is not clear."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.commands.suggestions import closest
from bot.kinds.create_trunk.request import Direction

_DIRECTION_SYNONYMS: Final[Mapping[str, Direction]] = MappingProxyType(
    {
        "incoming": Direction.INBOUND,
        "ingress": Direction.INBOUND,
        "outgoing": Direction.OUTBOUND,
        "egress": Direction.OUTBOUND,
    }
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
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:_\d{3})+|\d{1,3}(?:['’]\d{3})+")  # noqa: RUF001
_GROUPS: Final = re.compile(r"[,_'’]")  # noqa: RUF001 - both apostrophes are typed
_WHOLE: Final = re.compile(r"\+?(\d{1,9})(?:[.,]0{1,2}|[.,;!]+)?")


def guess_direction(word: str) -> Direction | None:
    """Guess the direction that was meant."""
    if (synonym := _DIRECTION_SYNONYMS.get(word.lower())) is not None:
        return synonym
    meant = closest(word, Direction, at_least=0.8)
    return None if meant is None else Direction(meant)


def guess_calls(word: str, max_calls: int) -> int | None:
    """Guess the limit that was meant; never one out of range, and never the cap in place of more."""
    number = _NUMBER_WORDS.get(word.lower())
    if number is None:
        grouped = _GROUPED.fullmatch(word) is not None
        whole = _WHOLE.fullmatch(_GROUPS.sub("", word) if grouped else word)
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
