"""What an answer to the create call, or the lack of one, says about the trunk: a pure function.

- Created: a 2xx that names a trunk. Rejected: a 4xx, so nothing was created.
- NotSent: no byte of the request can have left. Unknown: everything else, since a timeout, a reset, a 5xx and
  an unreadable 2xx are silent about whether the trunk exists.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import httpx

from bot.domain.resources import Refusal, Trunk, read_trunk
from bot.vobiz.errors import lower_names, read_object, read_refusal, read_request_id

# Bytes. A trunk is under 1 kB, a full page of a hundred under 100 kB.
BODY_MAX: Final = 1_000_000

# These speak of time, not of refusal: the request may still be carried out (RFC 9110, 15.5.9; RFC 8470;
# nginx's 499).
_TIMELY: Final = frozenset({408, 425, 499})

# UUIDs are documented. Old samples have other words, and a path segment must be safe to build.
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

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


@dataclass(frozen=True, slots=True)
class Created:
    """The trunk exists, as Vobiz described it."""

    trunk: Trunk
    status: int
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Vobiz refused: nothing was created."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing left this process: nothing was created. `reason` is a word for logs and for picking words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The trunk may exist or not. `reason` is a word for logs and for picking words."""

    reason: str
    request_id: str | None


Outcome = Created | Rejected | NotSent | Unknown


def usable_trunk(body: Mapping[str, object]) -> Trunk | None:
    """Read a trunk whose id is 1 to 64 letters, digits, dashes and underscores."""
    # One schema says `id` where the pages say `trunk_id`: an empty one must not hide the other.
    trunk = read_trunk({key: value for key, value in body.items() if value not in (None, "")})
    return trunk if trunk is not None and _ID.fullmatch(trunk.id) else None


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Say what a complete or cut-off answer to the create call means. Never raises."""
    names = lower_names(headers)
    content = read_object(body) if len(body) <= BODY_MAX else None
    if httpx.codes.is_client_error(status) and status not in _TIMELY:
        return Rejected(read_refusal(status, names, content))
    request_id = read_request_id(names, content)
    if not httpx.codes.is_success(status):
        return Unknown("redirect" if httpx.codes.is_redirect(status) else f"http_{status}", request_id)
    if content is None:
        return Unknown("too_large" if len(body) > BODY_MAX else "unreadable", request_id)
    if content.get("error") or content.get("status") == "error":
        return Unknown("contradiction", request_id)  # an error that calls itself a success proves neither
    trunk = usable_trunk(content)
    return Unknown("no_id", request_id) if trunk is None else Created(trunk, status, request_id)


def read_failure(error: Exception) -> NotSent | Unknown:
    """Say what an exception of the create call means; NotSent only where nothing can have been sent."""
    if (reason := _NOT_SENT.get(type(error))) is not None:
        return NotSent(reason)
    reason = next((_UNKNOWN[kind] for kind in type(error).__mro__ if kind in _UNKNOWN), None)
    return Unknown(reason or f"unexpected_{type(error).__name__}", None)
