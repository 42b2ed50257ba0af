"""How a kind of several steps does each of them: stages, of which kinds are composed.

A stage knows one write: how it is built from what was confirmed and what the steps before it brought, how
its answer is read, and how it is found out whether it was done. The same stage serves several kinds.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from bot.domain.operation import Step
from bot.domain.outcome import Data, Outcome, Refusal, Rejected, Thing, Unknown
from bot.kinds.base import At, Finding, Kind, Trace
from bot.kinds.wording import Words
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.writes import Write


class Stage(ABC):
    """One step of several. `makes` is the type of the record that it makes; `secret`: it sends a password.

    `words` are what is said while it is not known what became of it.
    """

    makes: ClassVar[str | None] = None
    secret: ClassVar[bool] = False
    words: Words

    @abstractmethod
    def title(self, rest: str) -> str:
        """Name it in the list of steps: “Create the SIP login”.

        `rest` is what the name of its step has after the stage's.
        """

    @abstractmethod
    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the write."""

    @abstractmethod
    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read a 2xx: what was made or changed, None where nothing is named, or why it is none."""

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether what a success names may be another record than the one that was made or changed."""
        del at, thing
        return False

    def read_refusal(self, step: Step, outcome: Rejected | Unknown, refusal: Refusal) -> Outcome:
        """Say what a refusal means where the stage knows more than that nothing was changed, or less."""
        del step, refusal
        return outcome

    @abstractmethod
    def afterwards(self, at: At) -> Needs | None:
        """Say what is read to find out whether it was done, and after it."""

    def rechecks(self, at: At) -> Needs | None:
        """Say what is read right before it, unless it is the first step."""
        del at
        return None

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        """Return what is there now where it would undo or break what others did."""
        del at, now
        return None

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Return what was made or changed with what was read of it afterwards."""
        del at, now
        return thing

    @abstractmethod
    def find(self, trace: Trace) -> Finding:
        """Conclude what may be concluded where it is not known whether it was done."""


class Staged(Kind):
    """A kind whose steps are stages: a step is named by its stage, and what follows a space is the step's.

    So `assign_number +14155550100` is the stage `assign_number` for one number.
    """

    stages: ClassVar[Mapping[str, Stage]]

    def stage(self, step: str) -> Stage:
        """Return the stage of a step."""
        return self.stages[step.partition(" ")[0]]

    def makes(self, step: str) -> str | None:
        """Ask the stage."""
        return self.stage(step).makes

    def secret(self, step: str) -> bool:
        """Ask the stage."""
        return self.stage(step).secret

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Ask the stage."""
        return self.stage(at.step.name).write(at, tag=tag, secret=secret)

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Ask the stage."""
        return self.stage(step).read_success(step, status, body)

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Ask the stage."""
        return self.stage(at.step.name).mistaken(at, thing)

    def read_refusal(self, step: Step, outcome: Rejected | Unknown, refusal: Refusal) -> Outcome:
        """Ask the stage."""
        return self.stage(step.name).read_refusal(step, outcome, refusal)

    def rechecks(self, at: At) -> Needs | None:
        """Ask the stage."""
        return self.stage(at.step.name).rechecks(at)

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        """Ask the stage."""
        return self.stage(at.step.name).recheck(at, now)

    def afterwards(self, at: At) -> Needs | None:
        """Ask the stage."""
        return self.stage(at.step.name).afterwards(at)

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Ask the stage."""
        return self.stage(at.step.name).read_back(at, thing, now)

    def find(self, trace: Trace) -> Finding:
        """Ask the stage."""
        return self.stage(trace.step.name).find(trace)


class StagedWords(Words):
    """How a kind speaks whose steps are stages: of a step as its stage does."""

    stages: ClassVar[Mapping[str, Stage]]

    def step(self, name: str, request: Data) -> str:
        """Name a step as its stage does."""
        del request
        stage, _, rest = name.partition(" ")
        return self.stages[stage].title(rest)

    def of(self, step: str) -> Words:
        """Return what is said of a step."""
        return self.stages[step.partition(" ")[0]].words
