"""The create of a trunk as one step of several: the request has what is asked for of the trunk as a part."""

from dataclasses import replace
from typing import ClassVar, Final, TypeVar

from bot.domain.outcome import Data, Thing
from bot.kinds.base import At, Finding, Trace
from bot.kinds.create_trunk.find import late
from bot.kinds.create_trunk.kind import CreateTrunk
from bot.kinds.create_trunk.request import wanted
from bot.kinds.create_trunk.words import CreateTrunkWords
from bot.kinds.stages import Stage
from bot.kinds.wording import Words
from bot.vobiz.snapshot import Needs
from bot.vobiz.writes import Write

_KIND: Final = CreateTrunk()
_At = TypeVar("_At", bound=At)


class CreateStage(Stage):
    """Create the trunk."""

    makes: ClassVar[str | None] = CreateTrunk.resource
    words: Words = CreateTrunkWords()

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return "Create the trunk"

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the POST."""
        return _KIND.write(_alone(at), tag=tag, secret=secret)

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read the trunk."""
        return _KIND.read_success(step, status, body)

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Compare the name."""
        return _KIND.mistaken(_alone(at), thing)

    def afterwards(self, at: At) -> Needs | None:
        """Look for it among all trunks."""
        return _KIND.afterwards(at)

    def find(self, trace: Trace) -> Finding:
        """Look for it among what is new."""
        return _KIND.find(_alone(trace))

    def late(self, trace: Trace) -> tuple[Thing, ...]:
        """Look for it after the operation had ended."""
        return late(_alone(trace))


def _alone(at: _At) -> _At:
    return replace(at, request=wanted(at.request))
