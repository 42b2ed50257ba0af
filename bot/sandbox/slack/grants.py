"""What Slack hands out for a short while: triggers (3 s, once) and response URLs (30 min, 5 uses).

Source: docs.slack.dev/interactivity/handling-user-interaction.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.slack.people import Channel

TRIGGER_SECONDS: Final = 3.0
URL_SECONDS: Final = 30 * 60.0
URL_USES: Final = 5


@dataclass(slots=True)
class Trigger:
    """A right to open one view for one person; `opened_ms` is when that was done, after the sending.

    `place` is the conversation that the person was viewing, if it was one.
    """

    id: str
    user: str
    sent: float
    place: Channel | None = None
    started: float = field(default_factory=time.perf_counter)
    used: bool = False
    opened_ms: float | None = None

    def spend(self) -> None:
        """Use it up."""
        self.used = True
        self.opened_ms = (time.perf_counter() - self.started) * 1000


class Triggers:
    """All triggers that were handed out."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start without any; the clock gives seconds."""
        self._clock = clock
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, place: Channel | None = None) -> Trigger:
        """Hand one out; its 3 s run from now."""
        number = secrets.randbelow(10**12)
        secret = f"{number}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        trigger = Trigger(secret, user, self._clock(), place)
        self._issued[trigger.id] = trigger
        return trigger

    def look(self, trigger_id: str) -> Trigger | str:
        """Return a trigger that may still be used, or Slack's error; the caller spends it."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.used:
            return "exchanged_trigger_id"
        if self._clock() - trigger.sent > TRIGGER_SECONDS:
            return "expired_trigger_id"
        return trigger


@dataclass(slots=True)
class ResponseUrl:
    """A right to answer in one conversation; `origin` is the message that it can replace."""

    secret: str
    channel: str
    user: str
    issued: float
    origin: str | None = None
    uses: int = 0


class ResponseUrls:
    """All response URLs that were handed out, by their secret."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start without any; the clock gives seconds."""
        self._clock = clock
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, origin: str | None = None) -> ResponseUrl:
        """Hand one out."""
        url = ResponseUrl(secrets.token_urlsafe(24), channel, user, self._clock(), origin)
        self._issued[url.secret] = url
        return url

    def take(self, secret: str) -> ResponseUrl | str:
        """Count one use, or return Slack's error."""
        url = self._issued.get(secret)
        if url is None:
            return "invalid_url"
        if self._clock() - url.issued > URL_SECONDS:
            return "expired_url"
        if url.uses >= URL_USES:
            return "used_url"
        url.uses += 1
        return url
