"""Writes docs/policy.md from the policy itself: `python -m tests.pure.policy_table`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.domain.policy import (
    Allowed,
    Decision,
    Denial,
    Denied,
    Facts,
    Groups,
    Home,
    Members,
    NeedsApproval,
    Person,
    Policy,
    Undetermined,
    decide,
    may_decide,
    may_withdraw,
)

PAGE: Final = Path(__file__).parents[2] / "docs" / "policy.md"

THRESHOLD: Final = 50
CAP: Final = 1000
HOME: Final = Home("T1", "E1")
OPERATORS: Final = Members(frozenset({"U_OPERATOR"}), frozenset({"S_OPERATORS"}))
REQUESTERS: Final = Members(frozenset({"U_REQUESTER"}), frozenset({"S_REQUESTERS"}))
_READ: Final[Groups] = {"S_OPERATORS": frozenset({"U_IN_GROUP"}), "S_REQUESTERS": frozenset({"U_ASKS"})}
_UNREAD: Final[Groups] = {"S_OPERATORS": None, "S_REQUESTERS": frozenset({"U_ASKS"})}
_ASKS_UNREAD: Final[Groups] = {"S_OPERATORS": frozenset({"U_IN_GROUP"}), "S_REQUESTERS": None}

# Who acts, and what Slack said of the user groups.
ROLES: Final[Mapping[str, tuple[Person, Groups]]] = {
    "operator": (Person("U_OPERATOR", "T1"), _READ),
    "operator through a user group": (Person("U_IN_GROUP", "T1"), _READ),
    "operator by name, the group unread": (Person("U_OPERATOR", "T1"), _UNREAD),
    "requester": (Person("U_REQUESTER", "T1"), _READ),
    "requester through a user group": (Person("U_ASKS", "T1"), _READ),
    "requester, the operators' group unread": (Person("U_REQUESTER", "T1"), _UNREAD),
    "neither": (Person("U_STRANGER", "T1"), _READ),
    "neither by name, the operators' group unread": (Person("U_STRANGER", "T1"), _UNREAD),
    "neither by name, the requesters' group unread": (Person("U_STRANGER", "T1"), _ASKS_UNREAD),
    "of another company": (Person("U_OPERATOR", "T2"), _READ),
    "operator, of another workspace of the organisation": (Person("U_OPERATOR", "T2", "E1"), _READ),
    "neither, of another workspace of the organisation": (Person("U_STRANGER", "T2", "E1"), _READ),
}
CHANNELS: Final[Mapping[str, str | None]] = {"listed": "C1", "not listed": "C2", "none to check": None}
KIND: Final = "create_trunk"
ALWAYS: Final = "delete_trunk"  # named in TRUNK_APPROVAL_FOR
AMOUNTS: Final[Mapping[str, int | None]] = {
    "not known, or none": None,
    f"up to {THRESHOLD}": THRESHOLD,
    f"{THRESHOLD + 1} to {CAP}": THRESHOLD + 1,
    f"above {CAP}": CAP + 1,
}
BREAK_GLASS: Final[Mapping[str, bool]] = {"on": True, "off": False}


def policy(*, break_glass: bool) -> Policy:
    """The rules that the page is about."""
    return Policy(
        OPERATORS,
        frozenset({"C1"}),
        CAP,
        REQUESTERS,
        THRESHOLD,
        break_glass,
        approval_for=frozenset({ALWAYS}),
    )


def named(decision: Decision) -> str:
    """Name a decision in a cell of a table."""
    match decision:
        case Allowed():
            return "allowed"
        case NeedsApproval(above=None, kind=None):
            return "an operator must approve"
        case NeedsApproval(break_glass=True):
            return "a second operator must approve, or break glass"
        case NeedsApproval():
            return "a second operator must approve"
        case Undetermined():
            return "not verified: refused"
        case Denied(reason=reason):
            return f"refused: {_REASONS[reason]}"


_REASONS: Final[Mapping[Denial, str]] = {
    Denial.OTHER_TEAM: "other company",
    Denial.NOT_OPERATOR: "not named",
    Denial.CHANNEL: "channel",
    Denial.OVER_CAP: "over the cap",
    Denial.OWN_REQUEST: "own request",
    Denial.NOT_YOURS: "not theirs",
}


_CREATING: Final = f"""\
# Who may do what

Written by `python -m tests.pure.policy_table` from `bot/domain/policy.py`; a test compares. Do not edit it.

The example: `TRUNK_OPERATORS` and `TRUNK_REQUESTERS` name one person and one user group each,
`TRUNK_CHANNELS` one channel, `TRUNK_APPROVAL_ABOVE={THRESHOLD}`, `TRUNK_MAX_CALLS={CAP}`.
Without `TRUNK_CHANNELS` every channel counts as a listed one. Without `TRUNK_APPROVAL_ABOVE` an operator
needs no second person because of the calls. `TRUNK_BREAK_GLASS` is “on” or “off”. While Slack cannot say who
is in a user group, nobody is allowed because of that group. If you are allowed where there is no channel to
check, you may also settle uncertain operations, see everybody's history, and run `/trunk doctor`.

`*` in place of ids means everyone of the workspace where the bot is installed. People of another company
(Slack Connect) are always refused. People of another workspace of the same organisation (Enterprise Grid) are
refused unless they are named by their user id, or are in a user group that is named. Guests of the workspace
itself count as everyone, because Slack does not say that a command comes from one: to leave them out, name a
user group in place of `*`. People who were deactivated cannot press anything; what they asked for before can
still be approved.

The bot asks Slack once a minute who is in the user groups. People who are taken out of one keep their rights
for up to a minute; so do the members of a group that is disabled or deleted. If Slack cannot be reached, or
limits the bot, its last answer counts for an hour. If Slack refuses to tell (a scope was taken away), nobody
is allowed because of a group any more. Every confirmation and every decision is checked anew when it is made:
a form that was opened before, or a button of an older message, gives no right.

## Acting, by the concurrent calls that an operation leads to

“Always” is a kind of operation that `TRUNK_APPROVAL_FOR` names; to set up a trunk counts as each kind of
what is done along with it, `create_trunk` among them. Where the calls do not rise, as when they are lowered,
neither the threshold nor the cap applies.
"""
_KINDS: Final = """\
## Acting, by kind

An operator in a listed channel; the trunk of the example has 10 concurrent calls, or 60 where that is said.
Enabling counts as a rise from none to the trunk's limit, also when it undoes a disable: a trunk that is off
lets no call through. Requesters always need an approval."""
# What each kind asks of the account, as policy is told it.
_CASES: Final = (
    ("create a trunk of 60 calls", Facts("create_trunk", after=60)),
    ("edit: 10 → 60 calls", Facts("edit_trunk", before=10, after=60)),
    ("edit: 60 → 10 calls", Facts("edit_trunk", before=60, after=10)),
    ("edit anything else of a trunk of 60", Facts("edit_trunk", before=60)),
    ("enable a trunk of 60", Facts("enable_trunk", before=0, after=60)),
    ("disable", Facts("disable_trunk")),
    ("delete", Facts("delete_trunk")),
)
_DECIDING: Final = """\
## Deciding about a request

Operators can approve or deny other people's requests. Requesters can withdraw their own, whatever the
settings say by then."""


def page() -> str:
    """Write the page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield from _CREATING.splitlines()
    yield ""
    columns = [*((KIND, calls) for calls in AMOUNTS.values()), (ALWAYS, None)]
    yield f"| who | channel | break glass | {' | '.join(AMOUNTS)} | always |"
    yield f"|{' --- |' * (3 + len(columns))}"
    for role, (person, groups) in ROLES.items():
        for where, channel in CHANNELS.items():
            rows = {
                glass: " | ".join(
                    named(
                        decide(
                            policy(break_glass=on),
                            HOME,
                            person,
                            channel,
                            groups,
                            facts=Facts(kind, after=calls),
                        )
                    )
                    for kind, calls in columns
                )
                for glass, on in BREAK_GLASS.items()
            }
            if len(set(rows.values())) == 1:
                rows = {" or ".join(rows): next(iter(rows.values()))}
            for glass, cells in rows.items():
                yield f"| {role} | {where} | {glass} | {cells} |"
    yield ""
    yield from _KINDS.splitlines()
    yield ""
    yield "| what | kind | the kind is not named | `TRUNK_APPROVAL_FOR` names the kind |"
    yield f"|{' --- |' * 4}"
    person, groups = ROLES["operator"]
    for what, facts in _CASES:
        named_or_not = (frozenset[str](), frozenset({facts.kind}))
        settings = [replace(policy(break_glass=True), approval_for=kinds) for kinds in named_or_not]
        decided = [named(decide(one, HOME, person, "C1", groups, facts=facts)) for one in settings]
        yield f"| {what} | `{facts.kind}` | {' | '.join(decided)} |"
    yield ""
    yield from _DECIDING.splitlines()
    yield ""
    yield "| who | another's: approve, deny | another's: withdraw | own: approve, deny | own: withdraw |"
    yield f"|{' --- |' * 5}"
    for role, (person, groups) in ROLES.items():
        rules = policy(break_glass=True)
        decisions = [
            named(decision)
            for requester in ("U_SOMEBODY", person.user)
            for decision in (
                may_decide(rules, HOME, person, groups, requester),
                may_withdraw(HOME, person, requester),
            )
        ]
        yield f"| {' | '.join((role, *decisions))} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page())
