"""A phone number as people type it, and as Vobiz takes it: E.164, with the plus sign."""

import re
from dataclasses import dataclass
from typing import Final

MOST: Final = 10  # numbers of one operation: each is a step or two
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")  # 7 to 15 digits
# What people write between digits; what cannot be seen comes along with what is pasted.
_BETWEEN: Final = re.compile("[\\s().\u200b\u202a-\u202e\u2066-\u2069\u2060\ufeff\u2010-\u2015-]")
_DIGITS: Final = re.compile(r"[0-9]+")
# A number at the end of a command: from its plus sign on, with all that stands between its digits.
_LAST: Final = re.compile(r"(?<=\s)\+[0-9\s().\u2010-\u2015-]+$")


@dataclass(frozen=True, slots=True)
class BadNumber:
    """Why a text is no number that can be sent; at most 150 characters."""

    says: str


def check_number(text: str) -> str | BadNumber:
    """Read a typed number. Spaces, dashes, dots and parentheses go; a country code is never guessed."""
    bare = _BETWEEN.sub("", text)
    if _E164.fullmatch(bare):
        return bare
    if not bare:
        return BadNumber("Enter a number with + and its country code, such as +14155550100.")
    digits = bare.removeprefix("+")
    if not _DIGITS.fullmatch(digits):
        return BadNumber("A number has only digits after its +, such as +14155550100.")
    meant = digits.removeprefix("00") if not bare.startswith("+") else digits
    if meant.startswith("0"):
        return BadNumber("After the + comes the country code, which does not begin with 0.")
    if not _E164.fullmatch(f"+{meant}"):
        return BadNumber(f"A number has 7 to 15 digits. This one has {len(meant)}.")
    # Without the plus it may be a national number: whose country is meant only the person knows.
    return BadNumber(f"The + is missing. If it begins with its country code, enter +{meant}")


def joined(typed: str) -> str:
    """Take out what stands between the digits of a number at the end of a command."""
    return _LAST.sub(lambda found: _BETWEEN.sub("", found.group()), typed)
