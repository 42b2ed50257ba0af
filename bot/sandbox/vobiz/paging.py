"""How Vobiz cuts its lists into pages: by `limit` and `offset`, or by `page` and `per_page`. Pure."""

from typing import Final

from bot.sandbox.shape import Json

DEFAULT: Final = 20
MOST: Final = 100


def by_offset(rows: list[Json], limit: str | None, offset: str | None) -> Json:
    """Return one page of a list; a limit that is no number reads as the default, 20."""
    size = min(_natural(limit) or DEFAULT, MOST)
    start = _natural(offset)
    meta: Json = {"limit": size, "offset": start, "total": len(rows)}
    return {"meta": meta, "objects": rows[start : start + size]}


def by_page(
    rows: list[Json], page: str | None, per_page: str | None, default: int
) -> tuple[list[Json], int, int]:
    """Return the rows of a page, its number (from 1) and its size."""
    size = min(_natural(per_page) or default, MOST)
    which = max(1, _natural(page))
    return rows[(which - 1) * size : which * size], which, size


def _natural(value: str | None) -> int:
    return int(value) if value is not None and value.isascii() and value.isdigit() else 0
