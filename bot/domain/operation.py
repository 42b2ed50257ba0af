"""What an operation is: its states and its steps', the legal transitions, what a person may decide."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.outcome import Data, Refusal, Thing
from bot.domain.proof import Proof
from bot.domain.reference import reference


class State(StrEnum):
    """Where an operation stands. The README draws the same graph and a test compares them."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    ACCEPTED = "accepted"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.ACCEPTED, State.AWAITING_APPROVAL}),
        State.AWAITING_APPROVAL: frozenset({State.ACCEPTED, State.DENIED, State.EXPIRED, State.WITHDRAWN}),
        State.ACCEPTED: frozenset({State.RUNNING}),
        State.RUNNING: frozenset({State.RUNNING, State.DONE, State.STOPPED, State.UNKNOWN}),
        State.UNKNOWN: frozenset({State.RUNNING, State.DONE, State.STOPPED}),
    }
)


class StepState(StrEnum):
    """Where a step stands. One that never began when its operation stopped stays `waiting`."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    NOT_DONE = "not_done"  # a person said so


STEP_TRANSITIONS: Final[Mapping[StepState, frozenset[StepState]]] = MappingProxyType(
    {
        # A guard that finds the account changed ends a step before it is sent.
        StepState.WAITING: frozenset({StepState.SENDING, StepState.NOT_SENT}),
        StepState.SENDING: frozenset(
            {StepState.DONE, StepState.REJECTED, StepState.NOT_SENT, StepState.UNKNOWN}
        ),
        StepState.UNKNOWN: frozenset({StepState.DONE, StepState.NOT_DONE, StepState.SENDING}),
    }
)


class Standing(StrEnum):
    """How people are told that an operation stands: its state, and for a stopped one, what stopped it."""

    AWAITING_APPROVAL = "awaiting_approval"
    ACCEPTED = "accepted"
    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    NOT_DONE = "not_done"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


# What holds claims: of two operations that claim the same, one is told whose is running.
IN_FLIGHT: Final = frozenset({State.ACCEPTED, State.RUNNING, State.UNKNOWN})
# What has been stored and has not ended.
LIVE: Final = IN_FLIGHT | {State.AWAITING_APPROVAL}


class Found(StrEnum):
    """What made us say that a step was done."""

    ANSWER = "answer"  # Vobiz's answer to what we sent
    LATE = "late"  # the same, after the bot had begun to look: it settles the only sending there was
    LOOK = "look"  # what is at Vobiz leaves no doubt
    PERSON = "person"  # an operator said so


class Choice(StrEnum):
    """What a person may decide about an unknown outcome; a button's action id is `trunk.` and the value."""

    CHECK_AGAIN = "check_again"
    SEND_AGAIN = "send_again"
    GIVE_UP = "give_up"
    PICK = "pick"
    TRY_AGAIN = "try_again"


@dataclass(frozen=True, slots=True)
class Look:
    """What looking showed after a step whose outcome is not known.

    `finished` is false while the bot still looks by itself; `whole` is false when not everything could be
    read, so that nothing may be concluded from what is missing. `candidates` may be what the step made.
    `again` says that sending again may be offered: all was seen, so that what fits is known to who decides.
    `elsewhere` is the account that the bot works for, when that is not the operation's: then that is why.
    """

    finished: bool
    whole: bool
    candidates: tuple[Thing, ...] = ()
    again: bool = False
    elsewhere: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One write to Vobiz: one method, path and body, each sent at most once in a round.

    `number` counts from 1; `name` is the kind's word for it. `sent_at` is when it was first sent (ms), and
    `began_at` when the latest sending began. `sendings` counts them. `thing` is what it made or changed.
    `looks` counts the looks since the latest sending.
    """

    number: int
    name: str
    state: StepState = StepState.WAITING
    sent_at: int | None = None
    began_at: int | None = None
    sendings: int = 0
    thing: Thing | None = None
    found: Found | None = None
    refusal: Refusal | None = None
    reason: str | None = None
    look: Look | None = None
    looks: int = 0
    decided_by: str | None = None

    @property
    def may_hold(self) -> bool:
        """Whether what it sent before may be in force, although it ended refused or not sent."""
        ended = self.state in {StepState.REJECTED, StepState.NOT_SENT}
        return ended and self.sendings > 1 and self.reason != "password_gone"

    @property
    def uncertain_before(self) -> bool:
        """Whether an earlier sending of this step ended unknown: only then did the bot look."""
        return self.look is not None


@dataclass(frozen=True, slots=True)
class Approval:
    """What is known of a request for approval, or of going without one.

    `note` is why the requester asks, `denial` why it was denied; both are a person's words. `decided_by`
    approved, denied or withdrew it, at `decided_at` (ms). `break_glass` marks an operation that went without
    a second person. `above` is the threshold that made an approval necessary; None for a requester's.
    """

    note: str | None = None
    expires_at: int | None = None
    break_glass: bool = False
    above: int | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    denial: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One person's confirmation and what became of it, as the ledger holds it.

    Times are milliseconds since the epoch, UTC. `request` is exactly what was confirmed and `seen` what the
    person saw when they did, both as the kind wrote them (canonical JSON). `subject` is one line that names
    what it is about (a trunk's name). `round` counts the decisions of people, so that it also names a
    question: a decision ends one, and only after it can there be another. `asking` says that one is open.
    `proof` is what is seen of its trunk once it has ended; None where nothing is looked at.
    """

    id: str
    kind: str
    version: int
    state: State
    request: Data
    seen: Data
    subject: str
    account: str
    team: str
    channel: str
    requester: str
    created_at: int
    updated_at: int
    steps: tuple[Step, ...]
    round: int = 0
    asking: bool = False
    approval: Approval | None = None
    proof: Proof | None = None

    @property
    def ref(self) -> str:
        """The short reference people read out on the phone."""
        return reference(self.id)

    @property
    def step(self) -> Step:
        """The step that the operation is at: the first that is not done, or the last."""
        return next((step for step in self.steps if step.state is not StepState.DONE), self.steps[-1])

    @property
    def standing(self) -> Standing:
        """How people are told that it stands."""
        if self.state is State.STOPPED:
            return Standing(self.step.state.value)
        if self.state is State.DRAFT:
            raise AssertionError("unreachable: a draft is not stored")
        return Standing(self.state.value)

    @property
    def uncertain(self) -> bool:
        """Whether any sending of it ended unknown."""
        return any(step.uncertain_before for step in self.steps)

    @property
    def awaits(self) -> bool:
        """Whether Vobiz is still to state something of what a step made."""
        return any(step.thing is not None and step.thing.awaited for step in self.steps)

    @property
    def decided_by(self) -> str | None:
        """Who decided about the step that it is at."""
        return self.step.decided_by

    @property
    def approved_by(self) -> str | None:
        """Who approved it."""
        approval = self.approval
        ended = {State.AWAITING_APPROVAL, State.DENIED, State.EXPIRED, State.WITHDRAWN}
        return approval.decided_by if approval is not None and self.state not in ended else None

    @property
    def decider(self) -> str | None:
        """Who approved, denied or withdrew the request."""
        return self.approval.decided_by if self.approval is not None else None

    @property
    def break_glass(self) -> bool:
        """Whether it went without a second person."""
        return self.approval is not None and self.approval.break_glass

    @property
    def note(self) -> str | None:
        """Why the requester asked, or went alone."""
        return self.approval.note if self.approval is not None else None

    @property
    def expires_at(self) -> int | None:
        """Until when it can be approved."""
        return self.approval.expires_at if self.approval is not None else None

    @property
    def bound(self) -> str:
        """The digest of exactly what was confirmed, computed: an edited row does not fit its old one."""
        return digest(
            {
                "operation": self.id,
                "kind": self.kind,
                "version": self.version,
                "request": self.request,
                "seen": self.seen,
                "account": self.account,
                "requester": self.requester,
                "channel": self.channel,
            }
        )

    @property
    def likeness(self) -> str:
        """The digest of what is asked of which account: two operations with the same one ask for the same."""
        return likeness(self.kind, self.request, self.account)

    @property
    def choices(self) -> frozenset[Choice]:
        """What the open question offers; sending again only where the look allows it."""
        look = self.step.look
        if not self.asking or look is None:
            return frozenset()
        offered = {Choice.CHECK_AGAIN, Choice.GIVE_UP}
        if look.candidates:
            offered.add(Choice.PICK)
        if look.again:
            offered.add(Choice.SEND_AGAIN)
        return frozenset(offered)


_DIGEST_LENGTH: Final = 32  # hex digits: 128 bits, beyond reach of a second request with the same digest


def canonical(data: Data) -> str:
    """Write JSON in the one way that is stored and digested: sorted keys, no spaces, ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def digest(data: Data) -> str:
    """Name a JSON object in 32 hex digits of SHA-256."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()[:_DIGEST_LENGTH]


def likeness(kind: str, request: Data, account: str) -> str:
    """Name what is asked of which account: the same for two operations that ask for the same."""
    return digest({"kind": kind, "request": request, "account": account})
