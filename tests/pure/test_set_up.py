"""Setting up a trunk: what its form reads, which steps it becomes, and what those share with other kinds."""

from collections.abc import Mapping
from typing import Final

import pytest

from bot.domain.operation import Step, StepState, canonical
from bot.domain.outcome import Data, Thing
from bot.domain.policy import Facts
from bot.kinds.base import CHOICES, At, Errors, Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.numbers.number import MOST
from bot.kinds.set_up_trunk import SetUpTrunk
from bot.sandbox.blockkit.validation import problems
from bot.vobiz.details import read_detail
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.words.form import Terms, form_modal
from tests.wording_samples import dictionaries, readable

KIND: Final = SetUpTrunk()
LIMITS: Final = Limits(1000)
TERMS: Final = Terms("MA_SANDBOX1", "C0VOICE01", LIMITS, others=(CreateTrunk(),))
OUTBOUND: Final = {"name": "Sales", "direction": "outbound", "calls": "10"}
INBOUND: Final = {**OUTBOUND, "direction": "inbound"}
IN: Final = {"trunk": {"direction": "inbound"}}
NUMBER: Final = "+14155550100"
OTHER: Final = "+14155550101"
TRUNK_ID: Final = "aabbccdd-1234-5678-90ab-cdef12345678"
TRUNK: Final = {"name": "Sales", "direction": "outbound", "calls": 10}


def read(**values: str) -> Data | Mapping[str, str]:
    """Return the request that a form with these values is, or its errors."""
    result = KIND.read(values.get, LIMITS, {})
    return result.errors if isinstance(result, Errors) else result.model_dump(mode="json", exclude_none=True)


def asked(**values: str) -> Data:
    result = KIND.read(values.get, LIMITS, {})
    assert not isinstance(result, Errors), result
    return result.model_dump(mode="json")


def numbered(*items: Item, whole: bool = True) -> Snapshot:
    return Snapshot("MA_SANDBOX1", 0, (), whole=False, parts={Part.NUMBERS: Listed(items, whole)})


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        (
            OUTBOUND | {"login": "login", "username": "sales"},
            ("create_trunk", "create_credential", "attach"),
        ),
        (OUTBOUND | {"login": "", "address": "8.8.8.8"}, ("create_trunk", "create_ip_acl", "attach")),
        (
            OUTBOUND | {"login": "login", "username": "sales", "address": "8.8.8.8"},
            ("create_trunk", "create_credential", "create_ip_acl", "attach"),
        ),
        (INBOUND | {"route": "sip:pbx.example.com"}, ("create_trunk", "create_origination_uri", "attach")),
        (INBOUND | {"phone_numbers": NUMBER}, ("create_trunk", f"assign_number {NUMBER}")),
        (
            INBOUND | {"route": "sip:pbx.example.com", "phone_numbers": f"{NUMBER}\n+14155550101"},
            (
                "create_trunk",
                "create_origination_uri",
                "attach",
                f"assign_number {NUMBER}",
                "assign_number +14155550101",
            ),
        ),
        # What belongs to the other direction may still stand in a form that was not drawn anew yet.
        (
            OUTBOUND | {"login": "login", "username": "sales", "route": "sip:x", "phone_numbers": NUMBER},
            ("create_trunk", "create_credential", "attach"),
        ),
        (
            INBOUND | {"phone_numbers": "", "typed_number": " +1 (415) 555-0100 "},
            ("create_trunk", f"assign_number {NUMBER}"),
        ),
    ],
)
def test_what_is_ticked_or_filled_in_is_a_step(values: dict[str, str], steps: tuple[str, ...]) -> None:
    assert KIND.steps(asked(**values)) == steps


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        (OUTBOUND | {"login": "", "username": "sales"}, {"login": "Only create the trunk"}),
        (OUTBOUND, {"direction": "Only create the trunk"}),
        (INBOUND | {"phone_numbers": ""}, {"phone_numbers": "Only create the trunk"}),
        (INBOUND | {"login": "login", "username": "sales"}, {"direction": "Only create the trunk"}),
        (OUTBOUND | {"login": "login", "username": "sales_1"}, {"username": "letters"}),
        (OUTBOUND | {"login": "login", "username": ""}, {"username": "Enter a user name"}),
        (OUTBOUND | {"login": "", "address": "pbx.example.com"}, {"address": ""}),
        (INBOUND | {"route": "pbx.example.com"}, {"route": ""}),
        (INBOUND | {"phone_numbers": "", "typed_number": "14155550100"}, {"typed_number": ""}),
        (
            INBOUND | {"phone_numbers": "\n".join(f"+1415555{n:04}" for n in range(MOST + 1))},
            {"phone_numbers": f"At most {MOST}"},
        ),
        ({"name": "", "login": "login", "username": ""}, {"name": "", "direction": "", "calls": ""}),
        (
            OUTBOUND | {"name": "", "login": "login", "username": "x_"},
            {"name": "Enter a name", "username": "letters"},
        ),
    ],
)
def test_what_is_wrong_is_said_under_its_input(values: dict[str, str], wrong: Mapping[str, str]) -> None:
    errors = read(**values)
    assert errors.keys() == wrong.keys()
    for block, words in wrong.items():
        assert words in str(errors[block])


@pytest.mark.parametrize(
    ("item", "wrong"),
    [
        (Item("1", NUMBER, trunk=TRUNK_ID), "on another trunk"),
        (Item("1", NUMBER, application="y"), "voice application"),
        (Item("1", NUMBER, blocked=True), "blocked"),
        (Item("1", NUMBER, account="SA_OTHER"), "sub-account"),
        (Item("1", OTHER), "not a number of this account"),
    ],
)
def test_a_number_that_cannot_be_assigned_is_refused_under_its_input(item: Item, wrong: str) -> None:
    seen = {CHOICES: KIND.choices(IN, numbered(item))}
    values = INBOUND | {"typed_number": NUMBER}
    errors = KIND.read(values.get, LIMITS, seen)
    assert isinstance(errors, Errors)
    assert wrong in errors.errors["typed_number"]


def logins(*names: str) -> Snapshot:
    items = tuple(Item(str(number), name) for number, name in enumerate(names))
    return Snapshot("MA_SANDBOX1", 0, (), whole=False, parts={Part.CREDENTIALS: Listed(items, whole=True)})


def test_a_user_name_that_is_taken_is_refused_before_anything_is_created() -> None:
    known = KIND.taken(TRUNK)
    seen = {CHOICES: KIND.choices(known, logins("SALES", "sales2", "desk"))}
    assert "Choose another one, such as sales3." in readable(shown(known, seen))
    values = OUTBOUND | {"login": "login", "username": "Sales"}
    errors = KIND.read(values.get, LIMITS, seen)
    assert isinstance(errors, Errors)
    assert "such as Sales3." in errors.errors["username"]
    assert not isinstance(KIND.read((values | {"username": "sales4"}).get, LIMITS, seen), Errors)
    assert "Choose another one" not in readable(shown({**known, "sip_login": None}, seen))


def test_of_many_user_names_those_are_kept_that_may_be_meant() -> None:
    names = (*(f"a{number}" * 10 for number in range(200)), "sales")
    seen = {CHOICES: KIND.choices(KIND.taken(TRUNK), logins(*names))}
    assert len(canonical(seen)) < 1100
    assert "Choose another one" in readable(shown(KIND.taken(TRUNK), seen))


def test_a_draft_goes_there_and_back_and_fills_the_form_again() -> None:
    values = OUTBOUND | {"login": "login", "username": "pbx", "address": "8.8.8.8"}
    draft = KIND.typed(values.get, LIMITS, {})
    assert draft == {
        "trunk": TRUNK,
        "sip_login": {"username": "pbx"},
        "ip_acl": {"ip": "8.8.8.8"},
        "phone_numbers": [],
    }
    assert CreateTrunk().taken(draft) == TRUNK
    assert KIND.taken(TRUNK) == {"trunk": TRUNK, "sip_login": {"username": "sales"}}
    for known in (draft, asked(**values)):
        elements = {part["action_id"]: part for part in shown(known) if "action_id" in part}
        assert elements["username"]["initial_value"] == "pbx"
        assert elements["address"]["initial_value"] == "8.8.8.8"
        assert elements["login"]["initial_options"]


def shown(known: Data, seen: Data | None = None) -> list[Mapping[str, object]]:
    view = form_modal(KIND, known, TERMS, "", seen)
    assert problems("modal", view) == []
    return list(dictionaries(view))


def ids(known: Data, seen: Data | None = None) -> set[object]:
    return {part.get("block_id") for part in shown(known, seen)} - {None, "over"}


def test_the_inputs_are_those_of_the_direction() -> None:
    trunk = {"name", "direction", "calls"}
    assert ids({"trunk": {}}) == trunk
    assert ids({"trunk": {"direction": "outbound"}}) == {*trunk, "login", "username", "address"}
    assert ids({"trunk": {"direction": "inbound"}}) == {*trunk, "route"}


@pytest.mark.parametrize(
    ("now", "blocks"),
    [
        (None, {"typed_number"}),
        (numbered(whole=False), {"typed_number"}),
        (numbered(), set()),
        (numbered(Item("1", NUMBER)), {"phone_numbers"}),
        (numbered(Item("1", NUMBER), whole=False), {"phone_numbers", "typed_number"}),
        (numbered(*(Item(str(n), f"+1415555{n:04}") for n in range(101))), {"phone_numbers", "typed_number"}),
        (numbered(Item("1", NUMBER, trunk="x"), Item("2", "+14155550101", application="y")), set()),
    ],
)
def test_the_numbers_that_are_free_can_be_chosen_and_others_typed(
    now: Snapshot | None, blocks: set[str]
) -> None:
    seen = {CHOICES: KIND.choices(IN, now)}
    assert ids({"trunk": {"direction": "inbound"}}, seen) == {"name", "direction", "calls", "route", *blocks}


def test_numbers_that_were_asked_for_stay_in_the_form_while_the_others_are_read() -> None:
    known = {"trunk": {"direction": "inbound"}, "phone_numbers": [{"e164": NUMBER}]}
    elements = {part["action_id"]: part for part in shown(known) if "action_id" in part}
    assert readable(elements["phone_numbers"]["initial_options"]) == NUMBER


def test_numbers_that_were_chosen_stay_chosen() -> None:
    seen = {CHOICES: KIND.choices(IN, numbered(Item("1", NUMBER), whole=False))}
    known = {"trunk": {"direction": "inbound"}, "phone_numbers": [{"e164": NUMBER}, {"e164": OTHER}]}
    elements = {part["action_id"]: part for part in shown(known, seen) if "action_id" in part}
    assert readable(elements["phone_numbers"]["initial_options"]) == NUMBER
    assert elements["typed_number"]["initial_value"] == OTHER


@pytest.mark.parametrize(
    ("known", "steps"),
    [
        (
            KIND.taken(TRUNK),
            ["Create the trunk", "Create the SIP login", "IP ACL record, if you enter", "Attach"],
        ),
        ({"trunk": TRUNK, "sip_login": None}, ["Create the trunk", "and attach it, if you enter an address"]),
        (
            {"trunk": TRUNK, "sip_login": {"username": "sales"}, "ip_acl": {"ip": "203.0.114.5"}},
            ["Create the trunk", "SIP login", "IP ACL record", "Attach the login and the address to"],
        ),
        (
            {"trunk": {"direction": "inbound"}},
            ["Create the trunk", "and attach it, if you enter where", "Assign the numbers that you choose"],
        ),
        (
            {
                "trunk": {"direction": "inbound"},
                "sip_route": {"uri": "sip:x"},
                "phone_numbers": [{"e164": NUMBER}, {"e164": OTHER}],
            },
            ["Create the trunk", "Create the origination URI", "Attach", NUMBER, OTHER],
        ),
    ],
)
def test_the_steps_are_listed_in_their_order_before_it_is_confirmed(known: Data, steps: list[str]) -> None:
    (listed,) = [part for part in shown(known) if part.get("type") == "rich_text_list"]
    lines = listed["elements"]
    assert isinstance(lines, list)
    assert len(lines) == len(steps)
    for line, words in zip(lines, steps, strict=True):
        assert words in readable(line)


def test_no_rule_about_a_kind_is_escaped_by_doing_it_in_a_set_up() -> None:
    request = asked(**OUTBOUND, login="login", username="sales")
    assert KIND.facts(request, {}) == Facts("set_up_trunk", after=10, also=("create_trunk", "add_credential"))
    request = asked(**INBOUND, route="sip:pbx.example.com", phone_numbers=NUMBER)
    assert KIND.facts(request, {}).also == ("create_trunk", "add_route", "assign_number")


def test_the_login_that_a_form_begins_with_counts_before_anything_is_chosen() -> None:
    assert KIND.facts(KIND.taken(TRUNK), {}).also == ("create_trunk", "add_credential")
    # Chosen in a form that was opened without a direction, and is not drawn anew yet.
    assert KIND.typed(OUTBOUND.get, LIMITS, {})["sip_login"] == {"username": "sales"}
    assert "sip_login" not in KIND.typed(INBOUND.get, LIMITS, {})


def test_it_claims_what_a_create_claims_and_what_else_it_touches() -> None:
    request = asked(**OUTBOUND, login="login", username="Sales")
    alone = CreateTrunk().claims("MA1", {"name": "SALES ", "direction": "outbound", "calls": 10})
    assert KIND.claims("MA1", request) == (*alone, "credential|MA1|sales")


def test_the_way_leads_there_and_back() -> None:
    assert CreateTrunk().others({}, {}) == ("set_up_trunk",)
    assert KIND.others({}, {}) == ("create_trunk",)
    assert KIND.line({"trunk": TRUNK}) == 'create "Sales" outbound 10'


@pytest.mark.parametrize(
    ("changes", "stops"),
    [
        ({}, False),
        ({"updated_at": "2026-11-28T03:00:00Z"}, False),
        ({"trunk_status": "inactive"}, True),
        ({"concurrent_calls_limit": 1}, True),
        ({"name": "Sales 2"}, True),
        ({"credential_uuid": "99999999-1234-5678-90ab-cdef12345678"}, True),
    ],
)
def test_nothing_is_attached_to_a_trunk_that_others_changed_since_it_was_created(
    changes: Data, *, stops: bool
) -> None:
    row = {"trunk_id": TRUNK_ID, "name": "Sales", "trunk_direction": "outbound", "trunk_status": "active"}
    created = Thing(id=TRUNK_ID, data={**row, "concurrent_calls_limit": 10})
    login = Thing(id="88888888-1234-5678-90ab-cdef12345678")
    request = asked(**OUTBOUND, login="login", username="sales")
    done = tuple(
        Step(number, name, StepState.DONE, thing=thing)
        for number, (name, thing) in enumerate(zip(KIND.steps(request), (created, login), strict=False), 1)
    )
    at = At(request, Step(3, KIND.steps(request)[2]), done)
    detail = read_detail({**created.data, **changes})
    now = Snapshot("MA_1", 0, (), whole=False, detail=detail)
    assert (KIND.recheck(at, now) is not None) == stops
