"""The page of all figures: one section a part of the benchmark, each from the newest run that measured it."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

_LIBRARIES: Final = (
    "aiohttp", "pynacl", "dbos", "httptools", "httpx", "psycopg", "pydantic", "slack-bolt", "slack-sdk",
    "sqlalchemy", "starlette", "structlog", "uvicorn", "uvloop",
)  # fmt: skip
_HEAD: Final = """\
# Benchmarks

Repeat with `make bench`; `python -m tests.bench --only front` (or `durable`, `history`, `trunks`) runs a
part. All of it is on loopback and on one machine; read the ratios before the figures. **Missed** marks what
is worse than asked.
"""
# What no run can write: why a figure is missed. It is kept when the page is written again.
NOTES: Final = "Missed, and why"


def line(cells: Sequence[str]) -> str:
    """Write a row of a table."""
    return f"| {' | '.join(cells)} |"


def rule(columns: int) -> str:
    """Write the line below a table's head: the first column is words, the others figures."""
    return line(["---", *["---:"] * (columns - 1)])


def machine() -> str:
    """Say what the figures belong to."""
    return (
        f"{date.today().isoformat()}, {os.cpu_count()} cores, {platform.system()} "  # noqa: DTZ011 - the reader's
        f"{platform.machine()}, {platform.python_implementation()} {platform.python_version()}; "
        + ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
        + "."
    )


def page(before: str, sections: Mapping[str, str], order: Sequence[str]) -> str:
    """Put new sections in place of the old ones of the same title; what was not measured stays."""
    old = {
        title.strip(): text for title, _, text in (part.partition("\n") for part in before.split("\n## ")[1:])
    }
    kept = old | {title: f"\n{text}\n\n{machine()}\n" for title, text in sections.items()}
    titles = [title for title in (*order, NOTES) if title in kept]
    return _HEAD + "".join(f"\n## {title}\n{kept[title].rstrip()}\n" for title in titles)


def write(file: Path, sections: Mapping[str, str], order: Sequence[str]) -> None:
    """Bring the page up to date."""
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(page(before, sections, order), encoding="utf-8")
