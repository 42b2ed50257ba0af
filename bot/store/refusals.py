"""Refusals and lost races in the record: who was told no, and why; a flood of them is written together."""

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.store.events import REFUSED, Entry, Writer

_WAITING_MAX: Final = 500  # that wait to be written; more at once are no people
_BATCH: Final = 50  # in one transaction: 50 ms that a confirmation may have to wait

_log = structlog.get_logger("bot.ledger")


class Refusals:
    """Events of what changed nothing. What was typed is not kept: it may be anything."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: list[tuple[str, Entry]] = []
        self._turn = asyncio.Lock()

    async def add(self, actor: str, act: str, reason: str, channel: str | None, operation: str) -> None:
        """Add an event; `act` is what was tried. Never raises.

        Those that come while one is being written are written together, so that a flood of them takes few
        turns from what people confirm.
        """
        if len(self._waiting) >= _WAITING_MAX:
            _log.error("a refusal could not be recorded", lost=1, error="too many at once")
            return
        evidence = {"act": act, "reason": reason, "channel": channel}
        self._waiting.append((operation, Entry(actor, REFUSED, evidence)))
        async with self._turn:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            try:
                if batch:
                    async with self._writer.adding() as (connection, head):
                        for about, entry in batch:
                            head = await self._writer.add(connection, head, about, entry)  # noqa: PLW2901
            except (SQLAlchemyError, OSError) as error:
                _log.error("a refusal could not be recorded", lost=len(batch), error=type(error).__name__)
