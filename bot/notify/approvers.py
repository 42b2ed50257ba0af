"""What operators are told: of a request to decide, a reminder of it, a create without a second person.

Each is marked when it was said, and what was said is brought up to date; by which ways it reaches them is in
bot.notify.approver_routes. When all of those fail the caller is told, because somebody has to hear that
nobody did.
"""

import asyncio
from collections.abc import Callable
from typing import Final
from weakref import WeakValueDictionary

import structlog

from bot.blockkit.layout import Message
from bot.domain.operation import State
from bot.domain.policy import Members
from bot.domain.records import Post, Record
from bot.notify.approver_routes import Approvals, Heard, OperatorWays
from bot.notify.posting import Poster
from bot.runtime.clock import Clock
from bot.slack.rate_limit import PATIENCE
from bot.slack.responses import Failed
from bot.slack.sealing import Sealer
from bot.store.ledger import Ledger
from bot.words.approvals import approval_message, break_glass_message, reminder_message

_REMIND_AGAIN: Final = 60.0  # seconds, so that an hour without Slack does not fill the record with tries

_log = structlog.get_logger("bot.delivery")


class Operators:
    """Asks, reminds and warns the operators: at least once, saying when it may be twice."""

    def __init__(
        self, poster: Poster, ledger: Ledger, sealer: Sealer, approvals: Approvals, clock: Clock
    ) -> None:
        self._poster = poster
        self._ledger = ledger
        self._ways = OperatorWays(poster, sealer, approvals)
        self._approvers = approvals.approvers
        self._clock = clock
        self._quiet: dict[str, float] = {}
        self._tried: dict[str, bool] = {}  # by route and operation: whether Slack surely took it
        self._unheard: set[str] = set()
        self._renewing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._announcing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def due(self, record: Record) -> bool:
        """Say whether an approval is still to be asked for, or a create without one to be announced."""
        if record.operation.state is State.AWAITING_APPROVAL:
            return record.approval is None
        return record.operation.break_glass and not record.reminded

    async def inform(self, record: Record, hurry: float) -> Heard:
        """Do what is due. A result waits for an announcement: Slack may hold it back for `hurry` seconds."""
        waiting = record.operation.state is State.AWAITING_APPROVAL
        return await (self._ask(record) if waiting else self.announce(record, hurry))

    async def announce(self, record: Record, patience: float = PATIENCE) -> Heard:
        """Announce a create without a second person: at least once, so it is marked when it was said."""
        operation = record.operation.id
        # In turn: a result that is told and what was left over of older ones may both come to announce it.
        async with self._announcing.setdefault(operation, asyncio.Lock()):
            fresh = await self._ledger.get(operation) or record
            if fresh.reminded:
                return Heard.YES
            said = await self._tell(
                fresh,
                "break_glass",
                lambda mention, repeat: break_glass_message(fresh.operation, mention, repeat=repeat),
                patience,
            )
            if isinstance(said, Heard) and said is not Heard.YES:
                return said
            post = said if isinstance(said, Post) else None
            after = await self._ledger.requests.announced(operation, post)
            self._tried.pop(f"break_glass {operation}", None)
        # It may have moved on before this message was written down; or another instance announced it too,
        # whose message is the one that is brought up to date from now on.
        if after is None and post is not None:
            await self._settle(operation, [post])
        elif after is not None and after.operation != fresh.operation:
            await self.renew(after)
        return Heard.YES

    async def renew(self, record: Record) -> bool:
        """Bring what asked, once decided, or announced up to date; False when time may cure a failure."""
        reminder = await self._ledger.requests.reminder(record.operation.id) if record.reminded else None
        posts = [post for post in (record.approval, reminder) if post is not None]
        return await self._settle(record.operation.id, posts)

    async def _settle(self, operation: str, posts: list[Post]) -> bool:
        if not posts:
            return True
        # Read again in turn: what is sent last is what is true last.
        async with self._renewing.setdefault(operation, asyncio.Lock()):
            record = await self._ledger.get(operation)
            if record is None or record.operation.state is State.AWAITING_APPROVAL:
                return True
            if record.operation.break_glass:
                settled = break_glass_message(record.operation, self._approvers)
            else:
                decided = await self._ledger.requests.decided_at(operation)
                settled = self._approval(record, Members(), decided_at=decided)
            route = "approval_update"
            return all([await self._poster.replace(record.operation, route, post, settled) for post in posts])

    async def remind(self, record: Record) -> None:
        """Remind of a request, once: marked when it was said or can not be; failures that may pass wait."""
        operation = record.operation.id
        if self._clock.now() < self._quiet.get(operation, 0):
            return
        fresh = await self._ledger.get(operation)  # the ones before it in the round took their time
        if fresh is None or fresh.reminded or fresh.operation.state is not State.AWAITING_APPROVAL:
            return
        bound = fresh.digest or ""
        said = await self._tell(
            fresh,
            "reminder",
            lambda mention, _: reminder_message(fresh.operation, mention, bound),
        )
        if said is Heard.LATER:
            self._quiet[operation] = self._clock.now() + _REMIND_AGAIN
            return
        self._quiet.pop(operation, None)
        post = said if isinstance(said, Post) else None
        after = await self._ledger.requests.remind(operation, post, reached=said is not Heard.NOBODY)
        self._tried.pop(f"reminder {operation}", None)
        # Somebody may have decided before this message was written down: then nothing else settles it.
        if after is None and post is not None:
            await self._settle(operation, [post])

    async def _ask(self, record: Record) -> Heard:
        said = await self._tell(
            record, "approval", lambda mention, repeat: self._approval(record, mention, repeat=repeat)
        )
        if not isinstance(said, Post):
            return said
        after = await self._ledger.requests.asked(record.operation.id, said)
        self._tried.pop(f"approval {record.operation.id}", None)
        # Somebody may have decided on the Home tab before this message was written down.
        if after is not None and after.operation.state is not State.AWAITING_APPROVAL:
            await self.renew(after)
        return Heard.YES

    def _approval(
        self, record: Record, mention: Members, *, decided_at: int | None = None, repeat: bool = False
    ) -> Message:
        return approval_message(
            record.operation,
            mention,
            record.digest or "",
            decided_at=decided_at,
            repeat=repeat,
        )

    async def _tell(
        self,
        record: Record,
        route: str,
        message: Callable[[Members, bool], Message],
        patience: float = PATIENCE,
    ) -> Post | Heard:
        # The caller takes the key away, once it is written down that it was said: else it may come twice.
        key = f"{route} {record.operation.id}"
        repeat = key in self._tried or record.moved_by != self._ledger.process
        # What was not confirmed may have woken nobody: rather twice than never.
        mention = Members() if self._tried.setdefault(key, False) else self._approvers
        said = await self._ways.reach(record, route, message(mention, repeat), patience)
        if isinstance(said, Failed):
            # What Slack's limits held back was surely not posted: the next one repeats nothing.
            if said.error == "ratelimited" and not repeat:
                self._tried.pop(key)
            return Heard.LATER
        self._tried[key] |= isinstance(said, Post) or said is Heard.YES
        if said is Heard.NOBODY and key not in self._unheard:
            self._unheard.add(key)
            _log.error("nobody could be asked", ref=record.operation.ref, route=route)
        return said
