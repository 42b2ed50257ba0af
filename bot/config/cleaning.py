"""What every variable goes through first: values come from editors, consoles, mounted files and stores.

They bring what nobody sees (line ends, byte order marks, no-break spaces, characters of no width) and what
only a shell would take away (quotes). Around a value that is harmless and is taken off. Inside it is refused:
what it should have been is not known. No message quotes a value, which may be a secret.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from pydantic_core import PydanticCustomError

_QUOTES: Final = frozenset({("'", "'"), ('"', '"'), ("“", "”"), ("\u2018", "\u2019"), ("„", "“")})
_ASSIGNMENT: Final = re.compile(r"(?:export\s+)?([A-Z][A-Z0-9_]+)\s*=")
_REFERENCE: Final = re.compile(r"\$\{[^}]*\}|\$\(.*\)|\$[A-Za-z_]+|\{\{.*\}\}|<[^<>]+>")

_TOKEN: Final = re.compile(r"xox[a-z]?-|xapp-")
_TOKENS: Final = frozenset({"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"})


def wrong(message: str) -> PydanticCustomError:
    """Make an error of a setting's; one of this kind carries no input, so that no secret reaches a report."""
    return PydanticCustomError("setting", "{message}", {"message": message})


def cleaned(value: str) -> str:
    """Take off what stands around a value: white space, what cannot be seen, one pair of quotes."""
    value = _trimmed(value)
    if len(value) > 1 and (value[0], value[-1]) in _QUOTES:
        return _trimmed(value[1:-1])
    return value


def without_empty(given: Mapping[str, object]) -> dict[str, object]:
    """Clean each text, and leave out what holds nothing: a variable that is empty is one that is not set."""
    clean = {name: cleaned(value) if isinstance(value, str) else value for name, value in given.items()}
    return {name: value for name, value in clean.items() if value != ""}


def sound(value: str, name: str, names: frozenset[str]) -> str:
    """Take the cleaned value of a variable, unless it is none: a whole line, another name, unseen characters.

    `names` are those of all variables.
    """
    if any(_unseen(character) for character in value):
        raise wrong(
            "has a character in it that cannot be seen (a line end, a tab, or one of no width): type it again"
        )
    if any(character.isspace() and character != " " for character in value):
        raise wrong("has a space in it that is no plain one: type it again")
    assigned = _ASSIGNMENT.match(value)
    if assigned and assigned[1] == name:
        raise wrong(f"holds its own name as well: leave out `{name}=`")
    if assigned and assigned[1] in names:
        raise wrong(f"holds {assigned[1]}, which is another variable")
    if value in names or _REFERENCE.fullmatch(value):
        raise wrong("holds the name of a value, and not the value")
    if name not in _TOKENS and any(_TOKEN.match(word.strip()) for word in value.split(",")):
        raise wrong("holds one of Slack's tokens, which belongs into another variable")
    return value


def _trimmed(value: str) -> str:
    start, end = 0, len(value)
    while start < end and _blank(value[start]):
        start += 1
    while end > start and _blank(value[end - 1]):
        end -= 1
    return value[start:end]


def _blank(character: str) -> bool:
    return character.isspace() or _unseen(character)


def _unseen(character: str) -> bool:
    # Control characters, and those that only steer others (of no width, byte order mark, direction).
    return unicodedata.category(character) in {"Cc", "Cf"}
