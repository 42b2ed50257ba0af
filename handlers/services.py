"""What listeners work with. `bot.app` makes it; nothing here is made at import."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.doctor.examination import Doctor
from bot.domain.policy import (
    Allowed,
    Decision,
    Denied,
    Home,
    Person,
    Policy,
    Undetermined,
    decide,
    may_decide,
)
from bot.notify.app_home import Homes
from bot.runtime.clock import Clock
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import end
from bot.slack.client import SlackWeb
from bot.slack.sealing import Sealer
from bot.slack.usergroups import Groups
from bot.store.ledger import Ledger
from bot.workflow.decisions import Decisions
from bot.workflow.intake import Engine
from bot.workflow.preview import Looks

FINISH_WITHIN: Final = 3.0  # seconds for what people pressed when the process stops; their decisions keep


@dataclass
class Background:
    """Small work that no request waits for, and that may be cut at the end."""

    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run work beside the request; whoever wants to may wait for the task."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def finish(self, within: float = FINISH_WITHIN) -> None:
        """Wait up to `within` seconds for what is left and for what that starts, then cut."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self.tasks:
                    await asyncio.wait(self.tasks)
        await self.stop()

    async def stop(self) -> None:
        """Cut what is left."""
        await end(self.tasks)


@dataclass(frozen=True)
class Services:
    """The bot's parts, as listeners need them.

    `presses` is what people pressed and what they are told of it: it is finished when the process stops.
    """

    command: str
    account: str
    approval_ttl: timedelta
    approvals_channel: str | None
    policy: Policy
    home: Home
    slack: SlackWeb
    sealer: Sealer
    groups: Groups
    looks: Looks
    homes: Homes
    ledger: Ledger
    engine: Engine
    decisions: Decisions
    clock: Clock
    background: Background
    presses: Background
    doctor: Doctor
    metrics: Metrics

    def may(self, person: Person, channel: str | None, calls: int | None = None) -> Decision:
        """Ask the policy, from memory: nothing is looked up while a person waits."""
        return decide(self.policy, self.home, person, channel, self.groups.members(), calls=calls)

    def may_decide(self, person: Person, requester: str) -> Allowed | Denied | Undetermined:
        """Ask the policy whether a person may approve or deny what another asked for."""
        return may_decide(self.policy, self.home, person, self.groups.members(), requester)
