"""What Slack says of a user group is an answer, an outage or a refusal to tell."""

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest

from bot.slack.client import SlackWeb
from bot.slack.responses import Failed, read_groups
from bot.slack.usergroups import REFRESH, RETRY, TOO_OLD, Groups
from tests.conftest import TurnedClock

Said = Mapping[str, frozenset[str] | None] | Failed
U1, U2 = frozenset({"U1"}), frozenset({"U2"})


class FakeSlack:
    """Says of the user groups what it is told to; the last of that stays."""

    def __init__(self, *says: Said | Exception) -> None:
        self.says = list(says)
        self.asked = 0
        self.enough = 0  # the reading that ends the loop

    async def user_groups(self) -> Said:
        self.asked += 1
        await asyncio.sleep(0)
        if self.asked == self.enough:
            raise asyncio.CancelledError
        says = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(says, Exception):
            raise says
        return says


def groups_of(slack: FakeSlack, clock: TurnedClock, *named: str) -> Groups:
    return Groups(cast("SlackWeb", slack), frozenset(named or {"S1", "S2"}), clock)


@pytest.mark.parametrize(
    ("says", "known"),
    [
        ({"S1": U2, "S2": U2}, {"S1": U2, "S2": U2}),
        ({"S1": frozenset(), "S2": U2}, {"S1": frozenset(), "S2": U2}),
        ({"S2": U2}, {"S1": frozenset(), "S2": U2}),
        ({"S1": None, "S2": U2}, {"S1": None, "S2": U2}),
        *(
            (Failed(error), {"S1": U1, "S2": U2})
            for error in ("ratelimited", "fatal_error", "internal_error", "unreachable", "unreadable")
        ),
        *(
            (Failed(error), {"S1": None, "S2": None})
            for error in (
                "missing_scope",
                "team_access_not_granted",
                "plan_upgrade_required",
                "token_revoked",
            )
        ),
    ],
    ids=str,
)
async def test_an_answer_counts_at_once_and_an_outage_changes_nothing(
    clock: TurnedClock, says: Said, known: Mapping[str, frozenset[str] | None]
) -> None:
    groups = groups_of(FakeSlack({"S1": U1, "S2": U2}, says), clock)
    assert groups.members() == {"S1": None, "S2": None}
    await groups.refresh()
    assert groups.members() == {"S1": U1, "S2": U2}
    await groups.refresh()
    assert groups.members() == known


ODD: list[object] = [None, {}, [None], [{}], [{"id": None}], ["S1"]]
UNREADABLE: list[tuple[Mapping[str, object], Said]] = [
    ({"usergroups": odd}, Failed("unreadable")) for odd in ODD
]


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        (
            {"usergroups": [{"id": "S1", "users": ["U1"]}, {"id": "S2", "users": []}]},
            {"S1": U1, "S2": frozenset()},
        ),
        ({"usergroups": [{"id": "S1", "users": ["U1"], "date_delete": 1795845697}]}, {}),
        ({"usergroups": [{"id": "S1"}]}, {"S1": None}),
        ({"usergroups": [{"id": "S1", "users": None}]}, {"S1": None}),
        ({"usergroups": [{"id": "S1", "users": ["U1", {"id": "U2"}]}]}, {"S1": None}),
        *UNREADABLE,
        ({}, Failed("unreadable")),
    ],
)
def test_an_answer_of_an_odd_shape_is_no_answer(answer: Mapping[str, object], read: Said) -> None:
    assert read_groups(answer) == read


async def test_an_outage_is_bridged_for_an_hour_and_an_answer_ends_it(clock: TurnedClock) -> None:
    groups = groups_of(FakeSlack({"S1": U1}, Failed("unreachable"), Failed("unreachable"), {"S1": U2}), clock)
    await groups.refresh()
    clock.time += TOO_OLD
    await groups.refresh()
    assert groups.members()["S1"] == U1
    clock.time += 1
    await groups.refresh()
    assert groups.members() == {"S1": None, "S2": None}
    await groups.refresh()
    assert groups.members()["S1"] == U2


async def test_all_groups_are_one_request_a_minute(clock: TurnedClock) -> None:
    slack = FakeSlack({}, Failed("ratelimited"), ValueError(), {})
    named = [f"S{number}" for number in range(30)]
    groups = groups_of(slack, clock, *named)
    slack.enough = 5
    with pytest.raises(asyncio.CancelledError):
        await groups.keep_fresh()
    assert clock.slept == [REFRESH, RETRY, RETRY, REFRESH]
    assert groups.members() == dict.fromkeys(named, frozenset())


async def test_a_slack_that_does_not_answer_is_not_waited_for(clock: TurnedClock) -> None:
    groups = groups_of(FakeSlack({}), clock)
    async with asyncio.timeout(1):
        await groups.asked(0.01)
    assert groups.members() == {"S1": None, "S2": None}
    await groups.refresh()
    await groups.asked(0.0)


async def test_without_groups_nothing_is_asked(clock: TurnedClock) -> None:
    slack = FakeSlack({})
    groups = Groups(cast("SlackWeb", slack), frozenset(), clock)
    await groups.refresh()
    assert (groups.members(), slack.asked) == ({}, 0)
