"""Lines that anybody outside can cause at will: each kind once in ten seconds, with how many were left out.

The metrics count them all.
"""

import logging
from typing import Final

EVERY: Final = 10.0  # seconds
_OURS: Final = frozenset({"request refused", "request unreadable", "request for another path"})
# Of what these lines say, the words of ours that tell one kind from another.
_KINDS: Final = ("verdict", "shape")
_LIBRARY: Final = "uvicorn.error"  # it warns of each request that is no HTTP, or one too many


class Seldom(logging.Filter):
    """Lets a line through when its like was not said lately; put it on a handler."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[object, ...], float] = {}
        self._left: dict[tuple[object, ...], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether to write it; it then carries in `more` how many like it were not."""
        if record.levelno != logging.WARNING:
            return True
        line = record.msg
        if isinstance(line, dict) and line.get("event") in _OURS:
            kind: tuple[object, ...] = (line["event"], *(line.get(name) for name in _KINDS))
        elif record.name == _LIBRARY:
            kind = (str(line),)
        else:
            return True
        if record.created < self._said.get(kind, float("-inf")) + EVERY:
            self._left[kind] = self._left.get(kind, 0) + 1
            return False
        self._said[kind] = record.created
        left = self._left.pop(kind, 0)
        if left and isinstance(line, dict):
            line["more"] = left
        return True
