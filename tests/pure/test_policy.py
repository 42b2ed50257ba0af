"""Who may, who may not, and who could not be verified."""

import pytest

from bot.policy import (
    Allowed,
    Decision,
    Denial,
    Denied,
    Groups,
    Home,
    Members,
    Person,
    Policy,
    Undetermined,
    decide,
)

HOME = Home("T1", "E1")
ASHA = Person("U1", "T1")
SOME = Members(users=frozenset({"U1"}), groups=frozenset({"S1", "S2"}))
ALL = Members(everyone=True)


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
        pytest.param(ALL, Person("U9", "T2", "E1"), "C1", {}, Allowed(), id="same organisation"),
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
