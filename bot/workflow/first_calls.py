"""The first call of each trunk that was set up: for a day the call records are read, and it is told once."""

from functools import partial
from typing import Final

import structlog

from bot.domain.proof import Call
from bot.domain.records import Record
from bot.domain.transitions.proofs import called
from bot.runtime.clock import Clock, milliseconds
from bot.runtime.log import about
from bot.store.ledger import Ledger
from bot.vobiz.calls import Calls, read_calls
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable

EVERY: Final = 20.0  # seconds between rounds; a round of nothing is one query
PAUSE: Final = 60_000  # milliseconds between readings, of all instances together
_TURN: Final = "call records"
# Milliseconds by which a call may seem to have begun before the set-up and still be of after it: two clocks
# differ, and a time without a zone may be behind UTC. What a set-up makes has no calls of before, so that the
# bound matters only where a person picked another trunk as its result.
_SKEW: Final = 60_000
_BEHIND: Final = 12 * 3_600_000
_LOGGED: Final = 3600.0  # seconds between lines that records could not be read

_log = structlog.get_logger("bot.first_calls")


class FirstCalls:
    """Runs in every instance. The right to read is a write in the database, and so is the telling."""

    def __init__(self, ledger: Ledger, vobiz: VobizClient, clock: Clock) -> None:
        self._ledger = ledger
        self._vobiz = vobiz
        self._clock = clock
        self._said_at = float("-inf")

    async def watch(self) -> None:
        """Make rounds for ever; run it as a task and cancel it."""
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round has to come
                _log.error("a round was not finished", error=type(error).__name__)
            await self._clock.sleep(EVERY)

    async def round(self) -> None:
        """Read the records if any trunk is watched and nobody has just read them; tell of first calls."""
        watched = await self._ledger.watched(self._vobiz.auth_id, milliseconds(self._clock))
        if not watched or not await self._ledger.turns.take(_TURN, PAUSE):
            return
        read = await read_calls(self._vobiz)
        if isinstance(read, Unreachable):
            self._unread(read)
            return
        for record in watched:
            call = first_call(record, read)
            if call is not None:
                with about(record.operation.id):
                    await self._ledger.change(record.operation.id, partial(called, call=call))

    def _unread(self, why: Unreachable) -> None:
        now = self._clock.now()
        if now - self._said_at >= _LOGGED:
            self._said_at = now
            _log.debug("the call records could not be read", reason=why.reason)


def first_call(record: Record, read: Calls) -> Call | None:
    """Return the earliest call of the operation's trunk since the operation was sent, if there is one."""
    trunk, since = (record.trunk or "").casefold(), record.operation.steps[0].sent_at
    if since is None:
        return None
    mine = (one for one in read.carried if one.trunk.casefold() == trunk)
    after = (one for one in mine if one.at + (_SKEW if one.zoned else _BEHIND) >= since)
    found = min(after, key=lambda one: one.at, default=None)
    if found is None:
        return None
    return Call(
        at=found.at,
        zoned=found.zoned,
        answered=found.answered,
        seconds=found.seconds,
        cause=found.cause,
        # Where records of after the set-up were not read, there may be an earlier one.
        first=read.since is not None and read.since <= since,
    )
