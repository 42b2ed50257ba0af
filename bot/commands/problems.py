"""What can be wrong with what a person typed, and the rules for one name and one limit."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.commands.lexer import ILLEGAL, SPACES
from bot.domain.operation import NAME_MAX

# In code points, after decoding. Longer than any legal name in decomposed form, and short enough for
# normalisation, which is quadratic in a run of combining marks.
TEXT_MAX: Final = 2000

# Joiners, direction marks, soft hyphen, variation selectors: a name of nothing else can not be seen.
_UNSEEN: Final = SPACES + "\u200c\u200d\u200e\u200f\u061c\u00ad\ufe0e\ufe0f"
_BELOW_ZERO: Final = re.compile(r"[-\u2010-\u2014\u2212][0-9]+")
_DIGITS_MAX: Final = 9


class ProblemKind(StrEnum):
    """What is wrong; the words for each are in `bot.words.faults` and, in a form, `form_errors`."""

    UNKNOWN_VERB = "unknown_verb"
    NAME_EMPTY = "name_empty"
    NAME_LONG = "name_long"
    NAME_CHARACTER = "name_character"
    QUOTE_OPEN = "quote_open"
    DIRECTION = "direction"
    LIMIT_NOT_WHOLE = "limit_not_whole"
    LIMIT_RANGE = "limit_range"
    EXTRA_WORD = "extra_word"
    REFERENCE = "reference"
    PERSON = "person"
    QUERY_LONG = "query_long"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where.

    `text` is what was typed after the command, entities decoded, unusual spaces and controls as plain
    spaces. `start` and `end` delimit the word at fault in it, and are equal where something is missing.
    `fix` is the whole corrected text after the command, when one can be guessed; it always parses.
    """

    kind: ProblemKind
    text: str
    start: int
    end: int
    fix: str | None


def check_name(text: str) -> str | ProblemKind:
    """Give the name to send (NFC, trimmed) or what is wrong with it.

    1 to 255 characters (Vobiz: "Maximum 255 characters"), none of them a control, a line end, a
    bidirectional override or isolate, or half a surrogate pair.
    """
    if len(text) > TEXT_MAX:
        return ProblemKind.NAME_LONG
    name = (text if text.isascii() else unicodedata.normalize("NFC", text)).strip(SPACES)
    if not name.strip(_UNSEEN):
        return ProblemKind.NAME_EMPTY
    if ILLEGAL.search(name):
        return ProblemKind.NAME_CHARACTER
    return name if len(name) <= NAME_MAX else ProblemKind.NAME_LONG


def check_calls(text: str, max_calls: int) -> int | ProblemKind:
    """Give the limit, 1 to `max_calls` concurrent calls, or what is wrong with it.

    ASCII digits only. Leading zeros are harmless and accepted: the form shows the number that was read.
    """
    word = text.strip(SPACES)
    if word.isascii() and word.isdigit():
        digits = word.lstrip("0")
        if not digits or len(digits) > _DIGITS_MAX or int(digits) > max_calls:
            return ProblemKind.LIMIT_RANGE
        return int(digits)
    return ProblemKind.LIMIT_RANGE if _BELOW_ZERO.fullmatch(word) else ProblemKind.LIMIT_NOT_WHOLE
