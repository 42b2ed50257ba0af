"""The log of deliveries: who called whom, how it ended and how long it took."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from bot.sandbox.shape import Json

KEPT: Final = 200

Party = Literal["Slack", "Bot", "Vobiz", "Sandbox"]
Side = Callable[[], str]


@dataclass(slots=True)
class Delivery:
    """One request between the parties; `status` is None while unanswered, `ms` are milliseconds.

    `request` and `response` write what went over the wire (bot.sandbox.exchange); None where nothing did.
    """

    id: int
    at: float
    sender: Party
    to: Party
    what: str
    status: int | None = None
    ms: float | None = None
    note: str = ""
    request: Side | None = None
    response: Side | None = None

    def json(self) -> Json:
        """Return what the page shows."""
        at = datetime.fromtimestamp(self.at, UTC).strftime("%H:%M:%S.%f")[:-3]
        ms = None if self.ms is None else round(self.ms, 1)
        return {
            "id": self.id,
            "at": at,
            "from": self.sender,
            "to": self.to,
            "what": self.what,
            "status": self.status,
            "ms": ms,
            "note": self.note,
            "opens": bool(self.request or self.response),
        }

    def exchange(self) -> Json:
        """Return what the page shows of it when it is opened."""
        return {
            "request": self.request() if self.request else "",
            "response": self.response() if self.response else "",
        }


class Log:
    """The last 200 deliveries."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start empty; the clock gives seconds since the epoch."""
        self._clock = clock
        self._last = 0
        self.entries: deque[Delivery] = deque(maxlen=KEPT)

    def add(self, sender: Party, to: Party, what: str) -> Delivery:
        """Open an entry; who knows the outcome fills it in."""
        self._last += 1
        delivery = Delivery(self._last, self._clock(), sender, to, what)
        self.entries.appendleft(delivery)
        return delivery

    def find(self, number: int) -> Delivery | None:
        """Find an entry that is still kept."""
        return next((entry for entry in self.entries if entry.id == number), None)
