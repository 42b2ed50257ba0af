"""The request that is being handled: its reference, how long it has taken, and when its answer has left.

Results must not overtake the answer. What is logged meanwhile carries the reference, and whoever clicked
is shown it when something went wrong.
"""

import asyncio
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from structlog.contextvars import bind_contextvars, unbind_contextvars


@dataclass(slots=True)
class _Request:
    reference: str
    received: float
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    kind: str = "unknown"


_current: ContextVar[_Request] = ContextVar("request")


def begin() -> asyncio.Event:
    """Start a request as soon as it comes; whoever answers it sets the event when the answer was written."""
    request = _Request(secrets.token_hex(4), time.perf_counter())
    _current.set(request)
    unbind_contextvars("ref")  # another request's operation, should this task have handled one before
    bind_contextvars(request=request.reference)
    return request.answered


def answered() -> asyncio.Event:
    """Return the event of the request that is being handled."""
    return _current.get().answered


def reference() -> str:
    """Return the reference of the request that is being handled: 8 hex digits, for people and logs."""
    return _current.get().reference


def is_a(kind: str) -> None:
    """Say what kind of request is being handled: a word."""
    _current.get().kind = kind


def timed() -> tuple[str, float]:
    """Return the kind of the request that is being handled, and how long it has taken in seconds."""
    return _current.get().kind, waited()


def waited() -> float:
    """Return how long the request that is being handled has taken so far, in seconds."""
    return time.perf_counter() - _current.get().received
