"""What follows `create`: a name, a direction, a limit, as a Create or as a problem that shows its fix.

A name is always a slice of what was typed: it is never put together from words, so no character in it
changes (NFC and Slack's three entities aside), unusual spaces within it included. Slack's formatting around
words was taken out before, but for what stands in quotes.

- Quotes matter only at the start of a name. A quoted name ends at the first quote of the same family that
  ends a word and is followed by nothing, a direction, a limit or both. So `"5" pipe" outbound 10` is
  `5" pipe`, and an apostrophe within a word closes nothing.
- Without quotes the last two words are direction and limit: `inbound outbound 10` is a trunk called
  `inbound`, and a lone `10` or `outbound` is a limit or a direction, not a name.
"""

import re
from dataclasses import dataclass, replace
from re import Match
from typing import Final

from bot.commands.lexer import APOSTROPHES, FAMILY, ILLEGAL, SPACES, WORD, bare, plain, shown
from bot.commands.problems import Problem
from bot.kinds.create_trunk.problems import says, usage
from bot.kinds.create_trunk.request import Direction, Fault, check_name
from bot.kinds.create_trunk.suggestions import guess_calls, guess_direction, is_number_word, looks_numeric
from bot.kinds.create_trunk.syntax import (
    TAIL_MAX,
    VERB,
    Create,
    Words,
    calls_of,
    create_line,
    direction_of,
    pair_of,
    tail_of,
)

_LEADING: Final = re.compile(r"[0-9]{1,3}")
_GROUP: Final = re.compile(r"[0-9]{3}")
_PUNCTUATION: Final = re.compile(r"[,;:]")


def read_create(text: str, start: int, max_calls: int) -> Create | Problem:
    """Read what stands in a decoded text after the verb, which ends at `start`."""
    words = list(WORD.finditer(text, start))
    if not words:
        return Create(None, None, None)
    line = _Line(text, max_calls)
    if (number := _in_groups(words)) is not None:
        return line.in_groups(start, *number)
    return line.quoted(words) if text[words[0].start()] in FAMILY else line.unquoted(words)


def _in_groups(words: Words) -> tuple[Match[str], Match[str]] | None:
    """Find the first and the last word of a limit that is written in groups of digits: `outbound 1 000`."""
    first = len(words) - 1
    while first > 0 and _GROUP.fullmatch(words[first].group()):
        first -= 1
    grouped = first < len(words) - 1 and _LEADING.fullmatch(words[first].group()) is not None
    directed = first > 0 and direction_of(words[first - 1]) is not None
    return (words[first], words[-1]) if grouped and directed else None


@dataclass(frozen=True, slots=True)
class _Line:
    """The text being read. `words` below are always the words that remain to be read."""

    text: str
    max_calls: int

    def quoted(self, words: Words) -> Create | Problem:
        opening = words[0].start()
        family = FAMILY[self.text[opening]]
        close: int | None = None  # index of the word that the name ends with, if the tail is at fault
        for index in range(max(0, len(words) - TAIL_MAX - 1), len(words)):
            if not self._closes(words[index], opening, family):
                continue
            tail = words[index + 1 :]
            if (read := tail_of(tail, self.max_calls)) is not None:
                return self._named(opening + 1, words[index].end() - 1, *read)
            if any(bare(word.group()) != word.group() for word in tail):
                close = index  # a value in quotes of its own: surely no part of the name
                break
        if close is None:
            closing = (i for i in reversed(range(len(words))) if self._closes(words[i], opening, family))
            close = next(closing, None)
        if close is None:
            return self._unclosed(opening, family)
        named = self._named(opening + 1, words[close].end() - 1, None, None)
        return named if isinstance(named, Problem) else self._wrong_tail(named, words[close + 1 :])

    def in_groups(self, start: int, first: Match[str], last: Match[str]) -> Create | Problem:
        digits = "".join(WORD.findall(self.text, first.start(), last.end()))
        meant = read_create(f"{self.text[: first.start()]}{digits}", start, self.max_calls)
        if isinstance(meant, Problem):
            return meant
        return self._problem(Fault.LIMIT_NOT_WHOLE, first.start(), last.end(), meant)

    def unquoted(self, words: Words) -> Create | Problem:
        if (pair := pair_of(words, self.max_calls)) is not None:
            return self._unquoted_name(words[:-2], *pair)
        rest, last = words[:-1], words[-1]
        if (problem := self._misread(rest, last)) is not None:
            return problem
        if isinstance(calls := calls_of(last, self.max_calls), int):
            return self._unquoted_name(rest, None, calls)
        direction = direction_of(last)
        return self._unquoted_name(words if direction is None else rest, direction, None)

    def _closes(self, word: Match[str], opening: int, family: str) -> bool:
        return self.text[word.end() - 1] in family and word.end() - 1 > opening

    # Names

    def _unquoted_name(
        self, words: Words, direction: Direction | None, calls: int | None
    ) -> Create | Problem:
        if not words:
            return Create(None, direction, calls)
        start, end = words[0].start(), words[-1].end()
        family = FAMILY.get(self.text[end - 1], APOSTROPHES)
        if family is APOSTROPHES or any(ch in family for ch in self.text[start : end - 1]):
            return self._named(start, end, direction, calls)
        guess = self._named(start, end - 1, direction, calls) if end - start > 1 else None
        return self._problem(Fault.QUOTE_OPEN, end - 1, end, guess)

    def _named(
        self, start: int, end: int, direction: Direction | None, calls: int | None
    ) -> Create | Problem:
        raw = self.text[start:end]
        name = check_name(raw)
        if not isinstance(name, Fault):
            return Create(name, direction, calls)
        if name is Fault.NAME_EMPTY:  # there is nothing to point at but the quotes
            return self._problem(name, start - 1, min(end + 1, len(self.text)), None)
        if name is Fault.NAME_LONG:
            return self._problem(name, start, end, None)
        first = ILLEGAL.search(self.text, start + len(raw) - len(raw.lstrip(SPACES)), end)
        at = start if first is None else first.start()
        legal = check_name(ILLEGAL.sub(lambda found: " " if found[0].isspace() else "", raw))
        guess = None if isinstance(legal, Fault) else Create(legal, direction, calls)
        return self._problem(name, at, at + 1, guess)

    # Problems

    def _problem(self, kind: Fault, start: int, end: int, guess: Create | Problem | None) -> Problem:
        fix = None
        if isinstance(guess, Problem):
            fix = guess.fix
        elif guess is not None:
            fix = create_line(guess.name, guess.direction, guess.calls)
            if read_create(plain(fix), len(VERB), self.max_calls) != guess:
                fix = None
        told, used = says(kind, self.max_calls), usage(self.max_calls)
        return Problem(kind, told, used, shown(self.text), start, end, fix)

    def _unclosed(self, opening: int, family: str) -> Problem:
        """Explain a quote that nothing closes, or that a word is glued to."""
        closing = next((at for at in range(opening + 1, len(self.text)) if self.text[at] in family), None)
        if closing is not None and family is not APOSTROPHES:
            name = self._named(opening + 1, closing, None, None)
            tail = list(WORD.finditer(_PUNCTUATION.sub(" ", self.text), closing + 1))
            if isinstance(name, Create) and (read := tail_of(tail, self.max_calls)) is not None:
                glued = WORD.search(self.text, closing + 1)
                end = len(self.text) if glued is None else glued.end()
                return self._problem(Fault.EXTRA_WORD, closing + 1, end, Create(name.name, *read))
        words = list(WORD.finditer(self.text, opening + 1))
        return self._problem(Fault.QUOTE_OPEN, opening, opening + 1, self.unquoted(words) if words else None)

    def _wrong_tail(self, named: Create, tail: Words) -> Problem:
        """Explain what follows a quoted name and is not direction and limit."""
        first, last = tail[0], tail[-1]
        if len(tail) > TAIL_MAX:
            return self._extra_words(named, tail)
        if first is last:
            if self._limit_meant(first):
                return self._wrong_limit(first, named)
            return self._wrong_direction(first, named)
        if (direction := direction_of(first)) is not None:
            return self._wrong_limit(last, replace(named, direction=direction))
        if (pair := pair_of((last, first), self.max_calls)) is not None:
            guess = Create(named.name, *pair)
            return self._problem(Fault.DIRECTION, first.start(), last.end(), guess)
        return self._wrong_direction(first, self._with_calls(named, last))

    def _extra_words(self, named: Create, tail: Words) -> Problem:
        if (pair := pair_of(tail[:TAIL_MAX], self.max_calls)) is not None:
            start, end = tail[TAIL_MAX].start(), tail[-1].end()
            return self._problem(Fault.EXTRA_WORD, start, end, Create(named.name, *pair))
        start, end = tail[0].start(), tail[-1 - TAIL_MAX].end()
        pair = pair_of(tail, self.max_calls)
        guess = None if pair is None else Create(f"{named.name} {self.text[start:end]}", *pair)
        return self._problem(Fault.EXTRA_WORD, start, end, guess)

    def _misread(self, rest: Words, last: Match[str]) -> Problem | None:
        """Find what is wrong with words that have no quotes and do not end in direction and limit."""
        bad_limit = looks_numeric(bare(last.group())) and not isinstance(calls_of(last, self.max_calls), int)
        if not rest:
            return self._wrong_limit(last, Create(None, None, None)) if bad_limit else None
        before, direction = rest[-1], direction_of(rest[-1])
        if (problem := self._misplaced(rest, last)) is not None:
            return problem
        if direction is not None and direction_of(last) is None:
            spelled_out = bare(before.group()).lower() == direction
            if spelled_out or self._limit_meant(last):
                return self._wrong_limit(last, self._unquoted_name(rest[:-1], direction, None))
        if looks_numeric(bare(last.group())) and guess_direction(bare(before.group())) is not None:
            return self._wrong_direction(
                before, self._with_calls(self._unquoted_name(rest[:-1], None, None), last)
            )
        known = self._unquoted_name(rest, None, None)
        if bad_limit:
            return self._wrong_limit(last, known)
        misspelt = direction_of(last) is None and guess_direction(bare(last.group())) is not None
        return self._wrong_direction(last, known) if misspelt else None

    def _misplaced(self, rest: Words, last: Match[str]) -> Problem | None:
        """Find the limit before the direction, or a word after both."""
        if (pair := pair_of((last, rest[-1]), self.max_calls)) is not None:
            guess = self._unquoted_name(rest[:-1], *pair)
            return self._problem(Fault.DIRECTION, rest[-1].start(), last.end(), guess)
        if (pair := pair_of(rest, self.max_calls)) is not None:
            guess = self._unquoted_name(rest[:-TAIL_MAX], *pair)
            return self._problem(Fault.EXTRA_WORD, last.start(), last.end(), guess)
        return None

    def _limit_meant(self, word: Match[str]) -> bool:
        return looks_numeric(bare(word.group())) or is_number_word(bare(word.group()))

    def _with_calls(self, known: Create | Problem, word: Match[str]) -> Create | None:
        calls = guess_calls(bare(word.group()), self.max_calls)
        return None if calls is None or isinstance(known, Problem) else replace(known, calls=calls)

    def _wrong_limit(self, word: Match[str], known: Create | Problem) -> Problem:
        calls = calls_of(word, self.max_calls)
        kind = Fault.LIMIT_NOT_WHOLE if isinstance(calls, int) else calls
        return self._problem(kind, word.start(), word.end(), self._with_calls(known, word))

    def _wrong_direction(self, word: Match[str], known: Create | Problem | None) -> Problem:
        direction = guess_direction(bare(word.group()))
        guess = (
            None
            if direction is None or not isinstance(known, Create)
            else replace(known, direction=direction)
        )
        return self._problem(Fault.DIRECTION, word.start(), word.end(), guess)
