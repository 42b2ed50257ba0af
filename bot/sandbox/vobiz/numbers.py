"""Phone numbers: what one is made of, which trunk it is routed to, and what is refused. Pure.

Source: the pages on numbers of the account and on assigning one. A main account also sees the numbers of its
sub-accounts, which are not its own to route.
"""

import re
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.errors import Refusal, pair
from bot.sandbox.vobiz.paging import by_page

PER_PAGE: Final = 25
SUB_ACCOUNT: Final = "SA_SANDBOX2"
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_UNKNOWN: Final = "Number not found"
_GONE: Final = pair(
    _UNKNOWN,
    "The phone number could not be found. Ensure it is in your inventory and URL-encoded correctly.",
    404,
)


def new_number(identity: str, e164: str, auth_id: str, at: str) -> Json:
    """Return a number that is routed to nothing, as the list shows it."""
    return {
        "id": identity,
        "account_id": auth_id,
        "e164": e164,
        "country": "US",
        "region": "California",
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "status": "active",
        "provider": "",
        "setup_fee": 1,
        "monthly_fee": 1,
        "currency": "USD",
        "voice_enabled": True,
        "tags": [],
        "purchased_at": at,
        "is_blocked": False,
        "created_at": at,
        "updated_at": at,
        "is_trial_number": False,
        "minimum_commitment_months": 0,
        "aadhaar_verification_required": False,
        "aadhaar_verified": False,
        "source": "purchased",
    }


def numbers_page(rows: list[Json], page: str | None, per_page: str | None, search: str) -> Json:
    """Return one page of the numbers that contain `search`; `limit` and `offset` do nothing here."""
    found = [row for row in rows if search in text(row["e164"])]
    shown, which, size = by_page(found, page, per_page, PER_PAGE)
    return {"items": shown, "page": which, "per_page": size, "total": len(found)}


def number_in(rows: list[Json], raw: str, e164: str, auth_id: str) -> Json | Refusal:
    """Find the number that a path names; `raw` is its segment as it came, in which + has to be %2B."""
    if not _E164.fullmatch(e164):
        words = "The phone number format is invalid. Ensure it is URL-encoded correctly."
        return pair("invalid request", words, 400)
    own = (row for row in rows if row["e164"] == e164 and row["account_id"] == auth_id)
    found = next(own, None)
    return _GONE if found is None or not raw.upper().startswith("%2B") else found


def cannot_assign(number: Json, trunk: Json | None, asked: str) -> Refusal | None:
    """Say why a number cannot be routed to a trunk, which was `asked` for by its id."""
    if not asked:
        return pair("invalid request", "trunk_group_id is required", 400)
    if number.get("trunk_group_id"):
        return pair("invalid request", "This number is already assigned to a trunk.", 400)
    return pair("Trunk not found", "The trunk could not be found.", 404) if trunk is None else None


def cannot_unassign(number: Json) -> Refusal | None:
    """Say why a number cannot be taken off its trunk: it is on none."""
    if number.get("trunk_group_id"):
        return None
    return pair(_UNKNOWN, "The phone number could not be found or is not assigned to any trunk.", 404)


def cannot_ring(number: Json) -> str | None:
    """Say why nobody can call a number; None when it can be called."""
    if number.get("is_blocked"):
        return "it is blocked"
    return "it is a trial number" if number.get("is_trial_number") else None
