"""Who may, who may not, and who could not be verified."""

from dataclasses import replace

import pytest

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

HOME = Home("T1", "E1")
ASHA = Person("U1", "T1")
SOME = Members(users=frozenset({"U1"}), groups=frozenset({"S1", "S2"}))
ALL = Members(everyone=True)


def creating(calls: int | None) -> Facts:
    return Facts("create_trunk", after=calls)


def policy(operators: Members, channels: frozenset[str] = frozenset()) -> Policy:
    return Policy(operators, channels, max_calls=1000)


@pytest.mark.parametrize(
    ("operators", "person", "channel", "groups", "decision"),
    [
        pytest.param(SOME, ASHA, "C1", {}, Allowed(), id="named person"),
        pytest.param(SOME, Person("U2", "T1"), "C1", {"S1": frozenset({"U2"})}, Allowed(), id="in a group"),
        pytest.param(
            SOME,
            Person("U2", "T1"),
            "C1",
            {"S1": None, "S2": frozenset({"U2"})},
            Allowed(),
            id="in one group while another is unread",
        ),
        pytest.param(
            SOME,
            Person("U3", "T1"),
            "C1",
            {"S1": None, "S2": frozenset({"U2"})},
            Undetermined("U3", frozenset({"S1"})),
            id="a group unread: refused, but not as a stranger",
        ),
        pytest.param(
            SOME,
            Person("U3", "T1"),
            "C1",
            {},
            Undetermined("U3", frozenset({"S1", "S2"})),
            id="no group read",
        ),
        pytest.param(
            SOME,
            Person("U3", "T1"),
            "C1",
            {"S1": frozenset(), "S2": frozenset()},
            Denied(Denial.NOT_OPERATOR, "U3", SOME),
            id="in no group",
        ),
        pytest.param(
            Members(), ASHA, "C1", {}, Denied(Denial.NOT_OPERATOR, "U1", Members()), id="nobody by default"
        ),
        pytest.param(ALL, Person("U9", "T1"), "C1", {}, Allowed(), id="everyone of this workspace"),
        pytest.param(
            ALL,
            Person("U9", "T2"),
            "C1",
            {},
            Denied(Denial.OTHER_TEAM, "U9", ALL),
            id="everyone is not everyone",
        ),
        pytest.param(
            SOME,
            Person("U1", "T2"),
            "C1",
            {},
            Denied(Denial.OTHER_TEAM, "U1", SOME),
            id="the id alone is not enough",
        ),
        pytest.param(
            ALL, Person("U9", None), "C1", {}, Denied(Denial.OTHER_TEAM, "U9", ALL), id="no team stated"
        ),
        pytest.param(
            ALL,
            Person("U9", "T2", "E1"),
            "C1",
            {},
            Denied(Denial.OTHER_TEAM, "U9", ALL),
            id="everyone is not everyone of the organisation",
        ),
        pytest.param(
            SOME, Person("U1", "T2", "E1"), "C1", {}, Allowed(), id="named, of the same organisation"
        ),
        pytest.param(
            SOME,
            Person("U9", "T2", "E1"),
            "C1",
            {"S1": frozenset(), "S2": frozenset()},
            Denied(Denial.NOT_OPERATOR, "U9", SOME),
            id="not named, of the same organisation",
        ),
        pytest.param(
            ALL,
            Person("U9", "T2", "E2"),
            "C1",
            {},
            Denied(Denial.OTHER_TEAM, "U9", ALL),
            id="other organisation",
        ),
    ],
)
def test_decision(
    operators: Members, person: Person, channel: str, groups: Groups, decision: Decision
) -> None:
    assert decide(policy(operators), HOME, person, channel, groups) == decision


def test_a_channel_that_is_not_listed_refuses_operators_too() -> None:
    rules = policy(SOME, frozenset({"C1"}))
    assert decide(rules, HOME, ASHA, "C2", {}) == Denied(Denial.CHANNEL, "U1", SOME, frozenset({"C1"}))
    assert decide(rules, HOME, ASHA, "C1", {}) == Allowed()


def test_an_act_without_a_channel_is_not_refused_for_its_channel() -> None:
    assert decide(policy(SOME, frozenset({"C1"})), HOME, ASHA, None, {}) == Allowed()


def test_without_an_organisation_none_matches_none() -> None:
    nobody = Person("U9", "T2", None)
    assert isinstance(decide(policy(ALL), Home("T1", None), nobody, "C1", {}), Denied)


ASKING = Members(users=frozenset({"U5"}), groups=frozenset({"S5"}))
WHOLE = Policy(SOME, frozenset(), 1000, ASKING, approval_above=50)
READ: Groups = {"S1": frozenset({"U2"}), "S2": frozenset(), "S5": frozenset({"U6"})}


@pytest.mark.parametrize(
    ("user", "groups", "decision"),
    [
        pytest.param("U5", READ, NeedsApproval("U5", SOME), id="a named requester"),
        pytest.param("U6", READ, NeedsApproval("U6", SOME), id="a requester through a group"),
        pytest.param("U5", {}, NeedsApproval("U5", SOME), id="a named requester while nothing is read"),
        pytest.param("U6", {**READ, "S1": None}, NeedsApproval("U6", SOME), id="at least a requester"),
        pytest.param("U2", {**READ, "S5": None}, Allowed(), id="an operator, the requesters unread"),
        pytest.param(
            "U6", {}, Undetermined("U6", frozenset({"S1", "S2", "S5"})), id="neither by name, nothing read"
        ),
        pytest.param(
            "U7", {**READ, "S5": None}, Undetermined("U7", frozenset({"S5"})), id="perhaps a requester"
        ),
        pytest.param("U7", READ, Denied(Denial.NOT_OPERATOR, "U7", SOME), id="neither"),
    ],
)
def test_a_requester_may_ask(user: str, groups: Groups, decision: Decision) -> None:
    assert decide(WHOLE, HOME, Person(user, "T1"), "C1", groups, facts=creating(1)) == decision


def test_everyone_may_ask_but_not_everyone_of_another_workspace() -> None:
    rules = replace(WHOLE, requesters=ALL)
    assert decide(rules, HOME, Person("U9", "T1"), "C1", {}) == NeedsApproval("U9", SOME)
    assert isinstance(decide(rules, HOME, Person("U9", "T2"), "C1", {}), Denied)


def test_who_is_both_is_an_operator() -> None:
    assert decide(replace(WHOLE, requesters=ALL), HOME, ASHA, "C1", READ, facts=creating(50)) == Allowed()


@pytest.mark.parametrize(
    ("calls", "decision"),
    [
        (None, Allowed()),
        (50, Allowed()),
        (51, NeedsApproval("U1", SOME, above=50, break_glass=True)),
        (1000, NeedsApproval("U1", SOME, above=50, break_glass=True)),
        (1001, Denied(Denial.OVER_CAP, "U1", most=1000)),
    ],
)
def test_above_the_threshold_an_operator_needs_another(calls: int | None, decision: Decision) -> None:
    assert decide(WHOLE, HOME, ASHA, "C1", READ, facts=creating(calls)) == decision


@pytest.mark.parametrize(
    ("before", "after", "decision"),
    [
        pytest.param(100, 100, Allowed(), id="as many as before"),
        pytest.param(100, 60, Allowed(), id="fewer"),
        pytest.param(2000, 1500, Allowed(), id="fewer, and above the cap"),
        pytest.param(None, None, Allowed(), id="none"),
        pytest.param(100, 101, NeedsApproval("U1", SOME, above=50, break_glass=True), id="one more"),
        pytest.param(10, 50, Allowed(), id="more, up to the threshold"),
        pytest.param(2000, 2001, Denied(Denial.OVER_CAP, "U1", most=1000), id="more, above the cap"),
    ],
)
def test_only_more_calls_are_judged(before: int | None, after: int | None, decision: Decision) -> None:
    facts = Facts("edit_trunk", before, after)
    assert decide(WHOLE, HOME, ASHA, "C1", READ, facts=facts) == decision


@pytest.mark.parametrize(
    ("user", "facts", "decision"),
    [
        pytest.param(
            "U1", Facts("delete_trunk"), NeedsApproval("U1", SOME, None, True, "delete_trunk"), id="op"
        ),
        pytest.param("U1", Facts("create_trunk"), Allowed(), id="another kind"),
        pytest.param(
            "U1",
            Facts("set_up_trunk", also=("create_trunk", "delete_trunk")),
            NeedsApproval("U1", SOME, None, True, "delete_trunk"),
            id="along with another",
        ),
        pytest.param("U1", None, Allowed(), id="no kind"),
        pytest.param(
            "U1",
            Facts("delete_trunk", 0, 51),
            NeedsApproval("U1", SOME, 50, True, "delete_trunk"),
            id="for both reasons",
        ),
        pytest.param("U5", Facts("delete_trunk"), NeedsApproval("U5", SOME), id="a requester asks anyway"),
    ],
)
def test_some_kinds_always_need_a_second_person(user: str, facts: Facts | None, decision: Decision) -> None:
    rules = replace(WHOLE, approval_for=frozenset({"delete_trunk"}))
    assert decide(rules, HOME, Person(user, "T1"), "C1", READ, facts=facts) == decision


def test_a_requester_can_not_break_the_glass() -> None:
    decision = decide(WHOLE, HOME, Person("U5", "T1"), "C1", READ, facts=creating(1000))
    assert decision == NeedsApproval("U5", SOME, above=None, break_glass=False)


def test_break_glass_can_be_switched_off() -> None:
    rules = replace(WHOLE, break_glass=False)
    assert decide(rules, HOME, ASHA, "C1", READ, facts=creating(51)) == NeedsApproval("U1", SOME, above=50)


def test_without_a_threshold_an_operator_goes_alone_up_to_the_cap() -> None:
    assert (
        decide(replace(WHOLE, approval_above=None), HOME, ASHA, "C1", READ, facts=creating(1000)) == Allowed()
    )


@pytest.mark.parametrize(
    ("person", "groups", "requester", "decision"),
    [
        pytest.param(ASHA, READ, "U5", Allowed(), id="an operator"),
        pytest.param(Person("U2", "T1"), READ, "U1", Allowed(), id="a second operator"),
        pytest.param(ASHA, READ, "U1", Denied(Denial.OWN_REQUEST, "U1", SOME), id="their own"),
        pytest.param(
            Person("U5", "T1"), {}, "U5", Denied(Denial.OWN_REQUEST, "U5", SOME), id="a requester's own"
        ),
        pytest.param(
            Person("U5", "T1"), READ, "U6", Denied(Denial.NOT_OPERATOR, "U5", SOME), id="a requester"
        ),
        pytest.param(
            Person("U2", "T1"),
            {},
            "U5",
            Undetermined("U2", frozenset({"S1", "S2"})),
            id="the group cannot be read",
        ),
        pytest.param(
            Person("U1", "T2"), READ, "U5", Denied(Denial.OTHER_TEAM, "U1", SOME), id="another workspace"
        ),
    ],
)
def test_who_decides_about_a_request(
    person: Person, groups: Groups, requester: str, decision: Decision
) -> None:
    assert may_decide(WHOLE, HOME, person, groups, requester) == decision


def test_unread_requesters_do_not_matter_to_a_decision() -> None:
    decision = may_decide(WHOLE, HOME, Person("U9", "T1"), {**READ, "S5": None}, "U5")
    assert decision == Denied(Denial.NOT_OPERATOR, "U9", SOME)


def test_only_who_asked_withdraws() -> None:
    owner = Members(frozenset({"U5"}))
    assert may_withdraw(HOME, Person("U5", "T1"), "U5") == Allowed()
    assert may_withdraw(HOME, ASHA, "U5") == Denied(Denial.NOT_YOURS, "U1", owner)
    assert may_withdraw(HOME, Person("U5", "T2"), "U5") == Denied(Denial.OTHER_TEAM, "U5", owner)
