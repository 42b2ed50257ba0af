"""Messages about setting a trunk up in one confirmation, for `test_golden_messages`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.blockkit.layout import Message
from bot.domain.operation import Found, Look, Operation, State, Step, StepState
from bot.domain.outcome import Data, Refusal, Thing
from bot.domain.policy import Members
from bot.kinds.base import CHOICES, Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.set_up_trunk import SetUpTrunk
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.words import approval_message, status
from bot.words.form import Terms, form_modal
from tests import wording_samples as of
from tests.wording_samples import OPERATION, TRUNK

KIND: Final = SetUpTrunk()
WORDS: Final = KIND.words
OPERATORS: Final = Members(frozenset({"U0ASHA001", "U0OMAR001"}), frozenset({"S0ONCALL1"}))
LOGIN: Final = "33333333-1234-5678-90ab-cdef12345678"
ADDRESS: Final = "44444444-1234-5678-90ab-cdef12345678"
ROUTE: Final = "55555555-1234-5678-90ab-cdef12345678"
NUMBERS: Final = ("+14155550100", "+14155550101")
OUTBOUND: Final[Data] = {
    "trunk": {"name": "Sales", "direction": "outbound", "calls": 10},
    "sip_login": {"username": "sales", "record": None},
    "ip_acl": {"ip": "203.0.114.5", "label": "Sales", "record": None},
    "sip_route": None,
    "phone_numbers": [],
}
INBOUND: Final[Data] = {
    "trunk": {"name": "Sales", "direction": "inbound", "calls": 10},
    "sip_login": None,
    "ip_acl": None,
    "sip_route": {"uri": "sip:pbx.example.com", "label": "Sales", "fallback": False, "record": None},
    "phone_numbers": [{"e164": number, "moved_from": None} for number in NUMBERS],
}
CREATED: Final = of.thing(TRUNK)
INBOUND_CREATED: Final = of.thing(TRUNK.model_copy(update={"direction": "inbound"}))
POINTS: Final[Data] = {"fields": {"name": "Sales", "credential": LOGIN, "acl": ADDRESS}, "read": True}
THINGS: Final[Mapping[str, Thing]] = {
    "create_credential": Thing(id=LOGIN, data={"username": "sales", "realm": "MA_SANDBOX1.sip.vobiz.ai"}),
    "create_ip_acl": Thing(id=ADDRESS, data={"value": "203.0.114.5", "enabled": True}),
    "create_origination_uri": Thing(id=ROUTE, data={"value": "sip:pbx.example.com", "enabled": True}),
    "attach": Thing(id=TRUNK.id, data={**POINTS, "points": {}}),
    **{
        f"assign_number {number}": Thing(id=number, data={"on": TRUNK.id, "wanted": TRUNK.id, "read": True})
        for number in NUMBERS
    },
}
NUMBERS_READ: Final = Snapshot(
    "MA_SANDBOX1",
    0,
    (),
    whole=False,
    parts={Part.NUMBERS: Listed(tuple(Item(number, number) for number in NUMBERS), whole=True)},
)


def confirmed(request: Data) -> Operation:
    """Have a person confirm it."""
    steps = tuple(Step(number, name) for number, name in enumerate(KIND.steps(request), 1))
    return replace(OPERATION, kind=KIND.name, request=request, steps=steps)


def done(request: Data, count: int | None = None) -> Operation:
    """Have the first so many of its steps be done, or all of them."""
    op = confirmed(request)
    created = CREATED if request["trunk"] == OUTBOUND["trunk"] else INBOUND_CREATED
    steps = [
        replace(
            step,
            state=StepState.DONE,
            sendings=1,
            thing=created if step.number == 1 else THINGS[step.name],
            found=Found.ANSWER,
        )
        if count is None or step.number <= count
        else step
        for step in op.steps
    ]
    return replace(op, state=State.DONE if count is None else State.RUNNING, steps=tuple(steps))


def stopped(request: Data, after: int, says: str, code: int = 400) -> Operation:
    """Have the step after so many be refused."""
    op, refusal = done(request, after), Refusal(status=code, message=says)
    refused = replace(op.steps[after], state=StepState.REJECTED, sendings=1, refusal=refusal)
    return replace(op, state=State.STOPPED, steps=(*op.steps[:after], refused, *op.steps[after + 1 :]))


def asking(request: Data, after: int, *candidates: Thing) -> Operation:
    """Have nobody know what became of the step after so many."""
    op = done(request, after)
    look = Look(finished=True, whole=True, candidates=candidates, again=True)
    unknown = replace(op.steps[after], state=StepState.UNKNOWN, sendings=1, look=look, reason="timeout")
    steps = (*op.steps[:after], unknown, *op.steps[after + 1 :])
    return replace(op, state=State.UNKNOWN, asking=True, steps=steps)


def told(op: Operation) -> Message:
    return status.operation_message(op, WORDS, settle=60, deciders=OPERATORS)


def question(op: Operation) -> Message:
    asks = of.asks(op)
    return approval_message.approval_message(asks, WORDS, OPERATORS, asks.bound)


def form(known: Data, seen: Data) -> Mapping[str, object]:
    terms = Terms("MA_SANDBOX1", "C0VOICE01", Limits(1000), others=(CreateTrunk(),))
    return form_modal(KIND, known, terms, "", {**KIND.seen(known, None, None), "readable": True, **seen})


STATES: Final[Mapping[str, Callable[[], Message]]] = {
    "set-up-outbound": lambda: told(done(OUTBOUND)),
    "set-up-outbound-address": lambda: told(done({**OUTBOUND, "sip_login": None})),
    "set-up-inbound": lambda: told(done(INBOUND)),
    "set-up-inbound-without-route": lambda: told(done({**INBOUND, "sip_route": None})),
    "set-up-accepted": lambda: told(confirmed(OUTBOUND)),
    "set-up-running": lambda: told(done(OUTBOUND, 2)),
    "set-up-not-begun": lambda: told(stopped(OUTBOUND, 0, "trunk limit reached", 403)),
    "set-up-login-taken": lambda: told(stopped(OUTBOUND, 1, "Username already exists", 409)),
    "set-up-not-attached": lambda: told(stopped(OUTBOUND, 3, "Credential is not allowed on this trunk", 422)),
    "set-up-number-refused": lambda: told(stopped(INBOUND, 4, "This number is already assigned to a trunk.")),
    "set-up-question": lambda: told(asking(OUTBOUND, 1, THINGS["create_credential"])),
    "set-up-approval": lambda: question(confirmed(INBOUND)),
}
FORMS: Final[Mapping[str, Callable[[], Mapping[str, object]]]] = {
    "form-set-up-outbound": lambda: form(KIND.taken(CreateTrunk().taken(OUTBOUND)), {}),
    "form-set-up-inbound": lambda: form(INBOUND, {CHOICES: KIND.choices(INBOUND, NUMBERS_READ)}),
    "form-set-up-inbound-reading": lambda: form({"trunk": INBOUND["trunk"]}, {}),
}
