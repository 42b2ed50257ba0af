"""What can be wrong with what a person typed, and the words for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# In code points, after decoding. Longer than any legal name in decomposed form, and short enough for
# normalisation, which is quadratic in a run of combining marks.
TEXT_MAX: Final = 2000
QUERY_MAX: Final = 255  # code points of what is looked for in the record; no name is longer
EXAMPLE_REFERENCE: Final = "7K3M-9QWX"
_OWN: Final = ("list", "show", "test", "status", "history", "doctor", "help")
WORD: Final = "{}"  # stands in `Problem.says` for the word at fault

STATUS_USAGE: Final = "status <reference>"
HISTORY_USAGE: Final = "history <name, @me, member ID, reference or state>"
EXTRA_WORD_SAYS: Final = f"Unexpected text: {WORD}."
_REFERENCE: Final = f"eight letters and digits, as in {EXAMPLE_REFERENCE}."


class ProblemKind(StrEnum):
    """What is wrong with the commands that are no kind's; a kind has words of its own."""

    UNKNOWN_VERB = "unknown_verb"
    EXTRA_WORD = "extra_word"
    REFERENCE = "reference"
    PERSON = "person"
    QUERY_LONG = "query_long"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where, in words.

    `kind` is a word for it that machines read. `says` is a sentence; where it has `WORD`, the word at fault
    belongs there, which is a person's and not the bot's. `usage` is how the verb that was meant is used,
    without the command's name. `text` is what was typed after the command, entities decoded, unusual spaces
    and controls as plain spaces. `start` and `end` delimit the word at fault in it, and are equal where
    something is missing. `fix` is the whole corrected text after the command, when one can be guessed; it
    always parses.
    """

    kind: str
    says: str
    usage: str
    text: str
    start: int
    end: int
    fix: str | None = None


def unknown_verb(text: str, start: int, end: int, verbs: Iterable[str], fix: str | None) -> Problem:
    """Say that the first word is no command; `verbs` are those that begin something."""
    says = f"{WORD} is not a command here. I know: {', '.join((*verbs, *_OWN))}."
    return Problem(ProblemKind.UNKNOWN_VERB, says, verbs_usage(verbs), text, start, end, fix)


def too_long(text: str, verbs: Iterable[str]) -> Problem:
    """Say that more was typed than is read."""
    says = f"The command is too long: I read at most {TEXT_MAX} characters."
    return Problem(ProblemKind.TOO_LONG, says, verbs_usage(verbs), text, 0, len(text))


def not_a_reference(text: str, start: int, end: int) -> Problem:
    """Say that what follows `status` is no reference, or that there is none."""
    says = "The reference is missing: " if start == end else f"{WORD} is not a reference: "
    return Problem(ProblemKind.REFERENCE, says + _REFERENCE, STATUS_USAGE, text, start, end)


def extra_word(text: str, start: int, end: int, fix: str) -> Problem:
    """Say that something follows the reference."""
    return Problem(ProblemKind.EXTRA_WORD, EXTRA_WORD_SAYS, STATUS_USAGE, text, start, end, fix)


def not_a_person(text: str, start: int, end: int) -> Problem:
    """Say that Slack does not tell whom `@somebody` means, which is no mistake of theirs."""
    says = f"Slack sends only the text {WORD}. Pick the person here:"
    return Problem(ProblemKind.PERSON, says, HISTORY_USAGE, text, start, end)


def query_too_long(text: str, start: int, end: int) -> Problem:
    """Say that no name of that length can be looked for."""
    says = f"No name is that long: at most {QUERY_MAX} characters."
    return Problem(ProblemKind.QUERY_LONG, says, HISTORY_USAGE, text, start, end)


def verbs_usage(verbs: Iterable[str]) -> str:
    """List the commands."""
    return " | ".join((*verbs, *_OWN))
