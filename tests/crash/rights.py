"""Who has a right only through the user group, when that is away, and who acted without a right.

The promise (docs/policy.md): a bot that could read the group before knows its members for a minute more, or
for an hour while Slack is in trouble. One that began later knows nobody. So an act counts as one without a
right where no process was alive that may have known better: those that are killed all the time show it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.slack.usergroups import REFRESH, TOO_OLD
from tests.crash.wishes import Wish

# Seconds between two reads of the group, or while what was read before still counts, by fault.
FAULTS: Final = {
    "group_gone": REFRESH,
    "group_disabled": REFRESH,
    "missing_scope": REFRESH,
    "groups_error": TOO_OLD,
}
LATE: Final = 3.0  # seconds from when a right is looked up until what it allows is stored
_FREE: Final = frozenset({"refused", "withdrawn"})  # what needs no right

_NO_RIGHT: Final = (
    "You don't have access to see",
    "I could not verify whether",
    "works only for members of the workspace",
    "may no longer request trunks",
)


def refused(words: str | None) -> bool:
    """Tell whether an answer says that somebody has no right, or that it could not be verified."""
    return words is not None and any(phrase in words for phrase in _NO_RIGHT)


@dataclass(frozen=True, slots=True)
class Absence:
    """From when to when (seconds since the epoch) the group could not be read, and by which fault."""

    fault: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when a process of the bot lived."""

    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, as the bot's record has it: when, who, which kind of event."""

    at: float
    actor: str
    kind: str


def without_right(
    acts: Iterable[Act],
    *,
    strangers: frozenset[str],
    members: frozenset[str],
    absences: Sequence[Absence],
    lives: Sequence[Life],
) -> list[str]:
    """Return what was done by `strangers` at all, and by `members` of the group while that was away."""
    found = []
    for act in acts:
        if act.kind in _FREE:
            continue
        away = _away(act, absences, lives) if act.actor in members else None
        if act.actor in strangers:
            found.append(f"{act.kind} by {act.actor}, who never has a right")
        elif away is not None:
            found.append(f"{act.kind} by {act.actor}, {act.at - away.began:.1f} s after {away.fault}")
    return found


def refused_yet_sent(wishes: Iterable[Wish], posts: Iterable[str]) -> list[str]:
    """Return the names that arrived at Vobiz although whoever asked for them was told that they may not."""
    confirmed = [wish for wish in wishes if wish.confirmed]
    denied = {wish.name for wish in confirmed if wish.refused}
    denied -= {wish.name for wish in confirmed if not wish.refused}
    return [f"{name}: refused, and sent" for name in posts if name in denied]


def _away(act: Act, absences: Sequence[Absence], lives: Sequence[Life]) -> Absence | None:
    for absence in absences:
        known = absence.began + FAULTS[absence.fault] + LATE
        recalled = act.at <= known and any(
            life.began <= absence.began and life.ended >= act.at - LATE for life in lives
        )
        if absence.began + LATE < act.at <= absence.ended and not recalled:
            return absence
    return None
