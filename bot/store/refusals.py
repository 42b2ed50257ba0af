"""Refusals and lost races in the record: who was told no, and why; a flood of them is written together."""

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.records import Entry
from bot.store.writer import Said, Writer

REFUSED: Final = "refused"  # the kind of an event that says who was refused what
_WAITING_MAX: Final = 500  # that wait to be written; more at once are no people
_BATCH: Final = 50  # in one transaction, which a confirmation may have to wait for

_log = structlog.get_logger("bot.ledger")


class Refusals:
    """Events of what changed nothing. What was typed is not kept: it may be anything."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: list[Said] = []
        self._came = 0  # how many have come, in all
        self._tried = 0  # how many of them were written, or tried to
        self._turn = asyncio.Lock()

    async def add(self, actor: str, act: str, reason: str, channel: str | None, operation: str) -> None:
        """Add an event; `act` is what was tried. Never raises.

        Those that come while one is being written are written together, so that a flood of them takes few
        turns from what people confirm. Whoever finds theirs written with others takes no turn of their own.
        """
        if len(self._waiting) >= _WAITING_MAX:
            _log.error("a refusal could not be recorded", lost=1, error="too many at once")
            return
        evidence = {"act": act, "reason": reason, "channel": channel}
        self._waiting.append(Said(operation, Entry(actor, REFUSED, evidence)))
        self._came += 1
        mine = self._came
        async with self._turn:
            if mine <= self._tried:
                return
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            self._tried += len(batch)
            try:
                await self._writer.add(*batch)
            except (SQLAlchemyError, OSError) as error:
                _log.error("a refusal could not be recorded", lost=len(batch), error=type(error).__name__)
