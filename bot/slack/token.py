"""Whether Slack accepts the bot's token: who it belongs to, and whether it was revoked since."""

from typing import Final

from bot.runtime.clock import Clock
from bot.runtime.readiness import STARTING
from bot.slack.client import OPEN_SOCKET, RESPONSE_URL, WEBSOCKET, SlackWeb
from bot.slack.codes import REFUSED
from bot.slack.responses import Failed, Identity

_WITHOUT_IT: Final = frozenset({RESPONSE_URL, OPEN_SOCKET, WEBSOCKET})  # they need none, or another one
_AGAIN: Final = (1, 2, 4, 8, 15, 30)  # seconds between tries to learn who the bot is; the last repeats
_EVERY: Final = 300  # seconds between auth.test; any call that is refused is noticed at once
_SOON: Final = 60  # seconds, while it is refused: it may be reinstalled


class Token:
    """Hears how every call to Slack ends; `check` says what that means for the token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._identified = False
        self._trouble: str | None = None

    def heard(self, method: str, error: str | None) -> None:
        """Note how a call ended; “no answer” or “no such channel” say nothing about the token."""
        if method in _WITHOUT_IT:
            return
        if error in REFUSED:
            self._trouble = error
        elif error is None:
            self._trouble = None

    async def check(self) -> str | None:
        """Say why the bot cannot use Slack, if so: Slack's code."""
        if self._trouble is None and not self._identified:
            return STARTING
        return self._trouble

    async def identify(self, slack: SlackWeb) -> Identity:
        """Ask until Slack says who the token belongs to."""
        tries = 0
        while isinstance(identity := await slack.identify(), Failed):
            self._trouble = identity.error
            await self._clock.sleep(_AGAIN[min(tries, len(_AGAIN) - 1)])
            tries += 1
        self._identified = True
        return identity

    async def keep_checking(self, slack: SlackWeb) -> None:
        """Ask Slack for ever, now and then; run it as a task and cancel it."""
        while True:
            await self._clock.sleep(_EVERY if self._trouble is None else _SOON)
            await slack.identify()
