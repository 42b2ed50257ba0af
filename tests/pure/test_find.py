"""What a look may conclude about an uncertain create: what is not known is never said."""

import html
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.operation import Step
from bot.domain.outcome import Thing
from bot.kinds.base import CannotTell, Finding, NotThere, Several, ThisOne, Trace
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.create_trunk.find import SHOWN_MAX, alike
from bot.kinds.create_trunk.request import check_name
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk

SENT: Final = datetime(2026, 5, 12, 5, 11, 52, tzinfo=UTC)
SENT_AT: Final = int(SENT.timestamp() * 1000)
AHEAD: Final = timedelta(minutes=3)  # Vobiz's clock runs three minutes ahead of ours
TAG: Final = "trunk-bot 7K3M-9QWX"
DAY: Final = timedelta(days=1)


def trunk(trunk_id: str = "ours", **changes: object) -> Trunk:
    """A trunk as asked for, but for the changes."""
    body: dict[str, object] = {
        "trunk_id": trunk_id,
        "name": "Sales",
        "trunk_direction": "outbound",
        "concurrent_calls_limit": 10,
        "created_at": SENT + AHEAD,
    }
    return Trunk.model_validate(body | changes)


def reading(*trunks: Trunk, whole: bool = True) -> Snapshot:
    return Snapshot("MA_1", SENT_AT - 60_000, trunks, whole, int(AHEAD.total_seconds() * 1000))


OLD: Final = trunk("old", created_at=SENT - DAY)


def trace(
    *now: Trunk,
    before: Snapshot | None = reading(OLD),  # noqa: B008 - frozen
    whole: bool = True,
    name: str = "Sales",
    tag: str | None = None,
) -> Trace:
    sent_at = int(SENT.timestamp() * 1000)
    return Trace(
        request={"name": name, "direction": "outbound", "calls": 10},
        step=Step(1, "create_trunk", sent_at=sent_at),
        done=(),
        before=before,
        now=reading(*now, whole=whole),
        owned=frozenset({"owned"}),
        tag=tag,
    )


def find(looked: Trace) -> str:
    """Say what is found in a word, or whose ids."""
    return told(CreateTrunk().find(looked))


def told(finding: Finding) -> str:
    match finding:
        case ThisOne(thing=Thing(id=found)):
            return f"this one: {found}"
        case Several(things=things):
            return f"ask: {' '.join(one.id for one in things)}"
        case NotThere():
            return "not there"
        case CannotTell():
            return "cannot tell"
        case _:
            raise AssertionError(finding)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param([], "not there", id="nothing"),
        pytest.param([OLD], "not there", id="only what was there"),
        pytest.param([trunk("OLD")], "not there", id="what was there, its id in capitals"),
        pytest.param([trunk("Owned")], "not there", id="what belongs to another operation, in capitals"),
        pytest.param([OLD, trunk()], "this one: ours", id="one is new, and as asked"),
        pytest.param([trunk(created_at=None)], "this one: ours", id="not dated"),
        pytest.param(
            [trunk(created_at=SENT - DAY)], "this one: ours", id="dated before it was sent: new all the same"
        ),
        pytest.param([trunk(created_at="2026-05-12T10:41:52")], "this one: ours", id="dated without a zone"),
        pytest.param([trunk(name="SALES")], "this one: ours", id="in capitals"),
        pytest.param([trunk(), trunk("twin")], "ask: ours twin", id="a console's twin"),
        pytest.param(
            [trunk("twin", created_at=SENT + DAY), trunk()], "ask: ours twin", id="the nearer date first"
        ),
        pytest.param([trunk("a", created_at=None), trunk()], "ask: ours a", id="a date before none"),
        pytest.param([trunk(trunk_direction="both")], "ask: ours", id="as the vendor's own sample has it"),
        pytest.param([trunk(trunk_direction="inbound")], "ask: ours", id="the name only: another direction"),
        pytest.param([trunk(concurrent_calls_limit=5)], "ask: ours", id="the name only: another limit"),
        pytest.param([trunk(concurrent_calls_limit=None)], "ask: ours", id="no limit stated"),
        pytest.param([trunk(name="S?les")], "ask: ours", id="direction and limit only"),
        pytest.param([trunk(name=None)], "ask: ours", id="no name stated"),
        pytest.param([trunk(name=None, trunk_direction=None)], "ask: ours", id="only the limit stated"),
        pytest.param(
            [trunk("x", name="Support"), trunk()], "ask: ours x", id="another new one like it: the name first"
        ),
        pytest.param(
            [trunk("x", name="Support", concurrent_calls_limit=3)], "not there", id="new and unlike"
        ),
        pytest.param(
            [trunk("x", name="Support", concurrent_calls_limit=3), trunk()],
            "this one: ours",
            id="beside one unlike",
        ),
    ],
)
def test_with_all_seen_before_and_now(now: list[Trunk], expected: str) -> None:
    assert find(trace(*now)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param([OLD], "cannot tell", id="nothing new in what was seen"),
        pytest.param([trunk()], "ask: ours", id="there may be another one"),
        pytest.param([trunk("x", name="Support", concurrent_calls_limit=3)], "cannot tell", id="unlike"),
    ],
)
def test_when_not_all_is_seen_now_nothing_is_concluded_from_what_is_missing(
    now: list[Trunk], expected: str
) -> None:
    assert find(trace(*now, whole=False)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param([], "not there", id="nothing"),
        pytest.param([trunk()], "ask: ours", id="as asked: a colleague's, perhaps, made before"),
        pytest.param([trunk(created_at=SENT - DAY)], "ask: ours", id="dated before: dates prove nothing"),
        pytest.param([trunk(created_at=None, concurrent_calls_limit=3)], "ask: ours", id="of the name"),
        pytest.param([trunk(name="S?les")], "ask: ours", id="another name, dated after it was sent"),
        pytest.param([trunk(name="S?les", created_at=None)], "not there", id="another name, not dated"),
        pytest.param([trunk(name="S?les", created_at=SENT - DAY)], "not there", id="another name, older"),
        pytest.param([trunk("owned")], "not there", id="another operation's"),
    ],
)
def test_without_all_seen_before_nothing_is_claimed(now: list[Trunk], expected: str) -> None:
    assert find(trace(*now, before=None)) == expected
    partly = reading(trunk("seen"), whole=False)
    assert find(trace(trunk("seen"), *now, before=partly)) == expected


def test_what_earlier_steps_made_is_not_what_this_one_did() -> None:
    looked = replace(trace(trunk("First")), done=(Step(1, "create_trunk", thing=Thing(id="first")),))
    assert find(looked) == "not there"


def test_a_person_is_asked_about_the_likeliest_only() -> None:
    many = [trunk(f"t{number}", name="S?les") for number in range(100)]
    finding = CreateTrunk().find(trace(*many, trunk()))
    assert isinstance(finding, Several)
    assert (len(finding.things), finding.things[0].id) == (SHOWN_MAX, "ours")


@pytest.mark.parametrize(
    "before", [reading(OLD), reading(OLD, whole=False), None], ids=["all", "part", "nothing"]
)
def test_what_bears_our_tag_is_ours_whatever_else_is_there(before: Snapshot | None) -> None:
    ours = trunk("x", description=TAG, trunk_direction="both")
    assert find(trace(trunk(), ours, before=before, tag=TAG)) == "this one: x"
    assert find(trace(trunk(), ours, before=before, tag=TAG, whole=False)) == "this one: x"
    assert find(trace(ours, trunk("y", description=TAG), before=before, tag=TAG)) == "ask: x y"


def test_without_a_tag_coming_back_the_rest_decides() -> None:
    assert find(trace(trunk(description=""), tag=TAG)) == "this one: ours"
    assert find(trace(trunk(description="trunk-bot AAAA-AAAA"), tag=TAG)) == "this one: ours"


@pytest.mark.parametrize(
    ("now", "ids"),
    [
        pytest.param([OLD, trunk("owned")], [], id="nothing new"),
        pytest.param([trunk("x", created_at=SENT + DAY)], ["x"], id="of the name"),
        pytest.param(
            [trunk("x", name="Support", created_at=SENT + DAY)], [], id="a colleague's, a day later"
        ),
        pytest.param([trunk("x", name="Support")], ["x"], id="another name, dated like ours"),
        pytest.param([trunk("x", name="Support", created_at=None)], ["x"], id="another name, not dated"),
        pytest.param([trunk("x", name="Support"), trunk(description=TAG)], ["ours"], id="the tag decides"),
    ],
)
def test_what_turns_up_late_has_to_be_like_ours_in_name_or_date(now: list[Trunk], ids: list[str]) -> None:
    assert [one.id for one in CreateTrunk().late(trace(*now, tag=TAG))] == ids


# --- names ------------------------------------------------------------------------------------------

LONG: Final = "Ärger & Söhne — Vertrieb Süd " * 8


ALIKE: Final = (
    ("Tom & Co", "Tom &amp; Co"),
    ("Tom & Co", "Tom &amp;amp; Co"),
    ("a  b", "a b"),
    ("a\u00a0b", "a b"),
    ("a\u200bb", "ab"),
    ("Café", "Cafe\u0301"),
    ("STRASSE", "straße"),
    ("ﬁne", "fine"),
    ("A<b>", "a&lt;B&gt;"),
    (" x ", "x"),
    (LONG.strip(), LONG[:100]),
    (LONG.strip(), html.escape(LONG)[:100]),
    (LONG.strip(), unicodedata.normalize("NFD", LONG)[:100]),
    ("日本語" * 80, "日本語" * 28),
)
UNLIKE: Final = (
    ("Sales", "Sale"),
    ("Sales", "Sales 2"),
    ("Sales", ""),
    ("x" * 150, "x" * 50),
    ("x" * 150, "y" * 100),
)


def test_a_name_may_come_back_in_another_spelling() -> None:
    assert [pair for pair in ALIKE if not alike(*pair)] == []
    assert [pair for pair in UNLIKE if alike(*pair)] == []


SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": lambda name: name,
    "escaped": html.escape,
    "squeezed": lambda name: " ".join(name.split()),
    "cut": lambda name: name[:100],
    "escaped and cut": lambda name: html.escape(name)[:100],
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "decomposed and cut": lambda name: unicodedata.normalize("NFD", name)[:100],
    "compatible": lambda name: unicodedata.normalize("NFKC", name),
    "upper": str.upper,
    "lower": str.lower,
}
NAMES = st.text(max_size=255).map(check_name).filter(lambda name: type(name) is str).map(str)


@given(NAMES, st.sampled_from(sorted(SPELLINGS)))
@example("&" * 200, "escaped and cut")
@example("ß" * 200, "upper")
@example("é" * 200, "decomposed and cut")
def test_whatever_vobiz_makes_of_the_name_our_trunk_is_found(name: str, spelling: str) -> None:
    got = SPELLINGS[spelling](name)
    ours = trunk(name=got, created_at=None)
    if alike(name, got):
        assert find(trace(OLD, ours, name=name)) == "this one: ours"
    else:  # never “not there”, which would offer to send it again
        assert find(trace(OLD, ours, name=name)) == "ask: ours"


# --- what is never said -----------------------------------------------------------------------------

TRUNKS = st.builds(
    trunk,
    st.sampled_from(["a", "B", "c", "d", "owned", "OLD"]),
    name=st.sampled_from(["Sales", "sales ", "Support", None]),
    trunk_direction=st.sampled_from(["outbound", "inbound", "both", None]),
    concurrent_calls_limit=st.sampled_from([10, "10", 3, None]),
    created_at=st.sampled_from([SENT + AHEAD, SENT - DAY, None]),
    description=st.sampled_from([TAG, None]),
)
READINGS = st.lists(TRUNKS, max_size=5, unique_by=lambda one: one.id.casefold())


@given(READINGS, READINGS, st.booleans(), st.booleans(), st.none() | st.just(TAG))
def test_nothing_is_claimed_or_denied_without_proof(
    before: list[Trunk], now: list[Trunk], whole_before: bool, whole_now: bool, tag: str | None
) -> None:
    assume(tag is None or not any(one.description == TAG for one in before))
    looked = trace(*now, before=reading(*before, whole=whole_before), whole=whole_now, tag=tag)
    was = {one.id.casefold() for one in before}
    new = [one for one in now if one.id.casefold() not in was | {"owned"}]
    ours = [
        one
        for one in new
        if one.name in {"Sales", "sales "} or (one.direction, one.calls) == ("outbound", 10)
    ]
    finding = CreateTrunk().find(looked)
    match finding:
        case ThisOne(thing=Thing(id=found)):
            [one] = [one for one in new if one.id == found]
            if tag is None:
                assert whole_before
                assert whole_now
                assert ours == [one]
            assert one.description == tag or (one.direction, one.calls) == ("outbound", 10)
        case NotThere():
            assert whole_now
            assert not whole_before or not ours
        case Several(things=things):
            assert {one.id for one in things} <= {one.id for one in new}
        case CannotTell():
            assert not whole_now


def test_an_old_reading_does_not_say_what_was_there_right_before() -> None:
    """Asked for at nine, approved at five: a colleague's identical trunk of noon is new to the reading."""
    assert find(trace(trunk())) == "this one: ours"
    assert find(trace(trunk(), before=replace(reading(OLD), taken_at=0))) == "ask: ours"
