"""Who may do what, and why not: a pure function that explains its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Denial(StrEnum):
    """Why a person was refused."""

    OTHER_TEAM = "other_team"  # of another company, or of another workspace where only `*` would allow it
    NOT_OPERATOR = "not_operator"  # nor a requester, where that would be enough
    CHANNEL = "channel"
    OVER_CAP = "over_cap"
    OWN_REQUEST = "own_request"  # nobody approves what they asked for
    NOT_YOURS = "not_yours"  # only the requester withdraws a request


@dataclass(frozen=True, slots=True)
class Members:
    """People named in a setting: user ids, user-group ids, or everyone (`*`).

    Everyone is everyone of the workspace where the bot is installed: of an organisation's other workspaces
    (Enterprise Grid) and of other companies (Slack Connect) only those who are named, or in a group that is.
    """

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
    """The deployer's rules. Empty `channels` means any channel; `max_calls` caps every request.

    Operators act and decide; `requesters` ask. What raises the concurrent calls above `approval_above` (None:
    nothing does), and every operation of a kind in `approval_for`, needs a second operator also when an
    operator asks for it, unless `break_glass` lets them go alone.
    """

    operators: Members
    channels: frozenset[str]
    max_calls: int
    requesters: Members = Members()
    approval_above: int | None = None
    break_glass: bool = True
    approval_for: frozenset[str] = frozenset()


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
class NeedsApproval:
    """The person may ask; one of `approvers` other than `user` must approve.

    For an operator `above` is the threshold of concurrent calls when that is the reason, and `kind` the kind
    when that always needs a second person; for a requester both are None. `break_glass` tells whether the
    person may go without the second one for a reason.
    """

    user: str
    approvers: Members
    above: int | None = None
    break_glass: bool = False
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """The person may not; `helpers` are those who may, `channels` where it is allowed.

    `most` is the cap of concurrent calls when that was exceeded.
    """

    reason: Denial
    user: str
    helpers: Members = Members()
    channels: frozenset[str] = frozenset()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Undetermined:
    """It could not be verified, which refuses: `groups` are the user groups that could not be read."""

    user: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unverified:
    """It is not known whether the person is of this workspace at all, so they are told nothing of it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What policy may ask of an operation: its kind, and the calls that may be live at once before and after.

    None is what is not known (yet), or what the kind does not touch. `also` are the kinds that do by
    themselves what some of its steps do: no rule about them is escaped by doing it along with something else.
    """

    kind: str
    before: int | None = None
    after: int | None = None
    also: tuple[str, ...] = ()


Decision = Allowed | NeedsApproval | Denied | Undetermined

# Members of each user group, or None when the group could not be read lately.
Groups = Mapping[str, frozenset[str] | None]


def decide(
    policy: Policy,
    home: Home,
    person: Person,
    channel: str | None,
    groups: Groups,
    *,
    facts: Facts | None = None,
) -> Decision:
    """Decide whether a person may change something, or only ask for it, from a channel.

    `channel` is None where the act has none to check (a button on an old message, a status query).
    `facts` are of the operation, as far as they are known; None where there is none. While the calls are not
    known (the command, a form that opens) neither threshold nor cap is applied, nor where they do not rise.
    `Allowed` without `facts` also means: may settle uncertain operations.
    People of another company are refused first: in a shared channel (Slack Connect) anyone can type the
    command.
    """
    operators = policy.operators
    if not _of_home(home, person):
        return Denied(Denial.OTHER_TEAM, person.user, operators)
    if channel is not None and policy.channels and channel not in policy.channels:
        return Denied(Denial.CHANNEL, person.user, operators, policy.channels)
    operator = _among(operators, home, person, groups)
    # An unread group of operators does not stop a named requester: asking is the lesser right.
    if not operator and not _among(policy.requesters, home, person, groups):
        return _neither(home, person, groups, operators, policy.requesters)
    return _of_operation(policy, person.user, facts, operator=operator)


def _of_operation(
    policy: Policy, user: str, facts: Facts | None, *, operator: bool
) -> Allowed | NeedsApproval | Denied:
    calls = 0 if facts is None else _raised_to(facts)
    if calls > policy.max_calls:
        return Denied(Denial.OVER_CAP, user, most=policy.max_calls)
    if not operator:
        return NeedsApproval(user, policy.operators)
    threshold = policy.approval_above
    above = threshold if threshold is not None and calls > threshold else None
    kinds = () if facts is None else (facts.kind, *facts.also)
    kind = next((kind for kind in kinds if kind in policy.approval_for), None)
    if above is None and kind is None:
        return Allowed()
    return NeedsApproval(user, policy.operators, above, policy.break_glass, kind)


def _raised_to(facts: Facts) -> int:
    """Return to how many calls an operation raises what may be live at once; 0 when it is not known to."""
    after = facts.after or 0
    return after if facts.before is None or after > facts.before else 0


def at_home(policy: Policy, home: Home, person: Person, groups: Groups) -> Decision | Unverified:
    """Decide what to show a person on the Home tab, whose event does not say of which workspace they are.

    Who is named, or in a group that is, has an id of their own wherever they come from; `*` means this
    workspace only, so it counts for nobody whose workspace is not known.
    """
    if person.team is not None:
        return decide(policy, home, person, None, groups)
    named = replace(
        policy,
        operators=replace(policy.operators, everyone=False),
        requesters=replace(policy.requesters, everyone=False),
    )
    decision = decide(named, home, Person(person.user, home.team), None, groups)
    return decision if isinstance(decision, Allowed | NeedsApproval) else Unverified()


def may_decide(
    policy: Policy, home: Home, person: Person, groups: Groups, requester: str
) -> Allowed | Denied | Undetermined:
    """Decide whether a person may approve or deny what `requester` asked for.

    Four eyes: an operator of the home workspace, never the one who asked.
    """
    operators = policy.operators
    if not _of_home(home, person):
        return Denied(Denial.OTHER_TEAM, person.user, operators)
    if person.user == requester:
        return Denied(Denial.OWN_REQUEST, person.user, operators)
    if _among(operators, home, person, groups):
        return Allowed()
    return _neither(home, person, groups, operators)


def may_withdraw(home: Home, person: Person, requester: str) -> Allowed | Denied:
    """Decide whether a person may withdraw a request: who asked may, whatever the rules say by now."""
    owner = Members(frozenset({requester}))
    if not _of_home(home, person):
        return Denied(Denial.OTHER_TEAM, person.user, owner)
    if person.user != requester:
        return Denied(Denial.NOT_YOURS, person.user, owner)
    return Allowed()


def _neither(home: Home, person: Person, groups: Groups, *named: Members) -> Denied | Undetermined:
    """Say why a person is none of those named, of whom the first are the operators."""
    unread = frozenset[str]().union(*(_unread(members, groups) for members in named))
    if unread:
        return Undetermined(person.user, unread)
    elsewhere = person.team != home.team and any(members.everyone for members in named)
    return Denied(Denial.OTHER_TEAM if elsewhere else Denial.NOT_OPERATOR, person.user, named[0])


def _among(members: Members, home: Home, person: Person, groups: Groups) -> bool:
    if person.user in members.users or (members.everyone and person.team == home.team):
        return True
    return any(person.user in (groups.get(group) or ()) for group in members.groups)


def _unread(members: Members, groups: Groups) -> frozenset[str]:
    return frozenset(group for group in members.groups if groups.get(group) is None)


def _of_home(home: Home, person: Person) -> bool:
    if person.team == home.team:
        return True
    return home.enterprise is not None and person.enterprise == home.enterprise
