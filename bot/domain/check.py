"""A check: what was looked at, how it stands, what is true in words, and what to do. Never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check came out, the gravest first. `UNKNOWN` could not be found out: neither well nor wrong."""

    FAILURE = "failure"
    WARNING = "warning"
    UNKNOWN = "unknown"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: `found` is what is true, `todo` what to do about it (empty: nothing)."""

    name: str
    verdict: Verdict
    found: str
    todo: str = ""


def failed(checks: Iterable[Check]) -> bool:
    """Tell whether any check failed."""
    return any(check.verdict is Verdict.FAILURE for check in checks)


def not_checked(name: str) -> Check:
    """Say that a check needs a setting that is missing or wrong, as another line says."""
    return Check(name, Verdict.UNKNOWN, "not checked: a setting that it needs is missing or wrong")


def listed(words: Iterable[str]) -> str:
    """Join words for a sentence, in their order."""
    return ", ".join(words)


def quoted(text: str, limit: int = 80) -> str:
    """Make someone else's words fit for a line: printable, at most `limit` characters."""
    shown = "".join(ch if ch.isprintable() else " " for ch in text[: limit + 1]).strip()
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
