"""What stands beside the values: lines of `.env` that cannot be read, and names that are almost a setting's.

Both would be passed over without a word, and with them a rule: with TRUNK_APPROVAL_ABVOE, or with a quote
that is not closed, nobody needs a second person. What is another program's in the same file is left alone.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream

from bot.config.cleaning import cleaned

_ALIKE: Final = 0.91  # DATABASE_URI is that near to DATABASE_URL; VOBIZ_API_TOKEN is not to VOBIZ_AUTH_TOKEN
_NAMES: Final = re.compile(r"[A-Z0-9_]+")
# LOGLEVEL and HOSTS are names of their own, and no rule rests on them.
_OURS: Final = ("TRUNK_", "VOBIZ_", "SLACK_", "DATABASE_")


@dataclass(frozen=True, slots=True)
class Slips:
    """What is wrong beside the values, one line each; `names` are the variables that are not as was meant."""

    lines: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


def slips(file: Path, names: frozenset[str], known: frozenset[str], environment: Mapping[str, str]) -> Slips:
    """Look for slips about the variables `names`; `known` are all that there are, in capitals.

    Raises OSError or UnicodeDecodeError where the file cannot be read.
    """
    if file.is_symlink() and not file.exists():
        return Slips((f"{file} is a link to a file that is not there",))
    text = file.read_text(encoding="utf-8-sig") if file.is_file() else ""
    if "\0" in text:
        return Slips((f"{file} is not UTF-8: save it as that",))
    bindings = list(parse_stream(io.StringIO(text)))
    lines = [*_unreadable(file, bindings, known)]
    twice = _twice(bindings, names)
    lines += (f"{name} stands in {file} twice, with different values" for name in sorted(twice))
    given = {binding.key for binding in bindings if binding.key is not None} | environment.keys()
    # Where the setting itself is there, what is spelt nearly so is somebody else's, and no rule is lost.
    there = {name.upper() for name in given}
    meant = {name: near for name in given if (near := _meant(name.upper(), known)) in names - there}
    lines += (_said(name, near) for name, near in sorted(meant.items()))
    return Slips(tuple(lines), twice | frozenset(near for near in meant.values() if near is not None))


def _said(name: str, near: str | None) -> str:
    if cleaned(name).upper() == near:
        return f"{near} has a character before or after its name that cannot be seen: type it again"
    return f"{name} is no setting: is {near} meant?"


def _unreadable(file: Path, bindings: list[Binding], known: frozenset[str]) -> Iterator[str]:
    for binding in bindings:
        where = f"{file}, line {binding.original.line}"
        if binding.error and not known.isdisjoint(_NAMES.findall(binding.original.string.upper())):
            yield f"{where} cannot be read: write NAME=value, and close each quote"
        elif binding.key is not None and binding.value is None and binding.key.upper() in known:
            yield f"{where}: {binding.key} has no = and no value"


def _twice(bindings: list[Binding], names: frozenset[str]) -> frozenset[str]:
    values: dict[str, str] = {}
    twice = set()
    for binding in bindings:
        name = (binding.key or "").upper()
        if name in names and binding.value and values.setdefault(name, binding.value) != binding.value:
            twice.add(name)
    return frozenset(twice)


def _meant(name: str, known: frozenset[str]) -> str | None:
    """Return the setting whose name was hardly missed; None for names of their own, as with a suffix."""
    if name in known or not cleaned(name).startswith(_OURS):
        return None
    near = next(iter(get_close_matches(name, known, 1, _ALIKE)), None)
    if near is None or name.rstrip("0123456789").rstrip("_") == near or name.startswith(f"{near}_"):
        return None
    return near
