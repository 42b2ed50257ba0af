"""References that can be read out, the tables of states, and what a confirmation is bound to."""

import json
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.operation import (
    IN_FLIGHT,
    LIVE,
    STEP_TRANSITIONS,
    TRANSITIONS,
    Choice,
    Look,
    Standing,
    State,
    Step,
    StepState,
    canonical,
    digest,
)
from bot.domain.reference import is_operation_id, new_operation_id, normal_reference, reference
from tests.pure.operations import NOTHING_THERE, ONE_THERE, accepted, unknown


@given(st.binary(min_size=16, max_size=16))
def test_a_reference_survives_being_read_out(raw: bytes) -> None:
    ref = reference(raw.hex())
    assert normal_reference(ref) == ref
    assert normal_reference(f" `{ref.lower().replace('-', ' ')}` ") == ref
    assert normal_reference(ref.replace("1", "l").replace("0", "o")) == ref
    assert not set(ref) & set("ILOU")


@given(st.text())
def test_reading_a_reference_never_raises(text: str) -> None:
    ref = normal_reference(text)
    assert ref is None or set(ref) <= set(string.digits + string.ascii_uppercase + "-")


@pytest.mark.parametrize("text", ["", "7PHH", "7PHH-S8M", "7PHH-S8M22", "7PHH-S8MU", "٣٣٣٣-٣٣٣٣"])
def test_what_can_not_be_a_reference(text: str) -> None:
    assert normal_reference(text) is None


def test_ids_do_not_repeat() -> None:
    assert len({new_operation_id() for _ in range(1000)}) == 1000


def test_an_id_is_an_id() -> None:
    assert is_operation_id(new_operation_id())
    assert not any(map(is_operation_id, ["", "0" * 31, "0" * 33, "0" * 31 + "G", "0" * 32 + "\n"]))


def test_every_state_is_reached_and_the_ends_are_ends() -> None:
    reached = {after for afters in TRANSITIONS.values() for after in afters} | {State.DRAFT}
    assert reached == set(State)
    ends = set(State) - set(TRANSITIONS)
    assert ends == {State.DONE, State.STOPPED, State.DENIED, State.EXPIRED, State.WITHDRAWN}
    assert not ends & LIVE
    assert {State.AWAITING_APPROVAL} == LIVE - IN_FLIGHT


def test_no_step_is_sent_twice_without_a_person_in_between() -> None:
    """`sending` is entered from `waiting` (the confirmation) and `unknown` (somebody said: again)."""
    before = {state for state, afters in STEP_TRANSITIONS.items() if StepState.SENDING in afters}
    assert before == {StepState.WAITING, StepState.UNKNOWN}
    reached = {after for afters in STEP_TRANSITIONS.values() for after in afters} | {StepState.WAITING}
    assert reached == set(StepState)


def steps(*states: StepState) -> tuple[Step, ...]:
    return tuple(Step(number, f"step_{number}", state) for number, state in enumerate(states, start=1))


@pytest.mark.parametrize(
    ("state", "states", "standing", "at"),
    [
        (State.ACCEPTED, [StepState.WAITING, StepState.WAITING], Standing.ACCEPTED, 1),
        (State.RUNNING, [StepState.DONE, StepState.SENDING], Standing.RUNNING, 2),
        (State.DONE, [StepState.DONE, StepState.DONE], Standing.DONE, 2),
        (State.STOPPED, [StepState.REJECTED, StepState.WAITING], Standing.REJECTED, 1),
        (State.STOPPED, [StepState.DONE, StepState.NOT_SENT], Standing.NOT_SENT, 2),
        (State.STOPPED, [StepState.NOT_DONE, StepState.WAITING], Standing.NOT_DONE, 1),
        (State.UNKNOWN, [StepState.UNKNOWN, StepState.WAITING], Standing.UNKNOWN, 1),
    ],
)
def test_how_an_operation_stands_is_what_its_step_says(
    state: State, states: list[StepState], standing: Standing, at: int
) -> None:
    op = accepted(state=state, steps=steps(*states)).operation
    assert (op.standing, op.step.number) == (standing, at)


@pytest.mark.parametrize(
    ("look", "asking", "choices"),
    [
        (None, False, set()),
        (NOTHING_THERE, False, set()),
        (NOTHING_THERE, True, {Choice.CHECK_AGAIN, Choice.GIVE_UP, Choice.SEND_AGAIN}),
        (ONE_THERE, True, {Choice.CHECK_AGAIN, Choice.GIVE_UP, Choice.PICK}),
        (Look(finished=True, whole=False), True, {Choice.CHECK_AGAIN, Choice.GIVE_UP}),
    ],
)
def test_sending_again_is_offered_only_where_nothing_speaks_against_it(
    look: Look | None, asking: bool, choices: set[Choice]
) -> None:
    assert unknown(accepted(), look, asking=asking).operation.choices == choices


REQUEST = {"name": "Sales", "direction": "outbound", "calls": 10}
OPERATION = accepted(id="00ff" * 8, request=REQUEST, seen={"same_names": 1}).operation


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "00fe" * 8},
        {"kind": "edit_trunk"},
        {"version": 2},
        {"request": REQUEST | {"name": "sales"}},
        {"request": REQUEST | {"direction": "inbound"}},
        {"request": REQUEST | {"calls": 11}},
        {"request": REQUEST | {"calls": "10"}},
        {"seen": {"same_names": 0}},
        {"account": "MA_2"},
        {"requester": "U2"},
        {"channel": "C2"},
        {"requester": "C1", "channel": "U1"},
    ],
    ids=", ".join,
)
def test_a_confirmation_is_bound_to_every_part_of_it(changed: dict[str, object]) -> None:
    other = replace(OPERATION, **changed)  # type: ignore[arg-type]  # the fields of the table above
    assert other.bound != OPERATION.bound


def test_a_confirmation_is_not_bound_to_what_became_of_it() -> None:
    later = replace(OPERATION, state=State.DONE, round=3, updated_at=9, steps=steps(StepState.DONE))
    assert later.bound == OPERATION.bound


def test_what_asks_for_the_same_is_alike_whoever_asks_and_whatever_they_saw() -> None:
    other = replace(OPERATION, id="00fe" * 8, requester="U2", channel="C2", seen={}, version=2)
    assert other.likeness == OPERATION.likeness
    assert replace(OPERATION, account="MA_2").likeness != OPERATION.likeness


def test_a_digest_stays_the_same_across_releases() -> None:
    """Approval messages outlive a deployment: a new way to compute it would void all that wait."""
    assert OPERATION.bound == "c7817fbd92a417a4ae50e7f48a687bba"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)


@given(OBJECTS, OBJECTS)
def test_no_two_objects_share_a_digest_and_their_order_does_not_matter(
    one: dict[str, object], other: dict[str, object]
) -> None:
    turned = dict(reversed(one.items()))
    assert digest(turned) == digest(one)
    assert (digest(one) == digest(other)) == (canonical(one) == canonical(other))
    assert len(digest(one)) == 32
    assert json.loads(canonical(one)) == one
