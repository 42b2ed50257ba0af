"""What `history` is asked for, how names compare, and cursors that came back from outside."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.history_query import (
    ByName,
    ByPerson,
    ByReference,
    ByState,
    Cursor,
    Everything,
    Query,
    Search,
    dump_turn,
    folded,
    read_turn,
)
from bot.commands.parse import Command, History, Problem
from bot.commands.parse import parse as parse_any
from bot.commands.problems import ProblemKind
from bot.domain.operation import Standing
from bot.kinds.base import Limits
from bot.kinds.registry import KINDS
from tests.wording_samples import OPERATION


def parse(text: str) -> Command | Problem:
    """Parse a text with the kinds that the bot has."""
    return parse_any(text, KINDS.verbs, Limits(1000))


FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        pytest.param("", Everything(), id="nothing"),
        pytest.param("Sales", ByName("Sales"), id="name"),
        pytest.param("Sales East", ByName("Sales East"), id="words"),
        pytest.param('"Sales"', ByName("Sales"), id="quoted"),
        pytest.param("“created”", ByName("created"), id="a quoted state is a name"),
        pytest.param('"7K3M-9QWX"', ByName("7K3M-9QWX"), id="a quoted reference is a name"),
        pytest.param('5" pipe', ByName('5" pipe'), id="a quote within"),
        pytest.param('"', ByName('"'), id="a quote alone"),
        pytest.param("100%", ByName("100%"), id="percent"),
        pytest.param("a_b\\", ByName("a_b\\"), id="underscore and backslash"),
        pytest.param("*", ByName("*"), id="star"),
        pytest.param(FAMILY, ByName(FAMILY), id="emoji joined by U+200D"),
        pytest.param("Tom &amp; Co", ByName("Tom & Co"), id="Slack's entities"),
        pytest.param("done", ByState(Standing.DONE), id="standing"),
        pytest.param("created", ByState(Standing.DONE), id="as a create is told"),
        pytest.param("Not Created", ByState(Standing.NOT_DONE), id="in words"),
        pytest.param("not-done", ByState(Standing.NOT_DONE), id="not done"),
        pytest.param("not-sent", ByState(Standing.NOT_SENT), id="with a dash"),
        pytest.param("awaiting_approval", ByState(Standing.AWAITING_APPROVAL), id="as shown"),
        pytest.param("waiting", ByState(Standing.AWAITING_APPROVAL), id="waiting"),
        pytest.param("running", ByState(Standing.RUNNING), id="running"),
        pytest.param("Sending", ByState(Standing.RUNNING), id="sending"),
        pytest.param("rejected", ByState(Standing.REJECTED), id="of eight letters"),
        pytest.param("refused", ByState(Standing.REJECTED), id="refused"),
        pytest.param("draft", ByName("draft"), id="drafts are not stored"),
        pytest.param("7k3m 9qwx", ByReference("7K3M-9QWX", "7k3m 9qwx"), id="reference as heard"),
        pytest.param("Sales123", ByReference("SA1E-S123", "Sales123"), id="a name like a reference"),
        pytest.param("&lt;@U0ASHA001&gt;", ByPerson("U0ASHA001"), id="mention, escaped"),
        pytest.param("<@U0ASHA001|asha>", ByPerson("U0ASHA001"), id="mention with a name"),
        pytest.param("W012A3CDE", ByPerson("W012A3CDE"), id="member id"),
        pytest.param("@me", ByPerson(None), id="me"),
        pytest.param("UNITEDVOICE", ByName("UNITEDVOICE"), id="a name of capitals"),
        pytest.param("@ home", ByName("@ home"), id="an at sign alone"),
    ],
)
def test_what_is_typed_is_understood(typed: str, query: Query) -> None:
    assert parse(f"history {typed}") == History(query)
    assert parse(f"HIST\u00a0{typed} ") == History(query)


@pytest.mark.parametrize(
    ("typed", "kind", "word"),
    [
        ("@asha", ProblemKind.PERSON, "@asha"),
        ("x" * 256, ProblemKind.QUERY_LONG, "x" * 256),
    ],
    ids=["a handle", "256 characters"],
)
def test_what_cannot_be_looked_for_is_pointed_at(typed: str, kind: ProblemKind, word: str) -> None:
    problem = parse(f"history {typed}")
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.text[problem.start : problem.end]) == (kind, word)


def test_a_misspelt_verb_is_guessed() -> None:
    problem = parse("histroy Sales")
    assert isinstance(problem, Problem)
    assert problem.fix == "history Sales"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Sales East", "sales EAST"),
        ("STRASSE", "straße"),
        ("Ärger", "äRGER"),
        ("Cafe\u0301", "CAFÉ"),
        ("Продажи", "продажи"),
        ("Sales\u00a0 \u2009East", "sales east"),
        ("ΟΔΟΣ", "οδος"),
    ],
    ids=["case", "sharp s", "umlaut", "decomposed", "cyrillic", "odd spaces", "final sigma"],
)
def test_names_compare_without_case(name: str, typed: str) -> None:
    assert folded(name) == folded(typed)


@given(st.text(st.characters()))
def test_any_text_folds_to_what_can_be_stored(text: str) -> None:
    assert "\x00" not in folded(text)
    folded(text).encode()


SEARCHES = st.one_of(
    st.just(Everything()),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"]), min_size=1, max_size=255).map(
        ByName
    ),
    st.from_regex(r"[UW][A-Z0-9]{2,30}", fullmatch=True).map(ByPerson),
    st.builds(ByState, st.sampled_from(Standing), st.none() | st.just("create_trunk")),
)


@given(SEARCHES, st.sampled_from(["older", "newer"]))
def test_a_buttons_value_reads_back_and_slack_takes_it(search: Search, way: str) -> None:
    assert way in {"older", "newer"}
    value = dump_turn(search, "older" if way == "older" else "newer", OPERATION)
    assert len(value) <= 2000
    assert read_turn(value) == (search, Cursor(way, OPERATION.created_at, OPERATION.id))  # type: ignore[arg-type] # as asserted


GOOD = {"v": 2, "by": "name", "what": "Sales", "way": "older", "at": 5, "id": "a" * 32}


TAMPERED: tuple[dict[str, object], ...] = (
    {"v": 1},
    {"by": "sql"},
    {"by": "state", "what": "draft"},
    {"by": "state", "what": "'"},
    {"what": "x" * 256},
    {"what": "a\x00b"},
    {"what": None},
    {"way": "sideways"},
    {"at": -1},
    {"at": 2**63},
    {"at": "5"},
    {"at": 5.5},
    {"id": "A" * 32},
    {"id": "a" * 32 + "\n"},
    {"id": "' OR 1=1 --"},
    {"owner": "U1"},
    {"kind": "'"},
)


def test_a_tampered_value_is_none_of_ours() -> None:
    assert read_turn(json.dumps(GOOD)) is not None
    assert [change for change in TAMPERED if read_turn(json.dumps(GOOD | change)) is not None] == []


@given(st.text())
def test_no_value_raises(value: str) -> None:
    read_turn(value)
