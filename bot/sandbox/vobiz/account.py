"""The Vobiz account: its trunks, and what it refuses. Pure but for ids and the clock.

Source: the "Create a Trunk" page (narrative dialect), the errors page and the vendor's OpenAPI.
"""

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from bot.sandbox.settings import ErrorStyle
from bot.sandbox.shape import Json

NAME_MAX: Final = 255
DESCRIPTION_MAX: Final = 500
CALLS_MAX: Final = 1000  # the vendor's OpenAPI, `concurrent_calls_limit`; the page names no limit
PAGE_DEFAULT: Final = 20
PAGE_MAX: Final = 100
NUMBERS_DEFAULT: Final = 25
# What a trunk points to, and the list in which that is.
ATTACHED: Final = {
    "credential_uuid": "credentials",
    "ipacl_uuid": "ip-acl",
    "primary_uri_uuid": "origination-uris",
    "fallback_uri_uuid": "origination-uris",
}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that is refused, with the value that Vobiz echoes."""

    field: str
    message: str
    code: str
    value: object


@dataclass(frozen=True, slots=True)
class VobizPost:
    """A write that arrived, whatever became of it; `trunk_id` is None when nothing was changed.

    `about` is the trunk that its path names.
    """

    at: float
    body: Json
    status: int | None
    trunk_id: str | None
    fault: str
    method: str = "POST"
    about: str = ""


@dataclass(slots=True)
class Account:
    """One account: its trunks, newest first, and what they point to.

    `ceiling` is the account's own limit of live calls. `lists` are the credentials, IP ACL entries and
    origination URIs by the last segment of the path that lists them.
    """

    auth_id: str
    clock: Callable[[], float] = time.time
    ceiling: int = 50
    trunks: list[Json] = field(default_factory=list)
    posts: list[VobizPost] = field(default_factory=list)
    lists: dict[str, list[Json]] = field(
        default_factory=lambda: {"credentials": [], "ip-acl": [], "origination-uris": []}
    )
    numbers: list[Json] = field(default_factory=list)

    def create(self, name: str, direction: str, calls: int, description: str = "") -> Json:
        """Add a trunk with what the page says a new one comes with, and return it."""
        trunk_id = str(uuid.uuid4())
        at = self._now()
        trunk: Json = {
            "trunk_id": trunk_id,
            "account_id": self.auth_id,
            "name": name,
            "trunk_domain": f"{trunk_id[:8]}.sip.vobiz.ai",
            "trunk_status": "active",
            "secure": False,
            "trunk_direction": direction,
            "concurrent_calls_limit": calls,
            "cps_limit": 2,
            "description": description,
            "transport": "udp",
            "recording": False,
            "enable_transcription": False,
            "pii_redaction": False,
            "webhook_method": "POST",
            "recording_webhook_enabled": False,
            "created_at": at,
            "updated_at": at,
        }
        self.trunks.insert(0, trunk)
        return trunk

    def find(self, trunk_id: str) -> Json | None:
        """Find a trunk by its id."""
        return next((trunk for trunk in self.trunks if trunk["trunk_id"] == trunk_id), None)

    def change(self, trunk: Json, after: Json) -> Json:
        """Have a trunk be as it is after a PUT, and return it."""
        trunk.clear()
        trunk.update(after | {"updated_at": self._now()})
        return trunk

    def delete(self, trunk: Json, *, cascades: bool = True) -> None:
        """Remove a trunk for good; its numbers stay, without a route.

        The page says that what it points to goes with it, while those records belong to the account: with
        `cascades` they go, as far as no other trunk points to them.
        """
        self.trunks.remove(trunk)
        for number in self.numbers:
            if number.get("trunk_group_id") == trunk["trunk_id"]:
                del number["trunk_group_id"]
        used = {str(each.get(key)) for each in self.trunks for key in ATTACHED}
        gone = {str(trunk.get(key)) for key in ATTACHED} - used if cascades else set[str]()
        for name, rows in self.lists.items():
            self.lists[name] = [row for row in rows if row["id"] not in gone]

    def attach(self, trunk: Json, key: str, row: Json) -> Json:
        """Have a trunk point to a record of the account, which is added where it is new."""
        listed = self.lists[ATTACHED[key]]
        made = {"id": str(uuid.uuid4()), "account_id": self.auth_id, "enabled": True} | row
        if all(each["id"] != made["id"] for each in listed):
            listed.append(made | {"created_at": self._now(), "updated_at": self._now()})
        trunk[key] = made["id"]
        return made

    def add_number(self, e164: str, trunk: Json | None = None) -> Json:
        """Put a phone number into the account, routed to a trunk or to nothing."""
        number: Json = {"id": str(uuid.uuid4()), "account_id": self.auth_id, "e164": e164, "status": "active"}
        if trunk is not None:
            number["trunk_group_id"] = trunk["trunk_id"]
        self.numbers.append(number)
        return number

    def page(self, rows: list[Json], limit: str | None, offset: str | None) -> Json:
        """Return one page of a list; a limit that is no number reads as the default, 20."""
        size = min(_natural(limit) or PAGE_DEFAULT, PAGE_MAX)
        start = _natural(offset)
        meta: Json = {"limit": size, "offset": start, "total": len(rows)}
        return {"meta": meta, "objects": rows[start : start + size]}

    def numbers_page(self, page: str | None, per_page: str | None) -> Json:
        """Return one page of the numbers, counted from 1; `limit` and `offset` do nothing here."""
        size = min(_natural(per_page) or NUMBERS_DEFAULT, PAGE_MAX)
        which = max(1, _natural(page))
        rows = self.numbers[(which - 1) * size : which * size]
        return {"items": rows, "page": which, "per_page": size, "total": len(self.numbers)}

    def _now(self) -> str:
        now = datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="microseconds")
        return now.replace("+00:00", "Z")

    def me(self) -> Json:
        """Return what `auth/me` says, as far as a bot may rely on it."""
        return {
            "type": "account",
            "id": "500000",
            "name": "Acme Telecom",
            "auth_id": self.auth_id,
            "auth_secret": "<redacted>",
            "cps_limit": 11,
            "concurrent_calls_limit": self.ceiling,
            "enabled": True,
            "is_active": True,
            "is_verified": True,
            "is_trial_account": False,
            "description": None,
        }

    def balance(self, currency: str, available: float) -> Json:
        """Return what is left to spend in a currency."""
        return {
            "account_id": self.auth_id,
            "currency": currency,
            "balance": available,
            "reserved_funds": 0,
            "available_balance": available,
            "credit_limit": 0,
            "is_postpaid": False,
            "credit_limit_type": "hard",
            "status": "active",
        }

    def concurrency(self) -> Json:
        """Return the account's ceiling and how much of it is in use."""
        return {
            "account_id": self.auth_id,
            "concurrent_calls": 0,
            "max_concurrent": self.ceiling,
            "utilization_pct": 0,
            "request_id": secrets.token_hex(16),
        }


def invalid(body: Json) -> list[FieldProblem]:
    """Name what Vobiz refuses in the body of a create; fields that it does not know are ignored."""
    found: list[FieldProblem] = []
    for name, most in (("name", NAME_MAX), ("description", DESCRIPTION_MAX)):
        value = body.get(name)
        if name not in body and name == "description":
            continue
        if value is None or value == "":
            if name == "name":
                found.append(FieldProblem(name, "Name is required", "REQUIRED", value))
        elif not isinstance(value, str):
            found.append(FieldProblem(name, "Must be a string", "INVALID_TYPE", value))
        elif len(value) > most:
            found.append(FieldProblem(name, f"Must be at most {most} characters", "MAX_LENGTH", value))
    direction = body.get("trunk_type")
    if direction not in {"INBOUND", "OUTBOUND"}:
        found.append(FieldProblem("trunk_type", "Must be INBOUND or OUTBOUND", "INVALID_ENUM", direction))
    calls = body.get("max_concurrent_calls")
    if not isinstance(calls, int) or isinstance(calls, bool):
        found.append(FieldProblem("max_concurrent_calls", "Must be an integer", "INVALID_TYPE", calls))
    elif not 0 <= calls <= CALLS_MAX:
        words = f"Must be between 0 and {CALLS_MAX}"
        found.append(FieldProblem("max_concurrent_calls", words, "OUT_OF_RANGE", calls))
    return found


def refusal(style: ErrorStyle, found: list[FieldProblem]) -> Json:
    """Return a 422 body in one of the shapes that Vobiz's pages show."""
    words = "; ".join(f"{problem.field}: {problem.message}" for problem in found)
    if style == "E2":
        return {"error": words, "code": 422}
    if style == "E3":
        return {"error": "invalid request", "message": words}
    listed: list[Json] = [
        {"field": p.field, "message": p.message, "code": p.code, "value": p.value} for p in found
    ]
    return error("VALIDATION_ERROR", "Request validation failed", {"errors": listed})


def error(code: str, message: str, details: Json | None = None) -> Json:
    """Return an error in the shape of the errors page."""
    body: Json = {"code": code, "message": message}
    if details is not None:
        body["details"] = details
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "status": "error",
        "error": body,
        "timestamp": stamp,
        "requestId": f"req_{secrets.token_hex(6)}",
    }


def _natural(value: str | None) -> int:
    return int(value) if value is not None and value.isascii() and value.isdigit() else 0
