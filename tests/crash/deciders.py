"""The operators who decide about requests and order nothing themselves: they approve most and deny some."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.blockkit.validation import parts
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.messages import Message
from tests.crash.plan import APPROVALS, DENIED
from tests.crash.reading import Memory

_LOOK: Final = 0.25  # seconds between two looks at the channel
_PATIENCE: Final = 2.0  # seconds to wait for what a decision does before making it again
_TWO: Final = 0.3  # share of the decisions that both make at once
_FORM: Final = "deny_request"
_APPROVE: Final = "approval.approve"
_DENY: Final = "approval.deny"


@dataclass(slots=True)
class Deciders:
    """Two people. What they decided about a request they decide again, when nothing came of it."""

    sandbox: Sandbox
    users: tuple[str, str]
    rng: random.Random
    decided: dict[str, str] = field(default_factory=dict)
    _at: dict[str, float] = field(default_factory=dict)
    _memory: Memory = field(default_factory=Memory)

    async def watch(self) -> None:
        """Decide until cancelled."""
        while True:
            await asyncio.sleep(_LOOK)
            for ref, message in self.questions().items():
                await self._decide(ref, message)

    def questions(self) -> dict[str, Message]:
        """Return the newest message that asks about each request of which nobody was told the end."""
        asked: dict[str, Message] = {}
        ended: set[str] = set()
        for message in self.sandbox.space.messages.all:
            said = self._memory.of(message)[1] if message.bot else None
            if said is None or said.ref is None:
                continue
            if said.ending is not None:
                ended.add(said.ref)
            elif message.channel == APPROVALS and _asks(message):
                asked[said.ref] = message
        return {ref: message for ref, message in asked.items() if ref not in ended}

    async def _decide(self, ref: str, message: Message) -> None:
        if time.monotonic() - self._at.get(ref, 0) < _PATIENCE:
            return
        self._at[ref] = time.monotonic()
        action = self.decided.setdefault(ref, _DENY if self.rng.random() < DENIED else _APPROVE)
        one, other = self.users if self.rng.random() < 0.5 else self.users[::-1]
        asked = doubt(message, self.sandbox.space.messages.all) if action == _APPROVE else None
        if asked is not None and asked.to is not None:
            await self._press(
                asked.to, asked, action
            )  # an identical one made a trunk meanwhile: both are meant
            return
        work = [self._press(one, message, action)]
        if self.rng.random() < _TWO:
            work.append(self._press(other, message, _APPROVE))
        await asyncio.gather(*work)

    async def _press(self, user: str, message: Message, action: str) -> None:
        try:
            await self.sandbox.action(user, action, channel=message.channel, ts=message.ts)
        except LookupError:  # the message changed between the look and the press
            return
        if action != _DENY:
            return
        view = self.sandbox.view_of(user)
        if view is not None and view.callback_id == _FORM:
            await self.sandbox.submit_form(user, reason="Not this one.")
        if self.sandbox.view_of(user) is not None:
            await self.sandbox.close(user, everything=True)


def _asks(message: Message) -> bool:
    return approval(message) is not None


def approval(message: Message) -> str | None:
    """Return the value of a message's button that approves."""
    buttons = (element for _, element in parts(message.blocks) if element.get("action_id") == _APPROVE)
    return next((str(button.get("value")) for button in buttons), None)


def doubt(question: Message, messages: Sequence[Message]) -> Message | None:
    """Return the newest answer to who approved `question` that asks whether they mean it."""
    value = f"{approval(question)} "
    asked = (m for m in reversed(messages) if m.kind == "ephemeral" and m.to is not None)
    return next((message for message in asked if (approval(message) or "").startswith(value)), None)
