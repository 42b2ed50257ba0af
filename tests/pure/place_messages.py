"""Messages about what a trunk points to (addresses, routes), for `test_golden_messages`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.blockkit.layout import Message
from bot.domain.operation import Found, Look, Operation, State, Step, StepState
from bot.domain.outcome import Data, Refusal, Thing
from bot.kinds.base import Errors, Limits
from bot.vobiz.details import read_detail
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from tests.pure.trunk_messages import form, kind, question_of, told
from tests.wording_samples import OPERATION, TRUNK

OFFICE: Final = Item("33333333-1234-5678-90ab-cdef12345678", "198.18.7.0/24", enabled=True)
BRANCH: Final = Item("44444444-1234-5678-90ab-cdef12345678", "203.0.114.5", enabled=True)
PBX: Final = Item("77777777-1234-5678-90ab-cdef12345678", "sip:pbx.example.com", enabled=True)
LISTS: Final = {
    Part.ADDRESSES: Listed((OFFICE, BRANCH), whole=True),
    Part.ROUTES: Listed((PBX,), whole=True),
}
NEW: Final = {"ip": "203.0.114.9"}


def there(**points: str) -> Snapshot:
    """Read the sample's trunk, which points to these; another one points to the office's address."""
    detail = read_detail(TRUNK.model_dump(mode="json") | points)
    assert detail is not None
    other = Trunk(id=f"1{TRUNK.id[1:]}", name="Support", acl=OFFICE.id)
    return Snapshot("MA_SANDBOX1", 0, (detail.trunk, other), whole=True, detail=detail, parts=LISTS)


def accepted(name: str, before: Snapshot, **typed: str) -> Operation:
    """Have a person confirm a form that was filled with what was there."""
    seen = kind(name).seen({"trunk_id": TRUNK.id}, before, None)
    request = kind(name).read(typed.get, Limits(1000), seen)
    assert not isinstance(request, Errors)
    data = request.model_dump(mode="json")
    steps = tuple(Step(number, step) for number, step in enumerate(kind(name).steps(data), 1))
    return replace(OPERATION, kind=name, request=data, seen=seen, steps=steps)


def ran(op: Operation, *outcomes: Thing | Refusal | Look | None, state: State = State.DONE) -> Operation:
    """Have its steps end so, in their order: what was made or changed, a refusal, or a question."""
    steps = list(op.steps)
    for number, outcome in enumerate(outcomes):
        step = replace(steps[number], sendings=1)
        match outcome:
            case Refusal():
                steps[number] = replace(step, state=StepState.REJECTED, refusal=outcome)
            case Look():
                steps[number] = replace(step, state=StepState.UNKNOWN, look=outcome, reason="timeout")
            case _:
                steps[number] = replace(step, state=StepState.DONE, thing=outcome, found=Found.ANSWER)
    asking = any(isinstance(outcome, Look) for outcome in outcomes)
    return replace(op, state=state, steps=tuple(steps), asking=asking)


def pointing(now: Snapshot, **points: str | None) -> Thing:
    """Return the trunk as it was read back, with what it should point to."""
    assert now.detail is not None
    return Thing(id=TRUNK.id, data={"fields": now.detail.fields, "read": True, "points": points})


def filled(name: str, before: Snapshot, **known: object) -> Mapping[str, object]:
    about: Data = {"trunk_id": TRUNK.id, **known}
    return form(name, about, kind(name).seen(about, before, None))


def met(op: Operation, now: Snapshot) -> Operation:
    """Have the account be found changed right before."""
    what = kind(op.kind).guard(op.request, op.seen, now)
    assert what is not None
    thing = kind(op.kind).met(op.request, what)
    step = replace(op.step, state=StepState.NOT_SENT, reason="changed", thing=thing)
    return replace(op, state=State.STOPPED, steps=(step, *op.steps[1:]))


BARE: Final = there()
SHARED: Final = there(acl=OFFICE.id)
ALLOW: Final = accepted("allow_address", BARE, **NEW)
REPLACE: Final = accepted("allow_address", SHARED, ip="198.18.9.1")
CHOOSE: Final = accepted("allow_address", SHARED, ip_record=BRANCH.id)
MADE: Final = Thing(id="55555555-1234-5678-90ab-cdef12345678", data={"value": "203.0.114.9", "enabled": True})
TWIN: Final = Thing(id="66666666-1234-5678-90ab-cdef12345678", data={"value": "203.0.114.9"})
ASKS: Final = Look(finished=True, whole=True, candidates=(MADE, TWIN), again=True)
NOT_THERE: Final = Look(finished=True, whole=True, again=True)
NOW_THERE: Final = replace(
    BARE, parts={Part.ADDRESSES: Listed((replace(OFFICE, text="203.0.114.9"),), whole=True)}
)
ROUTED: Final = there(route=PBX.id)
ROUTE: Final = accepted("add_route", ROUTED, uri="sip:101@standby.example.com:5070", route_place="fallback")
DESTINATION: Final = Thing(
    id="88888888-1234-5678-90ab-cdef12345678", data={"value": "sip:101@standby.example.com:5070"}
)
DETACH: Final = accepted("remove_address", SHARED, removal="detach")
DELETE: Final = accepted("remove_address", SHARED, removal="delete")
OFF: Final = pointing(BARE, acl=None)
STATES: Final[Mapping[str, Callable[[], Message]]] = {
    "allow-done": lambda: told(ran(ALLOW, MADE, pointing(there(acl=MADE.id), acl=MADE.id))),
    "allow-existing-done": lambda: told(ran(CHOOSE, pointing(there(acl=BRANCH.id), acl=BRANCH.id))),
    "allow-replaced-not-as-requested": lambda: told(ran(REPLACE, MADE, pointing(SHARED, acl=MADE.id))),
    "allow-refused": lambda: told(
        ran(ALLOW, Refusal(status=400, message="Invalid IP address format"), state=State.STOPPED)
    ),
    "allow-not-attached": lambda: told(
        ran(ALLOW, MADE, Refusal(status=422, message="Not now"), state=State.STOPPED)
    ),
    "allow-question": lambda: told(ran(ALLOW, ASKS, state=State.UNKNOWN)),
    "allow-attach-question": lambda: told(ran(ALLOW, MADE, NOT_THERE, state=State.UNKNOWN)),
    "allow-exists-already": lambda: told(met(ALLOW, NOW_THERE)),
    "allow-approval": lambda: question_of(REPLACE),
    "address-detached": lambda: told(ran(DETACH, OFF)),
    "address-deleted": lambda: told(ran(DELETE, OFF, Thing(id=OFFICE.id, data={"there": False}))),
    "address-delete-refused": lambda: told(
        ran(DELETE, OFF, Refusal(status=409, message="In use"), state=State.STOPPED)
    ),
    "route-done": lambda: told(
        ran(
            ROUTE,
            DESTINATION,
            pointing(there(route=PBX.id, fallback=DESTINATION.id), fallback=DESTINATION.id),
        )
    ),
    "route-question": lambda: told(ran(ROUTE, NOT_THERE, state=State.UNKNOWN)),
    "route-removed": lambda: told(
        ran(accepted("remove_route", ROUTED, removal="detach"), pointing(BARE, route=None))
    ),
    "address-delete-approval": lambda: question_of(DELETE),
}
FORMS: Final[Mapping[str, Callable[[], Mapping[str, object]]]] = {
    "form-allow": lambda: filled("allow_address", BARE, ip_acl={"ip": "10.1.2.3"}),
    "form-allow-impossible": lambda: filled("allow_address", BARE, ip_acl={"ip": "127.0.0.1"}),
    "form-allow-inbound": lambda: filled("allow_address", there(direction="inbound")),
    "form-route-outbound": lambda: filled("add_route", BARE, sip_route={"uri": "pbx.example.com"}),
    "form-allow-shared": lambda: filled("allow_address", SHARED),
    "form-route": lambda: filled("add_route", ROUTED, sip_route={"uri": "sip:pbx2.example.com"}),
    "form-remove-route": lambda: filled("remove_route", there(route=PBX.id, fallback=PBX.id)),
    "form-remove-address": lambda: filled("remove_address", SHARED),
}
