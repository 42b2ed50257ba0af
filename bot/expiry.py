"""Requests that nobody decides: one reminder at half time, and an end when their time is over."""

from typing import Final

import structlog

from bot.clock import Clock
from bot.delivery import Delivery
from bot.engine import Engine
from bot.ledger import BOT, Ledger
from bot.log import about
from bot.operations import State

EVERY: Final = 10.0  # seconds between rounds

_log = structlog.get_logger("bot.expiry")


class Expiry:
    """Runs in every instance: conditional writes see to it that each request ends and is reminded of once."""

    def __init__(self, ledger: Ledger, engine: Engine, delivery: Delivery, clock: Clock) -> None:
        self._ledger = ledger
        self._engine = engine
        self._delivery = delivery
        self._clock = clock

    async def watch(self) -> None:
        """Make rounds for ever; run it as a task and cancel it."""
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round has to come
                _log.error("a round was not finished", error=type(error).__name__)
            await self._clock.sleep(EVERY)

    async def round(self) -> None:
        """End the requests whose time is over, and remind of those that have waited half of it."""
        for record in await self._ledger.expired():
            with about(record.operation.id):
                await self._engine.close_request(record.operation.id, State.EXPIRED, BOT)
        for record in await self._ledger.half_expired():
            with about(record.operation.id):
                reminded = await self._ledger.remind(record.operation.id)
                if reminded is not None:
                    await self._delivery.remind(reminded)
