"""What a kind's request holds is known to kinds only, and to what reads, shows and plays Vobiz's records."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from bot.kinds.base import Kind
from bot.kinds.registry import KINDS

ROOT: Final = Path(__file__).parents[2]
# These read, judge, show or play Vobiz's records: they know those, and of no kind what it asks for.
SHOWING: Final = ("bot/words/trunk_list.py", "bot/words/trunk_shown.py", "handlers/trunks.py")
OUTSIDES: Final = ("bot/vobiz", "bot/proof", "bot/words/readiness.py", "bot/sandbox", *SHOWING)
# Of the kinds' package, what is no kind's: the contract, the registry, the words of any kind.
GENERIC: Final = frozenset({"base.py", "registry.py", "wording.py", "__init__.py"})
# Words that are everybody's: a kind, a step, a check and a trunk have names, and trunks are what it is about.
COMMON: Final = frozenset({"name", "trunk"})


def named_in(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the names of attributes and arguments, and the texts, in a file, with their lines."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(attr=word) | ast.Constant(value=str() as word):
                yield node.lineno, word
            case ast.arg(arg=word):
                yield node.lineno, word
            case ast.keyword(arg=str() as word):
                yield node.value.lineno, word


@cache
def _named_outside() -> tuple[tuple[str, str], ...]:
    """Return every name in a file that knows no kind, with where it stands."""
    return tuple(
        (f"{file.relative_to(ROOT)}:{line}: {word}", word)
        for folder in ("bot", "handlers")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not _of_kinds(file) and not any(file.is_relative_to(ROOT / outside) for outside in OUTSIDES)
        for line, word in named_in(file)
    )


def _of_kinds(file: Path) -> bool:
    """Whether a file belongs to a kind, or to what kinds of one family share."""
    kinds = ROOT / "bot" / "kinds"
    return file.is_relative_to(kinds) and not (file.parent == kinds and file.name in GENERIC)


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)
def test_no_field_of_a_request_is_named_outside_its_kind(kind: Kind) -> None:
    fields = set(kind.Request.model_fields) - COMMON
    assert fields, "a kind asks for something"
    found = [where for where, word in _named_outside() if word in fields]
    assert found == []
