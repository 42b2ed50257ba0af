"""What is wrong with a command, in words, and the usage line that belongs to it."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.text import Line, Said
from bot.commands.problems import TEXT_MAX, Problem, ProblemKind
from bot.domain.operation import NAME_MAX

EXAMPLE_REFERENCE: Final = "7K3M-9QWX"

_DIRECTIONS: Final = "write inbound or outbound."
_LIMIT: Final = "the most concurrent calls, a whole number in the digits 0 to 9."
_PERSON: Final = "choose the person below, or write @me or a member ID. A trunk's name goes in quotes."
_REFERENCE: Final = f"eight letters and digits, as in {EXAMPLE_REFERENCE}."

_FAULTS: Final = MappingProxyType(
    {
        ProblemKind.NAME_EMPTY: "The name is empty.",
        ProblemKind.NAME_LONG: f"The name is too long: Vobiz takes at most {NAME_MAX} characters.",
        ProblemKind.NAME_CHARACTER: "The name holds a control character or one that reverses text.",
        ProblemKind.QUOTE_OPEN: "The quotation mark before the name is never closed.",
        ProblemKind.QUERY_LONG: f"No name is that long: at most {NAME_MAX} characters.",
        ProblemKind.TOO_LONG: f"The command is too long: at most {TEXT_MAX} characters are read.",
    }
)
_MISSING: Final = MappingProxyType(
    {
        ProblemKind.DIRECTION: f"The direction is missing: {_DIRECTIONS}",
        ProblemKind.LIMIT_NOT_WHOLE: f"The limit is missing: {_LIMIT}",
        ProblemKind.LIMIT_RANGE: f"The limit is missing: {_LIMIT}",
        ProblemKind.REFERENCE: f"The reference is missing: {_REFERENCE}",
    }
)
_WORD_FAULTS: Final = MappingProxyType(
    {
        ProblemKind.UNKNOWN_VERB: " is not a command.",
        ProblemKind.DIRECTION: f" is not a direction: {_DIRECTIONS}",
        ProblemKind.LIMIT_NOT_WHOLE: f" is not a limit: {_LIMIT}",
        ProblemKind.EXTRA_WORD: " is more than the command takes.",
        ProblemKind.REFERENCE: f" is not a reference: {_REFERENCE}",
        ProblemKind.PERSON: f" does not tell the bot who is meant: {_PERSON}",
    }
)


def fault(problem: Problem, max_calls: int) -> Line:
    """Say what is wrong; `max_calls` is the deployer's cap of concurrent calls."""
    if problem.kind in _FAULTS:
        return (_FAULTS[problem.kind],)
    if problem.start == problem.end and problem.kind in _MISSING:
        return (_MISSING[problem.kind],)
    word: Line = ("“", Said(problem.text[problem.start : problem.end], 80), "”")
    if problem.kind is ProblemKind.LIMIT_RANGE:
        return (*word, f" is out of range: a trunk takes 1 to {max_calls} concurrent calls.")
    return (*word, _WORD_FAULTS[problem.kind])


def usage(kind: ProblemKind, command: str, max_calls: int) -> str:
    """Write the usage line of the command that was meant."""
    if kind is ProblemKind.UNKNOWN_VERB:
        return f"{command} create | status | history | help"
    if kind in {ProblemKind.PERSON, ProblemKind.QUERY_LONG}:
        return f"{command} history <name, @me, @somebody, reference or state>"
    if kind is ProblemKind.REFERENCE:
        return f"{command} status <reference>"
    return f"{command} create <name> <inbound|outbound> <1 to {max_calls}>"
