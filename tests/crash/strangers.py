"""People who have no right here, and try: what they type, and buttons of others' messages."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.blockkit.validation import parts
from bot.sandbox.server import Sandbox
from bot.sandbox.shape import text
from bot.sandbox.slack.messages import Message
from tests.crash.plan import APPROVALS
from tests.crash.rights import refused

_CHANNEL: Final = "C0VOICE01"
_PAUSE: Final = (0.5, 2.0)
_AGAIN: Final = 0.4  # seconds until a person tries again what was not answered
_BUTTONS: Final = ("approval.", "trunk.")
_NAMED: Final = 9000  # the first number of the trunks that they would like


@dataclass(slots=True)
class Stranger:
    """One of them: `refusals` counts the answers that said so, `let_in` what they got instead."""

    sandbox: Sandbox
    user: str
    rng: random.Random
    refusals: int = 0
    let_in: list[str] = field(default_factory=list)

    async def try_(self, stop: asyncio.Event) -> None:
        """Do so again and again, each time until there is an answer."""
        while not stop.is_set():
            await asyncio.sleep(self.rng.uniform(*_PAUSE))
            await self.press()
            while not stop.is_set():
                if await self.type():
                    break
                await asyncio.sleep(_AGAIN)

    async def type(self) -> bool:
        """Ask for a trunk, or for the end of one; tell whether there was an answer to it."""
        number = _NAMED + self.rng.randrange(1000)
        wanted = [f'create "Crash {number}" outbound 5']
        wanted += [f"delete {trunk['trunk_id']}" for trunk in self.sandbox.trunks[:1]]
        result = await self.sandbox.command(self.user, _CHANNEL, self.rng.choice(wanted))
        if refused(result.seen):
            self.refusals += 1
            return True
        return await self._into_form()

    async def _into_form(self) -> bool:
        """Press the button of a form that they should not have."""
        view = self.sandbox.view_of(self.user)
        if view is None:
            return False
        self.let_in.append(f"{self.user} was shown “{view.title}”")
        await self.sandbox.submit(self.user, view.id, view.values)
        if self.sandbox.view_of(self.user) is not None:
            await self.sandbox.close(self.user, everything=True)
        return True

    async def press(self) -> None:
        """Press a button of a message that others are asked with, if there is one."""
        found = [
            (message, text(part.get("action_id")), text(part.get("value")))
            for message in self.sandbox.space.messages.all[-40:]
            if self._seen(message)
            for _, part in parts(message.blocks)
            if text(part.get("action_id")).startswith(_BUTTONS)
        ]
        if not found:
            return
        message, action, value = self.rng.choice(found)
        before = len(self._answers())
        try:
            await self.sandbox.action(self.user, action, channel=message.channel, ts=message.ts, value=value)
        except LookupError:  # the message changed between the look and the press
            return
        await asyncio.sleep(_AGAIN)
        self.refusals += len(self._answers()) - before
        await self._into_form()

    def _seen(self, message: Message) -> bool:
        return message.bot and message.channel in {_CHANNEL, APPROVALS} and message.visible(self.user)

    def _answers(self) -> list[Message]:
        everything = self.sandbox.space.messages.all
        return [message for message in everything if message.to == self.user and refused(message.words)]
