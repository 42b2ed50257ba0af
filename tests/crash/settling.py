"""Who answers what the bot asks about changes."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.blockkit.validation import parts
from bot.sandbox.server import Sandbox
from bot.sandbox.shape import text
from bot.sandbox.slack.messages import Message
from tests.crash.plan import CERTAIN, kept
from tests.crash.reading import REFERENCE

_AGAIN: Final = 0.4  # seconds between two looks
_SENT_AGAIN: Final = 0.4  # share of the questions after which it is sent again


@dataclass(slots=True)
class Settler:
    """Looks once more, then picks what is there; else gives up or has it sent again."""

    sandbox: Sandbox
    users: list[str]
    rng: random.Random
    resent: Counter[str] = field(default_factory=Counter)
    _looked: dict[str, float] = field(default_factory=dict)

    async def watch(self) -> None:
        """Answer questions until cancelled."""
        while True:
            await asyncio.sleep(_AGAIN)
            for message in list(self.sandbox.space.messages.all):
                ref = REFERENCE.search(message.words)
                if message.bot and ref is not None and kept(message.words):
                    await self._answer(ref.group(1), message)

    async def _answer(self, ref: str, message: Message) -> None:
        held = [(text(part.get("action_id")), text(part.get("value"))) for _, part in parts(message.blocks)]
        offered = dict(pair for pair in held if pair[0] != "trunk.pick" or self._own(pair[1], message))
        if "trunk.give_up" not in offered or time.monotonic() - self._looked.get(ref, 0.0) < CERTAIN:
            return
        if ref not in self._looked:
            choice = "trunk.check_again"
        elif "trunk.pick" in offered:  # it is there: nobody who sees that has it made once more
            choice = "trunk.pick"
        else:
            again = "trunk.send_again" in offered and self.rng.random() < _SENT_AGAIN
            choice = "trunk.send_again" if again else "trunk.give_up"
        self._looked[ref] = time.monotonic()
        # Whatever the bot made of the press: it may send once for it, and no more.
        self.resent[ref] += choice == "trunk.send_again"
        user = message.to or self.rng.choice(self.users)
        with contextlib.suppress(LookupError):  # the message changed between the look and the press
            await self.sandbox.action(
                user, choice, channel=message.channel, ts=message.ts, value=offered[choice]
            )

    def _own(self, value: str, message: Message) -> bool:
        """Whether what a button picks is what the message is about: of trunks there is the name to tell."""
        trunk = self.sandbox.vobiz.account.find(value.rsplit(" ", maxsplit=1)[-1])
        about = " ".join(message.words.split("”")[0].split()).casefold()
        return trunk is None or about.endswith(" ".join(str(trunk["name"]).split()).casefold())
