"""What a kind's request holds is known to its module only, and to what reads and plays Vobiz."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.kinds.base import Kind
from bot.kinds.registry import KINDS

ROOT: Final = Path(__file__).parents[2]
# These read Vobiz' answers, or play Vobiz: they know its records, and of no kind what it asks for.
OUTSIDES: Final = ("bot/vobiz", "bot/sandbox")
# A word that is everybody's: a kind, a step, a check and a trunk have names.
COMMON: Final = frozenset({"name"})


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


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)
def test_no_field_of_a_request_is_named_outside_its_kind(kind: Kind) -> None:
    fields = set(kind.Request.model_fields) - COMMON
    assert fields, "a kind asks for something"
    home = Path(type(kind).__module__.replace(".", "/")).parent
    own = home if home.name == kind.name else Path(f"{type(kind).__module__.replace('.', '/')}.py")
    found = [
        f"{file.relative_to(ROOT)}:{line}: {word}"
        for folder in ("bot", "handlers")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not file.is_relative_to(ROOT / own)
        and not any(file.is_relative_to(ROOT / outside) for outside in OUTSIDES)
        for line, word in named_in(file)
        if word in fields
    ]
    assert found == []
