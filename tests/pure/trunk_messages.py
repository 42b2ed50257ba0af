"""Messages about changing, listing and showing trunks that exist, for `test_golden_messages`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.blockkit.layout import Message
from bot.blockkit.report import Act
from bot.domain.operation import Found, Look, Operation, State, Step, StepState
from bot.domain.outcome import Data, Refusal, Thing
from bot.domain.policy import Members
from bot.domain.proof import Noted, Proof, Ready
from bot.kinds.base import Kind, Limits
from bot.kinds.registry import KINDS
from bot.kinds.wording import Words
from bot.proof.account import Reading, account_points
from bot.proof.checklist import Finding, Point, checklist
from bot.vobiz.details import read_detail
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.words import approval_message, status
from bot.words.answers import status_message
from bot.words.checks import shown_points
from bot.words.form import Terms, form_modal
from bot.words.password import not_their_password_message, password_gone_message, password_modal
from bot.words.trunk_list import Listing, list_message
from bot.words.trunk_shown import Shown, choose_trunk_message, trunk_message
from bot.workflow.stored import at_step
from tests import wording_samples as of
from tests.wording_samples import OPERATION, TRUNK

OPERATORS: Final = Members(frozenset({"U0ASHA001", "U0OMAR001"}), frozenset({"S0ONCALL1"}))
LOGIN: Final = "22222222-1234-5678-90ab-cdef12345678"
NEW_LOGIN: Final = "33333333-1234-5678-90ab-cdef12345678"
ON: Final[Data] = {"trunk_id": TRUNK.id, "name": "Sales"}
REQUESTS: Final[Mapping[str, Data]] = {
    "edit_trunk": {
        **ON,
        "capacity": 50,
        "switched_on": True,
        "formerly": {"calls": 10},
        "becomes": {"calls": 50},
    },
    "enable_trunk": {**ON, "capacity": 10},
    "disable_trunk": {**ON, "capacity": 10},
    "add_credential": {**ON, "capacity": 10, "switched_on": True, "sip_login": {"username": "sales7"}},
    "rotate_credential": {**ON, "sip_login": {"username": "sales", "record": LOGIN}},
    "remove_credential": {
        **ON,
        "capacity": 10,
        "switched_on": True,
        "detaching": ["credential"],
        "deleting": True,
        "taken_off": {"id": LOGIN, "text": "sales"},
    },
    "delete_trunk": ON,
}
LISTS: Final = {
    Part.NUMBERS: Listed((Item("n1", "+14155550100", trunk=TRUNK.id),), whole=True),
    Part.CREDENTIALS: Listed((Item(LOGIN, "sales"),), whole=True),
}


def there(**changes: object) -> Snapshot:
    """Read the sample's trunk by itself, with other values."""
    detail = read_detail(TRUNK.model_dump(mode="json") | {"credential_uuid": LOGIN} | changes)
    assert detail is not None
    other = Trunk(id=f"1{TRUNK.id[1:]}", name="Support", credential=LOGIN)
    return Snapshot("MA_SANDBOX1", 0, (detail.trunk, other), whole=True, detail=detail, parts=LISTS)


def taken() -> Snapshot:
    """Read the same with another login in the account, which has the user name that was asked for."""
    logins = (*LISTS[Part.CREDENTIALS].items, Item(NEW_LOGIN, "sales7"))
    return replace(there(), parts=LISTS | {Part.CREDENTIALS: Listed(logins, whole=True)})


def spoken(op: Operation) -> tuple[Operation, Words]:
    return op, KINDS.words(op)


def kind(name: str) -> Kind:
    found = KINDS.of(name)
    assert found is not None
    return found


def accepted(name: str, **before: object) -> Operation:
    """Have a person confirm a change of the trunk as it was."""
    seen = kind(name).seen({"trunk_id": TRUNK.id}, there(**before), None)
    named = enumerate(kind(name).steps(REQUESTS[name]), 1)
    steps = tuple(Step(number, step) for number, step in named)
    return replace(OPERATION, kind=name, request=REQUESTS[name], seen=seen, steps=steps)


def done(name: str, after: Snapshot | None, **before: object) -> Operation:
    """Have it be done, with what was read afterwards."""
    op = accepted(name, **before)
    made = kind(name).read_back(at_step(op, op.step), None, after)
    step = replace(op.step, state=StepState.DONE, sendings=1, thing=made, found=Found.ANSWER)
    return replace(op, state=State.DONE, steps=(step,))


def login_made(after: Snapshot | None = None, *, attached: bool = True) -> Operation:
    """Have a login be made for the trunk, and be attached to it unless that was refused."""
    op = accepted("add_credential", credential_uuid=None)
    answer = Thing(id=NEW_LOGIN, data={"username": "sales7", "realm": "MA_SANDBOX1.sip.vobiz.ai"})
    login = kind(op.kind).read_back(at_step(op, op.step), answer, None)
    made = replace(op.steps[0], state=StepState.DONE, sendings=1, thing=login, found=Found.ANSWER)
    op = replace(op, steps=(made, op.steps[1]), state=State.RUNNING)
    if not attached:
        refusal = Refusal(status=422, message="Credential is not allowed on this trunk")
        step = replace(op.step, state=StepState.REJECTED, sendings=1, refusal=refusal)
        return replace(op, steps=(made, step), state=State.STOPPED)
    thing = kind(op.kind).read_back(at_step(op, op.step), None, after)
    last = replace(op.step, state=StepState.DONE, sendings=1, thing=thing, found=Found.ANSWER)
    return replace(op, steps=(made, last), state=State.DONE)


def login_removed() -> Operation:
    """Have a login be detached and deleted."""
    op = accepted("remove_credential")
    gone = replace(there(credential_uuid=None), parts={Part.CREDENTIALS: Listed((), whole=True)})
    for number in (0, 1):
        step = op.steps[number]
        thing = kind(op.kind).read_back(at_step(op, step), None, gone)
        steps = list(op.steps)
        steps[number] = replace(step, state=StepState.DONE, sendings=1, thing=thing, found=Found.ANSWER)
        op = replace(op, steps=tuple(steps))
    return replace(op, state=State.DONE)


def password(op: Operation) -> Mapping[str, object]:
    return password_modal(op, op.steps[0], KINDS.words(op), "aB3dE6gH9&kLmNoPqRsT", 1_800_000_000_000)


def refused(name: str, code: int, says: str) -> Operation:
    op, refusal = accepted(name), Refusal(status=code, message=says)
    step = replace(op.step, state=StepState.REJECTED, sendings=1, refusal=refusal)
    return of.at(op, State.STOPPED, step)


def met(name: str, after: Snapshot) -> Operation:
    """Have the trunk be found changed right before."""
    op = accepted(name)
    what = kind(name).guard(op.request, op.seen, after)
    assert what is not None
    thing = kind(name).met(op.request, what)
    return of.at(op, State.STOPPED, replace(op.step, state=StepState.NOT_SENT, reason="changed", thing=thing))


def asking(name: str, *candidates: Thing) -> Operation:
    op = accepted(name)
    look = Look(finished=True, whole=True, candidates=candidates, again=True)
    step = replace(op.step, state=StepState.UNKNOWN, sendings=1, look=look, reason="timeout")
    return replace(op, state=State.UNKNOWN, asking=True, steps=(step, *op.steps[1:]))


def told(op: Operation) -> Message:
    return status.operation_message(op, KINDS.words(op), settle=60, deciders=OPERATORS)


def stands(op: Operation, now: Snapshot) -> Message:
    assert now.detail is not None
    return status_message(op, KINDS.words(op), now=of.thing(now.detail.trunk))


def question_of(op: Operation) -> Message:
    asks = of.asks(op)
    return approval_message.approval_message(asks, KINDS.words(asks), OPERATORS, asks.bound)


def form(name: str, known: Data, seen: Data | None) -> Mapping[str, object]:
    return form_modal(kind(name), known, Terms("MA_SANDBOX1", "C0VOICE01", Limits(1000)), "", seen)


def filled(name: str, **known: object) -> Mapping[str, object]:
    about: Data = {"trunk_id": TRUNK.id, **known}
    return form(name, about, kind(name).seen(about, there(), None))


def chosen(typed: str) -> Mapping[str, object]:
    """Build the form where it is not clear which trunk is meant."""
    listed = Snapshot("MA_SANDBOX1", 0, (TRUNK, replace_id(TRUNK)), whole=True)
    known = kind("edit_trunk").narrowed({"typed": typed}, listed, {})
    return form("edit_trunk", known, kind("edit_trunk").seen(known, listed, None))


def replace_id(trunk: Trunk) -> Trunk:
    return trunk.model_copy(update={"id": f"1{trunk.id[1:]}", "calls": 5})


def shown() -> Message:
    now = there()
    assert now.detail is not None
    made, trunk = of.created(TRUNK), now.detail.trunk
    found = shown_points(checklist(account_points(trunk, Reading(now))))
    shown = Shown(now.detail, now, frozenset(LISTS), (made,), made.updated_at, found=found)
    return trunk_message(shown, KINDS, "/trunk")


def proven(unseen: str | None = None, *points: Point) -> Operation:
    """Have a trunk be enabled, and examined then."""
    op = done("enable_trunk", there(), status="inactive")
    noted = tuple(Noted(finding=one.finding, data=one.data) for one in points)
    ready = Ready(trunk=TRUNK.id, at=op.updated_at, command="/trunk", points=noted, unseen=unseen)
    return replace(op, proof=Proof(ready=ready))


WELL: Final = (Point(Finding.ENABLED), Point(Finding.LOGIN), Point(Finding.FUNDED), Point(Finding.NAMED))
LACKING: Final = (
    Point(Finding.ENABLED),
    Point(Finding.NO_WAY_OUT),
    Point(Finding.NO_FUNDS, {"balance": "0.00 INR"}),
    Point(Finding.WITHIN_CEILING),
    Point(Finding.NAMED),
    Point(Finding.UNASKED),
)
HALFWAY: Final = Thing(id=TRUNK.id, data={"fields": {"name": "Sales", "calls": 50, "cps": 9, "on": True}})
GONE: Final = Snapshot("MA_SANDBOX1", 0, (), whole=False, gone=True, parts=LISTS)
STATES: Final[Mapping[str, Callable[[], Message]]] = {
    "trunk-changed": lambda: told(done("edit_trunk", there(calls=50))),
    "trunk-changed-and-more": lambda: told(done("edit_trunk", there(calls=50, cps=9))),
    "trunk-changed-not-as-requested": lambda: told(done("edit_trunk", there(calls=20))),
    "trunk-changed-not-read": lambda: told(done("edit_trunk", None)),
    "trunk-changing": lambda: told(accepted("edit_trunk")),
    "trunk-change-refused": lambda: told(refused("edit_trunk", 422, "Too many calls")),
    "trunk-change-not-sent": lambda: told(met("edit_trunk", there(cps=9))),
    "trunk-change-question": lambda: told(asking("edit_trunk", HALFWAY)),
    "trunk-enabled": lambda: told(done("enable_trunk", there(), status="inactive")),
    "trunk-enabled-ready": lambda: told(proven(None, *WELL)),
    "trunk-enabled-not-ready": lambda: told(proven(None, *LACKING)),
    "trunk-enabled-not-examined": lambda: told(proven("timeout")),
    "trunk-enabled-and-gone": lambda: told(proven("gone")),
    "trunk-enabled-ready-status": lambda: stands(proven(None, *WELL), there()),
    "trunk-disabled": lambda: told(done("disable_trunk", there(status="inactive"))),
    "trunk-deleted": lambda: told(done("delete_trunk", GONE)),
    "trunk-deleted-and-still-there": lambda: told(done("delete_trunk", there())),
    "trunk-delete-busy": lambda: told(refused("delete_trunk", 409, "The trunk has active calls")),
    "trunk-delete-question": lambda: told(asking("delete_trunk")),
    "trunk-delete-approval": lambda: question_of(accepted("delete_trunk")),
    "login-set": lambda: told(login_made(there(credential_uuid=NEW_LOGIN))),
    "login-set-not-attached": lambda: told(login_made(attached=False)),
    "login-set-as-before": lambda: told(login_made(there(credential_uuid=None))),
    "login-setting": lambda: told(accepted("add_credential")),
    "login-question": lambda: told(
        asking("add_credential", Thing(id=NEW_LOGIN, data={"username": "sales7"}))
    ),
    "login-taken-meanwhile": lambda: told(met("add_credential", taken())),
    "login-approval": lambda: question_of(accepted("add_credential")),
    "login-password-changed": lambda: told(done("rotate_credential", there())),
    "login-password-question": lambda: told(asking("rotate_credential")),
    "login-password-gone": lambda: password_gone_message(*spoken(login_made(there()))),
    "login-password-not-theirs": lambda: not_their_password_message(*spoken(login_made(there()))),
    "login-removed": lambda: told(login_removed()),
    "login-remove-approval": lambda: question_of(accepted("remove_credential")),
    "trunk-changed-status": lambda: stands(done("edit_trunk", there(calls=50)), there(calls=60)),
    "trunk-list": lambda: list_message(Listing((TRUNK, replace_id(TRUNK)), 3, True, "sal"), "/trunk"),
    "trunk-shown": shown,
    "trunk-not-clear": lambda: choose_trunk_message(
        (TRUNK, replace_id(TRUNK)), "Sales", Act.SHOW_TRUNK, fits=2, whole=True
    ),
}
FORMS: Final[Mapping[str, Callable[[], Mapping[str, object]]]] = {
    "form-edit": lambda: filled("edit_trunk", becomes={"calls": 50}),
    "form-edit-which": lambda: chosen("Sales"),
    "form-disable-more-typed": lambda: filled("disable_trunk", extra="EU"),
    "form-edit-impossible": lambda: filled("edit_trunk", becomes={"calls": 5000}),
    "form-edit-reading": lambda: form("edit_trunk", {"typed": "Sales"}, None),
    "form-disable": lambda: filled("disable_trunk"),
    "form-delete": lambda: filled("delete_trunk"),
    "form-credential": lambda: filled("add_credential"),
    "form-credential-existing": lambda: form_modal(
        kind("add_credential"),
        {"trunk_id": TRUNK.id, "sip_login": {"record": NEW_LOGIN}},
        Terms("MA_SANDBOX1", "C0VOICE01", Limits(1000)),
        "",
        kind("add_credential").seen({"trunk_id": TRUNK.id}, taken(), None),
    ),
    "form-credential-rotate": lambda: filled("rotate_credential"),
    "form-credential-remove": lambda: filled("remove_credential"),
    "form-credential-remove-none": lambda: form(
        "remove_credential",
        {"trunk_id": TRUNK.id},
        kind("remove_credential").seen({"trunk_id": TRUNK.id}, there(credential_uuid=None), None),
    ),
    "modal-password": lambda: password(login_made(there(credential_uuid=NEW_LOGIN))),
}
