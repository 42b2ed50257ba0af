"""What people order in a run, and what they were answered: the rig's own book, which the bot never sees."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.crash.plan import ABOVE, LARGE, SHARED

_CHANNELS: Final = ("C0VOICE01",) * 8 + ("C0GENERAL",)
_RECENT: Final = 3  # how far back a shared request looks for its twin


@dataclass(slots=True)
class Wish:
    """One request of one person. Its `name` is shared with few others; name, direction and limit agree then.

        `confirmed` is set by the first click on the button, `ref` by the first answer that names one, and
    `merged` says that this answer named somebody else's operation, `refused` that they have no right.
    """

    name: str
    calls: int
    person: str
    channel: str
    confirmed: bool = False
    ref: str | None = None
    merged: bool = False
    puzzled: bool = False
    refused: bool = False

    @property
    def command(self) -> str:
        """What the person types."""
        return f'create "{self.name}" outbound {self.calls}'


def named(trunk: Mapping[str, object]) -> str:
    """Return the name that a trunk was asked for with: some of these Vobizes write it in small letters."""
    return str(trunk["name"]).capitalize()


@dataclass(slots=True)
class Book:
    """All wishes, who was asked, and each decision to send again with the POSTs that there were before."""

    rng: random.Random
    wishes: list[Wish] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    resends: set[tuple[str, int]] = field(default_factory=set)

    def next(self, person: str) -> Wish:
        """Make up what a person orders next."""
        channel = self.rng.choice(_CHANNELS)
        if self.wishes and self.rng.random() < SHARED:
            other = self.rng.choice(self.wishes[-_RECENT:])
            wish = Wish(other.name, other.calls, person, channel)
        else:
            least = ABOVE + 1 if self.rng.random() < LARGE else 1
            calls = self.rng.randint(least, least + 49)
            wish = Wish(f"Crash {len(self.wishes):04d}", calls, person, channel)
        self.wishes.append(wish)
        return wish

    @property
    def accepted(self) -> list[Wish]:
        """The wishes that became an operation of their own, as their people were told."""
        return [wish for wish in self.wishes if wish.ref is not None and not wish.merged]
