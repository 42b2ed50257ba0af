"""The answers of the last minute: a request that comes twice is handled once, and answered alike.

Proxies send a request again when a connection broke before its answer came. It has the signature of the
first, and so the bytes. Slack itself signs anew when it tries again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from slack_bolt.response import BoltResponse

KEPT_FOR: Final = 60.0  # seconds; proxies give up a request within that, and Slack after 3
KEPT_MAX: Final = 4_000_000  # bytes of all answers
_BESIDE: Final = 2_000  # bytes that an answer takes beside its body


@dataclass(slots=True)
class _Answer:
    at: float
    size: int = _BESIDE
    given: asyncio.Future[BoltResponse] = field(default_factory=asyncio.Future)


class Answers:
    """Keeps answers by the signatures of their requests, which must have been verified."""

    def __init__(self, *, most: int = KEPT_MAX) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, _Answer] = OrderedDict()
        self._size = 0

    async def first(
        self, signature: bytes, now: float, answer: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Answer a request that was not seen before; `now` is in seconds since the epoch."""
        kept = self._kept[signature] = _Answer(now)
        self._size += kept.size
        try:
            response = await answer()
        except BaseException:
            kept.given.cancel()
            raise
        kept.given.set_result(response)
        if signature in self._kept:
            size = len(response.body or "")
            kept.size += size
            self._size += size
        self._forget(now)
        return response

    async def again(self, signature: bytes, now: float) -> BoltResponse | None:
        """Return the answer to a request that was seen before, when there is one; None: it is forgotten."""
        self._forget(now)
        kept = self._kept.get(signature)
        if kept is None:
            return None
        # Not awaited itself: who waits here and is cancelled must not cancel it for the others.
        await asyncio.wait({kept.given})
        return None if kept.given.cancelled() else kept.given.result()

    def _forget(self, now: float) -> None:
        while self._kept:
            signature, oldest = next(iter(self._kept.items()))
            if self._size <= self._most and now - oldest.at < KEPT_FOR:
                return
            del self._kept[signature]
            self._size -= oldest.size
