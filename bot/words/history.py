"""What `/trunk history` shows: a page of requests with its buttons, and one request's story."""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

from bot.blockkit.blocks import Block, wording
from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Item, Report, Table, Tone
from bot.blockkit.text import Code, Line, Person, Piece, Place, Said, When
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
        "awaiting_approval": "requested approval",
        "accepted": "confirmed it",
        "approved": "approved it",
        "comparing": "compared it with the account",
        "sending": "started to send it to Vobiz",
        "rejected": "Vobiz refused it",
        "not_sent": "could not send it",
        "changed": "did not send it: the account had changed",
        "unknown": "Vobiz did not confirm it",
        "denied": "denied it",
        "expired": "the request expired",
        "withdrawn": "withdrew it",
        "refused": "was refused",
        "check_again": "chose Check again",
        "send_again": "chose Send again",
        "give_up": "chose Give up",
        "pick": "chose This one",
        "looked": "checked the account",
        "stated": "read the rest of the result",
        "not_stated": "could not read the rest of the result",
        "examined": "checked whether the trunk is ready",
        "called": "saw the first call",
        "late_twin": "found something that turned up later",
        "late_answer": "received Vobiz's answer late",
        "delivery": "posted a message",
        "undelivered": "could not post a message",
        "reminded": "reminded the operators",
        "password_shown": "was shown the password",
        "password_not_shown": "Slack did not confirm that the password was shown",
    }
)
_NAMES: Final = MappingProxyType({"tagged": "sent with a description", "route": "how"})
# How a message was brought to people, by what the record calls it.
_ROUTES: Final = MappingProxyType(
    {
        "update": "updated the earlier message",
        "approval_update": "updated the approval message",
        "channel": "in the channel",
        "thread": "in the thread",
        "ephemeral": "to the requester alone",
        "direct_message": "by direct message",
        "response_url": "through the command",
    }
)
_STATES: Final = frozenset(Standing)


def page_message(search: Search, page: Page, decision: Decision, kinds: Kinds) -> Message:
    """Show a page of requests. A person who may not see all of them is told that, and why."""
    body: list[Line] = list(_own_only(decision))
    if not page.operations:
        body.append(
            (f"No matches. Search by name, @person, reference or state: {_TO_TYPE}.",),
        )
    items = tuple(Item(_entry(op, kinds.words(op))) for op in page.operations)
    rows = tuple(_row(op, kinds.words(op)) for op in page.operations)
    table = Table(_CAPTION, _HEADER, rows) if rows else None
    told = lay_out(
        Report(Tone.INFO, _looked_for(search, decision, kinds), tuple(body), items=items, table=table)
    )
    row = [_button(OLDER, "Older", search, "older", page.operations[-1])] if page.older else []
    if page.newer and page.operations:
        row.append(_button(NEWER, "Newer", search, "newer", page.operations[0]))
    if not row:
        return told
    turn: Block = {"type": "actions", "block_id": "pages", "elements": row}
    return Message(told.text, (*told.blocks, turn), (*told.simpler, turn) if told.simpler else ())


def story_message(op: Operation, words: Words, story: Story) -> Message:
    """Tell what happened to one request, in order."""
    is_now = Code(words.standing(op.standing))
    body: list[Line] = [(*named(op, words, _NAME_SHOWN), ". State: ", is_now, ".")]
    if words.remark:
        body.append(words.remark)
    if story.more:
        body.append(
            (
                f"These are the first {len(story.events)} events; ",
                Code("python -m bot audit export"),
                f" has the other {story.more} as well.",
            )
        )
    items = tuple(Item(_event(event, words)) for event in story.events)
    return lay_out(Report(Tone.INFO, ("What happened",), tuple(body), facts=who(op), items=items))


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
            ("Only your own requests are shown: I could not verify whether you may see all.",),
            ("Slack did not tell me who is in the user group ", *groups, "."),
        )
    return (("Only your own requests are shown: operators see all.",),)


def _looked_for(search: Search, decision: Decision, kinds: Kinds) -> Line:
    match search:
        case Everything():
            return (f"{'All' if isinstance(decision, Allowed) else 'Your'} requests, newest first",)
        case ByName(text):
            return ("Requests matching “", Said(text, _NAME_SHOWN), "”, newest first")
        case ByPerson(user):
            # No mention: Slack refuses a message that names somebody who does not exist.
            return ("Requests by ", Code(user or ""), ", newest first")
        case ByState(standing, name):
            return (f"Requests in state {_searched(standing, name, kinds)}, newest first",)


def _state(standing: Standing) -> Code:
    """Name a standing as `history` takes it, of whatever kind."""
    if standing in {Standing.DONE, Standing.NOT_DONE}:
        return Code(standing.value.replace("_", " "))
    return Code(_ANY.standing(standing))


def _searched(standing: Standing, name: str | None, kinds: Kinds) -> str:
    """Name a standing in the words of one kind, or of each: “created”."""
    kind = None if name is None else kinds.of(name)
    named = (one.words.standing(standing) for one in (kinds if kind is None else (kind,)))
    return " or ".join(dict.fromkeys(named))


def _entry(op: Operation, words: Words) -> Line:
    thing = main_step(op).thing
    made: Line = () if thing is None else (" · ", Code(thing.id))
    return (
        "“",
        Said(op.subject, _NAME_SHOWN),
        f"” · {words.standing(op.standing)} · {_request(op, words)} · ",
        Person(op.requester),
        " · ",
        When(op.created_at),
        " · ",
        Code(op.ref),
        *made,
    )


def _row(op: Operation, words: Words) -> tuple[Line, ...]:
    thing = main_step(op).thing
    return (
        (Said(op.subject, _NAME_SHOWN),),
        (words.standing(op.standing),),
        (Code(op.ref),),
        (_request(op, words),),
        (Person(op.requester),),
        (When(op.created_at),),
        () if thing is None else (Code(thing.id),),
    )


def _request(op: Operation, words: Words) -> str:
    brief = words.brief(op.request)
    return f"{words.verb} {words.noun}{f': {brief}' if brief else ''}"


_CAPTION: Final = "Requests, newest first"
_HEADER: Final = ("Name", "State", "Reference", "Request", "Requested by", "When", "ID")
_ANY: Final = Words()
_SEARCHED: Final = (
    *(Standing.REJECTED, Standing.NOT_SENT, Standing.UNKNOWN, Standing.AWAITING_APPROVAL),
    *(Standing.DENIED, Standing.EXPIRED, Standing.WITHDRAWN),
)
# States that `history` takes, of whatever kind; the words of the messages are taken as well.
_TO_TYPE: Final = ", ".join(("done", "not done", *(_ANY.standing(one) for one in _SEARCHED)))


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
    return (When(event.at), " ", actor, ": ", kind, *_evidence(event.evidence))


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
        case str() if name == "route" and value in _ROUTES:
            return _ROUTES[value]
        case str() if value in _STATES:
            return _state(Standing(value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Code(text) if _WORD.fullmatch(text) else Said(text, 120)


def _button(
    action: str, label: str, search: Search, way: Literal["older", "newer"], beside: Operation
) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": wording(label),
        "value": dump_turn(search, way, beside),
    }
