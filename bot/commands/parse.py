"""What a person typed after the command, as a typed command or as a problem that shows its fix.

`create <name> <inbound|outbound> <limit>`, `status <reference>`, `history [what]`, `doctor`, `help`, or
nothing. Verbs may be shortened (`c`, `cr`, ...) and be in any case; what follows `create` is read in
`bot.commands.create`, what follows `history` in `bot.commands.history_query`.
"""

from dataclasses import dataclass
from re import Match
from types import MappingProxyType
from typing import Final

from bot.commands.create import read_create
from bot.commands.history_query import Query, TooLong, Unnamed, read_query
from bot.commands.lexer import FAMILY, SPACES, WORD, bare, plain, shown
from bot.commands.problems import TEXT_MAX, Problem, ProblemKind, check_calls, check_name
from bot.commands.suggestions import guess_verb
from bot.commands.syntax import Create, create_line
from bot.domain.operation import normal_reference

__all__ = (
    "Command",
    "Create",
    "Doctor",
    "Help",
    "History",
    "Problem",
    "ProblemKind",
    "Status",
    "check_calls",
    "check_name",
    "create_line",
    "parse",
)


@dataclass(frozen=True, slots=True)
class Status:
    """Tell how an operation stands; `ref` is in its canonical form, `XXXX-XXXX`."""

    ref: str


@dataclass(frozen=True, slots=True)
class History:
    """Show what happened, newest first, or one operation's story."""

    query: Query


@dataclass(frozen=True, slots=True)
class Doctor:
    """Show whether everything that the bot needs is well."""


@dataclass(frozen=True, slots=True)
class Help:
    """Show how the command is used."""


Command = Create | Status | History | Doctor | Help

_HELP: Final = frozenset(
    {"help", "?", "-h", "--h", "-help", "--help", "\u2014h", "\u2013help", "\u2014help"}
)  # iOS joins dashes
_NAMES: Final = (
    "create",
    "status",
    "doctor",
    "history",
    "help",
)  # of two with the same start the later has it
_VERBS: Final = MappingProxyType(
    {name[:length]: name for name in _NAMES for length in range(1, len(name) + 1)}
    | dict.fromkeys(_HELP, "help")
)


def parse(text: str, max_calls: int) -> Command | Problem:
    """Read what was typed after the command; `max_calls` is the deployer's cap. Never raises."""
    return _read(plain(text), max_calls, guessing=True)


def _read(text: str, max_calls: int, *, guessing: bool) -> Command | Problem:
    if len(text) > TEXT_MAX:
        return Problem(ProblemKind.TOO_LONG, shown(text[:TEXT_MAX]), 0, TEXT_MAX, None)
    first = WORD.search(text)
    if first is None:
        return Help()
    verb = _VERBS.get(first.group().lower()) or _VERBS.get(bare(first.group()).lower())
    if verb == "create" and text[first.end() :].strip(SPACES).lower() in _HELP:
        verb = "help"
    if verb in {"help", "doctor"}:
        return Help() if verb == "help" else Doctor()
    if verb == "create":
        return read_create(text, first.end(), max_calls)
    if verb is not None:
        return (_status if verb == "status" else _history)(text, first.end())
    fix = _guess(text, first, max_calls) if guessing else None
    return Problem(ProblemKind.UNKNOWN_VERB, shown(text), first.start(), first.end(), fix)


def _status(text: str, start: int) -> Status | Problem:
    words = list(WORD.finditer(text, start))
    if not words:
        return Problem(ProblemKind.REFERENCE, shown(text), len(text), len(text), None)
    begin, end = words[0].start(), words[-1].end()
    ref = normal_reference(text[begin:end])
    if ref is not None:
        return Status(ref)
    ref = normal_reference(words[0].group()) if len(words) > 1 else None
    if ref is None:
        return Problem(ProblemKind.REFERENCE, shown(text), begin, end, None)
    return Problem(ProblemKind.EXTRA_WORD, shown(text), words[1].start(), end, f"status {ref}")


def _history(text: str, start: int) -> History | Problem:
    typed = shown(text)  # what can not be seen is a space here, as in the names it is compared with
    match read_query(typed[start:]):
        case TooLong():
            kind = ProblemKind.QUERY_LONG
        case Unnamed():
            kind = ProblemKind.PERSON
        case query:
            return History(query)
    words = list(WORD.finditer(typed, start))
    return Problem(kind, typed, words[0].start(), words[-1].end(), None)


def _guess(text: str, first: Match[str], max_calls: int) -> str | None:
    """Guess the whole text that was meant by one that starts with no verb of ours."""
    word, rest = first.group(), text[first.end() :]
    quote = next((at for at, ch in enumerate(word) if ch in FAMILY), None)
    if word.startswith("/"):  # the command itself, pasted after the command
        meant = rest
    elif quote == 0:  # a name without the verb
        meant = f"create {text}"
    elif quote is not None and word[:quote].lower() in _VERBS:  # a name glued to the verb
        meant = f"{word[:quote]} {word[quote:]}{rest}"
    else:
        meant = f"{guess_verb(bare(word), _NAMES) or ''}{rest}"
        if meant == rest:
            return None
    match _read(meant, max_calls, guessing=False):
        case Create(name, direction, calls) as created:
            line = create_line(name, direction, calls)
            # A name with quotes of every kind and nothing after it has no spelling that reads as it.
            return line if _read(plain(line), max_calls, guessing=False) == created else None
        case Status(ref):
            return f"status {ref}"
        case History():
            return shown(meant).strip()
        case Help() | Doctor() as told:
            return "doctor" if isinstance(told, Doctor) else "help"
        case problem:
            return problem.fix
