"""What a create of a trunk is asked with, and the rules for one name and one limit."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.commands.lexer import ILLEGAL, SPACES
from bot.commands.problems import TEXT_MAX
from bot.domain.blank import blank
from bot.domain.outcome import Data

# Vobiz's page says 255 (create-a-trunk, "name"); its OpenAPI says 100. The page is what people read,
# and a refusal by Vobiz is shown in its own words.
NAME_MAX: Final = 255

_BELOW_ZERO: Final = re.compile(r"[-\u2010-\u2014\u2212][0-9]+")
_DIGITS_MAX: Final = 9


class Direction(StrEnum):
    """Which way a trunk carries calls; upper case is what Vobiz's `trunk_type` takes."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Request(BaseModel):
    """Exactly what was confirmed and will be sent to Vobiz, and nothing else.

    `calls` is the most calls that may be live at once (Vobiz: `max_concurrent_calls`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
    direction: Direction
    calls: Annotated[int, Field(ge=1)]


def wanted(known: Data) -> Data:
    """Return what is known of the trunk that is asked for; where more is asked for, that is a part."""
    trunk = known.get("trunk")
    return trunk if isinstance(trunk, dict) else known


class Fault(StrEnum):
    """What is wrong with a create as typed; the words are in `problems` (a command) and `form`."""

    NAME_EMPTY = "name_empty"
    NAME_LONG = "name_long"
    NAME_CHARACTER = "name_character"
    QUOTE_OPEN = "quote_open"
    DIRECTION = "direction"
    LIMIT_NOT_WHOLE = "limit_not_whole"
    LIMIT_RANGE = "limit_range"
    EXTRA_WORD = "extra_word"


def check_name(text: str) -> str | Fault:
    """Give the name to send (NFC, trimmed) or what is wrong with it.

    1 to 255 characters (Vobiz: "Maximum 255 characters"), none of them a control, a line end, a
    bidirectional override or isolate, or half a surrogate pair.
    """
    if len(text) > TEXT_MAX:
        return Fault.NAME_LONG
    name = (text if text.isascii() else unicodedata.normalize("NFC", text)).strip(SPACES)
    if ILLEGAL.search(name):
        return Fault.NAME_CHARACTER
    if blank(name):
        return Fault.NAME_EMPTY
    return name if len(name) <= NAME_MAX else Fault.NAME_LONG


def check_calls(text: str, max_calls: int) -> int | Fault:
    """Give the limit, 1 to `max_calls` concurrent calls, or what is wrong with it.

    ASCII digits only. Leading zeros are harmless and accepted: the form shows the number that was read.
    """
    word = text.strip(SPACES)
    if word.isascii() and word.isdigit():
        digits = word.lstrip("0")
        if not digits or len(digits) > _DIGITS_MAX or int(digits) > max_calls:
            return Fault.LIMIT_RANGE
        return int(digits)
    return Fault.LIMIT_RANGE if _BELOW_ZERO.fullmatch(word) else Fault.LIMIT_NOT_WHOLE
