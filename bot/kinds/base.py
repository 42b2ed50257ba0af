"""The contract of a kind: all that is special about one kind of change, as the rest of the bot sees it.

The rest of the bot knows none of a kind's fields: it hands a kind's own JSON back to it. A kind does no I/O:
what is at Vobiz comes to it as a snapshot that was read for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.blocks import Block
from bot.blockkit.text import Line
from bot.commands.problems import Problem
from bot.domain.operation import Operation, Step
from bot.domain.outcome import Data, Outcome, Refusal, Rejected, Thing, Unknown
from bot.domain.policy import Facts
from bot.kinds.wording import Words
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import Trunk
from bot.vobiz.writes import Write

# What stands in the input whose block_id and action_id are the argument; of several chosen a line each.
Typed = Callable[[str], str | None]


# Under this name a form keeps what there is to choose from, beside what else it shows of the account.
CHOICES: Final = "choices"


@dataclass(frozen=True, slots=True)
class Limits:
    """The deployer's bounds that forms and commands check. `max_calls` is TRUNK_MAX_CALLS."""

    max_calls: int


@dataclass(frozen=True, slots=True)
class Errors:
    """What to say under which input, by block_id."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ThisOne:
    """What is at Vobiz leaves no doubt that the step was done. `why` is the rule that says so."""

    thing: Thing | None
    why: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """Everything was seen, and nothing of it can be what the step made: sending again may be offered."""


@dataclass(frozen=True, slots=True)
class Several:
    """These may be what the step made, the likeliest first; only a person can say."""

    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Not everything was seen, so that nothing may be concluded."""


Finding = ThisOne | NotThere | Several | CannotTell


@dataclass(frozen=True, slots=True)
class At:
    """A step of an operation: what was confirmed, what the person saw then, what was done before it."""

    request: Data
    step: Step
    done: tuple[Step, ...] = ()
    seen: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace(At):
    """What is known of a step whose outcome is not.

    `before` is a reading of the account from before the first sending, None when there is none; `now` is a
    reading from after the latest. `owned` are ids that the ledger gives to other operations. `tag` is the
    description that was sent along, if any.
    """

    before: Snapshot | None
    now: Snapshot
    owned: frozenset[str] = frozenset()
    tag: str | None = None


# Begins the reason of an unknown outcome, before the id of the record that was answered.
OTHER: Final = "other_"


def answered(step: Step) -> str | None:
    """Return the id, without case, of what a success named that may be another record (see `mistaken`)."""
    why = step.reason or ""
    return why.removeprefix(OTHER).casefold() if why.startswith(OTHER) else None


@dataclass(frozen=True, slots=True)
class Pick:
    """One of several that a form could be about, for a person to choose. `value` is at most 75 characters."""

    line: Line
    label: str
    value: str


class Kind(ABC):
    """One kind of change. `name` is stored for ever, `version` counts the shapes of `Request`.

    `verb` is the word after the command, which may be abbreviated where `short` says so; empty where only
    buttons lead to it. `synonyms` are words that mean it, in small letters: it is offered to those who type
    one. `resource` is the type of the record that it makes, and is looked for among those that the shared
    look before it saw (None: it makes none of these); see `makes`.

    With `guarded`, what the person saw is compared with what is there right before the first step. So its
    form opens empty, is filled with what was read, and cannot be submitted before: `inputs`, `typed` and
    `read` are given what was `seen`, and what is submitted is about what was seen (see `about`). With `grave`
    its button warns: it cannot be undone. `redraws` are the inputs that tell of a choice (`dispatch_action`)
    with which the others change: the form is drawn anew. With `sees_ceiling` it is filled beside the
    account's ceiling of calls, as that of any kind that is not guarded.

    What `proves` has its trunk examined once it has ended, and the result says how ready that is; the plain
    create has not, since what a bare trunk lacks is known without asking. With `watched` as well the first
    call of the trunk is waited for, for a day, and told.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    verb: ClassVar[str] = ""
    short: ClassVar[bool] = False
    synonyms: ClassVar[frozenset[str]] = frozenset()
    resource: ClassVar[str | None] = None
    guarded: ClassVar[bool] = False
    grave: ClassVar[bool] = False
    redraws: ClassVar[frozenset[str]] = frozenset()
    proves: ClassVar[bool] = False
    watched: ClassVar[bool] = False
    sees_ceiling: ClassVar[bool] = False
    Request: ClassVar[type[BaseModel]]
    words: ClassVar[Words]

    @property
    def action(self) -> str:
        """End the action id of the buttons that open its form: old messages have them for ever."""
        return self.verb or self.name

    @abstractmethod
    def parse(self, text: str, start: int, limits: Limits) -> Data | Problem:
        """Read what stands in a typed text after the verb, which ends at `start`: what is known so far."""

    @abstractmethod
    def line(self, known: Data) -> str:
        """Write what people would type to get here, without the command's own name."""

    @abstractmethod
    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Build the form's inputs, filled in with what is known. Shown again, inputs keep their ids."""

    @abstractmethod
    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""

    @abstractmethod
    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form, whatever the client did or did not check; a `Request` or errors by input.

        Of what was `seen` a kind that is not guarded is given only what it offered; see `CHOICES`.
        """

    @abstractmethod
    def subject(self, request: Data) -> str:
        """Name in one line what the request is about, for history, Home and search."""

    def facts(self, known: Data, seen: Data) -> Facts:
        """Say what policy may ask, as far as it is known."""
        del known, seen
        return Facts(self.name)

    @abstractmethod
    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Name what no other operation may do while this one is in flight. The account is part of each."""

    def about(self, known: Data, seen: Data) -> str:
        """Name the record that exists already which this is about, as far as it is known; else it is empty.

        A guarded form that was filled for one is not taken for another.
        """
        del known, seen
        return ""

    def texts(self, known: Data) -> tuple[str, ...]:
        """Return what was typed that may be the reference of an operation, of which the record is meant."""
        del known
        return ()

    def needs(self, known: Data) -> Needs:
        """Say what has to be read of the account for the form.

        Of a kind that is not guarded only the further lists count, which it offers to choose from.
        """
        del known
        return Needs()

    def choices(self, known: Data, now: Snapshot | None) -> Data:
        """Keep of each list in `needs`, under its name, what the form of a kind that is not guarded offers.

        See `CHOICES`; `now` is None where none could be read.
        """
        del known, now
        return {}

    def narrowed(self, known: Data, now: Snapshot, meant: Mapping[str, str]) -> Data:
        """Return what is known after it was looked up which record is meant, where only one can be.

        `meant` are the records of the operations whose references were typed (see `texts`).
        """
        del now, meant
        return known

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep what the person is shown of the account beside the form: what an approver is told as well.

        `now` is None where the account could not be read.
        """
        del known, now, ceiling
        return {}

    def since(self, seen: Data, last: Operation) -> Data:
        """Return what to add to `seen`: how the record differs from how the last operation left it."""
        del seen, last
        return {}

    def ready(self, seen: Data) -> bool:
        """Tell whether what was seen is enough to confirm something (of a guarded form)."""
        del seen
        return True

    def offered(self, fields: Data) -> bool:
        """Tell whether it is offered beside a record that is shown, by the record's fields."""
        del fields
        return False

    def picks(self, seen: Data) -> tuple[Pick, ...]:
        """Return what a person may choose from where it is not clear what the form is about."""
        del seen
        return ()

    def picked(self, known: Data, value: str) -> Data:
        """Return what is known after one of them was chosen."""
        del value
        return known

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Name the kinds that its open form offers to go over to, in the order of the buttons."""
        del known, seen
        return ()

    def taken(self, known: Data) -> Data:
        """Return what this kind's form takes over of what is `known` in that of another.

        Slack itself keeps what stands in inputs of the same block_id: those have to mean the same in both.
        """
        del known
        return {}

    def steps(self, request: Data) -> tuple[str, ...]:
        """Name the writes to Vobiz in their order."""
        del request
        return (self.name,)

    def makes(self, step: str) -> str | None:
        """Return the type of the record that a step makes, which then belongs to the operation."""
        del step
        return self.resource

    def secret(self, step: str) -> bool:
        """Say whether a step sends a password, which is made for it and sealed before."""
        del step
        return False

    @abstractmethod
    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the write of a step. `tag`, if any, marks what it makes."""

    @abstractmethod
    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read a 2xx: what was made or changed, None where nothing is named (a DELETE), or why it is none.

        `body` is None when there is none, or no JSON object.
        """

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether what a success names may be another record than the one that was made or changed."""
        del at, thing
        return False

    def read_refusal(self, step: Step, outcome: Rejected | Unknown, refusal: Refusal) -> Outcome:
        """Say what a refusal means where the kind knows more than that nothing was changed, or less."""
        del step, refusal
        return outcome

    def guards(self, request: Data) -> Needs:
        """Say what has to be read right before the first step, of a guarded kind."""
        del request
        return Needs()

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Return what is there now where it differs from what the person saw; None when it does not."""
        del request, seen, now
        return None

    def rechecks(self, at: At) -> Needs | None:
        """Say what is read right before a step that does not follow the guard at once; None: nothing.

        That is any step after the first, and one that a person said to send again: a question may have been
        open for days.
        """
        del at
        return None

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        """Return what is there now where the step would undo or break what others did; None: nothing."""
        del at, now
        return None

    def met(self, request: Data, there: Data) -> Thing | None:
        """Return the record that the guard found changed, with what is told of it, if that can be told."""
        del request, there
        return None

    def afterwards(self, at: At) -> Needs | None:
        """Say what is read to find out whether a step was done, and after it.

        None: all trunks to find out, and nothing after it.
        """
        del at
        return None

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Return what was made or changed with what was read of it afterwards; None is: not readable."""
        del at, now
        return thing

    def inverse(self, op: Operation) -> tuple[str, Data] | None:
        """Return the kind that would undo an operation that was done, and what it would ask for."""
        del op
        return None

    @abstractmethod
    def find(self, trace: Trace) -> Finding:
        """Conclude what may be concluded about a step whose outcome is not known."""

    def completed(self, thing: Thing, now: Trunk) -> Thing:
        """Add to a record that a step made what Vobiz states of it by now; asked while it has `awaited`."""
        del now
        return thing

    def late(self, trace: Trace) -> tuple[Thing, ...]:
        """Return what turned up later and may be what an uncertain step made."""
        match self.find(trace):
            case ThisOne(thing=Thing() as thing):
                return (thing,)
            case Several(things=things):
                return things
            case _:
                return ()
