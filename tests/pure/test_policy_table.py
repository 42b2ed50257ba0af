"""docs/policy.md is what the policy says; the rules that a person would state hold in every combination."""

from itertools import product

import pytest

from bot.domain.policy import (
    Allowed,
    Decision,
    Denial,
    Denied,
    Facts,
    NeedsApproval,
    Undetermined,
    decide,
    may_decide,
    may_withdraw,
)
from tests.pure.policy_table import (
    ALWAYS,
    AMOUNTS,
    BREAK_GLASS,
    CAP,
    CHANNELS,
    HOME,
    KIND,
    OPERATORS,
    PAGE,
    ROLES,
    THRESHOLD,
    page,
    policy,
)


def test_the_page_is_what_the_policy_says() -> None:
    """After a change of the policy: `python -m tests.pure.policy_table`, and read the difference."""
    assert PAGE.read_text() == page()


@pytest.mark.parametrize("role", ROLES)
def test_every_combination_follows_the_rules(role: str) -> None:
    person, groups = ROLES[role]
    user = person.user
    cases = product(CHANNELS, AMOUNTS.values(), BREAK_GLASS.values(), (KIND, ALWAYS))
    for where, calls, glass, kind in cases:
        expected: Decision = Allowed()
        if role == "of another company":
            expected = Denied(Denial.OTHER_TEAM, user, OPERATORS)
        elif where == "not listed":
            expected = Denied(Denial.CHANNEL, user, OPERATORS, frozenset({"C1"}))
        elif role in {"neither", "neither, of another workspace of the organisation"}:
            expected = Denied(Denial.NOT_OPERATOR, user, OPERATORS)
        elif role.startswith("neither"):
            unread = "S_OPERATORS" if "operators" in role else "S_REQUESTERS"
            expected = Undetermined(user, frozenset({unread}))
        elif calls is not None and calls > CAP:
            expected = Denied(Denial.OVER_CAP, user, most=CAP)
        elif role.startswith("requester"):
            expected = NeedsApproval(user, OPERATORS)
        else:
            above = THRESHOLD if calls is not None and calls > THRESHOLD else None
            always = ALWAYS if kind == ALWAYS else None
            if above is not None or always is not None:
                expected = NeedsApproval(user, OPERATORS, above, glass, always)
        facts = Facts(kind, after=calls)
        decision = decide(policy(break_glass=glass), HOME, person, CHANNELS[where], groups, facts=facts)
        assert decision == expected, (where, calls, glass, kind)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_decides_about_their_own_request(role: str) -> None:
    person, groups = ROLES[role]
    assert not isinstance(may_decide(policy(break_glass=True), HOME, person, groups, person.user), Allowed)


@pytest.mark.parametrize("role", ROLES)
def test_only_operators_decide_and_only_who_asked_withdraws(role: str) -> None:
    person, groups = ROLES[role]
    decision = may_decide(policy(break_glass=True), HOME, person, groups, "U_SOMEBODY")
    assert isinstance(decision, Allowed) == role.startswith("operator")
    assert isinstance(decision, Undetermined) == ("operators' group unread" in role)
    assert not isinstance(may_withdraw(HOME, person, "U_SOMEBODY"), Allowed)
    own = may_withdraw(HOME, person, person.user)
    assert isinstance(own, Allowed) == (role != "of another company")
