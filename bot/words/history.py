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
from bot.domain.history import Page, Story
from bot.domain.operation import Operation, Standing
from bot.domain.policy import Allowed, Decision, Undetermined
from bot.domain.records import Event
from bot.kinds.registry import Kinds
from bot.kinds.wording import Words
from bot.words.phrases import main_step, named, who

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
        "comparing": "compared it with what is there now",
        "sending": "began to send it to Vobiz",
        "rejected": "Vobiz refused it",
        "not_sent": "it could not be sent",
        "changed": "it was not sent: the account had changed",
        "unknown": "Vobiz did not confirm it",
        "denied": "denied it",
        "expired": "the request expired",
        "withdrawn": "withdrew it",
        "refused": "was refused",
        "check_again": "asked to look again",
        "send_again": "asked to send it again",
        "give_up": "gave up on it",
        "pick": "said that this is the result",
        "looked": "looked in the account",
        "stated": "heard more of the result from Vobiz",
        "not_stated": "did not hear all of the result from Vobiz",
        "late_twin": "found something that turned up later",
        "late_answer": "heard from Vobiz after it had moved on",
        "delivery": "told people",
        "undelivered": "could not tell people",
        "reminded": "reminded the operators",
    }
)
_NAMES: Final = MappingProxyType({"tagged": "with a description"})
_STATES: Final = frozenset(Standing)


def page_message(search: Search, page: Page, decision: Decision, kinds: Kinds) -> Message:
    """Show a page of requests. Whoever may not see all of them is told that, and why."""
    body: list[Line] = [_looked_for(search, decision), *_own_only(decision)]
    if not page.operations:
        body.append(("Nothing was found.",))
    items = tuple(Item(_entry(op, kinds.words(op))) for op in page.operations)
    told = lay_out(Report(Tone.INFO, "Requests, newest first", tuple(body), items=items))
    row = [_button(OLDER, "Older", search, "older", page.operations[-1])] if page.older else []
    if page.newer and page.operations:
        row.append(_button(NEWER, "Newer", search, "newer", page.operations[0]))
    if not row:
        return told
    return Message(told.text, (*told.blocks, {"type": "actions", "block_id": "pages", "elements": row}))


def story_message(op: Operation, words: Words, story: Story) -> Message:
    """Tell what happened to one request, in order."""
    is_now = Code(words.standing(op.standing))
    body: list[Line] = [(*named(op, words, _NAME_SHOWN), ". It is ", is_now, " now.")]
    if words.remark:
        body.append(words.remark)
    if story.more:
        body.append(
            (
                f"The first {len(story.events)} events; {story.more} more are in the record (",
                Code("python -m bot audit export"),
                " has all).",
            )
        )
    items = tuple(Item(_event(event, words)) for event in story.events)
    return lay_out(Report(Tone.INFO, "What happened", tuple(body), facts=who(op, words), items=items))


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
        case ByState(standing):
            return ("Requests that are ", _state(standing), " now.")


def _state(standing: Standing) -> Code:
    """Name a standing as `history` takes it, of whatever kind."""
    return Code(standing.value.replace("_", " "))


def _entry(op: Operation, words: Words) -> Line:
    thing = main_step(op).thing
    made: Line = () if thing is None else (f", {words.record} ", Code(thing.id))
    return (
        Code(op.ref),
        " ",
        Code(words.standing(op.standing)),
        " ",
        *named(op, words, _NAME_SHOWN),
        ", for ",
        Person(op.requester),
        f", {_time(op.created_at)}",
        *made,
    )


def _event(event: Event, words: Words) -> Line:
    failed = event.kind == "delivery" and event.evidence.get("error") is not None
    # A step that was not the last is told as done, whatever the operation came to.
    done = f"{words.noun} {words.done}" if event.state == Standing.DONE else "done"
    kind: Piece
    if event.kind == Standing.DONE:
        kind = done
    else:
        kind = _KINDS.get("undelivered" if failed else event.kind) or Code(event.kind)
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
            return _state(Standing(value))
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
