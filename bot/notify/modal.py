"""The modal that asked: it shows how its operation stands, once the answer to its submission has left."""

import asyncio
from typing import Final

import structlog

from bot.domain.observer import Tried
from bot.domain.records import Record
from bot.runtime.clock import Clock
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed
from bot.words.create_form import operation_modal

# Slack gives no sign that it has applied the answer to a submission. An update that overtakes it is lost
# behind “Creating…”, so the modal's update waits for our answer to have left, and this long more (seconds).
SETTLE_VIEW: Final = 0.15

# The name of the part that people know: what is logged here is about telling people.
_log = structlog.get_logger("bot.delivery")


class Modals:
    """Brings modals up to date. `settle` is what `operation_modal` says of it, in seconds."""

    def __init__(self, slack: SlackWeb, clock: Clock, tried: Tried, *, settle: int) -> None:
        self._slack = slack
        self._clock = clock
        self._tried = tried
        self._settle = settle
        self._answered: dict[str, asyncio.Event] = {}

    def hold(self, operation: str, answered: asyncio.Event) -> None:
        """Keep an operation's modal as it is until the answer to its submission has left."""
        self._answered[operation] = answered

    async def show(self, record: Record) -> None:
        """Say in the modal how its operation stands; a person who has closed it misses nothing."""
        answered = self._answered.pop(record.operation.id, None)
        if record.view_id is None:
            return
        if answered is not None:
            await answered.wait()
            await self._clock.sleep(SETTLE_VIEW)
        shown = await self._slack.update_view(
            record.view_id, operation_modal(record.operation, self._settle, approvals=record.asked_in)
        )
        # The person may have closed the modal: `not_found` is no trouble.
        error = shown.error if isinstance(shown, Failed) and shown.error != "not_found" else None
        self._tried("modal", error)
        if error is not None:
            _log.warning("the modal could not be updated", ref=record.operation.ref, error=error)
