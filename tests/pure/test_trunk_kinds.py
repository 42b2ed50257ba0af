"""Changing a trunk: which one is meant, what a form can carry, what is sent, what a reading proves."""

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.commands.parse import Begin, parse
from bot.commands.problems import Problem
from bot.commands.subject import read_which
from bot.domain.operation import State, Step, StepState
from bot.domain.outcome import Data, Done, Refusal, Rejected, Thing, Unknown
from bot.kinds.base import At, CannotTell, Errors, Kind, Limits, NotThere, Several, ThisOne, Trace
from bot.kinds.registry import KINDS
from bot.kinds.trunks.record import compact, outside, whole
from bot.kinds.trunks.which import find_meant
from bot.slack.sealing import METADATA_MAX, Form, Sealer
from bot.vobiz.details import Detail, compare, read_detail
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.vobiz.writes import Write
from tests.pure.kinds_page import REQUESTS, TRUNK
from tests.pure.operations import accepted

LIMITS = Limits(1000)
ROW: Mapping[str, object] = {
    "trunk_id": TRUNK,
    "name": "Sales",
    "trunk_status": "active",
    "trunk_direction": "outbound",
    "concurrent_calls_limit": 10,
    "cps_limit": 2,
    "transport": "udp",
    "secure": False,
    "description": "",
}


def kind(name: str) -> Kind:
    found = KINDS.of(name)
    assert found is not None
    return found


def detail(**changes: object) -> Detail:
    read = read_detail({**ROW, **changes})
    assert read is not None
    return read


def now(**changes: object) -> Snapshot:
    return Snapshot("MA_1", 0, (), whole=False, detail=detail(**changes))


GONE = Snapshot("MA_1", 0, (), whole=False, gone=True)
UNREAD = Snapshot("MA_1", 0, (), whole=False)


def seen(of: str = "edit_trunk", **changes: object) -> Data:
    return kind(of).seen({"trunk_id": TRUNK}, now(**changes), None)


# --- which trunk ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("", []),
        ("Sales", [("Sales", "")]),
        ("Sales 50", [("Sales 50", ""), ("Sales", "50")]),
        ('"Sales" 50', [("Sales", "50")]),
        ("“Sales Q3” 50", [("Sales Q3", "50")]),
        ('"5" pipe" 50', [("5", 'pipe" 50'), ('5" pipe', "50")]),
        ('"Sales', [('"Sales', "")]),
        ("O'Neill's", [("O'Neill's", "")]),
        (
            "Support sip:a b.com",
            [("Support sip:a b.com", ""), ("Support sip:a", "b.com"), ("Support", "sip:a b.com")],
        ),
        ("Support +1 415", [("Support +1 415", ""), ("Support +1", "415"), ("Support", "+1 415")]),
    ],
)
def test_where_a_name_ends_is_kept_open(typed: str, readings: list[tuple[str, str]]) -> None:
    assert [tuple(one) for one in read_which(f"edit {typed}", 4)] == readings


@given(st.text(max_size=300))
@example("?\x1b")
def test_any_text_is_read_and_its_line_reads_as_the_same(text: str) -> None:
    begun = parse(f"edit {text}", KINDS.verbs, LIMITS)
    if isinstance(begun, Begin):
        again = parse(kind("edit_trunk").line(begun.known), KINDS.verbs, LIMITS)
        assert isinstance(again, Problem) or again == begun or "&" in text or "`" in text


def trunk(name: str, number: int) -> Trunk:
    return Trunk(id=f"{number:08x}{TRUNK[8:]}", name=name, domain=f"{number:08x}.sip.vobiz.ai")


def test_what_fits_is_meant_and_nothing_is_guessed() -> None:
    trunks = (trunk("Sales", 1), trunk("Sales 50", 2), trunk("Support", 3), trunk("support", 4))
    for typed, fitting in (
        ("sales", ["Sales"]),
        ("Sales 50", ["Sales 50", "Sales"]),
        ("Support", ["Support", "support"]),
        ("00000003.SIP.vobiz.ai", ["Support"]),
        (trunks[3].id.upper(), ["support"]),
        ("Sal", []),
        ("7K3M-9QWX", ["Sales"]),
    ):
        found = find_meant(read_which(typed, 0), trunks, {"7K3M-9QWX": trunks[0].id})
        assert sorted(one.name or "" for one, _ in found.fitting) == sorted(fitting), typed


@pytest.mark.parametrize(
    ("name", "typed", "extra"),
    [
        ("disable_trunk", "Sales EU", "EU"),
        ("edit_trunk", '"Sales" fast', "fast"),
        ("edit_trunk", "Sales 50", None),
        ("allow_address", "Sales 203.0.114.5", None),
        ("assign_number", "Sales +14155550100", None),
        ("disable_trunk", "Sales", None),
    ],
)
def test_what_nothing_is_done_with_behind_a_trunk_is_told(name: str, typed: str, extra: str | None) -> None:
    listed = Snapshot("MA_1", 0, (trunk("Sales", 1), trunk("Support", 2)), whole=True)
    known = kind(name).narrowed({"typed": typed}, listed, {})
    assert (known["trunk_id"], known.get("extra")) == (trunk("Sales", 1).id, extra)
    told = [alert.text for alert in kind(name).words.alerts(known, seen(name))]
    assert any(f"I did not use “{extra}”" in text for text in told) == (extra is not None)
    assert "extra" not in kind(name).picked({"typed": typed}, TRUNK)


# --- what a form carries ----------------------------------------------------------------------------

SEALER = Sealer("xoxb-test")
UGLY = st.text(st.characters(min_codepoint=0x1F300, max_codepoint=0x1FAFF), min_size=255, max_size=255)


def form_with(name: str, shown: Data, showed: str = "") -> Form:
    """Make a form of a kind with what was seen, and all else as long as Slack makes it."""
    return Form(
        kind=name,
        operation="00" * 16,
        team="T0ACME0001",
        user="U0ASHA00001",
        channel="C0VOICE0001",
        opened_at=1_800_000_000,
        reply="https://hooks.slack.com/commands/T0ACME0001/1234567890123/AbCdEfGhIjKlMnOpQrStUvWx",
        account="MA_ABCDEFGH",
        seen=shown,
        showed=showed,
        about="0" * 32,
    )


@given(UGLY, st.text(max_size=500), st.dictionaries(st.text(min_size=1, max_size=64), st.text(max_size=500)))
def test_what_was_seen_always_fits_into_the_form(name: str, description: str, others: dict[str, str]) -> None:
    shown = seen(name=name, description=description, **{f"x{key}": value for key, value in others.items()})
    form = form_with("edit_trunk", shown)
    sealed = SEALER.seal_form(form)
    opened = SEALER.open_form(sealed)
    assert len(sealed) <= METADATA_MAX
    assert opened is not None
    assert opened.seen == shown


@given(st.text(max_size=600), st.text(max_size=600))
def test_what_is_kept_small_still_shows_a_change(one: str, other: str) -> None:
    kept = [compact({"description": text, "webhook_url": text}) for text in (one, other)]
    assert (kept[0] == kept[1]) == (one.encode(errors="replace") == other.encode(errors="replace"))


def test_a_long_value_that_differs_in_its_end_is_another_one() -> None:
    one, other = (read_detail({"trunk_id": TRUNK, "hook": "x" * 600 + end}) for end in "ab")
    assert one is not None
    assert other is not None
    assert [change.field for change in compare(one.fields, other.fields)] == ["hook"]


def test_a_digest_is_not_taken_for_a_value() -> None:
    assert not whole(compact({"description": "x" * 501})["description"])
    assert whole("#1")


# --- what is asked for ------------------------------------------------------------------------------


def submitted(**values: str) -> BaseModel | Errors:
    typed = {"name": "Sales", "calls": "10", "cps": "2", "signalling": "udp"} | values
    return kind("edit_trunk").read(typed.get, LIMITS, seen())


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"name": "Sales 2"}, {"name": "Sales 2"}),
        ({"calls": "50"}, {"max_concurrent_calls": 50, "concurrent_calls_limit": 50}),
        ({"cps": "9"}, {"cps_limit": 9}),
        ({"signalling": "tls"}, {"transport": "tls", "secure": True}),
        ({"signalling": "tcp"}, {"transport": "tcp"}),
        ({"description": " a\n b "}, {"description": "a b"}),
    ],
    ids=str,
)
def test_name_limit_and_status_are_always_sent_and_else_only_what_changes(
    values: dict[str, str], body: dict[str, object]
) -> None:
    request = submitted(**values)
    assert isinstance(request, BaseModel)
    data = request.model_dump(mode="json")
    always = {"name": "Sales", "max_concurrent_calls": 10, "enabled": True}
    write = kind("edit_trunk").write(At(data, Step(1, "edit_trunk")), tag=None, secret=None)
    assert write == Write("update", "PUT", f"trunks/{TRUNK}", always | body)


def test_an_id_that_is_none_is_a_value_and_no_crash() -> None:
    for name in ("edit_trunk", "enable_trunk", "disable_trunk", "delete_trunk"):
        request = {**REQUESTS[name], "trunk_id": "credentials"}
        assert not kind(name).write(At(request, Step(1, name)), tag=None, secret=None).allowed


def test_a_trunk_whose_id_no_path_may_have_is_not_changed_and_the_form_says_so() -> None:
    listed = Snapshot("MA_1", 0, (Trunk(id="TRK_1", name="Sales"),), whole=True)
    edit = kind("edit_trunk")
    known = edit.narrowed({"typed": "Sales"}, listed, {})
    (pick,) = edit.picks(edit.seen(known, listed, None))
    known = edit.picked(known, pick.value)
    seen = edit.seen(known, listed, None)
    assert not edit.ready(seen)
    assert "I cannot use the ID of this trunk" in edit.words.alerts(known, seen)[0].text


@pytest.mark.parametrize("name", ["edit_trunk", "enable_trunk", "disable_trunk"])
def test_an_id_alone_is_no_trunk(name: str) -> None:
    read = kind(name).read_success
    assert (read(name, 200, None), read(name, 200, {})) == ("unreadable", "no_id")
    assert read(name, 200, {"id": "job_1"}) == "incomplete"
    assert isinstance(read(name, 200, {"trunk_id": TRUNK, "name": "Sales"}), Thing)


# --- what a reading proves --------------------------------------------------------------------------


def found(name: str, reading: Snapshot) -> object:
    request = REQUESTS[name]
    if name == "edit_trunk":
        request = {**request, "becomes": {"calls": 50, "cps": 5}, "formerly": {"calls": 10, "cps": 2}}
    step = Step(1, name, StepState.UNKNOWN, sendings=1)
    before = seen(name, trunk_status="inactive" if name == "enable_trunk" else "active")
    return kind(name).find(Trace(request, step, seen=before, before=None, now=reading))


@pytest.mark.parametrize(
    ("name", "reading", "conclusion"),
    [
        ("edit_trunk", now(concurrent_calls_limit=50, cps_limit=5), ThisOne),
        ("edit_trunk", now(), NotThere),
        ("edit_trunk", now(concurrent_calls_limit=50), Several),
        ("edit_trunk", now(name="Other"), NotThere),
        ("edit_trunk", GONE, CannotTell),
        ("edit_trunk", UNREAD, CannotTell),
        ("enable_trunk", now(), ThisOne),
        ("enable_trunk", now(trunk_status="inactive"), NotThere),
        ("disable_trunk", now(trunk_status="disabled"), ThisOne),
        ("disable_trunk", now(trunk_status="paused"), Several),
        ("delete_trunk", GONE, ThisOne),
        ("delete_trunk", now(), NotThere),
        ("delete_trunk", UNREAD, CannotTell),
    ],
)
def test_as_asked_is_done_as_before_is_not_and_between_a_person_decides(
    name: str, reading: Snapshot, conclusion: type[object]
) -> None:
    assert isinstance(found(name, reading), conclusion)


@pytest.mark.parametrize("name", ["edit_trunk", "enable_trunk", "disable_trunk"])
@pytest.mark.parametrize(
    "change", [{"cps_limit": 3}, {"webhook_url": "https://example.com"}, {"name": "sales"}], ids=str
)
def test_any_field_that_changed_stops_a_change(name: str, change: dict[str, object]) -> None:
    before = seen(name)
    assert kind(name).guard(REQUESTS[name], before, now()) is None
    assert kind(name).guard(REQUESTS[name], before, now(updated_at="2027-01-01T00:00:00Z")) is None
    assert kind(name).guard(REQUESTS[name], before, now(**change)) is not None
    assert kind(name).guard(REQUESTS[name], before, GONE) == {"gone": True}


@pytest.mark.parametrize(
    ("status", "sendings", "says"),
    [(404, 1, Unknown), (404, 2, Done), (409, 1, Rejected), (409, 2, Rejected), (422, 2, Unknown)],
)
def test_a_repeated_delete_that_finds_none_is_done_and_a_409_is_busy(
    status: int, sendings: int, says: type[object]
) -> None:
    refusal = Refusal(status=status, message="SIP trunk not found")
    answer = Rejected(refusal) if status == 404 else Unknown("conflict", None, refusal)
    step = Step(1, "delete_trunk", sendings=sendings)
    assert isinstance(kind("delete_trunk").read_refusal(step, answer, refusal), says)


@pytest.mark.parametrize(
    "step",
    [
        Step(1, "delete_trunk", sendings=2),
        Step(2, "delete_ip_acl", sendings=2),
        Step(2, "delete_origination_uri", sendings=2),
        Step(2, "delete_credential", sendings=2),
        Step(1, "unassign_number +14155550100", sendings=2),
    ],
    ids=lambda step: step.name,
)
def test_a_404_of_a_gateway_to_a_repeated_delete_says_nothing(step: Step) -> None:
    kinds = {
        "delete_ip_acl": "remove_address",
        "delete_origination_uri": "remove_route",
        "delete_credential": "remove_credential",
    }
    verb = step.name.partition(" ")[0]
    for said in ("no Route matched with those values", "Not Found: /api/v1/Account/MA_1/trunks/numbers"):
        refusal = Refusal(status=404, message=said)
        outcome = kind(kinds.get(verb, verb)).read_refusal(step, Rejected(refusal), refusal)
        assert outcome == Unknown("http_404", None, refusal)


@pytest.mark.parametrize("name", ["edit_trunk", "disable_trunk", "add_credential"])
def test_a_put_that_is_answered_with_another_trunk_is_not_believed(name: str) -> None:
    at = At(REQUESTS[name], Step(1, "attach" if name == "add_credential" else name))
    assert kind(name).mistaken(at, Thing(id="22" + TRUNK[2:]))
    assert not kind(name).mistaken(at, Thing(id=TRUNK.upper()))


def test_what_the_answer_did_not_state_was_not_changed_outside() -> None:
    left = compact(detail(credential_uuid=None).fields)
    assert outside(left, compact(detail(credential_uuid=TRUNK).fields)) == ()
    assert [one.field for one in outside(left, compact(detail(cps_limit=9).fields))] == ["cps"]


@pytest.mark.parametrize("name", ["edit_trunk", "enable_trunk", "disable_trunk", "delete_trunk"])
def test_what_takes_back_a_change_asks_for_what_was_there(name: str) -> None:
    op = accepted(kind=name, request=REQUESTS[name], state=State.DONE).operation
    inverse = kind(name).inverse(op)
    if name == "delete_trunk":
        assert inverse is None
        return
    assert inverse is not None
    other, known = inverse
    assert known["trunk_id"] == TRUNK
    assert KINDS.of(other) is not None
