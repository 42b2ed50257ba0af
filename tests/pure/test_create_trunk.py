"""The kind that creates a trunk, as the rest of the bot uses it, and the registry of kinds."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import BaseModel

from bot.blockkit.text import When, moment
from bot.domain.operation import Operation, State, Step
from bot.domain.outcome import Data, Thing
from bot.domain.policy import Facts
from bot.kinds.base import At, Errors, Limits
from bot.kinds.create_trunk import CreateTrunk, Request
from bot.kinds.create_trunk.find import thing
from bot.kinds.create_trunk.request import Direction
from bot.kinds.registry import KINDS, Kinds
from bot.kinds.wording import UnknownWords
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk, usable_trunk
from bot.vobiz.writes import Write
from tests.kinds.toy import PrintBadge

CREATE = CreateTrunk()
LIMITS = Limits(1000)
REQUEST: Data = {"name": "Sales", "direction": "outbound", "calls": 10}


# --- what is sent -----------------------------------------------------------------------------------


def test_the_documented_create_is_sent() -> None:
    body = {"name": "Sales", "trunk_type": "OUTBOUND", "max_concurrent_calls": 10}
    assert CREATE.write(At(REQUEST, Step(1, "create_trunk")), tag=None, secret=None) == Write(
        "create", "POST", "trunks", body
    )


def test_a_description_is_sent_only_with_a_tag() -> None:
    body = CREATE.write(At(REQUEST, Step(1, "create_trunk")), tag="trunk-bot 7K3M-9QWX", secret=None).body
    assert body is not None
    assert body["description"] == "trunk-bot 7K3M-9QWX"


# --- the form ---------------------------------------------------------------------------------------


def inputs(known: Data) -> dict[str, dict[str, object]]:
    """Give the form's elements by block id, as Slack gets them."""
    blocks = json.loads(json.dumps(CREATE.inputs(known, LIMITS, {})))
    return {str(block["block_id"]): dict(block["element"]) for block in blocks}


def typed(values: Mapping[str, str]) -> BaseModel | Errors:
    return CREATE.read(values.get, LIMITS, {})


def test_the_form_has_three_inputs_that_are_filled_in_with_what_is_known() -> None:
    empty, filled = inputs({}), inputs(REQUEST)
    assert list(empty) == list(filled) == ["name", "direction", "calls"]
    assert not any(key.startswith("initial") for element in empty.values() for key in element)
    assert filled["name"]["initial_value"] == "Sales"
    assert filled["direction"]["initial_option"] == filled["direction"]["options"][1]  # type: ignore[index] # JSON
    assert filled["calls"]["initial_value"] == "10"
    assert filled["calls"]["max_value"] == "1000"


def test_a_long_name_of_emoji_fits_in_whatever_units_slack_counts() -> None:
    assert inputs({"name": "😀" * 255})["name"]["max_length"] == 510


def test_what_was_submitted_is_read_as_the_request() -> None:
    read = typed({"name": " Cafe\u0301 ", "direction": "inbound", "calls": "007"})
    assert read == Request(name="Café", direction=Direction.INBOUND, calls=7)
    assert read.model_dump(mode="json") == {"name": "Café", "direction": "inbound", "calls": 7}


@pytest.mark.parametrize(
    ("changes", "block", "error"),
    [
        ({"name": " "}, "name", "Enter a name."),
        ({"name": "x" * 256}, "name", "At most 255 characters."),
        (
            {"name": "a\u202eb"},
            "name",
            "It holds a control character or one that reverses text. Type it instead of pasting it.",
        ),
        ({"direction": "both"}, "direction", "Choose inbound or outbound."),
        ({"calls": "0"}, "calls", "Enter a whole number from 1 to 1000."),
        ({"calls": "1001"}, "calls", "Enter a whole number from 1 to 1000."),
    ],
)
def test_what_cannot_be_sent_is_refused_under_its_input(
    changes: dict[str, str], block: str, error: str
) -> None:
    good = {"name": "Sales", "direction": "outbound", "calls": "10"}
    assert typed(good | changes) == Errors({block: error})


def test_an_empty_form_has_an_error_under_each_input() -> None:
    read = typed({})
    assert isinstance(read, Errors)
    assert set(read.errors) == {"name", "direction", "calls"}


def test_an_unfinished_form_is_known_as_far_as_it_makes_sense() -> None:
    values = {"name": "  Sales", "direction": "up", "calls": "lots"}
    assert CREATE.typed(values.get, LIMITS, {}) == {"name": "  Sales"}
    assert CREATE.typed({"direction": "inbound", "calls": "3"}.get, LIMITS, {}) == {
        "direction": "inbound",
        "calls": 3,
    }


# --- what is known of a request ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "line"),
    [
        (REQUEST, 'create "Sales" outbound 10'),
        ({"direction": "inbound"}, "create inbound"),
        ({"name": "A &amp; B"}, 'create "A &amp;amp; B"'),
        ({}, "create"),
    ],
)
def test_the_line_is_what_people_would_type(known: Data, line: str) -> None:
    assert CREATE.line(known) == line


def test_facts_are_the_calls_afterwards_as_far_as_they_are_known() -> None:
    assert CREATE.facts(REQUEST, {}) == Facts("create_trunk", None, 10)
    assert CREATE.facts({"name": "Sales"}, {}) == Facts("create_trunk")


def test_who_asks_alike_for_the_same_account_claims_the_same() -> None:
    [claim] = CREATE.claims("MA_1", REQUEST)
    assert len(claim) < 100
    assert CREATE.claims("MA_1", dict(sorted(REQUEST.items()))) == (claim,)
    assert CREATE.claims("MA_2", REQUEST) != (claim,)
    assert CREATE.claims("MA_1", {**REQUEST, "calls": 11}) != (claim,)


def test_what_is_seen_are_the_trunks_of_that_name_and_the_ceiling() -> None:
    trunks = [Trunk(id=f"t{number}", name="sales", calls=3, cps=2) for number in range(7)]
    now = Snapshot("MA_1", 0, (Trunk(id="x", name="Support"), *trunks), whole=True)
    assert CREATE.seen(REQUEST, now, 46) == {
        "same_name": [{"id": f"t{number}", "name": "sales", "calls": 3} for number in range(5)],
        "same_names": 7,
        "ceiling": 46,
        "readable": True,
    }
    nothing = {"same_name": [], "same_names": 0, "ceiling": None}
    assert CREATE.seen({}, now, None) == nothing | {"readable": True}
    assert CREATE.seen(REQUEST, None, None) == nothing | {"readable": False}


def test_what_is_seen_is_short_however_long_the_names_are() -> None:
    now = Snapshot(
        "MA_1", 0, tuple(Trunk(id=str(number), name="x" * 255) for number in range(50)), whole=True
    )
    seen = CREATE.seen({"name": "x" * 255}, now, None)
    assert len(json.dumps(seen)) < 1000


@pytest.mark.parametrize(
    ("trunk", "different"),
    [
        ({"name": "Sales", "direction": "outbound", "calls": 10}, []),
        ({}, []),
        ({"direction": "both"}, [("direction", "outbound", "both")]),
        ({"name": "sales", "calls": 0}, [("name", "Sales", "sales"), ("concurrent calls", "10", "0")]),
    ],
    ids=["same", "nothing stated", "both", "case of the name, no calls"],
)
def test_a_difference_is_a_field_that_came_back_otherwise(
    trunk: dict[str, object], different: list[tuple[str, str, str]]
) -> None:
    told = CREATE.words.differences(REQUEST, Thing(id="1", data=trunk))
    assert [(one.field, one.asked, one.got) for one in told] == different


# --- the registry -----------------------------------------------------------------------------------

OPERATION = Operation(
    id="a" * 32,
    kind="create_trunk",
    version=1,
    state=State.ACCEPTED,
    request=REQUEST,
    seen={},
    subject="Sales",
    account="MA_1",
    team="T1",
    channel="C1",
    requester="U1",
    created_at=0,
    updated_at=0,
    steps=(Step(1, "create_trunk"),),
)


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("2026-11-27T21:00:00Z", "created 2026-11-27 21:00 UTC"),
        ("2026-11-28T02:30:00+05:30", "created 2026-11-27 21:00 UTC"),
        ("2026-11-28T02:30:00", "created 2026-11-28 02:30:00 (no time zone stated)"),
        ("yesterday", ""),
    ],
)
def test_a_time_is_told_in_the_readers_zone_where_vobiz_stated_one(stated: str, told: str) -> None:
    seen = usable_trunk({"id": "a", "created_at": stated})
    assert seen is not None
    pieces = CREATE.words.describe(thing(seen))
    line = "".join(
        moment(piece) if isinstance(piece, When) else piece
        for piece in pieces
        if isinstance(piece, str | When)
    )
    assert line.removeprefix(", ") == told


def test_kinds_are_found_by_name_and_by_verb() -> None:
    assert KINDS.of("create_trunk") is KINDS.verbs["create"]
    assert KINDS.of("print_badge") is None


@pytest.mark.parametrize(
    ("op", "known"),
    [
        (OPERATION, True),
        (replace(OPERATION, version=2), False),
        (replace(OPERATION, kind="print_badge"), False),
    ],
    ids=["this one", "a newer version's", "another kind"],
)
def test_an_operation_that_is_not_known_is_spoken_of_in_words_that_fit_any(
    op: Operation, known: bool
) -> None:
    assert KINDS.knows(op) == known
    assert (KINDS.words(op) is CREATE.words) == known
    assert isinstance(KINDS.words(op), UnknownWords) != known


def test_no_two_kinds_share_a_verb_and_none_has_one_of_the_bots_own() -> None:
    class Doctor(PrintBadge):
        name, verb = "doctor_badge", "doctor"

    class Again(PrintBadge):
        name = "again"

    for kinds in ((PrintBadge(), PrintBadge()), (PrintBadge(), Again()), (Doctor(),)):
        with pytest.raises(AssertionError):
            Kinds(kinds)
