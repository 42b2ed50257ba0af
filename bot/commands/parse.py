"""What a person typed after the command, as a typed command or as a problem that shows its fix.

A verb of a kind and what it is about (`create "Sales" outbound 10`), `list [words]`, `show <trunk>`,
`status <reference>`, `history [what]`, `doctor`, `help`, or nothing. Verbs are in any case, and may be
shortened (`s`, `st`, ...): those of kinds only where the kind allows it. What follows `history` is read in
`bot.commands.history_query`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from re import Match
from types import MappingProxyType
from typing import ClassVar, Final, Generic, Protocol, TypeVar

from bot.commands.history_query import Query, TooLong, Unnamed, read_query
from bot.commands.lexer import FAMILY, SPACES, WORD, bare, plain, shown
from bot.commands.problems import (
    TEXT_MAX,
    Problem,
    extra_word,
    not_a_person,
    not_a_reference,
    query_too_long,
    too_long,
    unknown_verb,
)
from bot.commands.suggestions import closest
from bot.domain.outcome import Data
from bot.domain.reference import normal_reference

__all__ = (
    "BUILT_IN",
    "Begin",
    "Command",
    "Doctor",
    "Examine",
    "Help",
    "History",
    "List",
    "Problem",
    "Show",
    "Status",
    "Verb",
    "parse",
)

Limits = TypeVar("Limits")  # the deployer's bounds: for kinds to know
Limits_contra = TypeVar("Limits_contra", contravariant=True)


class Verb(Protocol[Limits_contra]):
    """How a kind of operation is typed. `name` is the kind's; `synonyms` are words that mean its verb.

    `short` lets the verb be abbreviated: never that of a kind that changes what is there.
    """

    name: ClassVar[str]
    verb: ClassVar[str]
    short: ClassVar[bool]
    synonyms: ClassVar[frozenset[str]]

    def parse(self, text: str, start: int, limits: Limits_contra) -> Data | Problem:
        """Read what stands in a decoded text after the verb, which ends at `start`."""
        ...

    def line(self, known: Data) -> str:
        """Write what people would type to get there."""
        ...


@dataclass(frozen=True, slots=True)
class Begin:
    """Open the form of a kind (its name) with what is known of the request, as the kind wrote it."""

    kind: str
    known: Data


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


@dataclass(frozen=True, slots=True)
class List:
    """List the account's trunks that fit some words."""

    words: str


@dataclass(frozen=True, slots=True)
class Show:
    """Show a trunk; `which` is what was typed for it."""

    which: str


@dataclass(frozen=True, slots=True)
class Examine:
    """Test whether a trunk is ready; `which` is what was typed for it."""

    which: str


Command = Begin | Status | History | List | Show | Examine | Doctor | Help

# Of two with the same start the later has it.
BUILT_IN: Final = ("list", "show", "test", "status", "doctor", "history", "help")
_EMOJI: Final = re.compile(r":[\w+'-]+:")
_HELP: Final = frozenset(
    {"help", "?", "-h", "--h", "-help", "--help", "\u2014h", "\u2013help", "\u2014help"}
)  # iOS joins dashes
_SYNONYMS: Final = MappingProxyType(
    {"ls": "list", "trunks": "list", "check": "status", "probe": "test", "usage": "help"}
)


def parse(text: str, kinds: Mapping[str, Verb[Limits]], limits: Limits) -> Command | Problem:
    """Read what was typed after the command; `kinds` are those that can begin, by verb. Never raises.

    A text that begins with a quoted name is offered to the first of them.
    """
    return _Reader(kinds, limits).read(plain(text))


@dataclass(frozen=True, slots=True)
class _Reader(Generic[Limits]):
    kinds: Mapping[str, Verb[Limits]]
    limits: Limits

    def read(self, text: str, *, guessing: bool = True) -> Command | Problem:
        if len(text) > TEXT_MAX:
            return too_long(shown(text[:TEXT_MAX]), self.kinds)
        first = WORD.search(text)
        if first is None:
            return Help()
        verb = self._verb(first.group()) or self._verb(bare(first.group()))
        if verb is None:
            fix = self._guess(text, first) if guessing else None
            return unknown_verb(shown(text), first.start(), first.end(), self.kinds, fix)
        kind = self.kinds.get(verb)
        return _built_in(verb, text, first.end()) if kind is None else self._begin(kind, text, first.end())

    def _begin(self, kind: Verb[Limits], text: str, start: int) -> Command | Problem:
        if shown(text[start:]).strip(SPACES).lower() in _HELP:
            return Help()
        known = kind.parse(text, start, self.limits)
        return known if isinstance(known, Problem) else Begin(kind.name, known)

    def _verb(self, word: str) -> str | None:
        """Return the verb that a word is, or is short for."""
        word = word.lower()
        if word in self.kinds or word in BUILT_IN:
            return word
        if word in _HELP:
            return "help"
        short = (verb for verb, kind in self.kinds.items() if kind.short)
        of_those = [verb for verb in (*short, *BUILT_IN) if verb.startswith(word)]
        return of_those[-1] if of_those and word else None

    def _guess(self, text: str, first: Match[str]) -> str | None:
        """Guess the whole text that was meant by one that starts with no verb of ours."""
        word, rest = first.group(), text[first.end() :]
        quote = next((at for at, ch in enumerate(word) if ch in FAMILY), None)
        if word.startswith("/") or _EMOJI.fullmatch(word):  # the command itself, pasted, or decoration
            meant = rest
        elif quote == 0:  # a name without the verb
            meant = f"{next(iter(self.kinds), '')} {text}"
        elif quote is not None and self._verb(word[:quote]) is not None:  # a name glued to the verb
            meant = f"{word[:quote]} {word[quote:]}{rest}"
        else:
            meant = f"{self._meant(bare(word).lower()) or ''}{rest}"
            if meant == rest:
                return None
        match self.read(meant, guessing=False):
            case Begin(name, known) as begun:
                kind = next(kind for kind in self.kinds.values() if kind.name == name)
                line = kind.line(known)
                # A name with quotes of every kind and nothing after it has no spelling that reads as it.
                return line if self.read(plain(line), guessing=False) == begun else None
            case Status(ref):
                return f"status {ref}"
            case History() | List() | Show() | Examine():
                return shown(meant).strip()
            case Help() | Doctor() as told:
                return "doctor" if isinstance(told, Doctor) else "help"
            case problem:
                return problem.fix

    def _meant(self, word: str) -> str | None:
        """Return the verb that a word means, or is a slip of: to be offered, and never simply taken."""
        for verb, kind in self.kinds.items():
            if word in kind.synonyms:
                return verb
        return _SYNONYMS.get(word) or closest(word, (*self.kinds, *BUILT_IN), at_least=0.75)


def _built_in(verb: str, text: str, start: int) -> Command | Problem:
    match verb:
        case "status":
            return _status(text, start)
        case "history":
            return _history(text, start)
        case "list" | "show" | "test":
            rest = shown(text[start:]).strip(SPACES)
            # Without a trunk there is none to show, and all to choose from.
            if not rest or verb == "list":
                return List(rest)
            return Show(rest) if verb == "show" else Examine(rest)
        case _:
            return Help() if verb == "help" else Doctor()


def _status(text: str, start: int) -> Status | Problem:
    words = list(WORD.finditer(text, start))
    if not words:
        return not_a_reference(shown(text), len(text), len(text))
    begin, end = words[0].start(), words[-1].end()
    ref = normal_reference(text[begin:end])
    if ref is not None:
        return Status(ref)
    ref = normal_reference(words[0].group()) if len(words) > 1 else None
    if ref is None:
        return not_a_reference(shown(text), begin, end)
    return extra_word(shown(text), words[1].start(), end, f"status {ref}")


def _history(text: str, start: int) -> History | Problem:
    typed = shown(text)  # what cannot be seen is a space here, as in the names it is compared with
    query = read_query(typed[start:])
    if not isinstance(query, TooLong | Unnamed):
        return History(query)
    words = list(WORD.finditer(typed, start))
    say = query_too_long if isinstance(query, TooLong) else not_a_person
    return say(typed, words[0].start(), words[-1].end())
