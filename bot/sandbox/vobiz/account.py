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


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that is refused, with the value that Vobiz echoes."""

    field: str
    message: str
    code: str
    value: object


@dataclass(frozen=True, slots=True)
class VobizPost:
    """A create that arrived, whatever became of it; `trunk_id` is None when nothing was created."""

    at: float
    body: Json
    status: int | None
    trunk_id: str | None
    fault: str


@dataclass(slots=True)
class Account:
    """The trunks of one account, newest first; `ceiling` is the account's own limit of live calls."""

    auth_id: str
    clock: Callable[[], float] = time.time
    ceiling: int = 50
    trunks: list[Json] = field(default_factory=list)
    posts: list[VobizPost] = field(default_factory=list)

    def create(self, name: str, direction: str, calls: int, description: str = "") -> Json:
        """Add a trunk with what the page says a new one comes with, and return it."""
        trunk_id = str(uuid.uuid4())
        now = datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="microseconds")
        at = now.replace("+00:00", "Z")
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

    def page(self, limit: str | None, offset: str | None) -> Json:
        """Return one page of the list; a limit that is no number reads as the default, 20."""
        size = min(_natural(limit) or PAGE_DEFAULT, PAGE_MAX)
        start = _natural(offset)
        meta: Json = {"limit": size, "offset": start, "total": len(self.trunks)}
        return {"meta": meta, "objects": self.trunks[start : start + size]}

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
