"""What the bot's logs tell of a run: errors, and work that was taken over from the dead."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.sandbox.shape import Json

_ADOPTED: Final = "continuing the work of a dead process"
_SWEPT: Final = "continuing an operation that was left"


def errors(logs: Sequence[Path]) -> list[str]:
    """Return the lines at ERROR or above, of our JSON and of what libraries write in their own way."""
    found = []
    for line, entry in _lines(logs):
        foreign = entry is None and ("ERROR" in line or "Traceback" in line)
        if foreign or (entry is not None and entry.get("level") in {"error", "critical"}):
            found.append(line)
    return found


def takeovers(logs: Sequence[Path]) -> int:
    """Count the workflows that went on in another process, and the operations that the sweep picked up."""
    taken = 0
    for _, entry in _lines(logs):
        if entry is not None and entry.get("event") == _ADOPTED:
            workflows = entry.get("workflows")
            taken += workflows if isinstance(workflows, int) else 0
        taken += entry is not None and entry.get("event") == _SWEPT
    return taken


def _lines(logs: Sequence[Path]) -> Iterator[tuple[str, Json | None]]:
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            try:
                entry: object = json.loads(line)
            except ValueError:
                entry = None
            yield line, entry if isinstance(entry, dict) else None
