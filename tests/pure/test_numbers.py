"""Phone numbers of a trunk: what is typed, offered, asked for, sent, and what a reading proves."""

import random
import uuid
from dataclasses import replace

import pytest
from pydantic import BaseModel

from bot.commands.parse import Begin, parse
from bot.domain.operation import Step, StepState
from bot.domain.outcome import Data, Done, Refusal, Rejected, Unknown
from bot.kinds.base import At, CannotTell, Errors, Limits, NotThere, Several, ThisOne, Trace
from bot.kinds.numbers.form import CHOSEN, TYPED
from bot.kinds.numbers.number import BadNumber, check_number
from bot.kinds.numbers.seen import numbers_kept, read_numbers
from bot.kinds.registry import KINDS
from bot.slack.sealing import METADATA_MAX, Sealer
from bot.vobiz.details import read_detail
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.vobiz.writes import Write
from tests.pure.kinds_page import TRUNK
from tests.pure.test_trunk_kinds import ROW, form_with, kind

LIMITS = Limits(1000)
SUPPORT = f"1{TRUNK[1:]}"
FREE, ELSE, HERE, APP, SUB = (f"+1415555010{at}" for at in range(5))
NUMBERS = (
    Item("1", FREE, account="MA_1", status="active", blocked=False),
    Item("2", ELSE, trunk=SUPPORT.upper()),
    Item("3", HERE, trunk=TRUNK),
    Item("4", APP, application="205"),
    Item("5", SUB, account="SA_2"),
)


def now(*items: Item, whole: bool = True, **changes: object) -> Snapshot:
    detail = read_detail({**ROW, "trunk_direction": "inbound", **changes})
    looked_up = {item.text: item for item in items}
    return Snapshot(
        "MA_1",
        0,
        (Trunk(id=SUPPORT, name="Support"),),
        whole=True,
        detail=detail,
        parts={Part.NUMBERS: Listed(items, whole=whole)},
        numbers=looked_up,
    )


def seen(*items: Item, name: str = "assign_number", whole: bool = True, **known: object) -> Data:
    return kind(name).seen({"trunk_id": TRUNK, **known}, now(*(items or NUMBERS), whole=whole), None)


def asked(*numbers: str, moved: str = "") -> Data:
    rows = [{"e164": number, "moved_from": SUPPORT if number == moved else None} for number in numbers]
    return {"trunk_id": TRUNK, "name": "Sales", "phone_numbers": rows}


# --- what is typed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+14155550100", "+14155550100"),
        (" +1 (415) 555-0100 ", "+14155550100"),
        ("+1.415.555.0100", "+14155550100"),
        ("\u202a+1\u00a0415\u2011555\u20110100\u202c", "+14155550100"),  # as a phone's contacts copy it
        ("+1234567", "+1234567"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_what_people_write_between_digits_is_taken_out(typed: str, number: str) -> None:
    assert check_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter a number with + and its country code"),
        ("14155550100", "enter +14155550100"),
        ("0014155550100", "enter +14155550100"),
        ("0415 555 0100", "does not begin with 0"),
        ("+0415 555 0100", "does not begin with 0"),
        ("+123456", "This one has 6."),
        ("+1234567890123456", "This one has 16."),
        ("+1415555010O", "only digits"),
        ("+1415555010٣", "only digits"),
        ("++14155550100", "only digits"),
        ("+14155550100 ext 5", "only digits"),
        ("tel:+14155550100", "only digits"),
    ],
)
def test_what_is_no_number_is_told_with_what_is_wrong_and_never_guessed(typed: str, says: str) -> None:
    number = check_number(typed)
    assert isinstance(number, BadNumber)
    assert says in number.says
    assert len(number.says) <= 150


@pytest.mark.parametrize(
    ("text", "typed", "rest"),
    [
        ("number Sales +14155550100", "Sales", "+14155550100"),
        ("number Sales +1 (415) 555-0100", "Sales", "+14155550100"),
        ('number "Sales" +1 415 555 0100', "Sales", "+14155550100"),
        ("number Sales 14155550100", "Sales", "14155550100"),
        ("number Sales", "Sales", None),
        ("number “Sales +1” +1415", "Sales +1", "+1415"),
    ],
)
def test_a_number_follows_the_trunk_with_whatever_is_between_its_digits(
    text: str, typed: str, rest: str | None
) -> None:
    begun = parse(text, KINDS.verbs, LIMITS)
    assert isinstance(begun, Begin)
    assert begun.kind == "assign_number"
    trunks = (Trunk(id=TRUNK, name=typed),)
    known = kind("assign_number").narrowed(begun.known, Snapshot("MA_1", 0, trunks, whole=True), {})
    assert (known.get("trunk_id"), known.get(TYPED)) == (TRUNK, rest)


# --- what a form keeps and offers -------------------------------------------------------------------


def options(known: Data, sight: Data, name: str = "assign_number") -> list[str]:
    blocks = kind(name).inputs(known, LIMITS, sight)
    found = (block["element"] for block in blocks if block.get("block_id") == CHOSEN)
    element = next(found, {"options": []})
    assert isinstance(element, dict)
    return [option["text"]["text"] for option in element["options"]]


def blocks_of(known: Data, sight: Data) -> set[object]:
    return {block.get("block_id") for block in kind("assign_number").inputs(known, LIMITS, sight)}


def test_free_numbers_are_offered_first_and_those_of_another_trunk_as_moved() -> None:
    assert options({}, seen()) == [FREE, f"{ELSE} (on “Support”: will be moved)"]
    assert options({}, seen(), "unassign_number") == [HERE]
    assert blocks_of({}, seen()) == {CHOSEN, None}


def test_where_not_all_are_offered_one_can_be_typed() -> None:
    many = tuple(Item(str(at), f"+1415556{at:04}") for at in range(200))
    sight = seen(*many)
    offered = options({}, sight)
    assert 50 < len(offered) <= 100
    assert blocks_of({}, sight) == {CHOSEN, TYPED, None}
    assert blocks_of({}, seen(whole=False)) == {CHOSEN, TYPED, None}
    assert blocks_of({}, seen(Item("1", HERE, trunk=TRUNK))) == {TYPED, None}
    # One that was asked for by name is kept, whatever else is there.
    last = many[-1].text
    assert last not in offered
    assert last in options({TYPED: last}, seen(*many, typed_number=last))


@pytest.mark.parametrize("count", [10, 150])
def test_what_was_seen_always_fits_into_the_form(count: int) -> None:
    chance = random.Random(14)  # digits, ids and names that do not compress
    name, description, others = (_ugly(chance, most) for most in (255, 125, 125))
    trunks = tuple(
        Trunk(id=str(uuid.UUID(int=chance.getrandbits(128))), name=_ugly(chance, 40)) for _ in range(count)
    )
    digits = (chance.randrange(10**14, 10**15) for _ in range(count))
    items = tuple(Item("", f"+{one}", trunk=trunk.id) for one, trunk in zip(digits, trunks, strict=True))
    reading = replace(now(*items, name=name, description=description, webhook_url=others), trunks=trunks)
    wanted = asked(*(item.text for item in items[-10:]))
    shown = kind("assign_number").seen(wanted, reading, None)
    assert read_numbers(shown["numbers"]).routed.keys() >= {item.text for item in items[-10:]}
    form = form_with("assign_number", shown, showed="0" * 32)
    sealer = Sealer("xoxb-test")
    sealed = sealer.seal_form(form)
    opened = sealer.open_form(sealed)
    assert len(sealed) <= METADATA_MAX
    assert opened is not None
    assert opened.seen == shown


def _ugly(chance: random.Random, most: int) -> str:
    return "".join(chr(chance.randrange(0x1F300, 0x1FAFF)) for _ in range(most))


def test_what_was_kept_is_read_as_it_was() -> None:
    kept = read_numbers(numbers_kept(now(*NUMBERS), TRUNK))
    assert (kept.of(ELSE).trunk, kept.of(ELSE).name) == (SUPPORT, "Support")
    assert kept.on(TRUNK) == (HERE,)
    assert kept.of(FREE).trunk is None
    assert "voice application" in str(kept.of(APP).why)
    assert "sub-account" in str(kept.of(SUB).why)
    assert not kept.of("+14155559999").seen
    assert read_numbers(None).routed == {}


# --- what is asked for ------------------------------------------------------------------------------


def read(name: str, sight: Data, *chosen: str, typed: str | None = None) -> BaseModel | Errors:
    values = {CHOSEN: "\n".join(chosen), TYPED: typed}
    return kind(name).read(values.get, LIMITS, sight)


def test_each_number_is_asked_for_once_with_the_trunk_that_it_is_moved_from() -> None:
    request = read("assign_number", seen(), ELSE, FREE, typed="+1 415 555-0100")
    assert isinstance(request, BaseModel)
    data = request.model_dump(mode="json")
    assert data == asked(ELSE, FREE, moved=ELSE)
    (alert,) = kind("assign_number").words.alerts(data, seen())
    assert (alert.must_see, len(alert.lines)) == (True, 2)


@pytest.mark.parametrize(
    ("chosen", "typed", "block", "says"),
    [
        ((), None, CHOSEN, "Choose at least one"),
        ((HERE,), None, CHOSEN, "on this trunk already"),
        ((APP,), None, CHOSEN, "voice application"),
        ((FREE,), SUB, TYPED, "sub-account"),
        ((), "+14155559999", TYPED, "not a number of this account"),
        ((), "4155550100", TYPED, "enter +4155550100"),
        (
            (*(f"+1415556{at:04}" for at in range(25)),),
            None,
            CHOSEN,
            "At most 10 numbers at once. You chose 25",
        ),
        (("forged",), None, CHOSEN, "only digits"),
    ],
)
def test_what_cannot_be_assigned_is_told_under_its_input(
    chosen: tuple[str, ...], typed: str | None, block: str, says: str
) -> None:
    many = tuple(Item(str(at), f"+1415556{at:04}") for at in range(25))
    answer = read("assign_number", seen(*NUMBERS, *many), *chosen, typed=typed)
    assert isinstance(answer, Errors)
    assert says in answer.errors[block]
    assert set(answer.errors) == {block}


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (Item("1", FREE, blocked=True), "is blocked"),
        (Item("1", FREE, status="blocked"), "is blocked"),
        (Item("1", FREE, status="pending_release"), "being given back"),
        (Item("1", FREE, status="pending_purchase"), "not bought yet"),
        (Item("1", FREE, status="something new"), "not active"),
        (Item("1", FREE, trunk="TRK_1"), "cannot be used"),
    ],
)
def test_a_number_that_cannot_be_used_is_not_offered_and_its_reason_is_told(item: Item, says: str) -> None:
    assert options({}, seen(item)) == []
    answer = read("assign_number", seen(item), typed=FREE)
    assert isinstance(answer, Errors)
    assert says in answer.errors[TYPED]


def test_one_that_could_not_be_seen_may_be_asked_for_and_is_looked_up_before_it_is_sent() -> None:
    sight = seen(Item("1", FREE), whole=False)
    request = read("assign_number", sight, typed="+14155559999")
    assert isinstance(request, BaseModel)
    (alert,) = kind("assign_number").words.alerts(request.model_dump(mode="json"), sight)
    assert alert.must_see
    guard = kind("assign_number").guard
    data = asked("+14155559999")
    assert guard(data, sight, now(Item("9", "+14155559999"))) is None
    assert guard(data, sight, now(Item("9", "+14155559999", trunk=SUPPORT))) is not None
    assert guard(data, sight, now(Item("9", "+14155559999", application="205"))) is not None


def test_a_trunk_that_loses_its_last_number_says_so_before_it_is_confirmed() -> None:
    words, second = kind("unassign_number").words, Item("7", "+14155550107", trunk=TRUNK)
    assert any(one.must_see for one in words.alerts(asked(HERE), seen()))
    assert not any(one.must_see for one in words.alerts(asked(HERE), seen(*NUMBERS, second)))
    assert not any(one.must_see for one in words.alerts(asked(HERE), seen(whole=False)))
    answer = read("unassign_number", seen(), FREE)
    assert isinstance(answer, Errors)
    assert "not on this trunk" in answer.errors[CHOSEN]
    assert not kind("unassign_number").ready(seen(Item("1", FREE)))


def test_the_trunk_and_each_number_are_claimed() -> None:
    assert kind("assign_number").claims("MA_1", asked(FREE, ELSE)) == (
        f"trunk|MA_1|{TRUNK}",
        f"number|MA_1|{FREE}",
        f"number|MA_1|{ELSE}",
    )


# --- what is sent -----------------------------------------------------------------------------------


def test_one_that_moves_is_taken_off_right_before_it_is_assigned() -> None:
    request = asked(FREE, ELSE, moved=ELSE)
    steps = kind("assign_number").steps(request)
    sent = [kind("assign_number").write(At(request, Step(1, step)), tag=None, secret=None) for step in steps]
    to = {"trunk_group_id": TRUNK}
    assert sent == [
        Write("assign", "POST", f"numbers/{FREE}/assign", to),
        Write("unassign", "DELETE", f"numbers/{ELSE}/assign"),
        Write("assign", "POST", f"numbers/{ELSE}/assign", to),
    ]
    assert all(write.allowed for write in sent)


@pytest.mark.parametrize(("on", "stops"), [(SUPPORT, False), (TRUNK, True), (None, True)])
def test_a_number_that_moved_while_a_question_was_open_is_not_taken_off(
    on: str | None, *, stops: bool
) -> None:
    """Whoever moved it in the console meant it to be there."""
    assign, request = kind("assign_number"), asked(FREE, ELSE, moved=ELSE)
    step = At(request, Step(2, f"unassign_number {ELSE}"), (), seen())
    there = now(Item("", ELSE, trunk=on))
    assert assign.rechecks(step) is not None
    assert (assign.recheck(step, there) is not None) == stops


def test_what_gives_a_number_back_is_never_allowed() -> None:
    for number in (FREE, FREE.replace("+", "%2B"), FREE[1:]):
        assert not Write("release", "DELETE", f"numbers/{number}").allowed
        assert not Write("release", "DELETE", f"numbers/{number}/").allowed
    assert not Write("unassign", "DELETE", "numbers//assign").allowed


@pytest.mark.parametrize(
    ("status", "sendings", "says"), [(404, 1, Unknown), (404, 2, Done), (403, 1, Rejected)]
)
def test_a_number_that_is_not_on_a_trunk_any_more_is_looked_up_or_done(
    status: int, sendings: int, says: type[object]
) -> None:
    refusal = Refusal(status=status, message="Number not found")
    step = Step(1, f"unassign_number {HERE}", sendings=sendings)
    assert isinstance(kind("unassign_number").read_refusal(step, Rejected(refusal), refusal), says)


# --- what a reading proves --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "change"),
    [
        (Item("2", ELSE, trunk=SUPPORT), None),
        (Item("2", ELSE), "is on no trunk now."),
        (Item("2", ELSE, trunk=TRUNK), "is on trunk"),
        (Item("2", ELSE, trunk=SUPPORT, blocked=True), "is blocked"),
        (Item("2", ELSE, trunk=SUPPORT, account="SA_2"), "sub-account"),
    ],
)
def test_a_number_that_was_routed_otherwise_meanwhile_is_not_touched(item: Item, change: str | None) -> None:
    assign, request = kind("assign_number"), asked(ELSE, moved=ELSE)
    there = assign.guard(request, seen(), now(item))
    if change is None:
        assert there is None
        return
    assert there is not None
    thing = assign.met(request, there)
    assert thing is not None
    assert change in "".join(str(piece) for line in assign.words.changed(thing) for piece in line)


def test_a_changed_trunk_or_a_number_that_is_gone_stops_it_too() -> None:
    assign = kind("assign_number")
    assert assign.guard(asked(FREE), seen(), now(*NUMBERS, cps_limit=9)) is not None
    gone = Snapshot("MA_1", 0, (), True, detail=now().detail, numbers={FREE: None})
    assert assign.guard(asked(FREE), seen(), gone) is not None
    assert kind("unassign_number").guard(asked(HERE), seen(), now(Item("3", HERE, trunk=SUPPORT))) is not None


@pytest.mark.parametrize(
    ("step", "item", "conclusion"),
    [
        (f"assign_number {FREE}", Item("1", FREE, trunk=TRUNK.upper()), ThisOne),
        (f"assign_number {FREE}", Item("1", FREE), NotThere),
        (f"assign_number {FREE}", Item("1", FREE, trunk=SUPPORT), Several),
        (f"assign_number {FREE}", Item("1", FREE, application="205"), Several),
        (f"assign_number {FREE}", None, CannotTell),
        (f"unassign_number {ELSE}", Item("2", ELSE), ThisOne),
        (f"unassign_number {ELSE}", Item("2", ELSE, trunk=SUPPORT), NotThere),
        (f"unassign_number {ELSE}", Item("2", ELSE, trunk=TRUNK), Several),
        (f"unassign_number {ELSE}", None, CannotTell),
    ],
)
def test_as_asked_is_done_as_before_is_not_and_elsewhere_a_person_decides(
    step: str, item: Item | None, conclusion: type[object]
) -> None:
    reading = now() if item is None else now(item)
    doubtful = Step(1, step, StepState.UNKNOWN, sendings=1)
    trace = Trace(asked(FREE, ELSE, moved=ELSE), doubtful, seen=seen(), before=None, now=reading)
    assert isinstance(kind("assign_number").find(trace), conclusion)


def test_taking_off_is_of_the_trunk_itself_where_nothing_is_moved() -> None:
    doubtful = Step(1, f"unassign_number {HERE}", StepState.UNKNOWN, sendings=1)
    trace = Trace(asked(HERE), doubtful, seen=seen(), before=None, now=now(NUMBERS[2]))
    assert isinstance(kind("unassign_number").find(trace), NotThere)
