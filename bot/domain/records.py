"""An operation with what the machinery needs around it, and what is stored beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.operation import Choice, Operation, StepState
from bot.domain.outcome import Data
from bot.domain.proof import Proof


@dataclass(frozen=True, slots=True)
class Post:
    """A message of ours in Slack, as chat.update needs it."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request for approval stores: why, until when (ms), and above which threshold, if that is why."""

    note: str | None
    expires_at: int
    above: int | None = None


@dataclass(frozen=True, slots=True)
class NewOperation:
    """What is stored when a person confirms. `request`, `seen`, `claims` and `steps` are the kind's.

    With `asking` it waits for an approval; `break_glass` is the reason for going without one. `reply` is the
    sealed response_url. `snapshot` names the reading of the account that was there before, if there is one.
    `target` is the id, without case, of the record that exists already which it is about. `unless_since` (ms)
    has it stored only if no other operation that asks for the same was done since then, but `shown`, which
    the person was told of. `proof` is what is to be seen of its trunk afterwards.
    """

    id: str
    kind: str
    version: int
    request: Data
    seen: Data
    subject: str
    claims: tuple[str, ...]
    steps: tuple[str, ...]
    account: str
    team: str
    channel: str
    requester: str
    view_id: str | None = None
    reply: str | None = None
    snapshot: str | None = None
    target: str = ""
    asking: Asking | None = None
    break_glass: str | None = None
    unless_since: int | None = None
    shown: str = ""
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One operation with what the machinery needs around it.

    `decision` is one of a person that waits to be carried out. `revision` counts the writes: every write is
    conditional on the one that was read. `moved_by` names the process that wrote the last one. `wake_at` is
    when the operation needs attention next (ms), None when never. `digest` is what was stored as `bound`
    when it was confirmed. `claims` are what it holds while in flight. `target` is as in NewOperation. Until
    `watch_until` (ms) the first call of its trunk is waited for.
    """

    operation: Operation
    claims: tuple[str, ...] = ()
    decision: Choice | None = None
    revision: int = 0
    moved_by: str = ""
    wake_at: int | None = None
    view_id: str | None = None
    reply: str | None = None
    snapshot: str | None = None
    digest: str = ""
    target: str = ""
    watch_until: int | None = None

    @property
    def trunk(self) -> str | None:
        """The trunk whose state the operation changed: the one that it is about, or that its steps made."""
        made = (step.thing.id for step in self.operation.steps if step.thing is not None)
        return self.target or next(made, None)

    @property
    def unproven(self) -> bool:
        """Whether its trunk is to be examined: something was done, and nobody has looked since."""
        proof, done = self.operation.proof, (one.state is StepState.DONE for one in self.operation.steps)
        return proof is not None and proof.ready is None and self.trunk is not None and any(done)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be: who, what kind, the evidence that decided."""

    actor: str
    kind: str
    evidence: Data


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an operation's history. `at` is in milliseconds; `state` is set by transitions."""

    at: int
    actor: str
    kind: str
    state: str | None
    evidence: Mapping[str, object]


class Purpose(StrEnum):
    """What a notice is for. Those up to `MODAL` are there once for an operation, and edited in place."""

    RESULT = "result"  # the operation's message, in its channel or for the requester alone
    APPROVAL = "approval"  # asks the approvers, or tells them of a break-glass
    REMINDER = "reminder"  # asks them once more
    MODAL = "modal"  # the form that was submitted shows how the operation stands
    QUESTION = "question"  # a reply that calls those who may decide about an unknown outcome
    SETTLED = "settled"  # a reply, shown in the channel too: an uncertain operation is settled
    LATE = "late"  # a reply: a record turned up, or an answer came, after the operation had moved on
    CALL = "call"  # a reply: the trunk carried its first call


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody is to be told something: written in the transaction of the transition that makes it true.

    What is said is worded when it is sent, from how the operation stands then. `key` tells several of one
    purpose apart; `data` is what the words need beside the operation. With `renew` what was said before is
    brought up to date, and nothing is begun.
    """

    purpose: Purpose
    key: str = ""
    data: Data | None = None
    renew: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What one event changes: the record as it is afterwards, and who is to be told.

    `things` are records at Vobiz that become the operation's, as (type, id): one belongs to one operation.
    Without an `entry` nothing happened that the record tells of: only when to look next has changed.
    """

    after: Record
    entry: Entry | None
    notices: tuple[Notice, ...] = ()
    things: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """A notice as the outbox holds it, with what is known of telling it.

    `wanted` is the revision of the operation that is to be told, `shown` the one that was told last. `place`
    is where it was said (channel and message) once it was; `route` by which way. `tries` counts the tries
    since `wanted` was set. `unsure` says that Slack may have posted it, without the bot knowing where.
    `due_at` is None when there is nothing to do: it was told, or given up (then `shown` is not `wanted`).
    """

    id: int
    operation: str
    purpose: Purpose
    key: str
    data: Data | None
    wanted: int
    shown: int | None
    due_at: int | None
    tries: int
    unsure: bool
    route: str | None
    place: Post | None
