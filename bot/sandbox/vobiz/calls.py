"""Call records: what carries a call, and what is left of one when it has ended. Pure.

Source: the pages on call records. There is no filter by trunk; a record says on which one it was, or null.
"""

import math
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.numbers import cannot_ring
from bot.sandbox.vobiz.paging import DEFAULT, by_page

RINGS: Final = 4  # seconds until a call is answered, or given up
CALLER: Final = "+14155550123"
OWN: Final = "+14155550100"  # of a trunk that has no number


def way(trunk: Json, lists: dict[str, list[Json]], numbers: list[Json]) -> str:
    """Return the direction in which a trunk can carry a call; raises ValueError with what is missing.

    A trunk of both directions carries outbound calls rather than inbound ones.
    """
    if trunk["trunk_status"] != "active":
        words = "The trunk is switched off."
        raise ValueError(words)
    ways = {"outbound": _no_way_out(trunk, lists), "inbound": _no_way_in(trunk, lists, numbers)}
    open_to = {way: why for way, why in ways.items() if trunk["trunk_direction"] in {way, "both"}}
    for direction, why in open_to.items():
        if why is None:
            return direction
    raise ValueError(next(iter(open_to.values())))


def _no_way_out(trunk: Json, lists: dict[str, list[Json]]) -> str | None:
    if any(
        _enabled(lists[name], trunk.get(key))
        for key, name in (("credential_uuid", "credentials"), ("ipacl_uuid", "ip-acl"))
    ):
        return None
    return "The trunk has no login and no allowed address that is switched on: nobody may call out on it."


def _no_way_in(trunk: Json, lists: dict[str, list[Json]], numbers: list[Json]) -> str | None:
    routes = (trunk.get("primary_uri_uuid"), trunk.get("fallback_uri_uuid"))
    if not trunk.get("inbound_destination") and not any(
        _enabled(lists["origination-uris"], route) for route in routes
    ):
        return "The trunk has no route: a call would lead nowhere."
    own = called(trunk, numbers)
    if not own:
        return "No number leads to the trunk: nobody can call it."
    silent = [cannot_ring(number) for number in own]
    return None if None in silent else f"Nobody can call {own[0]['e164']}: {silent[0]}."


def called(trunk: Json, numbers: list[Json]) -> list[Json]:
    """Return the numbers that lead to a trunk."""
    return [number for number in numbers if number.get("trunk_group_id") == trunk["trunk_id"]]


def _enabled(rows: list[Json], record: object) -> bool:
    return any(row["id"] == record and row.get("enabled") is not False for row in rows)


def new_call(trunk: Json, numbers: list[Json], direction: str, ended: datetime, seconds: int) -> Json:
    """Return the record of a call that ended just now; `seconds` of talk, 0 when nobody answered."""
    own = next((text(number["e164"]) for number in called(trunk, numbers)), OWN)
    caller, callee = (CALLER, own) if direction == "inbound" else (own, CALLER)
    answered = seconds > 0
    started = ended - timedelta(seconds=RINGS + seconds)
    return {
        "uuid": str(uuid.uuid4()),
        "account_id": trunk["account_id"],
        "trunk_id": trunk["trunk_id"],
        "call_direction": direction,
        "caller_id_name": "",
        "caller_id_number": caller,
        "destination_number": callee,
        "context": "sip-trunking",
        "campaign_id": None,
        "duration": RINGS + seconds,
        "billsec": seconds,
        "ring_time": RINGS,
        "start_time": written(started),
        "answer_time": written(started + timedelta(seconds=RINGS)) if answered else None,
        "end_time": written(ended),
        "cost": 0.0,
        "currency": "USD",
        "codec": "PCMU" if answered else None,
        "mos": 4.4 if answered else 0,
        "hangup_cause": "NORMAL_CLEARING" if answered else "NO_ANSWER",
        "hangup_disposition": "recv_bye" if answered else "send_cancel",
        "hangup_source": "Callee" if answered else "Caller",
        "bridge_uuid": None,
        "sip_call_id": str(uuid.uuid4()),
        "created_at": written(ended),
        "updated_at": written(ended),
    }


def calls_page(rows: list[Json], auth_id: str, query: Mapping[str, str]) -> Json:
    """Return one page of the call records that the filters leave, with where it stands among them.

    Filters are `call_direction`, and `start_date` with `end_date` (YYYY-MM-DD): one alone says nothing.
    """
    rows = [row for row in rows if _asked_for(row, query)]
    shown, which, size = by_page(rows, query.get("page"), query.get("per_page"), DEFAULT)
    pages = math.ceil(len(rows) / size)
    pagination: Json = {
        "page": which,
        "per_page": size,
        "total": len(rows),
        "pages": pages,
        "has_next": which < pages,
        "has_prev": which > 1,
    }
    answered = sum(row["answer_time"] is not None for row in rows)
    summary: Json = {"totalCalls": len(rows), "answeredCalls": answered}
    return {
        "account_id": auth_id,
        "count": len(shown),
        "data": shown,
        "pagination": pagination,
        "success": True,
        "summary": summary,
    }


def _asked_for(row: Json, query: Mapping[str, str]) -> bool:
    first, last = query.get("start_date"), query.get("end_date")
    between = first is None or last is None or first <= text(row["start_time"])[:10] <= last
    return between and query.get("call_direction") in {None, row["call_direction"]}


def written(moment: datetime) -> str:
    """Return a moment as Vobiz writes one."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
