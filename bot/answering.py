"""Knowing when the answer to the current request has left: results must not overtake it."""

import asyncio
from contextvars import ContextVar

_current: ContextVar[asyncio.Event] = ContextVar("answered")


def begin() -> asyncio.Event:
    """Start a request; the front door sets the event when its answer was written."""
    event = asyncio.Event()
    _current.set(event)
    return event


def answered() -> asyncio.Event:
    """Return the event of the request that is being handled."""
    return _current.get()
