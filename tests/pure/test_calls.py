"""Reading the account's call records, and which of them is the first call of a trunk."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.domain.operation import State, StepState
from bot.domain.outcome import Thing
from bot.domain.proof import Call, Proof
from bot.domain.records import Record
from bot.vobiz.calls import PAGE, Calls, read_records
from bot.workflow.first_calls import first_call
from tests.pure.operations import accepted, at_step

TRUNK = "aabbccdd-1234-5678-90ab-cdef12345678"
SINCE = int(datetime(2026, 11, 28, 14, 0, tzinfo=UTC).timestamp() * 1000)
CALLER, CALLED = "+919876543210", "+918012345678"
# As documented, but for what quality and money it names.
ROW: Mapping[str, object] = {
    "account_id": "MA_XXXXXXXX",
    "answer_time": "2026-11-28T14:02:05Z",
    "billsec": 34,
    "call_direction": "outbound",
    "caller_id_name": "John Doe",
    "caller_id_number": CALLER,
    "context": "sip-trunking",
    "created_at": "2026-11-28T14:02:39Z",
    "destination_number": CALLED,
    "duration": 39,
    "end_time": "2026-11-28T14:02:39Z",
    "failure_reason": None,
    "hangup_cause": "NORMAL_CLEARING",
    "hangup_cause_code": 4000,
    "hangup_cause_name": "Normal Hangup",
    "id": 18000000,
    "start_time": "2026-11-28T14:02:00Z",
    "trunk_id": TRUNK,
    "uuid": "11223344-5566-7788-99aa-bbccddeeff00",
}
BUSY = {"answer_time": None, "billsec": 0, "hangup_cause": "USER_BUSY"}
ANSWERED = Call(at=SINCE + 120_000, answered=True, seconds=34, cause="NORMAL_CLEARING")


def page(*rows: object, more: bool = False) -> dict[str, object]:
    return {
        "account_id": "MA_XXXXXXXX",
        "count": len(rows),
        "data": list(rows),
        "pagination": {"page": 1, "per_page": PAGE, "has_next": more},
        "success": True,
        "summary": {"totalCalls": len(rows)},
    }


def row(**changes: object) -> dict[str, object]:
    return {**ROW, **changes}


def set_up() -> Record:
    """Return a set-up that was sent at 14:00 and is done, and made the trunk."""
    record = accepted(state=State.DONE, proof=Proof(watched=True))
    return at_step(record, state=StepState.DONE, sent_at=SINCE, thing=Thing(id=TRUNK.upper()))


def seen(body: Mapping[str, object]) -> Call | None:
    calls = read_records(body)
    assert isinstance(calls, Calls)
    return first_call(set_up(), calls)


def test_the_first_call_is_read_as_documented_without_who_called_whom() -> None:
    calls = read_records(page(row(), row(trunk_id=None)))
    assert calls is not None
    assert len(calls.carried) == 1
    assert not any(said in repr(calls) for said in (CALLER, CALLED, "John"))
    assert seen(page(row())) == ANSWERED


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"cdrs": [row()]}},
        {"data": {"data": {"cdrs": [row(), row(start_time="2026-11-28T15:00:00Z")]}}},
        {"objects": [row()], "meta": {"total": 1}},
        page(row(start_time="2026-11-28T19:32:00.123456789+05:30")),
    ],
    ids=["cdrs", "deep", "objects", "another zone"],
)
def test_other_dialects_say_the_same(body: Mapping[str, object]) -> None:
    found = seen(body)
    assert found is not None
    assert found.model_copy(update={"at": found.at // 1000 * 1000}) == ANSWERED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(BUSY, {"answered": False, "seconds": None, "cause": "USER_BUSY"}, id="busy"),
        # Its `duration` is no length of a call: it rang in that time as well.
        pytest.param({"billsec": None}, {"seconds": None}, id="not said how long"),
        pytest.param({"billsec": "34"}, {}, id="a text"),
        pytest.param({"hangup_cause": None}, {"cause": "Normal Hangup"}, id="the cause's name"),
        pytest.param(
            {"hangup_cause": f"to {CALLER}", "hangup_cause_name": 7}, {"cause": None}, id="a number"
        ),
        pytest.param(
            {"start_time": "2026-11-28 19:32:00"}, {"at": SINCE + 19_920_000, "zoned": False}, id="IST"
        ),
        pytest.param(
            {"start_time": "2026-11-28 09:02:00"}, {"at": SINCE - 17_880_000, "zoned": False}, id="EST"
        ),
    ],
)
def test_what_is_said_otherwise_is_told_otherwise(
    changes: dict[str, object], expected: dict[str, object]
) -> None:
    assert seen(page(row(**changes))) == ANSWERED.model_copy(update=expected)


def test_without_an_answer_time_the_record_may_say_nothing_of_an_answer() -> None:
    bare = {key: value for key, value in ROW.items() if key not in {"answer_time", "billsec"}}
    for changes, answered in (({}, None), ({"status": "completed"}, True), ({"bill_duration": 0}, False)):
        found = seen(page(bare | changes))
        assert found is not None
        assert found.answered is answered


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(trunk_id="11111111-1234-5678-90ab-cdef12345678")],
        [row(start_time="2026-11-28T13:58:59Z")],
        [row(start_time="2026-11-28 01:59:59")],
        [row(start_time=None)],
        [row(start_time="soon")],
        [row(trunk_id=7), "x", None],
    ],
    ids=["none", "another trunk", "before", "before in every zone", "no time", "no time at all", "no rows"],
)
def test_what_is_no_call_of_the_trunk_after_its_set_up_says_nothing(rows: list[object]) -> None:
    assert seen(page(*rows)) is None


def test_of_several_calls_the_earliest_counts() -> None:
    later = row(start_time="2026-11-28T14:30:00Z", **BUSY)
    assert seen(page(later, row())) == ANSWERED


@pytest.mark.parametrize(
    ("body", "first"),
    [
        (page(row(), more=True), False),
        (page(row(), row(trunk_id=None, start_time="2026-11-28T13:00:00Z"), more=True), True),
        (page(row(), row(trunk_id=None, start_time=None)), False),
        ({"data": [row()] * PAGE}, False),
    ],
    ids=["older ones were not read", "older than the set-up", "one was not readable", "a full page"],
)
def test_it_is_the_first_only_where_no_earlier_one_can_have_been_missed(
    body: Mapping[str, object], first: bool
) -> None:
    assert seen(body) == ANSWERED.model_copy(update={"first": first})


@pytest.mark.parametrize(
    "body", [None, {}, {"error": "unauthorized"}, {"success": False, "data": []}, {"data": "x"}]
)
def test_what_is_no_list_of_records_is_none(body: Mapping[str, object] | None) -> None:
    assert read_records(body) is None
