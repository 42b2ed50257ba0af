"""What was said and made in a soak, kept small while it runs: sayings for calls, names for trunks."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import items, mapping
from bot.sandbox.slack.messages import written
from tests.crash.reading import Saying, read
from tests.crash.wishes import named
from tests.soak.plan import KEPT

_EVERY: Final = 2.0  # seconds


@dataclass(slots=True)
class Hearing:
    """Everything that the bot showed, and all trunks that ever were, by id."""

    sandbox: Sandbox
    shown: list[Saying] = field(default_factory=list)
    trunks: dict[str, str] = field(default_factory=dict)
    calls: int = 0

    async def run(self) -> None:
        """Take notes until cancelled."""
        while True:
            await asyncio.sleep(_EVERY)
            self.take()

    def take(self) -> None:
        """Note what is new, and let the account keep its newest trunks only, as if somebody tidied up."""
        calls = self.sandbox.slack_calls
        self.calls += len(calls)
        for call in calls:
            blocks = call.args.get("blocks") or mapping(call.args.get("view")).get("blocks")
            if call.error is None and blocks:
                self.shown.append(read("\n".join(written([mapping(block) for block in items(blocks)]))))
        calls.clear()
        trunks = self.sandbox.trunks
        self.trunks.update({str(trunk["trunk_id"]): named(trunk) for trunk in trunks})
        del trunks[KEPT:]
