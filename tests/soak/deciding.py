"""Operators who decide about requests: most are approved, some denied with a reason."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.server import Sandbox
from bot.sandbox.slack.messages import Message
from tests.crash.deciders import approval, doubt
from tests.soak.plan import APPROVED, WINDOW

CHANNEL: Final = "C0APPROVE"
_LOOK: Final = 0.25  # seconds between two looks at the channel
_AGAIN: Final = 3.0  # seconds until a press that changed nothing is repeated
_REASON: Final = "Not this quarter"


@dataclass(slots=True)
class Deciders:
    """They look at the newest `window` messages (None: at all)."""

    sandbox: Sandbox
    users: list[str]
    rng: random.Random
    window: int | None = WINDOW
    decided: int = 0
    _pressed: dict[str, float] = field(default_factory=dict)

    async def watch(self) -> None:
        """Decide until cancelled."""
        while True:
            await asyncio.sleep(_LOOK)
            for message in self._waiting():
                await self._decide(message)

    def _waiting(self) -> list[Message]:
        newest = self.sandbox.space.messages.all[-(self.window or 0) :]
        now = time.monotonic()
        return [
            message
            for message in newest
            if message.channel == CHANNEL
            and message.kind != "ephemeral"
            and now - self._pressed.get(message.ts, 0.0) > _AGAIN
            and approval(message) is not None
        ]

    async def _decide(self, message: Message) -> None:
        user = self.rng.choice(self.users)
        approve = self.rng.random() < APPROVED
        action = "approval.approve" if approve else "approval.deny"
        self.decided += message.ts not in self._pressed
        self._pressed[message.ts] = time.monotonic()
        asked = doubt(message, self.sandbox.space.messages.all) if approve else None
        if asked is not None and asked.to is not None:
            user, message = asked.to, asked
        try:
            await self.sandbox.action(user, action, channel=message.channel, ts=message.ts)
            if not approve and self.sandbox.view_of(user) is not None:
                await self.sandbox.submit_form(user, reason=_REASON)
                await self.sandbox.close(user, everything=True)
        except LookupError:  # the message changed, or the form did not open: looked at again
            return
