"""Comparing an operation's rows with what its events say, in words: what somebody changed by hand. Pure."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from bot.audit.writing import written
from bot.commands.history_query import folded
from bot.domain.operation import Choice, State
from bot.domain.records import Event
from bot.domain.reference import is_operation_id, reference
from bot.store.inspection import Owner, Rows, ids_in, read_object
from bot.store.moves import claim_keys
from bot.store.rows_digest import APPROVAL, OPERATION, STEP, digest_of_rows

Row = Mapping[str, object]
Makes = Callable[[str, str], str | None]

_ASKED: Final = frozenset({"kind", "reason", "expires", "break_glass"})  # beside the request's own fields
_FIRST: Final = frozenset({State.ACCEPTED, State.AWAITING_APPROVAL})
_DECIDED: Final = frozenset({"approved", State.DENIED, State.WITHDRAWN})
_UNSPELLED: Final = (
    "it differs in what no event spells out: its subject, account, team or channel, what the person saw, "
    "an answer of Vobiz, what was seen of the trunk, or a time"
)


def as_left(rows: Rows) -> bool:
    """Whether an operation's rows are as its last event left them."""
    version = (rows.left or "").partition(":")[0]
    return rows.left == digest_of_rows(rows.operation, rows.steps, rows.approval, version)


def differences(rows: Rows, events: Sequence[Event]) -> tuple[str, ...]:
    """Say what differs between the rows of an operation and its events, each as the end of a sentence."""
    if not events or rows.left is None:
        return ("no event tells of it: the row was added, or its events were removed",)
    first = next((event for event in events if event.kind in _FIRST), events[0])
    op = dict(zip(OPERATION, rows.operation, strict=True))
    steps = [dict(zip(STEP, step, strict=True)) for step in rows.steps]
    approval = None if rows.approval is None else dict(zip(APPROVAL, rows.approval, strict=True))
    found = (
        *_confirmed(op, first),
        *_moved(op, steps, events),
        *_approved(approval, first, events),
    )
    return found or (_UNSPELLED,)


def named(operation: str) -> str:
    """Return an operation's reference; an id that is none is quoted."""
    return reference(operation) if is_operation_id(operation) else repr(operation)


def misowned(owner: Owner, makes: Makes, late: frozenset[str]) -> Iterator[str]:
    """Say which records at Vobiz are said to be an operation's and are not, or are and are not said to be.

    `makes` tells what type of record a step makes, by the names of the kind and of the step; `late` are the
    ids that late answers named: those are its own too.
    """
    due: dict[str, str] = {}
    for name, finished, thing in owner.steps:
        type_ = makes(owner.kind, name)
        if finished and type_ is not None:
            due |= dict.fromkeys(ids_in([thing]) - due.keys(), type_)
    others = (late | ids_in(thing for _, _, thing in owner.steps)) - due.keys()
    for account, type_, id_ in sorted(owner.held):
        if id_ not in due and id_ not in others:
            yield f"{id_} at Vobiz is said to be its own, and no step made it"
        elif account != owner.account:
            yield _differs(f"the account of {id_} at Vobiz", account, owner.account)
        elif due.get(id_, type_) != type_:
            yield _differs(f"what {id_} at Vobiz is", type_, due[id_])
    for id_ in sorted(due.keys() - {id_ for *_, id_ in owner.held}):
        yield f"{id_} at Vobiz is its own, and the table of those does not have it: another could take it"


def misheld(stored: str, held: frozenset[str], *, flies: bool) -> str | None:
    """Say what is wrong with the claims that an operation holds; None when nothing is."""
    if not flies:
        return "has ended, and holds claims: others are refused for it" if held else None
    if held != set(claim_keys(_list(stored))):
        return "is in flight, and does not hold just what it claims: another one may do the same"
    return None


def _confirmed(op: Row, first: Event) -> Iterator[str]:
    if op["requester"] != first.actor:
        yield _differs("the requester", op["requester"], first.actor)
    request = read_object(op["request"])
    if "kind" not in request and op["kind"] != first.evidence.get("kind"):
        yield _differs("the kind", op["kind"], first.evidence.get("kind"))
    confirmed = {name: value for name, value in first.evidence.items() if name not in _ASKED - set(request)}
    for name in sorted({*request, *confirmed} - ({"kind"} - set(request))):
        if request.get(name) != confirmed.get(name):
            yield _differs(f"“{name}” of the request", request.get(name), confirmed.get(name))
    if op["ref"] != named(str(op["id"])):
        yield _differs("the reference", op["ref"], named(str(op["id"])))
    if op["folded"] != folded(str(op["subject"])):
        yield f"the subject {op['subject']!r} is not what searches find it by, {op['folded']!r}"


def _moved(op: Row, steps: Sequence[Row], events: Sequence[Event]) -> Iterator[str]:
    state = next((event.state for event in reversed(events) if event.state is not None), None)
    if op["state"] != state:
        yield _differs("the state", op["state"], state)
    own = ids_in(step["thing"] for step in steps)
    told = {
        str(event.evidence["id"]).casefold()
        for event in events
        if event.kind in {"done", Choice.PICK} and event.evidence.get("id") is not None
    }
    if own != told:
        yield _differs("what it made at Vobiz", ", ".join(sorted(own)), ", ".join(sorted(told)))
    deciders = {step["decided_by"] for step in steps} - {None}
    chose = {event.actor for event in events if event.kind in set(Choice)}
    if not deciders <= chose:
        yield _differs("who decided", ", ".join(sorted(map(str, deciders))), ", ".join(sorted(chose)))


def _approved(approval: Row | None, first: Event, events: Sequence[Event]) -> Iterator[str]:
    asks = first.kind == State.AWAITING_APPROVAL
    alone = "break_glass" in first.evidence
    if approval is None:
        if asks or alone:
            yield "its approval is gone"
        return
    if not asks and not alone:
        yield "it has an approval, and none was asked for"
        return
    if bool(approval["break_glass"]) != alone:
        yield _differs("whether approval was skipped", bool(approval["break_glass"]), alone)
    why = first.evidence.get("break_glass" if alone else "reason")
    if approval["note"] != why:
        yield _differs("the reason", approval["note"], why)
    if asks and _until(approval["expires_at"]) != first.evidence.get("expires"):
        yield _differs("until when", _until(approval["expires_at"]), first.evidence.get("expires"))
    last = next((event for event in reversed(events) if event.kind in _DECIDED), None)
    decider = None if last is None else last.actor
    if approval["decided_by"] != decider:
        yield _differs("who decided about the approval", approval["decided_by"], decider)
    denial = None if last is None else last.evidence.get("reason")
    if approval["denial"] != denial:
        yield _differs("why it was denied", approval["denial"], denial)


def _differs(what: str, row: object, event: object) -> str:
    return f"{what}: the row says {_quoted(row)}, the events {_quoted(event)}"


def _quoted(value: object) -> str:
    return "nothing" if value is None or value == "" else str(value)


def _until(time: object) -> str | None:
    return written(time, "seconds") if isinstance(time, int) else None


def _list(text: str) -> list[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return [str(one) for one in value] if isinstance(value, list) else []
