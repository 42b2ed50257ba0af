"""Messages about the phone numbers of a trunk, for `test_golden_messages`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.blockkit.layout import Message
from bot.domain.operation import Found, Look, Operation, State, Step, StepState
from bot.domain.outcome import Data, Refusal, Thing
from bot.vobiz.details import read_detail
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.workflow.stored import at_step
from tests.pure.trunk_messages import form, kind, question_of, told
from tests.wording_samples import OPERATION, TRUNK

SUPPORT: Final = f"1{TRUNK.id[1:]}"
FREE, MOVED, HERE, SHUT = "+14155550100", "+14155550101", "+14155550102", "+14155550105"
ITEMS: Final = (
    Item("n1", FREE),
    Item("n2", MOVED, trunk=SUPPORT),
    Item("n3", HERE, trunk=TRUNK.id),
    Item("n4", SHUT, application="20577609616603585"),
)


def there(*items: Item, whole: bool = True, direction: str = "inbound") -> Snapshot:
    """Read the sample's trunk and these numbers, each by itself too."""
    detail = read_detail(TRUNK.model_copy(update={"direction": direction}).model_dump(mode="json"))
    assert detail is not None
    other = Trunk(id=SUPPORT, name="Support")
    parts = {Part.NUMBERS: Listed(items, whole=whole)}
    looked_up = {item.text: item for item in items}
    return Snapshot(
        "MA_SANDBOX1", 0, (detail.trunk, other), whole=True, detail=detail, parts=parts, numbers=looked_up
    )


def accepted(name: str, *numbers: str) -> Operation:
    """Have a person confirm these numbers."""
    seen = kind(name).seen({"trunk_id": TRUNK.id}, there(*ITEMS), None)
    moved = {MOVED: SUPPORT} if name == "assign_number" else {}
    rows = [{"e164": number, "moved_from": moved.get(number)} for number in numbers]
    request: Data = {"trunk_id": TRUNK.id, "name": "Sales", "phone_numbers": rows}
    steps = tuple(Step(at, step) for at, step in enumerate(kind(name).steps(request), 1))
    return replace(OPERATION, kind=name, request=request, seen=seen, steps=steps)


def after(op: Operation, count: int, *items: Item) -> Operation:
    """Have the first steps be done; `items` were read after each, or else what it should bring."""
    steps = list(op.steps)
    for at, step in enumerate(steps[:count]):
        stage, _, number = step.name.partition(" ")
        as_asked = Item("n", number, trunk=TRUNK.id if stage == "assign_number" else None)
        thing = kind(op.kind).read_back(at_step(op, step), None, there(*(items or (as_asked,))))
        steps[at] = replace(step, state=StepState.DONE, sendings=1, thing=thing, found=Found.ANSWER)
    return replace(op, state=State.DONE if count == len(steps) else State.RUNNING, steps=tuple(steps))


def ended(op: Operation, state: State, step: Step) -> Operation:
    """Have it end at a step."""
    steps = (*op.steps[: step.number - 1], step, *op.steps[step.number :])
    return replace(op, state=state, asking=state is State.UNKNOWN, steps=steps)


def refused(op: Operation) -> Operation:
    refusal = Refusal(status=403, message="This number is not allowed on this account")
    return ended(op, State.STOPPED, replace(op.step, state=StepState.REJECTED, sendings=1, refusal=refusal))


def asking(op: Operation, *candidates: Thing) -> Operation:
    look = Look(finished=True, whole=True, candidates=candidates, again=True)
    step = replace(op.step, state=StepState.UNKNOWN, sendings=1, look=look, reason="timeout")
    return ended(op, State.UNKNOWN, step)


def met(op: Operation, *items: Item) -> Operation:
    """Have a number be found elsewhere right before."""
    what = kind(op.kind).guard(op.request, op.seen, there(*items))
    assert what is not None
    thing = kind(op.kind).met(op.request, what)
    step = replace(op.step, state=StepState.NOT_SENT, reason="changed", thing=thing)
    return ended(op, State.STOPPED, step)


def filled(name: str, *items: Item, **known: object) -> Mapping[str, object]:
    about: Data = {"trunk_id": TRUNK.id, **known}
    return form(name, about, kind(name).seen(about, there(*items), None))


ELSEWHERE: Final = Thing(id=FREE, data={"wanted": TRUNK.id, "read": True, "on": SUPPORT})
STATES: Final[Mapping[str, Callable[[], Message]]] = {
    "number-assigned": lambda: told(after(accepted("assign_number", FREE), 1)),
    "numbers-assigned": lambda: told(after(accepted("assign_number", FREE, MOVED), 3)),
    "number-assigned-elsewhere": lambda: told(
        after(accepted("assign_number", FREE), 1, Item("n1", FREE, trunk=SUPPORT))
    ),
    "number-assigned-not-read": lambda: told(after(accepted("assign_number", FREE), 1, Item("n2", MOVED))),
    "number-assigning": lambda: told(accepted("assign_number", FREE)),
    "numbers-assigning": lambda: told(after(accepted("assign_number", FREE, MOVED), 1)),
    "number-refused": lambda: told(refused(accepted("assign_number", FREE))),
    "number-moved-half": lambda: told(refused(after(accepted("assign_number", MOVED), 1))),
    "number-not-sent": lambda: told(met(accepted("assign_number", FREE), Item("n1", FREE, trunk=SUPPORT))),
    "number-question": lambda: told(asking(accepted("assign_number", FREE), ELSEWHERE)),
    "number-move-question": lambda: told(asking(after(accepted("assign_number", MOVED), 1))),
    "number-move-approval": lambda: question_of(accepted("assign_number", MOVED)),
    "number-taken-off": lambda: told(after(accepted("unassign_number", HERE), 1)),
}
FORMS: Final[Mapping[str, Callable[[], Mapping[str, object]]]] = {
    "form-number": lambda: filled("assign_number", *ITEMS),
    "form-number-moved": lambda: filled("assign_number", *ITEMS, typed_number="+1 (415) 555-0101"),
    "form-number-typed-wrong": lambda: filled("assign_number", *ITEMS, typed_number="14155550101"),
    "form-number-on-application": lambda: filled("assign_number", *ITEMS, typed_number=SHUT),
    "form-number-take-off": lambda: filled(
        "unassign_number", *ITEMS, phone_numbers=[{"e164": HERE, "moved_from": None}]
    ),
    "form-number-none-to-take-off": lambda: filled("unassign_number", *ITEMS[:2]),
}
