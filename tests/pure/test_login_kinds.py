"""A SIP login: its user name, what a look may conclude, what a guard stops, and what is asked for."""

from dataclasses import replace

import pytest

from bot.domain.operation import Look, State, Step, StepState
from bot.domain.outcome import Data, Refusal, Thing, Unknown
from bot.kinds.attached.login import CREATE, CreateLogin, RotateLogin, check_username, read_login, suggested
from bot.kinds.base import At, CannotTell, Errors, Finding, NotThere, Several, ThisOne, Trace
from bot.kinds.create_trunk.find import RECENT
from bot.slack.sealing import METADATA_MAX, Form, Sealer
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.words.phrases import unchanged
from tests.pure.kinds_page import RECORD, REQUESTS, TRUNK
from tests.pure.operations import accepted
from tests.pure.test_trunk_kinds import LIMITS, kind, now

OTHER = "22bbccdd-1234-5678-90ab-cdef12345678"
DESK, SALES = Item(RECORD, "desk", True), Item(OTHER, "sales", True, realm="MA_1.sip.vobiz.ai")


def account(*logins: Item, whole: bool = True, trunks: tuple[Trunk, ...] = (), **changes: object) -> Snapshot:
    """Read the trunk, the account's logins, and the other trunks."""
    read, parts = now(**changes), {Part.CREDENTIALS: Listed(logins, whole=whole)}
    assert read.detail is not None
    return replace(read, parts=parts, trunks=(read.detail.trunk, *trunks), whole=True)


def seen(name: str, there: Snapshot) -> Data:
    return kind(name).seen({"trunk_id": TRUNK}, there, None)


@pytest.mark.parametrize(
    ("typed", "name", "fine"),
    [
        ("desk1", "desk1", True),
        (" Desk1 ", "Desk1", True),
        ("d", "d", True),
        ("d" * 100, "d" * 100, True),
        ("d" * 101, "d" * 101, False),
        ("", "", False),
        ("   ", "", False),
        ("desk_1", "desk_1", False),
        ("desk-1", "desk-1", False),
        ("bürö", "bürö", False),
        ("\u0661", "\u0661", False),
        ("a b", "a b", False),
    ],
)
def test_a_user_name_is_letters_and_digits(typed: str, name: str, fine: bool) -> None:
    checked, wrong = check_username(typed)
    assert (checked, not wrong) == (name, fine)


@pytest.mark.parametrize(
    ("name", "said"),
    [("Sales Q3!", "salesq3"), ("Büro", "buro"), ("営業", ""), (None, ""), ("x" * 99, "x" * 40)],
)
def test_what_is_suggested_can_be_one(name: object, said: str) -> None:
    assert suggested(name) == said
    assert not said or not check_username(said)[1]


def sent(*, sendings: int = 1, reason: str = "timeout") -> Step:
    return Step(1, CREATE, StepState.UNKNOWN, sendings=sendings, reason=reason)


def finding(
    there: Snapshot,
    *,
    step: Step | None = None,
    guarded: bool = True,
    owned: frozenset[str] = frozenset(),
) -> Finding:
    request = REQUESTS["add_credential"]
    trace = Trace(request, step or sent(), before=None, now=there, owned=owned)
    return CreateLogin(guarded=guarded).find(trace)


def test_a_login_is_found_by_its_user_name_and_only_where_nobody_had_it_before() -> None:
    found = finding(account(DESK, replace(SALES, text="Sales")))
    assert isinstance(found, ThisOne)
    assert found.thing is not None
    assert (found.thing.id, found.thing.data["username"]) == (OTHER, "Sales")
    assert isinstance(finding(account(DESK)), NotThere)
    assert isinstance(finding(account(DESK, whole=False)), CannotTell)
    assert isinstance(finding(account(SALES, whole=False)), ThisOne)  # the name is unique
    assert isinstance(finding(account(SALES), owned=frozenset({OTHER})), NotThere)
    assert isinstance(finding(account(SALES), guarded=False), Several)
    # At once a conflict contradicts the guard; after an uncertain sending it is that one's.
    assert isinstance(finding(account(SALES), step=sent(reason="conflict")), Several)
    assert isinstance(finding(account(SALES), step=sent(sendings=2, reason="conflict")), ThisOne)


@pytest.mark.parametrize("guarded", [True, False])
def test_a_conflict_is_looked_into_wherever_a_login_is_made(guarded: bool) -> None:
    refusal = Refusal(status=409, message="Username already exists")
    unknown = Unknown("conflict", None, refusal)
    assert CreateLogin(guarded=guarded).read_refusal(sent(), unknown, refusal) == unknown
    assert isinstance(finding(account(SALES), step=sent(reason="conflict"), guarded=guarded), Several)


def test_a_login_that_turns_up_after_people_were_asked_or_long_after_is_theirs_to_decide() -> None:
    asked = replace(sent(), look=Look(finished=True, whole=True, again=True))
    assert isinstance(finding(account(SALES), step=asked), Several)
    step = replace(sent(), began_at=0)
    for at, sure in ((RECENT, True), (RECENT + 1, False)):
        found = finding(replace(account(SALES), taken_at=at), step=step)
        assert isinstance(found, ThisOne if sure else Several)


def test_a_login_of_another_name_or_id_in_the_answer_is_shown_and_not_taken() -> None:
    made = At(REQUESTS["add_credential"], sent())
    assert CreateLogin(guarded=True).mistaken(made, Thing(id=RECORD, data={"username": "desk"}))
    assert not CreateLogin(guarded=True).mistaken(made, Thing(id=RECORD, data={"username": "SALES"}))
    found = finding(account(DESK, SALES), step=sent(reason=f"other_{RECORD}"))
    assert isinstance(found, Several)
    assert [thing.id for thing in found.things] == [RECORD, OTHER]
    renewed = At(REQUESTS["rotate_credential"], Step(1, "rotate_credential"))
    assert RotateLogin().mistaken(renewed, Thing(id=OTHER))
    assert not RotateLogin().mistaken(renewed, Thing(id=RECORD.upper()))


@pytest.mark.parametrize(
    ("body", "done"),
    [
        (None, True),
        ({"id": RECORD, "username": "sales"}, True),
        ({"success": True}, True),
        ({"message": "Credential updated"}, True),
        ({"message": "Password was changed successfully."}, True),
        ({"message": "No fields were changed"}, False),
        ({"message": "Password will be updated shortly"}, False),
        ({"message": "Password reset requested"}, False),
        ({"notice": "maintenance"}, False),
        ({"id": RECORD}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_new_password_is_told_as_set_only_where_the_answer_says_so(body: Data | None, done: bool) -> None:
    # Nothing can verify it afterwards.
    assert isinstance(RotateLogin().read_success("rotate_credential", 200, body), str) != done


@pytest.mark.parametrize("name", ["rotate_credential", "edit_trunk", "delete_trunk", "add_credential"])
def test_only_of_what_makes_a_record_a_duplicate_is_spoken_of_after_two_attempts(name: str) -> None:
    first, *others = kind(name).steps(REQUESTS[name])
    steps = (Step(1, first, StepState.REJECTED, sendings=2), *(Step(2, other) for other in others))
    op = accepted(kind=name, request=REQUESTS[name], state=State.STOPPED, steps=steps).operation
    told = unchanged(op, kind(name).words)
    assert "first attempt is still not known" in told
    assert ("duplicate" in told) == (name == "add_credential")
    assert ("the old password may be in force, or the new one" in told) == (name == "rotate_credential")


def test_nothing_of_a_password_is_kept() -> None:
    body = {
        "id": OTHER,
        "username": "sales",
        "password": "hush-hush",
        "realm": "r",
        "enabled": True,
        "token": "x",
    }
    read = read_login(body)
    assert isinstance(read, Thing)
    assert read.data == {"username": "sales", "realm": "r", "enabled": True}
    assert [read_login(one) for one in (None, {}, {"id": "x"})] == ["unreadable", "no_id", "incomplete"]
    at = At(REQUESTS["rotate_credential"], Step(1, "rotate_credential"))
    made = RotateLogin().read_back(at, None, account(replace(DESK, text="sales")))
    assert made is not None
    assert (made.id, made.data["username"]) == (RECORD, "sales")


def read(name: str, there: Snapshot, **typed: str) -> object:
    answer = kind(name).read(typed.get, LIMITS, seen(name, there))
    return dict(answer.errors) if isinstance(answer, Errors) else answer.model_dump(mode="json")


def test_the_form_takes_a_new_login_or_one_that_the_account_has() -> None:
    there = account(DESK, SALES, credential_uuid=RECORD)
    on = {"trunk_id": TRUNK, "name": "Sales", "capacity": 10, "switched_on": True}
    assert read("add_credential", there, which_login="new", username="front") == on | {
        "sip_login": {"username": "front", "record": None}
    }
    assert read("add_credential", there, which_login=OTHER, username="ignored") == on | {
        "sip_login": {"username": "sales", "record": OTHER}
    }
    for typed, wrong in (
        ({"username": "SALES"}, "username"),
        ({"username": "desk"}, "username"),
        ({"username": "a_b"}, "username"),
        ({"which_login": RECORD}, "which_login"),  # the trunk has it
        ({"which_login": TRUNK}, "which_login"),
    ):
        errors = read("add_credential", there, **typed)
        assert isinstance(errors, dict)
        assert [*errors] == [wrong], typed


def test_what_is_suggested_is_free_as_far_as_is_known() -> None:
    there = account(DESK, SALES, credential_uuid=RECORD)
    inputs = kind("add_credential").inputs({"trunk_id": TRUNK}, LIMITS, seen("add_credential", there))
    assert "sales2" in str(inputs)
    chosen = kind("add_credential").picked({}, f"{TRUNK} {OTHER}")
    inputs = kind("add_credential").inputs(chosen, LIMITS, seen("add_credential", there))
    assert [block.get("block_id") for block in inputs] == [None, "which_login"]
    assert "'initial_option': {'text': {'type': 'plain_text', 'text': 'sales'" in str(inputs)


def test_a_form_about_logins_fits_however_many_there_are() -> None:
    logins = [Item(f"{number:08x}{OTHER[8:]}", f"user{number}" * 8) for number in range(300)]
    trunks = tuple(
        Trunk(id=f"{number:08x}{TRUNK[8:]}", name="T" * 200, credential=logins[number].id)
        for number in range(9)
    )
    there = account(*logins, trunks=trunks, name="S" * 255, credential_uuid=logins[0].id)
    form = Form(kind="add_credential", operation="0" * 32, team="T1", user="U1", channel="C1", opened_at=0)
    full = form.model_copy(update={"reply": "https://hooks.slack.com/" + "x" * 100})
    assert "seen" in str(Sealer("x").open_form(Sealer("x").seal_form(full)))
    sealed = Sealer("x").seal_form(full.model_copy(update={"seen": seen("add_credential", there)}))
    assert len(sealed) <= METADATA_MAX
    opened = Sealer("x").open_form(sealed)
    assert opened is not None
    assert opened.seen is not None
    inputs = kind("add_credential").inputs({}, LIMITS, opened.seen)
    assert "300 logins are offered here" in str(inputs)


@pytest.mark.parametrize(
    ("name", "then", "stopped"),
    [
        ("add_credential", account(DESK), None),
        ("add_credential", account(DESK, SALES), {"login": "taken"}),
        ("rotate_credential", account(DESK, credential_uuid=RECORD), None),
        ("rotate_credential", account(SALES, credential_uuid=RECORD), {"login": "gone"}),
        ("remove_credential", account(DESK, credential_uuid=RECORD), None),
        (
            "remove_credential",
            account(DESK, credential_uuid=RECORD, trunks=(Trunk(id=OTHER, credential=RECORD),)),
            {"fields": [["other trunks that use the login", 0, 1]]},
        ),
    ],
)
def test_what_is_not_as_it_was_seen_is_not_sent(name: str, then: Snapshot, stopped: Data | None) -> None:
    before = account(DESK) if name == "add_credential" else account(DESK, credential_uuid=RECORD)
    assert kind(name).guard(REQUESTS[name], seen(name, before), then) == stopped
    changed = account(DESK, credential_uuid=OTHER)
    assert "fields" in (kind(name).guard(REQUESTS[name], seen(name, before), changed) or {})
    if stopped is not None:
        thing = kind(name).met(REQUESTS[name], stopped)
        assert thing is not None
        assert kind(name).words.changed(thing)


@pytest.mark.parametrize(("name", "unread"), [("rotate_credential", False), ("remove_credential", True)])
def test_without_a_login_or_who_shares_it_nothing_can_be_confirmed_but_a_detaching(
    name: str, unread: bool
) -> None:
    for there, ready in (
        (account(DESK, credential_uuid=RECORD), True),
        (account(DESK), False),
        (account(DESK, credential_uuid=RECORD, whole=False), unread),
    ):
        shown = seen(name, there)
        assert kind(name).ready(shown) is ready
        assert kind(name).words.alerts({}, shown)


def test_removing_only_detaches_unless_it_was_said_to_delete() -> None:
    there = account(DESK, credential_uuid=RECORD)
    kept, gone = (read("remove_credential", there, removal=how) for how in ("detach", "delete"))
    assert isinstance(kept, dict)
    assert isinstance(gone, dict)
    assert (kept["deleting"], gone["deleting"]) == (False, True)
    assert gone["taken_off"] == {"id": RECORD, "text": "desk"}
    steps = [kind("remove_credential").steps(request) for request in (kept, gone)]
    assert steps == [("detach",), ("detach", "delete_credential")]
    assert read("remove_credential", there) == {"removal": "Choose what happens to it."}


def test_who_works_on_a_login_keeps_others_from_it() -> None:
    add, rotate = (
        set(kind(name).claims("MA_1", REQUESTS[name])) for name in ("add_credential", "rotate_credential")
    )
    assert add & rotate == add


def test_a_login_that_can_be_chosen_says_how_many_trunks_use_it() -> None:
    others = tuple(Trunk(id=f"{number}{TRUNK[1:]}", credential=OTHER.upper()) for number in (1, 2))
    there = seen("add_credential", account(DESK, SALES, trunks=others))
    assert (there["uses"], there["logins"]) == ({OTHER: 2}, 2)
    shown = str(kind("add_credential").inputs({"trunk_id": TRUNK}, LIMITS, there))
    assert "Used by 2 trunks" in shown
    assert "Used by no trunk" in shown
