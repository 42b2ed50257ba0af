"""The contract of a kind: all that is special about one kind of change, as the rest of the bot sees it.

The rest of the bot knows none of a kind's fields: it hands a kind's own JSON back to it. A kind does no I/O:
what is at Vobiz comes to it as a snapshot that was read for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel

from bot.blockkit.blocks import Block
from bot.commands.problems import Problem
from bot.domain.operation import Step
from bot.domain.outcome import Data, Thing
from bot.domain.policy import Facts
from bot.kinds.wording import Words
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.vobiz.writes import Write

Typed = Callable[[str], str | None]  # what stands in the input whose block_id and action_id are the argument


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
class Trace:
    """What is known of a step whose outcome is not.

    `before` is a reading of the account from before the first sending, None when there is none; `now` is a
    reading from after the latest. `owned` are ids that the ledger gives to other operations. `tag` is the
    description that was sent along, if any.
    """

    request: Data
    step: Step
    done: tuple[Step, ...]
    before: Snapshot | None
    now: Snapshot
    owned: frozenset[str] = frozenset()
    tag: str | None = None


class Kind(ABC):
    """One kind of change. `name` is stored for ever, `version` counts the shapes of `Request`.

    `verb` is the word after the command, which may be abbreviated where `short` says so. `synonyms` are words
    that mean it, in small letters: it is offered to those who type one. `resource` is the type of the record
    that a step makes, which then belongs to the operation (None: it makes none). With `guarded`, what the
    person saw is compared with what is there right before the first step.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    verb: ClassVar[str]
    short: ClassVar[bool] = False
    synonyms: ClassVar[frozenset[str]] = frozenset()
    resource: ClassVar[str | None] = None
    guarded: ClassVar[bool] = False
    Request: ClassVar[type[BaseModel]]
    words: ClassVar[Words]

    @abstractmethod
    def parse(self, text: str, start: int, limits: Limits) -> Data | Problem:
        """Read what stands in a typed text after the verb, which ends at `start`: what is known so far."""

    @abstractmethod
    def line(self, known: Data) -> str:
        """Write what people would type to get here, without the command's own name."""

    @abstractmethod
    def inputs(self, known: Data, limits: Limits) -> list[Block]:
        """Build the form's inputs, filled in with what is known. Shown again, inputs keep their ids."""

    @abstractmethod
    def typed(self, typed: Typed, limits: Limits) -> Data:
        """Return what is known from a form that may be unfinished."""

    @abstractmethod
    def read(self, typed: Typed, limits: Limits) -> BaseModel | Errors:
        """Read a submitted form, whatever the client did or did not check; a `Request` or errors by input."""

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

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep what the person is shown of the account beside the form: what an approver is told as well."""
        del known, now, ceiling
        return {}

    def steps(self, request: Data) -> tuple[str, ...]:
        """Name the writes to Vobiz in their order."""
        del request
        return (self.name,)

    def secret(self, step: str) -> bool:
        """Say whether a step sends a password, which is made for it and sealed before."""
        del step
        return False

    @abstractmethod
    def write(
        self, request: Data, step: str, done: tuple[Step, ...], *, tag: str | None, secret: str | None
    ) -> Write:
        """Build the write of a step; `done` are the steps before it. `tag`, if any, marks what it makes."""

    @abstractmethod
    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read a 2xx: what was made or changed, None where nothing is named (a DELETE), or why it is none.

        `body` is None when there is none, or no JSON object.
        """

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Return what is there now where it differs from what the person saw; None when it does not."""
        del request, seen, now
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
