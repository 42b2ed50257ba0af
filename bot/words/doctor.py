"""What an operator reads of an examination: the same checks as `python -m bot doctor`, the gravest first."""

from collections import Counter
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Item, Report, Tone
from bot.blockkit.text import Line, Said
from bot.domain.check import Check, Verdict

_GRAVITY: Final = tuple(Verdict)
_WORDS: Final = MappingProxyType(
    {
        Verdict.FAILURE: "Failed",
        Verdict.WARNING: "Warning",
        Verdict.UNKNOWN: "Not known",
        Verdict.OK: "OK",
    }
)


def checking_message() -> Message:
    """Say that the examination is under way."""
    return lay_out(
        Report(Tone.INFO, body=(("Running the checks. The results appear here in a few seconds.",),))
    )


def doctor_message(checks: Sequence[Check]) -> Message:
    """Lay the checks out. Their words can hold someone else's, so they are never read as markup."""
    counted = Counter(check.verdict for check in checks)
    ordered = sorted(checks, key=lambda check: _GRAVITY.index(check.verdict))
    items = tuple(Item(_line(check)) for check in ordered)
    return lay_out(Report(_tone(counted), (_headline(counted),), items=items))


def _line(check: Check) -> Line:
    told: Line = (f"{_WORDS[check.verdict]}: {check.name}: ", Said(check.found))
    return (*told, ". ", Said(check.todo)) if check.todo else told


def _tone(counted: Counter[Verdict]) -> Tone:
    if counted[Verdict.FAILURE]:
        return Tone.ERROR
    return Tone.WARNING if counted[Verdict.WARNING] else Tone.SUCCESS


def _headline(counted: Counter[Verdict]) -> str:
    failures, warnings = counted[Verdict.FAILURE], counted[Verdict.WARNING]
    if failures:
        return f"{failures} of {counted.total()} checks failed"
    if warnings:
        return f"No check failed; {warnings} {'has a warning' if warnings == 1 else 'have warnings'}"
    return "No check failed"
