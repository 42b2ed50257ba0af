"""What is next for an operation, and when."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bot.domain.operation import Choice, State, Step, StepState
from bot.domain.outcome import Thing
from bot.domain.proof import Proof, Ready
from bot.domain.records import Record
from bot.workflow.schedule import (
    Act,
    Next,
    next_examination,
    next_late_look,
    next_look,
    next_reading,
    next_slow_look,
    what_is_next,
)
from tests.pure.operations import NOTHING_THERE, NOW, TRUNK, accepted, at_step, requested, sending, unknown

SETTLE = 60.0
BARE = Thing(id="T-1", awaited=("SIP domain",))
READY = Ready(trunk="T-1", at=NOW, command="/trunk")
ASKED = replace(unknown(accepted(), NOTHING_THERE, 5, asking=True), wake_at=NOW + 300_000)


def ended(state: State, wake_at: int | None = None) -> Record:
    record = accepted(state=state, steps=(Step(1, "create", StepState.DONE, thing=TRUNK),))
    return replace(record, wake_at=wake_at)


def unproven(wake_at: int | None, ready: Ready | None = None) -> Record:
    record = ended(State.DONE, wake_at)
    return replace(record, operation=replace(record.operation, proof=Proof(ready=ready)))


def deciding(choice: Choice) -> Record:
    record = unknown(accepted(), NOTHING_THERE, 2)
    return replace(record, decision=choice, wake_at=NOW + 10_000)


def second_step(state: StepState) -> Record:
    steps = (Step(1, "create", StepState.DONE, thing=TRUNK), Step(2, "attach", state))
    return accepted(state=State.RUNNING, steps=steps)


@pytest.mark.parametrize(
    ("record", "following"),
    [
        pytest.param(accepted(), Next(Act.SEND), id="accepted"),
        pytest.param(second_step(StepState.WAITING), Next(Act.SEND), id="the next step"),
        pytest.param(sending(accepted()), Next(Act.TAKE_OVER), id="left while it was sent"),
        pytest.param(second_step(StepState.SENDING), Next(Act.TAKE_OVER), id="left at a later step"),
        pytest.param(
            replace(unknown(accepted()), wake_at=NOW + 2_000), Next(Act.LOOK, NOW + 2_000), id="unknown"
        ),
        pytest.param(replace(unknown(accepted()), wake_at=None), Next(Act.LOOK), id="unknown since long ago"),
        pytest.param(
            replace(unknown(accepted(), looks=3), wake_at=NOW), Next(Act.LOOK, NOW), id="the fourth look"
        ),
        pytest.param(
            replace(unknown(accepted(), looks=4), wake_at=NOW), Next(Act.LOOK_LAST, NOW), id="the last look"
        ),
        pytest.param(
            replace(unknown(accepted(), looks=9), wake_at=NOW), Next(Act.LOOK_LAST, NOW), id="one too many"
        ),
        pytest.param(ASKED, Next(Act.LOOK_SLOWLY, NOW + 300_000), id="asked"),
        pytest.param(replace(ASKED, wake_at=None), Next(Act.NOTHING), id="asked a week ago"),
        pytest.param(deciding(Choice.CHECK_AGAIN), Next(Act.LOOK_LAST), id="check again"),
        pytest.param(deciding(Choice.SEND_AGAIN), Next(Act.LOOK_THEN_SEND), id="send again"),
        pytest.param(ended(State.DONE), Next(Act.NOTHING), id="done"),
        pytest.param(
            ended(State.DONE, NOW), Next(Act.LOOK_LATE, NOW + 300_000), id="done, and was uncertain"
        ),
        pytest.param(
            ended(State.DONE, NOW + 7_200_000), Next(Act.LOOK_LATE, NOW + 7_200_000), id="looked at late once"
        ),
        pytest.param(
            at_step(ended(State.DONE, NOW), thing=BARE),
            Next(Act.READ_AGAIN, NOW + 1_000),
            id="not all stated",
        ),
        pytest.param(
            at_step(ended(State.DONE, NOW + 4_000), thing=BARE),
            Next(Act.READ_AGAIN, NOW + 4_000),
            id="not all stated, read before",
        ),
        pytest.param(at_step(ended(State.DONE), thing=BARE), Next(Act.NOTHING), id="never to be read"),
        pytest.param(unproven(NOW), Next(Act.EXAMINE, NOW), id="not examined"),
        pytest.param(unproven(NOW + 5_000), Next(Act.EXAMINE, NOW + 5_000), id="nothing was seen so far"),
        pytest.param(at_step(unproven(NOW), thing=BARE), Next(Act.READ_AGAIN, NOW + 1_000), id="both"),
        pytest.param(unproven(NOW, ready=READY), Next(Act.LOOK_LATE, NOW + 300_000), id="examined"),
        pytest.param(unproven(None), Next(Act.NOTHING), id="never to be examined"),
        pytest.param(requested(), Next(Act.NOTHING), id="waits for an approval"),
        *(
            pytest.param(ended(state, NOW), Next(Act.NOTHING), id=state)
            for state in (State.DENIED, State.EXPIRED, State.WITHDRAWN)
        ),
    ],
)
def test_what_is_next(record: Record, following: Next) -> None:
    assert what_is_next(record, SETTLE, known=True) == following
    # A version that does not know the kind leaves it alone, however it stands.
    assert what_is_next(record, SETTLE, known=False) == Next(Act.NOTHING)


def test_the_looks_fill_the_settling_time() -> None:
    at, waits = NOW, []
    for looks in range(5):
        at, before = next_look(at, looks, SETTLE), at
        waits.append((at - before) / 1000)
    assert waits == [2, 4, 8, 16, 30]


def test_the_slow_looks_become_seldom_and_end_after_a_week() -> None:
    at, waits = next_slow_look(NOW, NOW), []
    while at is not None:
        before, at = at, next_slow_look(at, NOW)
        waits.append((at - before) / 1000 if at is not None else None)
    assert waits[:6] == [300] * 6
    assert waits[-1] is None
    steps = [wait for wait in waits if wait is not None]
    assert steps == sorted(steps)
    assert (max(steps), 150 < len(steps) < 250) == (3600, True)
    assert 7 * 86_400 <= (before - NOW) / 1000 <= 7 * 86_400 + 3600


def test_a_result_is_read_again_within_fifteen_seconds() -> None:
    at, reads = next_reading(NOW, NOW), []
    while at is not None:
        reads.append((at - NOW) // 1000)
        at = next_reading(at, NOW)
    assert reads == [1, 2, 4, 8, 15]


def test_a_trunk_of_which_nothing_is_seen_is_examined_three_times_in_half_a_minute() -> None:
    at, times = next_examination(NOW, NOW), []
    while at is not None:
        times.append((at - NOW) // 1000)
        at = next_examination(at, NOW)
    assert times == [5, 30]


def test_the_late_looks_are_spread_over_a_day() -> None:
    at: int | None = NOW + 300_000
    looks = []
    while at is not None:
        looks.append((at - NOW) // 1000)
        at = next_late_look(at, NOW, seen=True)
    assert looks == [300, 1800, 7200, 28_800, 86_400]


def test_a_late_look_that_saw_nothing_is_repeated_but_not_for_ever() -> None:
    at: int | None = NOW + 300_000
    looks = []
    while at is not None:
        looks.append((at - NOW) // 1000)
        at = next_late_look(at, NOW, seen=False)
    assert looks[:4] == [300, 900, 1500, 1800]
    assert all(later - sooner <= 600 for sooner, later in pairwise(looks))
    assert 86_400 < looks[-1] < 86_400 + 3 * 3600
