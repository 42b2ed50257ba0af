"""Vobiz's words about a request that it refused, read from any of the five published error shapes.

Shapes (errors page, operation pages, OpenAPI): `{"status", "error": {"code", "message", "details"}}` with the
status in words or as a number, `{"error": text, "code": 404}`, `{"error", "message"}`,
`{"api_id", "error", "message"}`; also a bare `{"error": text}`, nothing at all, or a gateway's HTML; and
what common frameworks answer, since not all that answers is Vobiz's own code.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from typing import Final

from bot.domain.outcome import FieldError, Refusal
from bot.vobiz.bodies import layers
from bot.vobiz.trunks import TEXT_MAX
from bot.vobiz.verdicts import spaced

FIELDS_MAX: Final = 10
FIELD_NAME_MAX: Final = 100
ID_MAX: Final = 100
RETRY_AFTER_MAX: Final = 86_400  # seconds; beyond a day a figure says nothing to anyone

# Words of a refusal that may come after a success: something on the way sent the request a second time, and
# what it should make was there, or was being made. Not “does not exist”. The codes are those of databases for
# a value that has to be unique (MongoDB, Postgres, Prisma).
_CONFLICT: Final = re.compile(
    r"\b(?:already|exists|conflict\w*|duplicat\w*|dup|taken|in use|in progress"
    r"|(?:be|not) unique|unique (?:constraint|violation|key|index)"
    r"|being (?:created|processed|updated|deleted)|e11000|23505|p2002)\b",
    re.IGNORECASE,
)
# The same where the status alone says that nothing was carried out: “already” may be about a balance.
_CLEAR_CONFLICT: Final = re.compile(
    r"\b(?:conflict\w*|duplicat\w*|already (?:been )?(?:exists?|created|processed|taken|in use)"
    r"|(?:trunk|name|number|credential|login|acl|uri|address)\b.{0,60}\bexists)\b",
    re.IGNORECASE,
)
_NONE: Final = re.compile(r"\bno (?:\w+ ){1,4}exists?\b", re.IGNORECASE)  # says the opposite
_CONFLICTING: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED})
# What is refused before anything is looked at: who asks, whether they paid, how fast they ask.
_BEFOREHAND: Final = frozenset({401, 402, 403, 405, 429})

# Other keys that hold words in the errors of common frameworks (RFC 9457 has `detail` and `title`).
_SPOKEN: Final = ("message", "errors", "detail", "details", "msg", "reason", "error_description", "title")

# A gateway's page is nobody's words, not even inside a JSON string.
_MARKUP: Final = re.compile(
    r"<[/!]?(?:doctype|html|head|body|title|center|h[1-6]|p|br|hr|div|script|style)\b", re.IGNORECASE
)


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

    The first of these that has words is the message: `error.message`, `message`, `error`, the fields, other
    keys that hold words, a fixed text. They are looked for in the envelopes of the body too.
    """
    opened = layers(body or {})
    said = read_words(body or {})
    errors = [_mapping(layer.get("error")) for layer in opened]
    codes = (_words(holder.get("code"), ID_MAX) for holder in (*errors, *opened))
    fields = (found for holder in (*errors, *opened) if (found := _fields(holder)))
    ids = (known for layer in opened if (known := read_request_id({}, layer)))
    return Refusal(
        status=status,
        message=said or _fixed(status),
        code=next((code for code in codes if code is not None), None),
        fields=next(fields, ()),
        request_id=next(ids, None) or read_request_id(headers, None),
        retry_after=read_retry_after(headers, body),
    )


def leaves_no_doubt(status: int) -> bool:
    """Tell whether a status alone says that nothing was carried out, whatever its body would have said."""
    return status in _BEFOREHAND


def speaks_of_conflict(refusal: Refusal, content: Mapping[str, object] | None, body: bytes = b"") -> bool:
    """Tell whether a refusal may mean that the request was carried out before, when it was sent once.

    All words of its `content` count, wherever they stand; `body` does where it is no JSON object.
    """
    words = _CLEAR_CONFLICT if leaves_no_doubt(refusal.status) else _CONFLICT
    # Without what UTF-16 puts between letters.
    texts = [body.replace(b"\0", b"").decode("latin-1")] if content is None else _texts(content)
    return refusal.status in _CONFLICTING or any(words.search(_NONE.sub("", spaced(text))) for text in texts)


def speaks_of(refusal: Refusal, *nouns: str) -> bool:
    """Tell whether a refusal is about one of these, and not a gateway's about a path unknown to it."""
    words = (refusal.message, refusal.code or "")
    return any(noun in text.lower() for noun in nouns for text in words if "/" not in text)


def read_words(body: Mapping[str, object]) -> str | None:
    """Return what an answer says in words, if it does."""
    return next((words for layer in layers(body) if (words := _message(layer)) is not None), None)


def _texts(value: object) -> Iterator[str]:
    """Yield all texts of a body, but for addresses of pages."""
    if isinstance(value, str) and not value.startswith(("http:", "https:")):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)


def _message(layer: Mapping[str, object]) -> str | None:
    error = _mapping(layer.get("error"))
    told = _words(error.get("message")) or _words(layer.get("message")) or _words(layer.get("error"))
    if told is None:
        fields = _fields(error) or _fields(layer)
        told = "; ".join(f"{field.field}: {field.message}" for field in fields)[:TEXT_MAX] or None
    spoken = (words for holder in (error, layer) for key in _SPOKEN if (words := _listed(holder.get(key))))
    return told or next(spoken, None)


def _listed(value: object) -> str | None:
    """Read words, or the first few of a list of words, or of objects that have a message."""
    entries = value[:FIELDS_MAX] if isinstance(value, list) else [value]
    words = (_words(entry) or _words(_mapping(entry).get("message")) for entry in entries)
    return "; ".join(word for word in words if word is not None)[:TEXT_MAX] or None


def _fields(holder: Mapping[str, object]) -> tuple[FieldError, ...]:
    entries = _mapping(holder.get("details")).get("errors", holder.get("errors"))
    read = islice(_named(entries), FIELDS_MAX)
    return tuple(FieldError(field=field, message=message) for field, message in read if field and message)


def _named(entries: object) -> Iterator[tuple[str | None, str | None]]:
    """Read `[{"field", "message"}]` or `{field: message or [messages]}`.

    Each entry may echo the refused `value`, a password included: nothing else of it is read.
    """
    if isinstance(entries, list):
        for entry in map(_mapping, entries[:FIELDS_MAX]):
            yield _words(entry.get("field"), FIELD_NAME_MAX), _words(entry.get("message"))
    elif isinstance(entries, dict):
        for field, said in entries.items():
            yield _words(field, FIELD_NAME_MAX), _listed(said)


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
