"""What an answer to a write, or the lack of one, says about what was asked for: pure functions.

- Done: a 2xx with nothing in it against a success, in which the kind finds what a success has to name.
- Rejected: a 4xx that leaves no doubt, so nothing was changed. Where its words did not come whole, that is
  one of which the status alone says so.
- NotSent: no byte of the request can have left.
- Unknown: everything else. A timeout, a reset, a 5xx, an unreadable 2xx and a promise (202) are silent about
  what was done; a success that speaks of an error, and a refusal that speaks of something that is there
  already, say two things at once.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import httpx

from bot.domain.outcome import Data, Done, NotSent, Outcome, Refusal, Rejected, Thing, Unknown
from bot.vobiz.bodies import layers, read_object
from bot.vobiz.errors import (
    leaves_no_doubt,
    lower_names,
    read_refusal,
    read_request_id,
    read_words,
    speaks_of_conflict,
)
from bot.vobiz.trunks import is_uuid
from bot.vobiz.verdicts import (
    says_later,
    speaks_of_failure,
    speaks_of_later,
    speaks_of_success,
    text_failed,
    text_later,
)

# Bytes. A trunk is under 1 kB, a full page of a hundred under 100 kB.
BODY_MAX: Final = 1_000_000

# Reads a 2xx as the kind does: what was made or changed, None where nothing is named, or why it is none.
Read = Callable[[int, Data | None], Thing | str | None]

# These speak of time, not of refusal: the request may still be carried out (RFC 9110, 15.5.9; RFC 8470;
# nginx's 499; 460 of AWS' load balancers).
_TIMELY: Final = frozenset({408, 425, 460, 499})
# A part of an answer, or one to several requests (RFC 9110, 15.3.7; RFC 4918; RFC 5842; RFC 3229): what was
# asked for may be in the rest.
_PARTIAL: Final = frozenset({206, 207, 208, 226})

# Raised before the request is written (httpcore: `connection.py`, `connection_pool.py`, `http_proxy.py`,
# `socks_proxy.py`; a ProxyError is an answer to CONNECT or to the SOCKS handshake). Matched by exact type: a
# subclass that httpx may gain has to be looked at first.
_NOT_SENT: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        httpx.ConnectError: "connect",
        httpx.ConnectTimeout: "connect_timeout",
        httpx.PoolTimeout: "pool_timeout",
        httpx.ProxyError: "proxy",
        httpx.UnsupportedProtocol: "unsupported_protocol",
        httpx.InvalidURL: "invalid_url",
    }
)
# LocalProtocolError is here, since it is also raised halfway through a body.
_UNKNOWN: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        httpx.TimeoutException: "timeout",
        TimeoutError: "timeout",
        httpx.NetworkError: "reset",
        httpx.RemoteProtocolError: "reset",
        httpx.LocalProtocolError: "local_protocol",
        httpx.ProtocolError: "protocol",
        httpx.DecodingError: "unreadable",
        httpx.TransportError: "transport",
        OSError: "reset",
    }
)
_RECORDS: Final = frozenset({"name", "username", "uri", "ip_address", "created_at", "trunk_domain"})
_NAMED: Final = frozenset({"ambiguous", "promised"})  # why what was named is no success


def read_answer(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    read: Read,
    cut: Exception | None = None,
    *,
    asked: frozenset[str] = frozenset(),
) -> Outcome:
    """Say what an answer to a write means; never raises.

    `cut` is why no more of its body came, `asked` the ids that the request had.
    """
    names = lower_names(headers)
    content = read_object(body) if len(body) <= BODY_MAX else None
    missing = "too_large" if len(body) > BODY_MAX else None
    if cut is not None and content is None:
        missing = read_failure(cut).reason
    if httpx.codes.is_client_error(status) and status not in _TIMELY:
        return _refused(read_refusal(status, names, content), content, body, read, missing, asked=asked)
    request_id = read_request_id(names, content)
    if not httpx.codes.is_success(status) or status in _PARTIAL:
        return Unknown("redirect" if httpx.codes.is_redirect(status) else f"http_{status}", request_id)
    made = missing or _made(status, body, content, read)
    if content is not None and speaks_of_failure(content, complete=isinstance(made, Thing)):
        return Unknown("contradiction", request_id, read_refusal(status, names, content))
    if not isinstance(made, str):
        return Done(made, status, request_id)
    said = None if content is None or read_words(content) is None else read_refusal(status, names, content)
    return Unknown(made, request_id, said)


def read_failure(error: Exception) -> NotSent | Unknown:
    """Say what an exception of a write means; NotSent only where nothing can have been sent."""
    if (reason := _NOT_SENT.get(type(error))) is not None:
        return NotSent(reason)
    reason = next((_UNKNOWN[kind] for kind in type(error).__mro__ if kind in _UNKNOWN), None)
    return Unknown(reason or f"unexpected_{type(error).__name__}")


def _refused(
    refusal: Refusal,
    content: Data | None,
    body: bytes,
    read: Read,
    missing: str | None,
    *,
    asked: frozenset[str],
) -> Rejected | Unknown:
    if speaks_of_conflict(refusal, content, body):
        return Unknown("conflict", refusal.request_id, refusal)
    named = None if content is None else _read_opened(refusal.status, content, read)
    if isinstance(named, Thing) or named in _NAMED:
        return Unknown("contradiction", refusal.request_id, refusal)
    if leaves_no_doubt(refusal.status):
        return Rejected(refusal)
    if content is not None and (_names_a_record(content, asked) or speaks_of_success(content)):
        return Unknown("contradiction", refusal.request_id, refusal)
    if missing is None and content is None and b"\0" in body:
        missing = "unreadable"  # UTF-16 and its like, in which nothing was found and everything may stand
    return Rejected(refusal) if missing is None else Unknown(missing, refusal.request_id, refusal)


def _made(status: int, body: bytes, content: Data | None, read: Read) -> Thing | str | None:
    """Read a success with nothing against it, or say in a word why it is none."""
    if status == httpx.codes.ACCEPTED:
        return "promised"
    if content is not None:
        return _read_opened(status, content, read)
    text = _only_text(body)
    if text is None:
        return "unreadable"
    if text_failed(text):
        return "contradiction"
    return "promised" if text_later(text) else read(status, None)


def _read_opened(status: int, content: Data, read: Read) -> Thing | str | None:
    """Read a body as the kind does, or what is in its envelopes where it names nothing by itself."""
    found = [read(status, layer) for layer in layers(content)]
    things = {thing.id.casefold(): thing for thing in found if isinstance(thing, Thing)}
    if len(things) > 1:
        return "ambiguous"
    if (things or None in found) and (speaks_of_later(content) or (not things and says_later(content))):
        return "promised"
    if things:
        (thing,) = things.values()
        return thing
    return None if None in found else next((why for why in found if why != "no_id"), "no_id")


def _names_a_record(content: Data, asked: frozenset[str]) -> bool:
    """Whether a refusal has a record that was not `asked` about, as it could not if it had made none.

    An `id` with nothing beside it may be the request's own.
    """
    found = (
        layer.get(key)
        for layer in layers(content)
        for key in ("trunk_id", *(() if _RECORDS.isdisjoint(layer) else ("id",)))
    )
    return any(isinstance(one, str) and is_uuid(one) and one.lower() not in asked for one in found)


def _only_text(body: bytes) -> str | None:
    """Return what a body says that is empty, or one JSON string: a DELETE is answered so."""
    text = body.strip()
    if not text:
        return ""
    quoted = text.startswith(b'"') and text.endswith(b'"') and len(body) <= BODY_MAX
    return text[1:-1].decode("latin-1") if quoted else None
