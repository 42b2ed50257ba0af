"""Vobiz's words about a request that it refused, read from any of the five published error shapes.

Shapes (errors page, operation pages, OpenAPI): `{"status", "error": {"code", "message", "details"}}` with the
status in words or as a number, `{"error": text, "code": 404}`, `{"error", "message"}`,
`{"api_id", "error", "message"}`; also a bare `{"error": text}`, nothing at all, or a gateway's HTML.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from bot.domain.outcome import FieldError, Refusal
from bot.vobiz.trunks import TEXT_MAX

FIELDS_MAX: Final = 10
FIELD_NAME_MAX: Final = 100
ID_MAX: Final = 100
RETRY_AFTER_MAX: Final = 86_400  # seconds; beyond a day a figure says nothing to anyone

# Words of a refusal that may come after a success: something on the way sent the request a second time, and
# what it should make was there. Not “does not exist”.
_CONFLICT: Final = re.compile(
    r"\b(?:already|exists|conflict\w*|duplicate\w*|taken|in use|(?:not|be) unique)\b", re.IGNORECASE
)
# What is refused before anything is looked at: who asks, whether they paid, how fast they ask.
_BEFOREHAND: Final = frozenset({401, 402, 403, 405, 429})

# A gateway's page is nobody's words, not even inside a JSON string.
_MARKUP: Final = re.compile(
    r"<[/!]?(?:doctype|html|head|body|title|center|h[1-6]|p|br|hr|div|script|style)\b", re.IGNORECASE
)


def read_object(body: bytes) -> dict[str, object] | None:
    """Read a body that should be one JSON object, in UTF-8 (RFC 8259, 8.1), with or without its mark.

    `json.loads` would guess UTF-16 and UTF-32 too, in which nothing finds our token.
    """
    try:
        value: object = json.loads(body.decode("utf-8-sig", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Index headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def read_date(headers: Mapping[str, str]) -> datetime | None:
    """Read the server's clock from lower-case headers; whole seconds, UTC."""
    return _moment(headers.get("date", ""))


def read_request_id(headers: Mapping[str, str], body: Mapping[str, object] | None) -> str | None:
    """Find what Vobiz's support asks for, in the body or in lower-case headers."""
    for key in ("requestId", "request_id", "api_id"):
        if body is not None and (words := _words(body.get(key), ID_MAX)) is not None:
            return words
    return _words(headers.get("x-request-id"), ID_MAX)


def read_retry_after(headers: Mapping[str, str], body: Mapping[str, object] | None) -> int | None:
    """Find how long to wait, in whole seconds, 0 to a day, from lower-case headers or the body.

    `Retry-After` is seconds or an HTTP date (RFC 9110, 10.2.3); the date counts from the server's own clock.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), RETRY_AFTER_MAX)
    until, now = _moment(text), read_date(headers)
    if until is not None and now is not None:
        return min(max(0, int((until - now).total_seconds())), RETRY_AFTER_MAX)
    seconds = _mapping(_mapping((body or {}).get("error")).get("details")).get("retryAfter")
    if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds >= 0:
        return min(seconds, RETRY_AFTER_MAX)
    return None


def read_refusal(status: int, headers: Mapping[str, str], body: Mapping[str, object] | None) -> Refusal:
    """Read a refusal; `headers` by lower-case name, `body` None when it is not a JSON object.

    The first of these that has words is the message: `error.message`, `message`, `error`, the fields, a
    fixed text.
    """
    body = body or {}
    error = _mapping(body.get("error"))
    fields = _fields(error) or _fields(body)
    message = (
        _words(error.get("message"))
        or _words(body.get("message"))
        or _words(body.get("error"))
        or "; ".join(f"{field.field}: {field.message}" for field in fields)[:TEXT_MAX]
        or _fixed(status)
    )
    return Refusal(
        status=status,
        message=message,
        code=_words(error.get("code"), ID_MAX) or _words(body.get("code"), ID_MAX),
        fields=fields,
        request_id=read_request_id(headers, body),
        retry_after=read_retry_after(headers, body),
    )


def speaks_of_conflict(refusal: Refusal) -> bool:
    """Tell whether a refusal may mean that the request was carried out before, when it was sent once."""
    if refusal.status in _BEFOREHAND:
        return False
    words = (refusal.message, *(field.message for field in refusal.fields), refusal.code or "")
    return refusal.status == HTTPStatus.CONFLICT or any(
        _CONFLICT.search(text.replace("_", " ")) for text in words
    )


def _fields(holder: Mapping[str, object]) -> tuple[FieldError, ...]:
    # Each entry may echo the refused `value`, a password included: only these two keys are read.
    entries = _mapping(holder.get("details")).get("errors", holder.get("errors"))
    if not isinstance(entries, list):
        return ()
    read = (
        (_words(entry.get("field"), FIELD_NAME_MAX), _words(entry.get("message")))
        for entry in map(_mapping, entries[:FIELDS_MAX])
    )
    return tuple(FieldError(field=field, message=message) for field, message in read if field and message)


def _fixed(status: int) -> str:
    try:
        return f"No explanation was given (HTTP {status} {HTTPStatus(status).phrase})."
    except ValueError:
        return f"No explanation was given (HTTP {status})."


def _words(value: object, longest: int = TEXT_MAX) -> str | None:
    if not isinstance(value, str):
        return None
    text = value[: 2 * longest]
    if _MARKUP.search(text):
        return None
    return "".join(ch if ch.isprintable() else " " for ch in text).strip()[:longest] or None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
