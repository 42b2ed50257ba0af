"""References that can be read out, and a state table that the README draws."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.operation import (
    IN_FLIGHT,
    TRANSITIONS,
    Direction,
    State,
    TrunkRequest,
    digest,
    new_operation_id,
    normal_reference,
    reference,
)


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


def test_every_state_is_reached_and_the_ends_are_ends() -> None:
    reached = {after for afters in TRANSITIONS.values() for after in afters} | {State.DRAFT}
    assert reached == set(State)
    ends = set(State) - set(TRANSITIONS)
    assert ends == {
        State.CREATED,
        State.REJECTED,
        State.NOT_SENT,
        State.NOT_CREATED,
        State.DENIED,
        State.EXPIRED,
        State.WITHDRAWN,
    }
    assert not ends & IN_FLIGHT


def test_nothing_is_sent_twice_without_a_person_in_between() -> None:
    """`sending` is entered from `accepted` (the confirmation) and `unknown` (somebody said: again)."""
    before = {state for state, afters in TRANSITIONS.items() if State.SENDING in afters}
    assert before == {State.ACCEPTED, State.UNKNOWN}


REQUEST = TrunkRequest("Sales", Direction.OUTBOUND, 10)
BOUND = digest("00ff", "MA_1", REQUEST, "U1", "C1")


@pytest.mark.parametrize(
    "other",
    [
        digest("00fe", "MA_1", REQUEST, "U1", "C1"),
        digest("00ff", "MA_2", REQUEST, "U1", "C1"),
        digest("00ff", "MA_1", TrunkRequest("sales", Direction.OUTBOUND, 10), "U1", "C1"),
        digest("00ff", "MA_1", TrunkRequest("Sales", Direction.INBOUND, 10), "U1", "C1"),
        digest("00ff", "MA_1", TrunkRequest("Sales", Direction.OUTBOUND, 11), "U1", "C1"),
        digest("00ff", "MA_1", REQUEST, "U2", "C1"),
        digest("00ff", "MA_1", REQUEST, "U1", "C2"),
        digest("00ff", "MA_1", REQUEST, "C1", "U1"),
    ],
    ids=["operation", "account", "name", "direction", "calls", "requester", "channel", "exchanged"],
)
def test_an_approval_is_bound_to_every_part_of_the_request(other: str) -> None:
    assert other != BOUND


def test_a_digest_stays_the_same_across_releases() -> None:
    """Approval messages outlive a deployment: a new way to compute it would void all that wait."""
    assert BOUND == "49c355e287c4ff9ed8c47e0db4b29774"


@given(st.text(), st.text())
def test_no_two_names_share_a_digest(one: str, other: str) -> None:
    both = [digest("00", "MA", TrunkRequest(name, Direction.INBOUND, 1), "U1", "C1") for name in (one, other)]
    assert (both[0] == both[1]) == (one == other)
    assert len(both[0]) == 32
