"""Operations in every state and the most hostile legal inputs, for the tests of words and layouts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.operation import Direction, Found, Look, Operation, State, TrunkRequest
from bot.domain.resources import FieldError, Refusal, Trunk

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

OPERATION = Operation(
    id="00112233445566778899aabbccddeeff",
    state=State.ACCEPTED,
    request=TrunkRequest("Sales", Direction.OUTBOUND, 10),
    account="MA_SANDBOX1",
    team="T0ACME001",
    channel="C0VOICE01",
    requester="U0ASHA001",
    created_at=1_795_400_000_000,
    updated_at=1_795_400_001_000,
)


def named(op: Operation, name: str) -> Operation:
    """Give an operation another name."""
    return replace(op, request=replace(op.request, name=name))


def _unknown(look: Look | None, reason: str | None = "timeout") -> Operation:
    return replace(OPERATION, state=State.UNKNOWN, look=look, reason=reason)


def _created(trunk: Trunk, found: Found = Found.ANSWER, decided_by: str | None = None) -> Operation:
    return replace(OPERATION, state=State.CREATED, trunk=trunk, found=found, decided_by=decided_by)


def _rejected(refusal: Refusal | None) -> Operation:
    return replace(OPERATION, state=State.REJECTED, refusal=refusal)


# The longest reason, of what would ping, link, format or reorder if it could.
REASON = (
    "<!channel> *you* ~lost~ `it` & <@U0EVIL001> :fire: \u05de\u05db\u05d9 https://evil.example\n" * 16
)[:1000]
AWAITING = replace(
    OPERATION, state=State.AWAITING_APPROVAL, note="Launch on Monday", expires_at=1_795_486_400_000
)
DENIED = replace(AWAITING, state=State.DENIED, denial="Use the old one", decided_by="U0OMAR001")
_AFTER_SEND_AGAIN = Look(finished=True, reachable=True)

OPERATIONS: Mapping[str, Operation] = {
    "accepted": OPERATION,
    "sending": replace(OPERATION, state=State.SENDING),
    "sending again": replace(OPERATION, state=State.SENDING, look=_AFTER_SEND_AGAIN),
    "created": _created(TRUNK),
    "created, found by looking": _created(TRUNK, Found.LOOK),
    "created, picked": _created(TRUNK, Found.PERSON, "U0OMAR001"),
    "created, picked by nobody known": _created(TRUNK, Found.PERSON),
    "created, little stated": _created(BARE_TRUNK),
    "created, hostile": _created(HOSTILE_TRUNK),
    "created, trunk unknown": replace(OPERATION, state=State.CREATED),
    "rejected": _rejected(REFUSAL),
    "rejected, hostile": _rejected(HOSTILE_REFUSAL),
    "rejected, empty words": _rejected(Refusal(status=400, message="")),
    "rejected, no details": _rejected(None),
    "rejected after sending again": replace(_rejected(REFUSAL), look=_AFTER_SEND_AGAIN),
    "not sent": replace(OPERATION, state=State.NOT_SENT, reason="connect"),
    "not sent, another account": replace(OPERATION, state=State.NOT_SENT, reason="other_account"),
    "not sent, hostile reason": replace(OPERATION, state=State.NOT_SENT, reason=WORDS * 3),
    "not sent after sending again": replace(OPERATION, state=State.NOT_SENT, look=_AFTER_SEND_AGAIN),
    "unknown": _unknown(None),
    "unknown, interrupted": _unknown(None, "interrupted"),
    "unknown, account away": _unknown(Look(finished=False, reachable=False)),
    "asking, nothing found": _unknown(Look(finished=True, reachable=True)),
    "asking, account away": _unknown(Look(finished=True, reachable=False), None),
    "asking, another account": _unknown(Look(finished=True, reachable=False, elsewhere="MA_OTHER99")),
    "asking, one candidate": _unknown(Look(finished=True, reachable=True, candidates=(TRUNK,))),
    "asking, candidates": _unknown(Look(finished=True, reachable=True, candidates=(TRUNK, BARE_TRUNK))),
    "asking, partly read": _unknown(Look(finished=True, reachable=False, candidates=(TRUNK, BARE_TRUNK))),
    "asking, too many": _unknown(Look(finished=True, reachable=True, candidates=(HOSTILE_TRUNK,) * 60)),
    "not created": replace(OPERATION, state=State.NOT_CREATED, decided_by="U0OMAR001"),
    "not created, by nobody known": replace(OPERATION, state=State.NOT_CREATED),
    "in a direct message": replace(OPERATION, channel="D0ASHA0010"),
    **{
        state.value: replace(OPERATION, state=state)
        for state in (State.DRAFT, State.AWAITING_APPROVAL, State.DENIED, State.EXPIRED, State.WITHDRAWN)
    },
    "awaiting, in full": AWAITING,
    "awaiting, hostile": replace(
        AWAITING, note=REASON, account=WORDS, namesakes=frozenset(f"{n} {WORDS}" for n in range(9))
    ),
    "awaiting, right to left": replace(AWAITING, note=HOSTILE_NAMES["right to left"] * 4),
    "awaiting, in a direct message": replace(AWAITING, channel="D0ASHA0010"),
    "denied, in full": DENIED,
    "denied, hostile": replace(DENIED, note=REASON, denial=REASON),
    "expired, in full": replace(AWAITING, state=State.EXPIRED),
    "withdrawn, in full": replace(AWAITING, state=State.WITHDRAWN),
    "approved, accepted": replace(OPERATION, approved_by="U0OMAR001", note="Launch"),
    "approved, created": replace(_created(TRUNK), approved_by="U0OMAR001", note="Launch"),
    "approved, rejected": replace(_rejected(REFUSAL), approved_by="U0OMAR001"),
    "approved, not sent": replace(OPERATION, state=State.NOT_SENT, approved_by="U0OMAR001"),
    "approved, unknown": replace(_unknown(None), approved_by="U0OMAR001"),
    "approved, asking": replace(
        _unknown(Look(finished=True, reachable=True)), approved_by="U0OMAR001", note=REASON
    ),
    "approved, not created": replace(
        OPERATION, state=State.NOT_CREATED, decided_by="U0BEN0001", approved_by="U0OMAR001"
    ),
    "break glass, accepted": replace(OPERATION, break_glass=True, note="The other side is down"),
    "break glass, created": replace(_created(TRUNK), break_glass=True, note="The other side is down"),
    "break glass, hostile": replace(_created(HOSTILE_TRUNK), break_glass=True, note=REASON),
    "break glass, unknown": replace(_unknown(None), break_glass=True, note=REASON),
}


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
