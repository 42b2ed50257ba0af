"""A digest of all rows of an operation that say who asked for what and what became of it.

Each event that moves an operation holds it, so that rows edited by hand do not fit the last event. What
changes without an event is not covered: when to look next, how often was looked, who wrote last, and where
Slack may be answered.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.records import Record
from bot.store.rows import approval_row, operation_row, step_row

# Another choice of columns gets another number, and what older events hold is compared by theirs.
_VERSION: Final = "2"
_LENGTH: Final = 32  # hex digits: 128 bits
OPERATION: Final = (
    *("id", "ref", "kind", "version", "request", "seen", "subject", "folded", "likeness", "digest", "claims"),
    *("state", "standing", "round", "asking", "decision", "account", "team", "channel", "requester"),
    *("created_at", "updated_at", "snapshot", "target", "proof"),
)
_COLUMNS: Final = {"1": len(OPERATION) - 1, _VERSION: len(OPERATION)}  # so many count, by the version
STEP: Final = (
    *("number", "name", "state", "sent_at", "began_at", "sendings", "thing", "found", "refusal", "reason"),
    *("look", "decided_by"),
)
APPROVAL: Final = ("note", "expires_at", "break_glass", "above", "decided_by", "decided_at", "denial")

# `default`: SQLite takes bytes into any column, which somebody may have written there by hand.
_encode: Final = json.JSONEncoder(separators=(",", ":"), default=repr).encode

Values = Sequence[object]


def digest_of_rows(
    operation: Values, steps: Sequence[Values], approval: Values | None, version: str = _VERSION
) -> str:
    """Digest the values of the columns named above, in their order, the steps by their number."""
    counted = list(operation)[: _COLUMNS.get(version, 0)]
    text = _encode([counted, [list(step) for step in steps], approval and list(approval)])
    return f"{version}:{hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]}"


def digest_of(record: Record) -> str:
    """Digest an operation's rows as they are written."""
    op = record.operation
    approval = None if op.approval is None else _values(approval_row(op.id, op.approval), APPROVAL)
    made = [_values(step_row(op.id, step), STEP) for step in op.steps]
    return digest_of_rows(_values(operation_row(record), OPERATION), made, approval)


def _values(row: Mapping[str, object], columns: Sequence[str]) -> list[object]:
    return [row[column] for column in columns]
