"""What was done without a right is found, and what the manual allows for a while is not."""

from typing import Final

import pytest

from tests.crash.rights import Absence, Act, Life, refused, refused_yet_sent, without_right
from tests.crash.wishes import Wish

MEMBER: Final = "U0MEMBER"
GUEST: Final = "U0GUEST"
NAMED: Final = "U0NAMED"
GONE: Final = Absence("group_gone", 100.0, 300.0)
TROUBLE: Final = Absence("groups_error", 100.0, 300.0)
BEFORE: Final = Life(90.0, 400.0)  # it read the group before that was away
AFTER: Final = Life(101.0, 400.0)


def found(act: Act, absence: Absence = GONE, lives: tuple[Life, ...] = (AFTER,)) -> bool:
    return bool(
        without_right(
            [act],
            strangers=frozenset({GUEST}),
            members=frozenset({MEMBER}),
            absences=[absence],
            lives=lives,
        )
    )


@pytest.mark.parametrize(
    ("act", "absence", "lives", "wrong"),
    [
        (Act(50.0, GUEST, "accepted"), GONE, (AFTER,), True),
        (Act(50.0, GUEST, "refused"), GONE, (AFTER,), False),
        (Act(200.0, NAMED, "accepted"), GONE, (AFTER,), False),
        (Act(50.0, MEMBER, "accepted"), GONE, (AFTER,), False),
        (Act(110.0, MEMBER, "approved"), GONE, (AFTER,), True),
        (Act(110.0, MEMBER, "refused"), GONE, (AFTER,), False),
        (Act(110.0, MEMBER, "withdrawn"), GONE, (AFTER,), False),
        (Act(102.0, MEMBER, "accepted"), GONE, (AFTER,), False),
        (Act(301.0, MEMBER, "accepted"), GONE, (AFTER,), False),
        (Act(110.0, MEMBER, "accepted"), GONE, (AFTER, BEFORE), False),
        (Act(110.0, MEMBER, "accepted"), GONE, (AFTER, Life(90.0, 105.0)), True),
        (Act(170.0, MEMBER, "accepted"), GONE, (BEFORE,), True),
        (Act(170.0, MEMBER, "accepted"), TROUBLE, (BEFORE,), False),
        (Act(170.0, MEMBER, "accepted"), TROUBLE, (AFTER,), True),
    ],
    ids=[
        "a stranger",
        "a stranger was refused",
        "somebody with a right by name",
        "a member while the group is there",
        "a member where no process can know of it",
        "a member was refused",
        "who withdraws needs no right",
        "looked up before",
        "it is there again",
        "a process that knew of it before, for a minute",
        "that process was dead",
        "for more than a minute",
        "for an hour while Slack is in trouble",
        "in trouble from the start",
    ],
)
def test_each_act_is_judged(act: Act, absence: Absence, lives: tuple[Life, ...], wrong: bool) -> None:
    assert found(act, absence, lives) == wrong


def test_who_was_told_that_they_may_not_and_got_it_all_the_same_is_found() -> None:
    wish = Wish("Crash 0001", 5, MEMBER, "C0VOICE01", confirmed=True, refused=True)
    assert refused_yet_sent([wish], ["Crash 0001", "Crash 0002"]) == ["Crash 0001: refused, and sent"]
    shared = Wish("Crash 0001", 5, NAMED, "C0VOICE01", confirmed=True, ref="7K3M-9QWX")
    assert refused_yet_sent([wish, shared], ["Crash 0001"]) == []


@pytest.mark.parametrize(
    ("words", "no_right"),
    [
        ("You don't have access to see, request or approve trunks. Nothing was done.", True),
        ("I could not verify whether you may do this. Nothing was done.", True),
        ("/trunk works only for members of the workspace that runs it.", True),
        ("Not accepted yet: the database did not answer in time.", False),
        (None, False),
    ],
)
def test_an_answer_that_somebody_has_no_right_is_recognised(words: str | None, no_right: bool) -> None:
    assert refused(words) is no_right
