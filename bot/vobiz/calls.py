"""The account's call records (CDR): which trunks carried calls, when, and what came of them.

They cannot be asked for one trunk, and are written once a call has ended, the newest first (facts of the
API). Who called whom is personal data, and is not read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.vobiz.bodies import layers, read_object
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable, read_count

PAGE: Final = 100  # records; the documented most
_PATH: Final = f"cdr?page=1&per_page={PAGE}"
# Of the documented answer, of the best-practices page, and of other lists of this API.
_LISTS: Final = ("data", "cdrs", "objects", "items", "results", "records")
_BEGAN: Final = ("start_time", "initiation_time")
_CONNECTED: Final = ("billsec", "bill_duration")  # what is called `duration` rings as well
_ANSWERED: Final = frozenset({"answered", "completed"})
# Words such as NO_ANSWER or “Normal Hangup”; a text with a number in it may be somebody's.
_CAUSE: Final = re.compile(r"[A-Za-z][A-Za-z _-]{0,59}")


@dataclass(frozen=True, slots=True)
class Carried:
    """One call over a trunk. `at` is when it began (ms), as if in UTC where it is not `zoned`."""

    trunk: str
    at: int
    zoned: bool
    answered: bool | None
    seconds: int | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Calls:
    """The newest records: those of calls over trunks.

    `since` is from when on (ms) no record can be missing: when the oldest began, or 0 where there is none
    behind it. None: a record could not be read.
    """

    carried: tuple[Carried, ...]
    since: int | None


async def read_calls(vobiz: VobizClient) -> Calls | Unreachable:
    """Read the newest records, in one request that is not repeated."""
    answer = await vobiz.read("cdr", _PATH, tries=1)
    if isinstance(answer, Unreachable):
        return answer
    return read_records(read_object(answer.body)) or Unreachable("unreadable")


def read_records(body: Mapping[str, object] | None) -> Calls | None:
    """Read a page of records; None when there is no list in it."""
    for layer in layers(body or {}):
        rows = next((layer[key] for key in _LISTS if isinstance(layer.get(key), list)), None)
        if not isinstance(rows, list) or layer.get("error") or layer.get("success") is False:
            continue
        times = [_began(row) if isinstance(row, dict) else None for row in rows]
        began = [_ms(time) for time in times if time is not None]
        since = min(began, default=0) if _more(layer, len(rows)) else 0
        carried = (_carried(row, time) for row, time in zip(rows, times, strict=True) if time is not None)
        return Calls(
            tuple(one for one in carried if one is not None), since if len(began) == len(rows) else None
        )
    return None


def _more(layer: Mapping[str, object], rows: int) -> bool:
    pagination = layer.get("pagination")
    said = pagination.get("has_next") if isinstance(pagination, dict) else None
    return said if isinstance(said, bool) else rows >= PAGE


def _began(row: Mapping[str, object]) -> datetime | None:
    return next((time for key in _BEGAN if (time := _time(row.get(key))) is not None), None)


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _ms(time: datetime) -> int:
    return int((time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp() * 1000)


def _carried(row: Mapping[str, object], began: datetime) -> Carried | None:
    trunk = row.get("trunk_id")
    if not isinstance(trunk, str) or not trunk:
        return None
    counts = (read_count(row.get(key)) for key in _CONNECTED)
    seconds = next((count for count in counts if count is not None), None)
    answered = _answered(row, seconds)
    return Carried(
        trunk[:64],
        _ms(began),
        began.tzinfo is not None,
        answered,
        seconds if answered else None,
        _cause(row),
    )


def _answered(row: Mapping[str, object], seconds: int | None) -> bool | None:
    if "answer_time" in row:
        return _time(row["answer_time"]) is not None
    status = row.get("status")
    if isinstance(status, str):
        return status.lower() in _ANSWERED
    return None if seconds is None else seconds > 0


def _cause(row: Mapping[str, object]) -> str | None:
    causes = (row.get("hangup_cause"), row.get("hangup_cause_name"))
    return next((one for one in causes if isinstance(one, str) and _CAUSE.fullmatch(one)), None)
