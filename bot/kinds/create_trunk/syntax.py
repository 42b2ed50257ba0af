"""How a create is spelt: its canonical line, and which words are a direction, a limit or both.

`in`, `inb`, ... and `out`, `outb`, ... are directions. `i` and `o` are not: names end in single letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from re import Match
from types import MappingProxyType
from typing import Final

from bot.commands.lexer import bare, quoted
from bot.kinds.create_trunk.request import Direction, Fault, check_calls

Words = Sequence[Match[str]]
Tail = tuple[Direction | None, int | None]

VERB: Final = "create "
TAIL_MAX: Final = 2  # words after a name: direction and limit
_DIRECTIONS: Final = MappingProxyType(
    {
        direction[:length]: direction
        for direction, shortest in ((Direction.INBOUND, 2), (Direction.OUTBOUND, 3))
        for length in range(shortest, len(direction) + 1)
    }
)


@dataclass(frozen=True, slots=True)
class Create:
    """What is known of a request; None is what the person left out."""

    name: str | None
    direction: Direction | None
    calls: int | None


def create_line(name: str | None, direction: Direction | None, calls: int | None) -> str:
    """Write the canonical text, such as `create "Sales" outbound 10`, that parses to exactly this create.

    It does for every legal name; with direction or limit missing, for a name without quotes of every kind.
    """
    words = (None if name is None else quoted(name), direction, None if calls is None else str(calls))
    return VERB + " ".join(word for word in words if word is not None)


def direction_of(word: Match[str]) -> Direction | None:
    """Read a word as a direction."""
    return _DIRECTIONS.get(bare(word.group()).lower())


def calls_of(word: Match[str], max_calls: int) -> int | Fault:
    """Read a word as a limit, or say what is wrong with it as one."""
    return check_calls(bare(word.group()), max_calls)


def pair_of(words: Words, max_calls: int) -> tuple[Direction, int] | None:
    """Read direction and limit from the last two words."""
    if len(words) < TAIL_MAX:
        return None
    direction, calls = direction_of(words[-2]), calls_of(words[-1], max_calls)
    return None if direction is None or not isinstance(calls, int) else (direction, calls)


def tail_of(words: Words, max_calls: int) -> Tail | None:
    """Read all that follows a name: nothing, a direction, a limit or both; None when it is something else."""
    if len(words) > 1:
        return pair_of(words, max_calls) if len(words) == TAIL_MAX else None
    if not words:
        return None, None
    calls = calls_of(words[0], max_calls)
    if isinstance(calls, int):
        return None, calls
    direction = direction_of(words[0])
    return None if direction is None else (direction, None)
