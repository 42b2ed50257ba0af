"""What `/trunk history` shows: a page of requests with its buttons, and one request's story."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Literal

from bot.blockkit.blocks import Block, wording
from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Item, Report, Tone
from bot.blockkit.text import Code, Line, Person, Piece, Place, Said
from bot.commands.history_query import ByName, ByPerson, ByState, Everything, Search, dump_turn
from bot.domain.operation import Operation, State
from bot.domain.policy import Allowed, Decision, Undetermined
from bot.domain.records import Event
from bot.store.search import Page, Story
from bot.words.phrases import who

OLDER: Final = "history.older"
NEWER: Final = "history.newer"
PERSON: Final = "history.person"

_NAME_SHOWN: Final = 80
_WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_CHANNEL: Final = re.compile(r"[CGD][A-Z0-9]{2,30}")
_KINDS: Final = MappingProxyType(
    {
        "awaiting_approval": "asked for approval",
        "accepted": "confirmed it",
        "approved": "approved it",
        "sending": "began to send it to Vobiz",
        "created": "trunk created",
        "rejected": "Vobiz refused it",
        "not_sent": "it could not be sent",
        "unknown": "Vobiz did not confirm it",
        "not_created": "recorded as not created",
        "denied": "denied it",
        "expired": "the request expired",
        "withdrawn": "withdrew it",
        "refused": "was refused",
        "check_again": "asked to look again",
        "send_again": "asked to send it again",
        "looked": "looked in the account",
        "taken_up": "took up a decision",
        "late_twin": "found a trunk that turned up later",
        "delivery": "told people",
        "undelivered": "could not tell people",
        "late_answer": "heard from Vobiz after another process had taken over",
        "reminded": "reminded the operators",
        "not_reminded": "could not remind the operators",
        "announced": "told the operators of the break glass",
    }
)
_NAMES: Final = MappingProxyType({"tagged": "with a description"})
_STATES: Final = frozenset(State)


def page_message(search: Search, page: Page, decision: Decision) -> Message:
    """Show a page of requests. Whoever may not see all of them is told that, and why."""
    body: list[Line] = [_looked_for(search, decision), *_own_only(decision)]
    if not page.operations:
        body.append(("Nothing was found.",))
    items = tuple(Item(_entry(operation)) for operation in page.operations)
    told = lay_out(Report(Tone.INFO, "Requests, newest first", tuple(body), items=items))
    row = [_button(OLDER, "Older", search, "older", page.operations[-1])] if page.older else []
    if page.newer and page.operations:
        row.append(_button(NEWER, "Newer", search, "newer", page.operations[0]))
    if not row:
        return told
    return Message(told.text, (*told.blocks, {"type": "actions", "block_id": "pages", "elements": row}))


def story_message(op: Operation, story: Story) -> Message:
    """Tell what happened to one request, in order."""
    request = op.request
    asked: Line = (
        Said(request.name, _NAME_SHOWN),
        f", {request.direction.value}, {request.calls} concurrent calls. It is ",
        _state(op.state),
        " now.",
    )
    body: list[Line] = [asked]
    if story.more:
        body.append(
            (
                f"The first {len(story.events)} events; {story.more} more are in the record (",
                Code("python -m bot audit export"),
                " has all).",
            )
        )
    items = tuple(Item(_event(event)) for event in story.events)
    return lay_out(Report(Tone.INFO, "What happened", tuple(body), facts=who(op), items=items))


def choose_person() -> Block:
    """Let a person choose whose requests to see: Slack offers who is there, and tells the bot the id."""
    select = {"type": "users_select", "action_id": PERSON, "placeholder": wording("Choose a person")}
    return {"type": "actions", "block_id": "person", "elements": [select]}


def not_yours_message(ref: str, decision: Decision) -> Message:
    """Say that this is someone else's request."""
    body: tuple[Line, ...] = (("The request ", Code(ref), " is someone else's."), *_own_only(decision))
    return lay_out(Report(Tone.ERROR, body=body))


def _own_only(decision: Decision) -> tuple[Line, ...]:
    if isinstance(decision, Allowed):
        return ()
    if isinstance(decision, Undetermined):
        groups: list[Piece] = [piece for group in sorted(decision.groups)[:5] for piece in (Code(group), " ")]
        return (
            ("Only your own requests are shown: it could not be verified whether you may see all.",),
            ("Slack did not say who is in the user group ", *groups, "(setting ", _OPERATORS, ")."),
        )
    return (("Only your own requests are shown: those named in ", _OPERATORS, " see all."),)


_OPERATORS: Final = Code("TRUNK_OPERATORS")


def _looked_for(search: Search, decision: Decision) -> Line:
    match search:
        case Everything():
            return ("All requests." if isinstance(decision, Allowed) else "Your requests.",)
        case ByName(text):
            return ("Requests whose name holds “", Said(text, _NAME_SHOWN), "”.")
        case ByPerson(user):
            # No mention: Slack refuses a message that names somebody who does not exist.
            return ("Requests of ", Code(user or ""), ".")
        case ByState(state):
            return ("Requests that are ", _state(state), " now.")


def _state(state: State) -> Code:
    """Name a state as `history` takes it."""
    return Code(state.value.replace("_", " "))


def _entry(op: Operation) -> Line:
    request = op.request
    created: Line = () if op.trunk is None else (", trunk ", Code(op.trunk.id))
    return (
        Code(op.ref),
        " ",
        _state(op.state),
        " ",
        Said(request.name, _NAME_SHOWN),
        f", {request.direction.value}, {request.calls}, for ",
        Person(op.requester),
        f", {_time(op.created_at)}",
        *created,
    )


def _event(event: Event) -> Line:
    failed = event.kind == "delivery" and event.evidence.get("error") is not None
    # Both are the same transition; what was approved is bound by its digest.
    approved = event.kind == State.ACCEPTED and "digest" in event.evidence
    name = "undelivered" if failed else "approved" if approved else event.kind
    kind: Piece = _KINDS.get(name) or Code(name)
    actor: Piece = Person(event.actor) if event.actor[:1] in {"U", "W"} else Said(event.actor, 40)
    return (f"{_time(event.at)} ", actor, ": ", kind, *_evidence(event.evidence))


def _evidence(evidence: Mapping[str, object]) -> Iterator[Piece]:
    """Write what decided; who said a text is not known here, so all of it is treated as another's."""
    for name, value in evidence.items():
        if value is None or value == []:
            continue
        yield "; "
        yield Said(f"{_NAMES.get(name, name.replace('_', ' '))}: ", 40)
        yield _value(name, value)


def _value(name: str, value: object) -> Piece:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return Said(", ".join(map(str, value)), 120)
        case str() if name == "channel" and _CHANNEL.fullmatch(value):
            return Place(value)
        case str() if value in _STATES:
            return _state(State(value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Code(text) if _WORD.fullmatch(text) else Said(text, 120)


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _button(
    action: str, label: str, search: Search, way: Literal["older", "newer"], beside: Operation
) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": wording(label),
        "value": dump_turn(search, way, beside),
    }
