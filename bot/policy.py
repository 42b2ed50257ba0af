"""Who may do what, and why not: a pure function that explains its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Denial(StrEnum):
    """Why a person was refused."""

    OTHER_TEAM = "other_team"
    NOT_OPERATOR = "not_operator"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Members:
    """People named in a setting: user ids, user-group ids, or everyone in the workspace (`*`)."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace (and organisation, if any) that the bot's token belongs to."""

    team: str
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The deployer's rules. Empty `channels` means any channel; `max_calls` caps every request."""

    operators: Members
    channels: frozenset[str]
    max_calls: int


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, as Slack names them in the signed request."""

    user: str
    team: str | None
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person may go ahead."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The person may not; `helpers` are those who may, `channels` where it is allowed."""

    reason: Denial
    user: str
    helpers: Members = Members()
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Undetermined:
    """It could not be verified, which refuses: `groups` are the user groups that could not be read."""

    user: str
    groups: frozenset[str]


Decision = Allowed | Denied | Undetermined

# Members of each user group, or None when the group could not be read lately.
Groups = Mapping[str, frozenset[str] | None]


def decide(policy: Policy, home: Home, person: Person, channel: str | None, groups: Groups) -> Decision:
    """Decide whether a person may create trunks and settle uncertain ones from a channel.

    `channel` is None where the act has none to check (a button on an old message, a status query).
    People of another workspace are refused first: in a shared channel (Slack Connect) anyone can
    type the command, and `*` means everyone of this workspace only.
    """
    if not _of_home(home, person):
        return Denied(Denial.OTHER_TEAM, person.user, policy.operators)
    if channel is not None and policy.channels and channel not in policy.channels:
        return Denied(Denial.CHANNEL, person.user, policy.operators, policy.channels)
    operators = policy.operators
    if operators.everyone or person.user in operators.users:
        return Allowed()
    unread: set[str] = set()
    for group in operators.groups:
        members = groups.get(group)
        if members is None:
            unread.add(group)
        elif person.user in members:
            return Allowed()
    if unread:
        return Undetermined(person.user, frozenset(unread))
    return Denied(Denial.NOT_OPERATOR, person.user, operators)


def _of_home(home: Home, person: Person) -> bool:
    if person.team == home.team:
        return True
    return home.enterprise is not None and person.enterprise == home.enterprise
