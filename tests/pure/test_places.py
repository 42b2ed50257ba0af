"""Allowed addresses and routes: what may be one, what is made or attached, what a reading proves."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.domain.operation import State, Step, StepState
from bot.domain.outcome import Data, Done, Refusal, Rejected, Thing, Unknown
from bot.kinds.attached.address import AddressWords, CreateAddress, check_address, same_address, warn_of
from bot.kinds.attached.route import check_uri, same_uri
from bot.kinds.base import At, CannotTell, Errors, Limits, NotThere, Several, ThisOne, Trace
from bot.slack.sealing import METADATA_MAX, Sealer
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from tests.pure.kinds_page import TRUNK
from tests.pure.operations import accepted
from tests.pure.test_trunk_kinds import GONE, UGLY, detail, form_with, kind

LIMITS = Limits(1000)
OFFICE = Item("33333333-1234-5678-90ab-cdef12345678", "198.18.7.0/24", enabled=True)
BRANCH = Item("44444444-1234-5678-90ab-cdef12345678", "203.0.114.5", enabled=True)
IDLE = Item("55555555-1234-5678-90ab-cdef12345678", "203.0.114.6", enabled=False)
OTHER = Trunk(id=f"1{TRUNK[1:]}", name="Support", acl=OFFICE.id)


def now(*items: Item, whole: bool = True, **points: object) -> Snapshot:
    one = detail(**points)
    listed = {part: Listed(items, whole=whole) for part in (Part.ADDRESSES, Part.ROUTES)}
    return Snapshot("MA_1", 0, (one.trunk, OTHER), whole=True, detail=one, parts=listed)


# --- what may be an address -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["203.0.114.5", " 203.0.114.5 ", "203.0.114.0/28", "10.0.0.1", "8.0.0.0/8"])
def test_an_address_is_taken_as_it_is_written(text: str) -> None:
    assert check_address(text) == (text.strip(), "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Enter an IPv4 address"),
        ("2001:db8::1/64", "IPv6"),
        ("[::1]", "IPv6"),
        ("pbx.example.com", "This is a name"),
        ("203.0.114.5:5060", "enter 203.0.114.5"),
        ("203.0.114.256", "no IPv4 address"),
        ("203.0.114.0/33", "no IPv4 address"),
        ("\u0663.0.114.5", "no IPv4 address"),
        ("203.0.114.5/28", "did you mean 203.0.114.0/28"),
        ("203.0.114.0/255.255.255.0", "Write it as 203.0.114.0/24"),
        ("0.0.0.0/0", "every address"),
        ("8.8.8.8/0", "every address"),
        ("203.0.113.9", "documentation (RFC 5737)"),
        ("203.0.112.0/22", "contains 203.0.113.0/24, which is reserved for documentation"),
        ("0.0.0.0", "no address of a host"),
        ("127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("224.0.0.5", "multicast"),
        ("255.255.255.255", "reserved"),
        ("1" * 101, "too long"),
    ],
)
def test_what_can_send_no_call_is_refused_with_the_reason(text: str, says: str) -> None:
    assert says in check_address(text)[1]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("192.168.1.0/24", "private"),
        ("100.64.0.1", "private"),
        ("8.8.0.0/23", "512 addresses"),
        ("203.0.114.0/24", ""),
        ("not yet one", ""),
    ],
)
def test_private_and_wide_ranges_are_warned_of(address: str, says: str) -> None:
    told = warn_of(address)
    assert (says in told) == bool(told) or not says
    assert bool(told) == bool(says)
    assert len(told) <= 200


@given(st.text(max_size=120))
def test_any_text_is_an_address_or_has_a_reason(text: str) -> None:
    value, wrong = check_address(text)
    assert wrong or same_address(value, value)
    assert len(wrong) <= 200


def test_a_range_is_the_same_however_it_is_written() -> None:
    assert same_address("203.0.114.5", "203.0.114.5/32")
    assert not same_address("203.0.114.5", "203.0.114.0/24")
    assert same_address("Odd", "odd")


# --- what may be a SIP URI --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "sip:pbx.example.com",
        " sip:pbx.example.com:5070 ",
        "sip:101@pbx.example.com",
        "sip:+14155550100@198.18.0.9:65535",
        "sip:pbx",
        f"sip:{'a' * 251}",
    ],
)
def test_a_uri_is_taken_as_it_is_written(text: str) -> None:
    assert check_uri(text) == (text.strip(), "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Enter a SIP URI"),
        ("pbx.example.com", "Enter sip:pbx.example.com"),
        ("101@pbx.example.com:5070", "Enter sip:101@pbx.example.com:5070"),
        ("SIP:pbx.example.com", "Enter sip:pbx.example.com"),
        ("sips:pbx.example.com", "transport to TLS. Enter sip:pbx.example.com"),
        ("tel:14155550100", "tel: is no SIP URI"),
        ("https://pbx.example.com", "https: is no SIP URI"),
        ("<sip:pbx.example.com>", "Enter sip:pbx.example.com"),
        ("sip:pbx.example.com;transport=tls", "Enter sip:pbx.example.com"),
        ("sip:[2001:db8::1]", "no IPv6"),
        ("sip:pbx.example.com:0", "1 to 65535"),
        ("sip:pbx.example.com:70000", "1 to 65535"),
        ("sip:pbx.example.com:", "1 to 65535"),
        ("sip:pbx.example.com:05060", "1 to 65535"),
        ("sip:", "no SIP URI"),
        ("sip:@pbx.example.com", "no SIP URI"),
        ("sip:pbx_1.example.com", "letters, digits, hyphens and dots"),
        ("sip:-pbx.example.com", "letters, digits, hyphens and dots"),
        ("sip:300.1.1.1", "no IPv4 address"),
        ("sip:127.0.0.1", "No call can go to 127.0.0.1"),
        ("sip:0.0.0.0:5060", "No call can go to 0.0.0.0"),
        (f"sip:{'a' * 252}", "At most 255"),
    ],
)
def test_what_is_no_destination_is_refused_with_the_corrected_text(text: str, says: str) -> None:
    assert says in check_uri(text)[1]


@given(st.one_of(st.text(max_size=300), st.text("sip:@.-;? 0a<>[]", max_size=60)))
def test_any_text_is_a_uri_or_has_a_reason(text: str) -> None:
    value, wrong = check_uri(text)
    assert wrong or (value.startswith("sip:") and same_uri(value, value))
    assert len(wrong) <= 300


def test_uris_that_lead_to_the_same_place_are_the_same() -> None:
    assert same_uri("sip:PBX.example.com", "sip:pbx.example.com:5060")
    assert same_uri("sip:pbx.example.com", "sip:pbx.example.com;transport=udp")
    assert not same_uri("sip:pbx.example.com", "sip:101@pbx.example.com")
    assert not same_uri("sip:pbx.example.com", "sip:pbx.example.com:5061")


# --- what is asked for ------------------------------------------------------------------------------


def read(name: str, seen: Data, **typed: str) -> BaseModel | Errors:
    return kind(name).read(typed.get, LIMITS, seen)


def asked(name: str, seen: Data, **typed: str) -> Data:
    request = read(name, seen, **typed)
    assert isinstance(request, BaseModel), request
    return request.model_dump(mode="json")


def seen(name: str, reading: Snapshot, **known: object) -> Data:
    return kind(name).seen({"trunk_id": TRUNK, **known}, reading, None)


def test_a_new_address_is_made_and_attached() -> None:
    request = asked("allow_address", seen("allow_address", now(OFFICE)), ip="203.0.114.9")
    assert request["ip_acl"] == {"ip": "203.0.114.9", "label": "Sales", "record": None}
    assert kind("allow_address").steps(request) == ("create_ip_acl", "attach")


@pytest.mark.parametrize(
    "typed",
    [{"ip": "203.0.114.5/32"}, {"ip_record": BRANCH.id}, {"ip_record": BRANCH.id, "ip": " "}],
    ids=str,
)
def test_an_address_that_the_account_has_is_attached_and_not_made_again(typed: dict[str, str]) -> None:
    request = asked("allow_address", seen("allow_address", now(OFFICE, BRANCH), ipacl_uuid=""), **typed)
    assert isinstance(wanted := request["ip_acl"], Mapping)
    assert (wanted["record"], wanted["ip"]) == (BRANCH.id, BRANCH.text)
    before = seen("allow_address", now(OFFICE, BRANCH))
    assert kind("allow_address").guard(request, before, now(OFFICE, BRANCH)) is None
    assert kind("allow_address").steps(request) == ("attach",)


@pytest.mark.parametrize(
    ("typed", "under"),
    [
        ({"ip": "::1"}, "ip"),
        ({"ip": "198.18.7.0/24"}, "ip"),  # it is what the trunk has
        ({"ip": "203.0.114.9", "ip_record": BRANCH.id}, "ip"),
        ({"ip_record": IDLE.id}, "ip_record"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told_under_the_input(typed: dict[str, str], under: str) -> None:
    there = seen("allow_address", now(OFFICE, BRANCH, IDLE, ipacl_uuid=OFFICE.id))
    errors = read("allow_address", there, **typed)
    assert isinstance(errors, Errors)
    assert list(errors.errors) == [under]


def test_what_was_named_is_offered_first_however_many_there_are() -> None:
    many = [Item(f"{number:08x}{TRUNK[8:]}", f"198.18.{number}.0/24") for number in range(200)]
    for wanted in ({"ip": "203.0.114.5"}, {"record": BRANCH.id}):
        there = seen("allow_address", now(*many, BRANCH), ip_acl=wanted)
        assert isinstance(rows := there["records"], list)
        assert rows[0] == (BRANCH.id, BRANCH.text)
        assert len(rows) < 100


@given(UGLY, st.text(max_size=500), st.lists(UGLY, max_size=3), st.integers(0, 200))
def test_what_was_seen_always_fits_into_the_form(
    name: str, description: str, others: list[str], count: int
) -> None:
    many = [Item(f"{number:08x}{TRUNK[8:]}", f"sip:{number}{'x' * 200}") for number in range(count)]
    reading = now(*many, OFFICE, name=name, description=description, ipacl_uuid=OFFICE.id)
    sharing = tuple(
        OTHER.model_copy(update={"id": f"{n}{TRUNK[1:]}", "name": one}) for n, one in enumerate(others)
    )
    there = seen(
        "allow_address", Snapshot("MA_1", 0, sharing, whole=True, detail=reading.detail, parts=reading.parts)
    )
    form = form_with("allow_address", there)
    opened = Sealer("xoxb-test").open_form(sealed := Sealer("xoxb-test").seal_form(form))
    assert len(sealed) <= METADATA_MAX
    assert opened is not None
    assert opened.seen is not None


PBX = Item("77777777-1234-5678-90ab-cdef12345678", "sip:pbx.example.com:5060", enabled=True)


@pytest.mark.parametrize(
    ("points", "place"),
    [({}, "primary"), ({"primary_uri_uuid": PBX.id}, "fallback"), ({"fallback_uri_uuid": PBX.id}, "primary")],
    ids=str,
)
def test_the_route_that_is_free_is_proposed(points: dict[str, str], place: str) -> None:
    there = seen("add_route", now(PBX, whole=True, **points))
    _, which, *_ = kind("add_route").inputs({"trunk_id": TRUNK}, LIMITS, there)
    assert isinstance(element := which["element"], dict)
    assert element["initial_option"]["value"] == place


def test_a_fallback_has_the_higher_number_and_its_own_field() -> None:
    add = kind("add_route")
    there = seen("add_route", now(PBX, primary_uri_uuid=PBX.id))
    request = asked("add_route", there, uri="sip:standby.example.com", route_place="fallback")
    made = add.write(At(request, Step(1, "create_origination_uri"), seen=there), tag=None, secret=None)
    assert made.body == {"name": "Sales", "sip_uri": "sip:standby.example.com", "priority": 2}
    done = (Step(1, "create_origination_uri", StepState.DONE, sendings=1, thing=Thing(id=BRANCH.id)),)
    attached = add.write(At(request, Step(2, "attach"), done, there), tag=None, secret=None)
    assert attached.body is not None
    assert attached.body["fallback_uri_uuid"] == BRANCH.id
    assert "primary_uri_uuid" not in attached.body


@pytest.mark.parametrize("place", ["primary", "fallback"])
def test_both_routes_of_a_trunk_are_not_one(place: str) -> None:
    there = seen("add_route", now(PBX, primary_uri_uuid=PBX.id))
    errors = read("add_route", there, uri="sip:pbx.example.com", route_place=place)
    assert isinstance(errors, Errors)
    assert list(errors.errors) == ["uri"]


def test_what_is_deleted_is_taken_off_wherever_the_trunk_has_it() -> None:
    there = seen("remove_route", now(PBX, primary_uri_uuid=PBX.id, fallback_uri_uuid=PBX.id))
    assert isinstance(read("remove_route", there, removal="detach"), Errors)
    one = asked("remove_route", there, removal="detach", removal_of="fallback")
    both = asked("remove_route", there, removal="delete", removal_of="fallback")
    assert (one["detaching"], both["detaching"]) == (["fallback"], ["route", "fallback"])


# --- right before it is sent ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "found"),
    [
        (now(OFFICE), None),
        (now(OFFICE, BRANCH), {"same": BRANCH.id, "off": False}),
        (now(Item(IDLE.id, BRANCH.text, enabled=False)), {"same": IDLE.id, "off": True}),
        (now(ipacl_uuid=OFFICE.id), {"fields": [["acl", None, OFFICE.id]]}),
        (GONE, {"gone": True}),
    ],
)
def test_no_second_record_of_an_address_is_ever_made(there: Snapshot, found: Data | None) -> None:
    before = seen("allow_address", now(OFFICE))
    request = asked("allow_address", before, ip=BRANCH.text)
    assert kind("allow_address").guard(request, before, there) == found


@pytest.mark.parametrize(
    ("there", "goes"),
    [
        (now(OFFICE, BRANCH), True),
        (now(OFFICE), False),
        (now(Item(BRANCH.id, "203.0.114.8")), False),
        (now(Item(BRANCH.id, BRANCH.text, enabled=False)), False),
    ],
)
def test_a_record_that_was_chosen_has_to_be_there_still(there: Snapshot, goes: bool) -> None:
    before = seen("allow_address", now(OFFICE, BRANCH))
    request = asked("allow_address", before, ip_record=BRANCH.id)
    assert (kind("allow_address").guard(request, before, there) is None) == goes


LONG = Item(PBX.id, f"sip:{'a' * 80}.example.com", enabled=True)
LONGER = replace(LONG, text=f"{LONG.text}:5070")


def test_a_long_uri_that_differs_in_its_end_is_another_one() -> None:
    before = seen("add_route", now(LONG))
    for typed in ({"uri_record": LONG.id}, {"uri": LONG.text}):
        request = asked("add_route", before, route_place="primary", **typed)
        assert kind("add_route").steps(request) == ("attach",), typed
        assert kind("add_route").guard(request, before, now(LONG)) is None
        assert kind("add_route").guard(request, before, now(LONGER)) == {"record": "changed"}
    # What is shown of it could be the host of somebody else.
    for uri in (LONGER.text, LONG.text[:60]):
        request = asked("add_route", before, route_place="primary", uri=uri)
        assert kind("add_route").steps(request) == ("create_origination_uri", "attach"), uri
    there = seen("add_route", now(LONG, primary_uri_uuid=LONG.id))
    assert isinstance(read("add_route", there, uri=LONG.text), Errors)
    assert asked("add_route", there, uri=LONGER.text)


# --- what a reading proves --------------------------------------------------------------------------

TWIN = Item("66666666-1234-5678-90ab-cdef12345678", "203.0.114.5/32", enabled=True)


@pytest.mark.parametrize(
    ("guarded", "reading", "owned", "conclusion"),
    [
        (True, now(OFFICE, BRANCH), (), ThisOne),
        (True, now(OFFICE, TWIN), (), ThisOne),
        (True, now(BRANCH, TWIN), (), Several),
        (True, now(BRANCH, TWIN), (TWIN.id,), ThisOne),
        (True, now(BRANCH), (BRANCH.id,), NotThere),
        (True, now(OFFICE), (), NotThere),
        (True, now(OFFICE, whole=False), (), CannotTell),
        (True, now(BRANCH, whole=False), (), Several),
        # Nobody looked right before: it may have been there.
        (False, now(OFFICE, BRANCH), (), Several),
        (False, now(OFFICE), (), NotThere),
    ],
)
def test_only_what_was_not_there_right_before_is_claimed(
    guarded: bool, reading: Snapshot, owned: tuple[str, ...], conclusion: type[object]
) -> None:
    request = {"ip_acl": {"ip": "203.0.114.5", "label": "Sales", "record": None}}
    step = Step(1, "create_ip_acl", StepState.UNKNOWN, sendings=1)
    trace = Trace(request, step, before=None, now=reading, owned=frozenset(owned))
    assert isinstance(CreateAddress(guarded=guarded).find(trace), conclusion)


def test_an_answer_names_the_record_and_what_it_is() -> None:
    read = CreateAddress(guarded=True).read_success
    assert (read("", 201, None), read("", 201, {})) == ("unreadable", "no_id")
    assert read("", 201, {"id": BRANCH.id}) == "incomplete"
    made = read("", 201, {"id": BRANCH.id, "ip_address": "203.0.114.5", "enabled": False})
    assert isinstance(made, Thing)
    words = AddressWords()
    asks = {"ip_acl": {"ip": "203.0.114.6"}}
    assert [one.field for one in words.differences(asks, made)] == ["address", "IP ACL record"]
    assert not words.differences(
        {"ip_acl": {"ip": "203.0.114.5/32"}}, Thing(id=BRANCH.id, data={"value": BRANCH.text})
    )


# --- taking it off ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "steps", "deleting"),
    [
        ("detach", ("detach",), False),
        ("delete", ("detach", "delete_ip_acl"), True),
    ],
)
def test_it_is_detached_and_deleted_only_if_that_is_chosen(
    how: str, steps: tuple[str, ...], deleting: bool
) -> None:
    there = seen("remove_address", now(OFFICE, ipacl_uuid=OFFICE.id))
    request = asked("remove_address", there, removal=how)
    assert (request["detaching"], request["deleting"]) == (["acl"], deleting)
    assert kind("remove_address").steps(request) == steps
    at = At(request, Step(1, "detach"), seen=there)
    write = kind("remove_address").write(at, tag=None, secret=None)
    assert write.body == {"name": "Sales", "max_concurrent_calls": 10, "enabled": True, "ipacl_uuid": None}


def test_nothing_is_deleted_while_it_is_not_known_who_uses_it() -> None:
    unread = seen("remove_address", now(OFFICE, whole=False, ipacl_uuid=OFFICE.id))
    assert isinstance(read("remove_address", unread, removal="delete"), Errors)
    assert kind("remove_address").ready(unread)
    nothing = seen("remove_address", now(OFFICE))
    assert not kind("remove_address").ready(nothing)
    (alert,) = kind("remove_address").words.alerts({"trunk_id": TRUNK}, nothing)
    assert alert.text == "The trunk has no allowed address. There is nothing to remove."


def test_another_trunk_that_uses_it_by_now_stops_a_deletion_and_no_detaching() -> None:
    there = now(BRANCH, ipacl_uuid=BRANCH.id)
    before = seen("remove_address", there)
    shared = (OTHER.model_copy(update={"acl": BRANCH.id}),)
    later = Snapshot("MA_1", 0, shared, whole=True, detail=there.detail, parts=there.parts)
    remove = kind("remove_address")
    for how, stops in (("delete", True), ("detach", False)):
        assert (
            remove.guard(asked("remove_address", before, removal=how), before, later) is not None
        ) == stops


def test_another_trunk_in_place_of_one_that_used_it_stops_a_deletion() -> None:
    """As many use it as before, and it is not the ones that the person agreed to take it from."""
    there = now(OFFICE, ipacl_uuid=OFFICE.id)
    before = seen("remove_address", there)
    request = asked("remove_address", before, removal="delete")
    third = OTHER.model_copy(update={"id": f"9{TRUNK[1:]}"})
    told = {"fields": [["other trunks that use the address", 1, "1, but not the same"]]}
    assert kind("remove_address").guard(request, before, replace(there, trunks=(third,))) == told
    last = At(request, Step(2, "delete_ip_acl"), seen=before)
    detached = now(OFFICE)
    assert kind("remove_address").recheck(last, detached) is None
    assert kind("remove_address").recheck(last, replace(detached, trunks=(third,))) == told


@pytest.mark.parametrize(
    ("status", "sendings", "says"), [(404, 1, Unknown), (404, 2, Done), (409, 1, Rejected)]
)
def test_a_repeated_delete_that_finds_none_is_done_and_a_409_is_busy(
    status: int, sendings: int, says: type[object]
) -> None:
    refusal = Refusal(status=status, message="IP ACL not found")
    step = Step(2, "delete_ip_acl", sendings=sendings)
    assert isinstance(kind("remove_address").read_refusal(step, Rejected(refusal), refusal), says)


@pytest.mark.parametrize(
    ("points", "other", "known"),
    [
        ({}, "remove_address", {"trunk_id": TRUNK}),
        (
            {"ipacl_uuid": OFFICE.id},
            "allow_address",
            {"trunk_id": TRUNK, "ip_acl": {"record": OFFICE.id, "ip": OFFICE.text}},
        ),
    ],
)
def test_what_takes_back_a_change_goes_to_what_was_there(
    points: dict[str, str], other: str, known: Data
) -> None:
    request = asked(
        "allow_address",
        seen("allow_address", now(OFFICE, ipacl_uuid=points.get("ipacl_uuid", ""))),
        ip="203.0.114.9",
    )
    op = accepted(kind="allow_address", request=request, state=State.DONE).operation
    assert kind("allow_address").inverse(op) == (other, known)


def test_a_record_that_was_made_and_not_attached_is_offered_to_be() -> None:
    allow, words = kind("allow_address"), kind("allow_address").words
    request = asked("allow_address", seen("allow_address", now()), ip="203.0.114.9")
    made = Step(1, "create_ip_acl", StepState.DONE, sendings=1, thing=Thing(id=BRANCH.id))
    for state, says in ((StepState.REJECTED, "is not attached"), (StepState.NOT_DONE, "may not be attached")):
        steps = (made, Step(2, "attach", state, sendings=1))
        op = accepted(kind="allow_address", request=request, state=State.STOPPED, steps=steps).operation
        assert says in str(words.stranded(op))
        (button,) = words.left(op)
        _, _, target = button.value.partition(" ")
        known = allow.picked({}, target)
        assert known == {"trunk_id": TRUNK, "ip_acl": {"record": BRANCH.id}}


def test_a_later_step_is_not_sent_where_others_changed_the_trunk_meanwhile() -> None:
    """A question can be open for days before it, and the PUT repeats what it does not change."""
    before = now(OFFICE, BRANCH, ipacl_uuid=OFFICE.id)
    request = asked("remove_address", seen("remove_address", before), removal="delete")
    there = seen("remove_address", before)
    remove = kind("remove_address")
    first, second = remove.steps(request)
    detached = Step(1, first, StepState.DONE, sendings=1, thing=Thing(id=TRUNK))
    last = At(request, Step(2, second), (detached,), there)
    assert remove.recheck(last, now(OFFICE, BRANCH)) is None
    assert remove.recheck(last, before) is not None  # the detach did not work: it is in use
    third = OTHER.model_copy(update={"id": f"9{TRUNK[1:]}", "acl": OFFICE.id})
    later = now(OFFICE, BRANCH)
    assert remove.recheck(last, replace(later, trunks=(*later.trunks, third))) is not None
    attach = At(request, Step(1, first), (), there)
    assert remove.recheck(attach, before) is None
    for changed in ({"name": "Other"}, {"trunk_status": "inactive"}, {"concurrent_calls_limit": 1}):
        assert remove.recheck(attach, now(OFFICE, ipacl_uuid=OFFICE.id, **changed)) is not None


@pytest.mark.parametrize(
    ("name", "known", "points", "says"),
    [
        ("allow_address", {"ip_acl": {"ip": "127.0.0.1"}}, {}, "loopback"),
        (
            "allow_address",
            {"ip_acl": {"ip": BRANCH.text}},
            {"ipacl_uuid": BRANCH.id},
            "The trunk has this address",
        ),
        ("add_route", {"sip_route": {"uri": "pbx.example.com"}}, {}, "Enter sip:pbx.example.com"),
        ("allow_address", {"ip_acl": {"ip": "203.0.114.9"}}, {}, None),
        ("allow_address", {}, {}, None),
    ],
)
def test_what_is_wrong_with_a_typed_value_is_told_as_soon_as_the_form_is_there(
    name: str, known: Data, points: dict[str, object], says: str | None
) -> None:
    there = seen(name, now(BRANCH, whole=True, **points))
    inputs = kind(name).inputs({"trunk_id": TRUNK, **known}, LIMITS, there)
    told = [str(block["text"]) for block in inputs if block["type"] == "alert"]
    assert [says in one for one in told if says] == [True] * (says is not None)
    assert len(told) == (says is not None)


@pytest.mark.parametrize(
    ("name", "direction", "says"),
    [
        ("add_route", "outbound", "a route is for inbound calls"),
        ("allow_address", "inbound", "an allowed address is for outbound calls"),
        ("assign_number", "outbound", "a phone number is for inbound calls"),
        ("add_credential", "inbound", "a SIP login is for outbound calls"),
        ("add_route", "inbound", None),
        ("add_route", "both", None),
        ("allow_address", "outbound", None),
    ],
)
def test_a_trunk_of_the_other_direction_is_told_of_before_it_is_changed(
    name: str, direction: str, says: str | None
) -> None:
    there = seen(name, now(trunk_direction=direction))
    told = [alert.text for alert in kind(name).words.alerts({"trunk_id": TRUNK}, there)]
    assert any(says in one for one in told) if says else told == []
