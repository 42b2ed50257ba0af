"""Ledger rows to typed values and back: the JSON columns have one reader and one writer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.operation import Choice, Direction, Found, Look, Operation, State, TrunkRequest
from bot.domain.resources import Refusal, Trunk


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the look at modal time showed: ids that cannot be this operation's, and Vobiz's clock.

    `known` are the ids of trunks that were there before; `ahead` is Vobiz's clock minus ours in
    milliseconds, or None when Vobiz sent no `Date`.
    """

    known: frozenset[str] = frozenset()
    ahead: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A message of ours in Slack, as chat.update needs it."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request for approval stores: why, and until when (milliseconds)."""

    note: str | None
    expires_at: int


@dataclass(frozen=True, slots=True)
class NewOperation:
    """What is stored when a person confirms.

    With `asking` it waits for an approval; `break_glass` is the reason for going without one.
    """

    id: str
    request: TrunkRequest
    account: str
    team: str
    channel: str
    requester: str
    view_id: str | None = None
    reply: str | None = None
    baseline: Baseline = Baseline()
    asking: Asking | None = None
    break_glass: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One operation with what the machinery needs around it. `sent_at` is in milliseconds.

    `decision` is one of a person that waits to be carried out. `told` says whether people know how it stands
    now, `moved_by` which process wrote the last transition. `reminded` says that approvers were reminded of
    a request, or told of a break-glass. `approval` is the message that asked them, or told them.
    """

    operation: Operation
    baseline: Baseline
    decision: Choice | None = None
    told: bool = False
    moved_by: str = ""
    sent_at: int | None = None
    view_id: str | None = None
    reply: str | None = None
    post: Post | None = None
    digest: str | None = None
    approval: Post | None = None
    reminded: bool = False

    @property
    def round(self) -> int:
        """How often a person has decided about it: names the workflow that carries the decision out."""
        return self.operation.round

    @property
    def asked_in(self) -> str | None:
        """The channel where an approval was asked; None when nobody was, or in person."""
        if self.approval is None or self.operation.break_glass or self.approval.channel[:1] == "D":
            return None
        return self.approval.channel


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an operation's history. `at` is in milliseconds; `state` is set by transitions."""

    at: int
    actor: str
    kind: str
    state: State | None
    evidence: Mapping[str, object]


def dump_baseline(baseline: Baseline) -> str:
    """Write a baseline for its column."""
    return json.dumps({"known": sorted(baseline.known), "ahead": baseline.ahead})


def dump_look(look: Look) -> str:
    """Write a look for its column."""
    candidates = [trunk.model_dump(mode="json") for trunk in look.candidates]
    stored: dict[str, object] = {"finished": look.finished, "reachable": look.reachable}
    return json.dumps(stored | {"candidates": candidates, "elsewhere": look.elsewhere})


def read_record(row: Mapping[str, object]) -> Record:
    """Read a row of `operations`."""
    look, trunk, refusal = _text(row, "look"), _text(row, "trunk"), _text(row, "refusal")
    found, before, decision = _text(row, "found"), _text(row, "baseline"), _text(row, "decision")
    baseline = _read_baseline(before) if before else Baseline()
    operation = Operation(
        id=str(row["id"]),
        state=State(str(row["state"])),
        request=TrunkRequest(str(row["name"]), Direction(str(row["direction"])), _number(row, "calls")),
        account=str(row["account"]),
        team=str(row["team"]),
        channel=str(row["channel"]),
        requester=str(row["requester"]),
        created_at=_number(row, "created_at"),
        updated_at=_number(row, "updated_at"),
        trunk=Trunk.model_validate_json(trunk) if trunk else None,
        found=Found(found) if found else None,
        refusal=Refusal.model_validate_json(refusal) if refusal else None,
        reason=_text(row, "reason"),
        look=_read_look(look) if look else None,
        decided_by=_text(row, "decided_by"),
        note=_text(row, "note"),
        denial=_text(row, "denial"),
        expires_at=_number(row, "expires_at") if row["expires_at"] is not None else None,
        approved_by=_text(row, "approved_by"),
        break_glass=bool(row["break_glass"]),
        namesakes=baseline.known,
        round=_number(row, "round"),
    )
    return Record(
        operation=operation,
        baseline=baseline,
        decision=Choice(decision) if decision else None,
        told=bool(row["told"]),
        moved_by=str(row["moved_by"]),
        sent_at=_number(row, "sent_at") if row["sent_at"] is not None else None,
        view_id=_text(row, "view_id"),
        reply=_text(row, "reply"),
        post=_post(row, "post"),
        digest=_text(row, "digest"),
        approval=_post(row, "approval"),
        reminded=bool(row["reminded"]),
    )


def read_event(row: Mapping[str, object]) -> Event:
    """Read a row of `events`."""
    state = _text(row, "state")
    evidence: dict[str, object] = json.loads(str(row["evidence"]))
    return Event(
        _number(row, "at"), str(row["actor"]), str(row["kind"]), State(state) if state else None, evidence
    )


def _post(row: Mapping[str, object], which: str) -> Post | None:
    channel, ts = row[f"{which}_channel"], row[f"{which}_ts"]
    return Post(str(channel), str(ts)) if ts else None


def _text(row: Mapping[str, object], column: str) -> str | None:
    value = row[column]
    return str(value) if value is not None else None


def _number(row: Mapping[str, object], column: str) -> int:
    value = row[column]
    if not isinstance(value, int):
        raise TypeError(column)
    return value


def _read_look(text: str) -> Look:
    data = json.loads(text)
    candidates = tuple(Trunk.model_validate(trunk) for trunk in data["candidates"])
    return Look(data["finished"], data["reachable"], candidates, data.get("elsewhere"))


def _read_baseline(text: str) -> Baseline:
    data = json.loads(text)
    return Baseline(frozenset(data["known"]), data["ahead"])
