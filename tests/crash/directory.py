"""Slack's directory in a run: the workspace is of an organisation, and the user group is away for a while."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.sandbox.faults import GROUPS
from bot.sandbox.slack.people import BOT_NAME, OTHER_TEAM, TEAM, Channel, Person
from bot.sandbox.slack.workspace import Workspace
from tests.crash.faults import DrawnFaults
from tests.crash.outages import asleep
from tests.crash.plan import APPROVALS, GONE, THERE
from tests.crash.rights import FAULTS, Absence

GROUP: Final = "S0ONCALL1"
GUEST: Final = "U0GUEST01"  # of another company, and named in TRUNK_OPERATORS all the same
NEIGHBOUR: Final = "U0NEXT001"  # of another workspace of the organisation, and named nowhere
STRANGERS: Final = (GUEST, NEIGHBOUR)
ALWAYS: Final = {"auth.test": "organisation"}  # the bot learns it when it starts


def move_in(space: Workspace, users: Sequence[str], elsewhere: Sequence[str] = ()) -> None:
    """Let people into the workspace, its channels and the group; `elsewhere` are of another workspace.

    With them come those who have no right.
    """
    for user in users:
        team = OTHER_TEAM if user in elsewhere else TEAM
        _arrive(space, Person(user, user[2:].title(), "Voice engineer", team, "On call"))
        space.groups[GROUP].append(user)
    for user, team in ((GUEST, "T0GUEST01"), (NEIGHBOUR, OTHER_TEAM)):
        _arrive(space, Person(user, user[2:].title(), "Visitor", team, "Has no right"))
    everyone = frozenset(space.people)
    for name in ("C0VOICE01", "C0GENERAL", APPROVALS):
        space.channels[name] = replace(space.channels[name], people=everyone)


def _arrive(space: Workspace, person: Person) -> None:
    space.people[person.id] = person
    alone = frozenset({person.id})
    space.channels[person.dm] = Channel(person.dm, BOT_NAME, "dm", alone, "Direct messages", bot=True)


@dataclass(slots=True)
class Directory:
    """Takes the group away, and notes when."""

    switch: DrawnFaults
    rng: random.Random
    absences: list[Absence] = field(default_factory=list)

    async def trouble(self, stop: asyncio.Event) -> None:
        """Take it away again and again, until told to stop: then it is there."""
        while not stop.is_set():
            await asleep(self.rng.uniform(*THERE), stop)
            if not stop.is_set():
                await self.away(self.rng.choice(sorted(FAULTS)), self.rng.uniform(*GONE), stop)

    async def away(self, fault: str, seconds: float, stop: asyncio.Event) -> None:
        """Take it away once."""
        self.switch.held = dict.fromkeys(GROUPS, fault)
        began = time.time()
        try:
            await asleep(seconds, stop)
        finally:
            self.absences.append(Absence(fault, began, time.time()))
            self.switch.held = {}
