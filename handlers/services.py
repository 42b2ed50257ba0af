"""What listeners work with. `bot.assembly` makes it; nothing here is made at import."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.doctor.examination import Doctor
from bot.domain.operation import Operation
from bot.domain.policy import (
    Allowed,
    Decision,
    Denied,
    Facts,
    Groups,
    Home,
    Person,
    Policy,
    Undetermined,
    decide,
    may_decide,
)
from bot.kinds.base import Limits
from bot.kinds.registry import Kinds
from bot.notify.app_home import AppHome
from bot.proof.examination import Examiner
from bot.runtime.clock import Clock
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import Background
from bot.slack.client import SlackWeb
from bot.slack.sealing import Sealer
from bot.store.ledger import Ledger
from bot.workflow.decisions import Decisions
from bot.workflow.intake import Intake
from bot.workflow.preview import Preview
from bot.workflow.readings import Readings


@dataclass(frozen=True)
class Rules:
    """What the deployer decided, and who is who: from memory, nothing is looked up while a person waits.

    `members` returns the members of each user group, as last read.
    """

    command: str
    account: str
    approval_ttl: timedelta
    approvals_channel: str | None
    policy: Policy
    home: Home
    kinds: Kinds
    members: Callable[[], Groups]

    @property
    def limits(self) -> Limits:
        """The bounds that forms and commands check."""
        return Limits(self.policy.max_calls)

    def may(self, person: Person, channel: str | None, facts: Facts | None = None) -> Decision:
        """Ask the policy whether a person may change something from a channel, or only ask for it."""
        return decide(self.policy, self.home, person, channel, self.members(), facts=facts)

    def may_decide(self, person: Person, requester: str) -> Allowed | Denied | Undetermined:
        """Ask the policy whether a person may approve or deny what another person requested."""
        return may_decide(self.policy, self.home, person, self.members(), requester)

    def facts(self, op: Operation) -> Facts:
        """Say what the policy may ask of an operation."""
        kind = self.kinds.of(op.kind)
        return Facts(op.kind) if kind is None else kind.facts(op.request, op.seen)


@dataclass(frozen=True)
class Services:
    """The bot's parts, as listeners need them. What may not call Slack is given `rules` instead.

    `presses` is what people pressed and what they are told of it: it is finished when the process stops.
    `background` is cut.
    """

    rules: Rules
    slack: SlackWeb
    sealer: Sealer
    preview: Preview
    readings: Readings
    examiner: Examiner
    home: AppHome
    ledger: Ledger
    intake: Intake
    decisions: Decisions
    clock: Clock
    background: Background
    presses: Background
    doctor: Doctor
    metrics: Metrics
