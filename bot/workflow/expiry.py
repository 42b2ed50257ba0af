"""What is over: requests are reminded of and end, passwords are erased, announcements are made up."""

import itertools
from typing import Final

import structlog

from bot.domain.operation import State
from bot.domain.transitions.decisions import remind
from bot.domain.transitions.moves import BOT
from bot.runtime.clock import Clock
from bot.runtime.log import about
from bot.store.ledger import Ledger
from bot.workflow.decisions import Decisions

EVERY: Final = 10.0  # seconds between rounds
_ANNOUNCE_EVERY: Final = 30  # rounds: what reached nobody for good needs a person to let the bot in somewhere

_log = structlog.get_logger("bot.expiry")


class Expiry:
    """Runs in every instance: each request ends once, and is reminded of once. The outbox tells people."""

    def __init__(self, ledger: Ledger, decisions: Decisions, clock: Clock) -> None:
        self._ledger = ledger
        self._decisions = decisions
        self._clock = clock

    async def watch(self) -> None:
        """Make rounds for ever; run it as a task and cancel it."""
        for number in itertools.count():
            try:
                await self.round()
                if number % _ANNOUNCE_EVERY == 0:
                    await self._ledger.outbox.announce_again()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round has to come
                _log.error("a round was not finished", error=type(error).__name__)
            await self._clock.sleep(EVERY)

    async def round(self) -> None:
        """End requests and erase passwords whose time is over; remind of what has waited half of it."""
        await self._ledger.secrets.erase()
        for record in await self._ledger.requests.expired():
            with about(record.operation.id):
                await self._decisions.close(record.operation.id, State.EXPIRED, BOT)
        for record in await self._ledger.requests.half_expired():
            with about(record.operation.id):
                await self._ledger.change(record.operation.id, remind)
