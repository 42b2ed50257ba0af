"""Operations however they can stand and the most hostile legal inputs, for the tests of words and layouts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, TypeVar

from bot.domain.operation import Approval, Found, Look, Operation, State, Step, StepState
from bot.domain.outcome import FieldError, Refusal, Thing
from bot.domain.proof import Noted, Proof, Ready
from bot.kinds.create_trunk.words import CreateTrunkWords
from bot.kinds.wording import UnknownWords, Words
from bot.proof.checklist import Finding
from bot.vobiz.trunks import Trunk

HOSTILE_NAMES = {
    "plain": "Sales",
    "one character": "x",
    "four-byte characters": "\U0001f4de" * 255,
    "pings": "<!channel> <@U0EVIL001> <!here|x> @channel" + "<!everyone>" * 15,
    "links": "<https://evil.example|here> https://evil.example mailto:a@evil.example",
    "formatting": "*bold* _italic_ ~strike~ `code` ```block``` > quote :fire:",
    "ampersands": "&" * 255,
    "entities": "&lt;!channel&gt;" * 15,
    "right to left": "\u05de\u05db\u05d9\u05e8\u05d5\u05ea " * 36,
    "arabic and digits": "\u0645\u0628\u064a\u0639\u0627\u062a 10 outbound",
    "marks": "e\u0301\u0327" * 85,
    "backticks": "`" * 255,
}

WORDS = ("<!channel> *you* lost `it` & <@U0EVIL001> https://evil.example " * 10)[:500]
TRUNK = Trunk(
    id="aabbccdd-1234-5678-90ab-cdef12345678",
    name="Sales",
    domain="aabbccdd.sip.vobiz.ai",
    direction="outbound",
    calls=10,
    cps=2,
    transport="udp",
    secure=False,
    status="active",
    created_at=datetime(2026, 11, 23, 3, 0, 1, tzinfo=UTC),
)
HOSTILE_TRUNK = Trunk(
    id="`<!channel>` " + "x" * 51,
    name="<!channel>*" * 90,
    domain=WORDS,
    direction="both <!here>",
    calls=99999999999,
    cps=0,
    transport=WORDS,
    secure=True,
    status=WORDS,
    description=WORDS,
)
BARE_TRUNK = Trunk(id="1")


def thing(trunk: Trunk) -> Thing:
    """Write a trunk as the ledger keeps it."""
    return Thing(id=trunk.id, data=trunk.model_dump(mode="json", exclude_none=True))


REFUSAL = Refusal(
    status=422, message="Request validation failed", code="VALIDATION_ERROR", request_id="req_1"
)
HOSTILE_REFUSAL = Refusal(
    status=422,
    message=WORDS,
    code=WORDS,
    fields=tuple(FieldError(field=WORDS, message=WORDS * 20) for _ in range(30)),
    request_id=WORDS,
    retry_after=7,
)


class NoteWords(Words):
    """A kind that says no more than its nouns and verbs."""

    noun, verb, doing, done = "note", "write", "writing", "written"


_WORDS: Mapping[str, Words] = {"create_trunk": CreateTrunkWords(), "note": NoteWords()}


def words(op: Operation) -> Words:
    """Return how an operation of the samples is spoken of."""
    return _WORDS.get(op.kind, UnknownWords())


P = ParamSpec("P")
R = TypeVar("R")


def said(say: Callable[Concatenate[Operation, Words, P], R]) -> Callable[Concatenate[Operation, P], R]:
    """Have a message be of an operation of the samples in the words of its kind."""

    def saying(op: Operation, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return say(op, words(op), *args, **kwargs)

    return saying


STEP = Step(1, "create_trunk")
OPERATION = Operation(
    id="00112233445566778899aabbccddeeff",
    kind="create_trunk",
    version=1,
    state=State.ACCEPTED,
    request={"name": "Sales", "direction": "outbound", "calls": 10},
    seen={},
    subject="Sales",
    account="MA_SANDBOX1",
    team="T0ACME001",
    channel="C0VOICE01",
    requester="U0ASHA001",
    created_at=1_795_400_000_000,
    updated_at=1_795_400_001_000,
    steps=(STEP,),
)


def named(op: Operation, name: str) -> Operation:
    """Give an operation another name."""
    return replace(op, request={**op.request, "name": name}, subject=name)


def at(op: Operation, state: State, step: Step) -> Operation:
    """Have an operation of one step stand otherwise."""
    return replace(op, state=state, steps=(step,))


def unknown(look: Look | None, reason: str | None = "timeout") -> Operation:
    """Have it not be known what became of an operation; a finished look asks."""
    step = replace(STEP, state=StepState.UNKNOWN, sendings=1, look=look, reason=reason)
    asking = look is not None and look.finished
    return replace(at(OPERATION, State.UNKNOWN, step), asking=asking)


def created(trunk: Trunk | None, found: Found = Found.ANSWER, decided_by: str | None = None) -> Operation:
    """Have an operation be done."""
    made = None if trunk is None else thing(trunk)
    step = replace(STEP, state=StepState.DONE, sendings=1, thing=made, found=found, decided_by=decided_by)
    return at(OPERATION, State.DONE, step)


def stopped(state: StepState, *, decided_by: str | None = None, sendings: int = 1) -> Operation:
    """Have an operation be stopped."""
    step = replace(STEP, state=state, decided_by=decided_by, sendings=sendings)
    return at(OPERATION, State.STOPPED, step)


def refused(refusal: Refusal | None, sendings: int = 1) -> Operation:
    """Have Vobiz refuse an operation."""
    step = replace(STEP, state=StepState.REJECTED, refusal=refusal, sendings=sendings)
    return at(OPERATION, State.STOPPED, step)


def unsent(reason: str | None, sendings: int = 1) -> Operation:
    """Have an operation not be sent."""
    step = replace(STEP, state=StepState.NOT_SENT, reason=reason, sendings=sendings)
    return at(OPERATION, State.STOPPED, step)


def approved(op: Operation, note: str | None = None) -> Operation:
    """Have somebody approve an operation before it became what it is."""
    approval = Approval(
        note=note, expires_at=EXPIRES, decided_by="U0OMAR001", decided_at=OPERATION.updated_at
    )
    return replace(op, approval=approval)


def alone(op: Operation, note: str) -> Operation:
    """Have an operation go without a second person."""
    return replace(op, approval=Approval(note=note, break_glass=True))


def of_steps(op: Operation, *steps: StepState) -> Operation:
    """Give an operation several steps; those that are done made the sample's trunk."""
    names = ("create_trunk", "add_credential", "attach_credential")
    return replace(
        op,
        steps=tuple(
            replace(
                op.step,
                number=number,
                name=name,
                state=state,
                thing=thing(TRUNK) if state is StepState.DONE else None,
                found=Found.ANSWER if state is StepState.DONE else None,
                sendings=0 if state is StepState.WAITING else 1,
            )
            for number, (name, state) in enumerate(zip(names, steps, strict=True), 1)
        ),
    )


def of_kind(op: Operation, kind: str) -> Operation:
    """Have an operation be of another kind."""
    return replace(op, kind=kind, request={"text": "Sales", "many": [1, {"x": WORDS}]}, steps=op.steps)


# The longest reason, of what would ping, link, format or reorder if it could.
REASON = (
    "<!channel> *you* ~lost~ `it` & <@U0EVIL001> :fire: \u05de\u05db\u05d9 https://evil.example\n" * 16
)[:1000]
EXPIRES = 1_795_486_400_000


def asks(op: Operation, note: str | None = "Launch on Monday", above: int | None = None) -> Operation:
    """Have an operation wait for an approval."""
    approval = Approval(note=note, expires_at=EXPIRES, above=above)
    return replace(op, state=State.AWAITING_APPROVAL, approval=approval)


def closed(op: Operation, state: State, denial: str | None = None) -> Operation:
    """Have a request end without an approval."""
    by = {State.DENIED: "U0OMAR001", State.WITHDRAWN: op.requester}.get(state)
    approval = None if op.approval is None else replace(op.approval, decided_by=by, denial=denial)
    return replace(op, state=state, approval=approval)


def proven(op: Operation, points: tuple[Noted, ...], unseen: str | None = None) -> Operation:
    """Have its trunk be examined once it has ended."""
    ready = Ready(trunk=TRUNK.id, at=op.updated_at, command="/trunk", points=points, unseen=unseen)
    return replace(op, proof=Proof(ready=ready))


AWAITING = asks(OPERATION)
SEEN = {"same_name": [{"id": "trunk-7", "name": "Sales"}], "same_names": 1, "ceiling": 5, "readable": True}
HOSTILE_SEEN = {
    "same_name": [{"id": f"{n} {WORDS}"[:64], "name": WORDS} for n in range(5)],
    "same_names": 9,
    "ceiling": 0,
    "readable": False,
}
# As many values as the words of any finding quote.
_QUOTED = (
    *("id", "named", "fields", "numbers", "more", "balance", "calls", "ceiling", "domain", "servers"),
    *("address", "server", "until", "code", "phrase", "transport", "took", "why", "status"),
)
HOSTILE_FINDINGS = tuple(Noted(finding=one, data=dict.fromkeys(_QUOTED, WORDS[:200])) for one in Finding)
NOT_THERE = Look(finished=True, whole=True, again=True)
TRUNKS = (thing(TRUNK), thing(BARE_TRUNK))
_DONE, _WAITING = StepState.DONE, StepState.WAITING

_TRUNKS: Mapping[str, Operation] = {
    "accepted": OPERATION,
    "sending": at(OPERATION, State.RUNNING, replace(STEP, state=StepState.SENDING, sendings=1)),
    "sending again": at(OPERATION, State.RUNNING, replace(STEP, state=StepState.SENDING, sendings=2)),
    "created": created(TRUNK),
    "created, found by looking": created(TRUNK, Found.LOOK),
    "created, picked": created(TRUNK, Found.PERSON, "U0OMAR001"),
    "created, picked by nobody known": created(TRUNK, Found.PERSON),
    "created, little stated": created(BARE_TRUNK),
    "created, hostile": created(HOSTILE_TRUNK),
    "created, trunk unknown": created(None),
    "created, examined": proven(created(TRUNK), HOSTILE_FINDINGS[:3]),
    "created, examined, hostile": proven(created(HOSTILE_TRUNK), HOSTILE_FINDINGS),
    "created, not examined": proven(created(TRUNK), (), "timeout"),
    "rejected": refused(REFUSAL),
    "rejected, hostile": refused(HOSTILE_REFUSAL),
    "rejected, empty words": refused(Refusal(status=400, message="")),
    "rejected, no details": refused(None),
    "rejected after sending again": refused(REFUSAL, sendings=2),
    "not sent": unsent("connect"),
    "not sent, another account": unsent("other_account"),
    "not sent, hostile reason": unsent(WORDS * 3),
    "not sent after sending again": unsent(None, sendings=2),
    "unknown": unknown(None),
    "unknown, interrupted": unknown(None, "interrupted"),
    "unknown, account away": unknown(Look(finished=False, whole=False)),
    "asking, nothing found": unknown(NOT_THERE),
    "asking, cannot tell": unknown(Look(finished=True, whole=True)),
    "asking, account away": unknown(Look(finished=True, whole=False), None),
    "asking, another account": unknown(Look(finished=True, whole=False, elsewhere="MA_OTHER99")),
    "asking, one candidate": unknown(Look(finished=True, whole=True, candidates=TRUNKS[:1])),
    "asking, candidates": unknown(Look(finished=True, whole=True, candidates=TRUNKS)),
    "asking, partly read": unknown(Look(finished=True, whole=False, candidates=TRUNKS)),
    "asking, too many": unknown(
        Look(finished=True, whole=True, candidates=(thing(HOSTILE_TRUNK),) * 60, again=True)
    ),
    "not created": stopped(StepState.NOT_DONE, decided_by="U0OMAR001"),
    "not created, by nobody known": stopped(StepState.NOT_DONE),
    "in a direct message": replace(OPERATION, channel="D0ASHA0010"),
    "awaiting, in full": AWAITING,
    "awaiting, above": replace(asks(OPERATION, above=50), seen=SEEN),
    "awaiting, hostile": replace(asks(OPERATION, REASON), account=WORDS, seen=HOSTILE_SEEN),
    "awaiting, right to left": asks(OPERATION, HOSTILE_NAMES["right to left"] * 4),
    "awaiting, in a direct message": replace(AWAITING, channel="D0ASHA0010"),
    "denied, in full": closed(AWAITING, State.DENIED, "Use the old one"),
    "denied, hostile": closed(asks(OPERATION, REASON), State.DENIED, REASON),
    "expired, in full": closed(AWAITING, State.EXPIRED),
    "withdrawn, in full": closed(AWAITING, State.WITHDRAWN),
    "approved, accepted": approved(OPERATION, "Launch"),
    "approved, created": approved(created(TRUNK), "Launch"),
    "approved, rejected": approved(refused(REFUSAL)),
    "approved, not sent": approved(unsent(None)),
    "approved, unknown": approved(unknown(None)),
    "approved, asking": approved(unknown(NOT_THERE), REASON),
    "approved, not created": approved(stopped(StepState.NOT_DONE, decided_by="U0BEN0001")),
    "break glass, accepted": alone(OPERATION, "The other side is down"),
    "break glass, created": alone(created(TRUNK), "The other side is down"),
    "break glass, hostile": alone(replace(created(HOSTILE_TRUNK), seen=HOSTILE_SEEN), REASON),
    "break glass, unknown": alone(unknown(None), REASON),
    "steps, accepted": of_steps(OPERATION, _WAITING, _WAITING, _WAITING),
    "steps, running": of_steps(replace(OPERATION, state=State.RUNNING), _DONE, StepState.SENDING, _WAITING),
    "steps, done": of_steps(created(TRUNK), _DONE, _DONE, _DONE),
    "steps, rejected": of_steps(refused(REFUSAL), _DONE, StepState.REJECTED, _WAITING),
    "steps, rejected, examined": of_steps(
        proven(refused(REFUSAL), HOSTILE_FINDINGS[:3]), _DONE, StepState.REJECTED, _WAITING
    ),
    "steps, not sent": of_steps(unsent("connect"), _DONE, StepState.NOT_SENT, _WAITING),
    "steps, unknown": of_steps(unknown(None), _DONE, StepState.UNKNOWN, _WAITING),
    "steps, asking": of_steps(unknown(NOT_THERE), _DONE, StepState.UNKNOWN, _WAITING),
    "steps, not done": of_steps(stopped(StepState.NOT_DONE), _DONE, StepState.NOT_DONE, _WAITING),
}
# The same of a kind with the plainest words, and of one that this version does not know.
OTHERS: Mapping[str, Operation] = {
    f"{kind}: {name}": of_kind(op, kind)
    for kind in ("note", "unheard_of")
    for name, op in _TRUNKS.items()
    if "hostile" not in name
}
OPERATIONS: Mapping[str, Operation] = {**_TRUNKS, **OTHERS}


def dictionaries(value: object) -> Iterator[Mapping[str, object]]:
    """Walk a payload: yield every object in it, at any depth."""
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from dictionaries(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from dictionaries(part)


def readable(blocks: object) -> str:
    """Join every text of a payload, as a person would read it."""
    return "\n".join(
        str(part[key])
        for part in dictionaries(blocks)
        for key in ("text", "user_id", "channel_id", "usergroup_id", "fallback")
        if isinstance(part.get(key), str)
    )
