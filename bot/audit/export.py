"""Events as lines of text: CSV that is safe to open in a spreadsheet, or JSON."""

import csv
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Final, TextIO

from bot.audit.writing import written
from bot.domain.reference import is_operation_id, reference
from bot.store.chain import Link, said_by

# A cell that begins so is a formula to a spreadsheet (owasp.org/www-community/attacks/CSV_Injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = (
    *("id", "at", "operation", "ref", "actor", "kind", "state", "evidence", "rows"),
    *("previous", "hash", "key", "seal"),
)


class Format(StrEnum):
    """What a line looks like."""

    CSV = "csv"
    JSONL = "jsonl"


def writer(style: Format, out: TextIO) -> Callable[[Link], None]:
    """Return what writes one event to `out`; for CSV the line with the columns' names is written now."""
    if style is Format.JSONL:

        def write(link: Link) -> None:
            # What the hash is made from, to the letter: who checks it needs no encoder like ours.
            row = _row(link) | {"evidence": _read(link.evidence), "said": said_by(link)}
            out.write(json.dumps(row) + "\n")

        return write
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(_COLUMNS)
    return lambda link: _write_cells(lines.writerow, link)


def _write_cells(write: Callable[[list[str]], object], link: Link) -> None:
    write([harmless("" if value is None else str(value)) for value in _row(link).values()])


def harmless(cell: str) -> str:
    """Make a cell text to a spreadsheet, whatever it begins with."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _row(link: Link) -> dict[str, object]:
    ref = reference(link.operation) if is_operation_id(link.operation) else None
    said = {"id": link.id, "at": written(link.at, "milliseconds"), "operation": link.operation or None}
    rest = {"ref": ref, "actor": link.actor, "kind": link.kind, "state": link.state}
    proof = {"rows": link.rows, "previous": link.previous, "hash": link.hash}
    return said | rest | {"evidence": link.evidence} | proof | {"key": link.key, "seal": link.seal}


def _read(evidence: str) -> object:
    """Read evidence; what somebody made no JSON is exported as it is."""
    try:
        return json.loads(evidence)
    except ValueError:
        return evidence
