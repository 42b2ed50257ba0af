"""How what the database holds is written for people, whatever somebody made of it by hand. Pure."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def written(at: object, to: Literal["minutes", "seconds", "milliseconds"]) -> str:
    """Write a time in milliseconds as ISO 8601 in UTC; what is none, or none of this calendar's, as it is."""
    if isinstance(at, int):
        with contextlib.suppress(OverflowError):
            return (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec=to)
    return str(at)


def visible(line: str) -> str:
    """Write what cannot be seen as its code: escape characters steer a terminal, a line end forges a line."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in line
    )
