"""The shapes in which Vobiz says no: five are published, and the pages do not agree on one."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.settings import ErrorStyle
from bot.sandbox.shape import Json


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that is refused, with the value that Vobiz echoes."""

    field: str
    message: str
    code: str
    value: object


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that refuses: its status and its body."""

    status: int
    body: Json


def flat(words: str, status: int) -> Refusal:
    """Refuse in the shape of the pages on credentials, IP ACL entries and origination URIs."""
    return Refusal(status, {"error": words, "code": status})


def pair(error: str, message: str, status: int) -> Refusal:
    """Refuse in the shape of the pages on numbers."""
    return Refusal(status, {"error": error, "message": message})


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
