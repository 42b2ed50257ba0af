"""Slack's limits for tables: the data table, which pages and sorts, and the older table.

Sources: docs.slack.dev/reference/block-kit/blocks/data-table-block and /table-block; @slack/types 3.2.
"""

from collections.abc import Mapping
from typing import Final

from bot.sandbox.blockkit.checks import Findings, count, length
from bot.sandbox.blockkit.richtext import rich_text
from bot.sandbox.shape import Json

ROWS_MAX: Final = 100  # without the header of a data table
COLUMNS_MAX: Final = 20
PAGE_MAX: Final = 100  # rows

_CELLS: Final = frozenset({"raw_text", "raw_number", "rich_text"})


def table(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check a table: its rows, of which the first is the header."""
    _rows(found, value, at, least=1, most=ROWS_MAX)
    if "column_settings" in value:
        count(found, value["column_settings"], f"{at}/column_settings", COLUMNS_MAX, least=0)


def data_table(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check a data table: a header of plain cells, rows of its width, and a caption to read out."""
    if "caption" in value:
        length(found, value["caption"], f"{at}/caption", 250_000)
    else:
        found.missing("caption", at)
    rows = _rows(found, value, at, least=2, most=ROWS_MAX + 1)
    width = len(rows[0]) if rows else 0
    for index, row in enumerate(rows):
        if len(row) != width:
            found.add("all rows must have the same number of cells", f"{at}/rows/{index}")
    for column, cell in enumerate(rows[0] if rows else []):
        if cell.get("type") == "rich_text":
            found.add("unsupported type: rich_text", f"{at}/rows/0/{column}/type")
    _whole(found, value, "page_size", at, least=1, most=PAGE_MAX)
    _whole(found, value, "row_header_column_index", at, most=max(width - 1, 0))


def _rows(
    found: Findings, value: Mapping[str, object], at: str, *, least: int, most: int
) -> list[list[Json]]:
    rows = value.get("rows")
    if not isinstance(rows, list) or not rows:
        found.missing("rows", at)
        return []
    if len(rows) > most:
        found.add(f"no more than {most} items allowed", f"{at}/rows")
    if len(rows) < least:
        found.add(f"no fewer than {least} items allowed", f"{at}/rows")
    made = [count(found, row, f"{at}/rows/{index}", COLUMNS_MAX) for index, row in enumerate(rows)]
    for index, row in enumerate(made):
        for column, cell in enumerate(row):
            _cell(found, cell, f"{at}/rows/{index}/{column}")
    return made


def _cell(found: Findings, cell: Json, at: str) -> None:
    match cell.get("type"):
        case "rich_text":
            rich_text(found, cell, at)
        case "raw_text":
            length(found, cell.get("text"), f"{at}/text", 250_000)
        case "raw_number":
            number = cell.get("value")
            if not isinstance(number, int | float) or isinstance(number, bool):
                found.add("must be a number", f"{at}/value")
            length(found, cell.get("text"), f"{at}/text", 250_000)
        case kind:
            found.add(f"unsupported type: {kind}", f"{at}/type")


def _whole(
    found: Findings, holder: Mapping[str, object], field: str, at: str, *, least: int = 0, most: int
) -> None:
    if field not in holder:
        return
    number = holder[field]
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        found.add(f"must be an integer between {least} and {most}", f"{at}/{field}")
