"""Words that were hard to understand at night, and must not come back into what people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
# Pattern → what to write instead.
INSTEAD: Final = {
    r"\bcan not\b": "cannot",
    r"\bWhoever runs the bot\b": "the bot's administrator",
    r"\b[Ww]ho asks\b|\b[Ww]ho asked\b": "the requester",
    r"\b[Ww]ho decides\b|\b[Ww]ho approves\b": "the approver",
    r"\b[Aa]sked for by\b": "requested by",
    r"\bAsked for in\b": "requested in",
    r"\b[Aa] person has to decide\b": "an operator must decide",
    r"\bdone by this press\b": "Not submitted yet",
    r"\bYou changed nothing\b": "Your click had no effect",
    r"\bRecorded as not\b|\brecorded as not\b": "closed as not",
    r"\bmay be here (already|twice)\b": "You may have seen this already",
    r"\bVobiz is asked\b": "I am sending it to Vobiz",
    r"\bask anew\b|\basked anew\b": "send a new request",
    r"\bThe bot (?!could not start)(could|cannot|works|looks|keeps|is looking|does not)\b": "I …",
    r"\bwhat becomes of it\b|\bwhat became of it\b": "the result",
    r"\bgo alone\b|\bwent alone\b|\bwithout a second person\b": "skip the approval",
}


def sources() -> Iterator[Path]:
    for folder in ("bot", "handlers"):
        yield from (ROOT / folder).rglob("*.py")


def spoken(source: str) -> Iterator[str]:
    """Return the texts of a module, without its docstrings."""
    tree = ast.parse(source)
    silent = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def test_no_text_says_what_was_hard_to_understand() -> None:
    texts = {str(path.relative_to(ROOT)): "\n".join(spoken(path.read_text())) for path in sources()}
    texts |= {name: (ROOT / name).read_text() for name in ("manifest.yml", ".env.example")}
    found = [
        f"{name}: “{match.group()}”; write: {instead}"
        for name, text in texts.items()
        for pattern, instead in INSTEAD.items()
        for match in re.finditer(pattern, text)
    ]
    assert found == []


def test_cannot_is_one_word_in_comments_too() -> None:
    assert [str(path) for path in sources() if re.search(r"\bcan not\b", path.read_text())] == []
