"""docs/operating.md explains what the bot logs when something needs an eye."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
GUIDE: Final = (ROOT / "docs/operating.md").read_text()
LEVELS: Final = {"warning", "error", "critical", "exception"}


def logged() -> Iterator[str]:
    for folder in ("bot", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="_log"), attr=level), args=[first, *_]
                    ) if level in LEVELS:
                        assert isinstance(first, ast.Constant), f"{path}:{node.lineno} logs no fixed words"
                        yield str(first.value)


def test_every_warning_is_explained_and_every_explanation_has_its_warning() -> None:
    table = GUIDE.partition("## What each warning means")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE)
    explained = [words for row in rows for words in re.findall(r"`([^`]+)`", row)]
    assert sorted(explained) == sorted(set(logged()))
