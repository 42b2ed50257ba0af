"""Builds the Home tab: what needs a person, their own requests, what was done last.

At most 100 blocks whatever comes in (docs.slack.dev/surfaces/app-home): each list is cut, and says so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.blockkit.blocks import Block, actions, bullets, data_table, paragraph, wording
from bot.blockkit.report import Act, Button, Table
from bot.blockkit.text import Code, Line, Link, Person, Piece, Said, When
from bot.domain.history import Overview
from bot.domain.operation import Choice, Operation, State
from bot.domain.policy import Allowed, Decision, NeedsApproval, Unverified
from bot.domain.records import Post
from bot.kinds.registry import Kinds
from bot.words.approval_message import decision_buttons as approval_buttons
from bot.words.approval_status import denial, needed, withdraw_button
from bot.words.phrases import REASON_MAX, ending, main_step, named, result_place
from bot.words.question import decision_buttons
from bot.words.refusal import refusal

SHOWN: Final = 10  # of each list; with buttons two blocks each
_NAME_SHOWN: Final = 80  # characters
_HEADER: Final = ("Name", "Change", "ID", "Requested by", "When", "Reference")
_STARTS: Final = 24  # buttons; Slack takes 25 in a row, and the list has one


@dataclass(frozen=True, slots=True)
class Manner:
    """How a Home tab is written. `command` is the slash command; `link` makes the link to a message.

    `tables` says that Slack takes tables there.
    """

    command: str = "/trunk"
    link: Callable[[Post], str | None] = lambda _: None
    tables: bool = True


def home_view(
    person: str,
    seen: Overview,
    *,
    decision: Decision | Unverified,
    kinds: Kinds,
    manner: Manner,
) -> Block:
    """Build the Home tab of a person, of what they may see.

    `decision` is the policy's about the person in no channel. A person whose workspace is not known is shown
    what they requested, and nothing else.
    """
    lists = _Lists(person, kinds, manner, seen.places)
    mine = tuple(op for op in seen.mine if op.id not in {one.id for one in seen.unknown[:SHOWN]})
    approves = isinstance(decision, Allowed)
    blocks = [
        *lists.unknown(seen.unknown, approves=approves),
        *_start(decision, kinds, manner.command),
        *(lists.waiting(seen.waiting) if approves else ()),
        *lists.mine(mine, others=len(mine) < len(seen.mine)),
        *lists.ended(seen.ended),
        *(() if isinstance(decision, Unverified) else lists.last(seen.last, decision)),
    ]
    return {"type": "home", "blocks": blocks}


def _start(decision: Decision | Unverified, kinds: Kinds, command: str) -> Iterator[Block]:
    if isinstance(decision, Allowed | NeedsApproval):
        starts = [kind for kind in kinds if kind.words.start][:_STARTS]
        row = [
            Button(f"home.{kind.verb}", kind.words.start, kind.verb, primary=kind is starts[0])
            for kind in starts
        ]
        yield actions("home", [*row, Button(Act.LIST, "List trunks", "list")])
    elif isinstance(decision, Unverified):
        why = "Slack does not say here which workspace you belong to. Press the button to check your access."
        yield paragraph(((why,),))
        yield actions("home", [Button(Act.SHOW, "Check my access", "show", primary=True)])
    else:
        yield paragraph(refusal(decision, command, tried=False))


class _Lists:
    """The lists of one person's Home tab."""

    def __init__(self, person: str, kinds: Kinds, manner: Manner, places: Mapping[str, Post]) -> None:
        self._person = person
        self._words = kinds.words
        self._manner = manner
        self._places = places

    def unknown(self, ops: tuple[Operation, ...], *, approves: bool) -> Iterator[Block]:
        if not ops:
            return
        yield _header("Vobiz did not confirm these: do not request them again")
        for number, op in enumerate(ops[:SHOWN]):
            yield paragraph((self._named(op), self._next(op)))
            # What was found is listed in the message alone.
            if approves and op.asking and Choice.PICK not in op.choices:
                yield actions(f"unknown.{number}", decision_buttons(op, self._words(op)))
        yield from self._more(ops)

    def _next(self, op: Operation) -> Line:
        where = self._message(op)
        if not op.asking:
            return (*self._ending(op), *((" ", *where, ".") if where else ()))
        status = f"{self._manner.command} status {op.ref}"
        buttons: Line = ("the buttons on ", *where, " or under ") if where else ("the buttons under ",)
        return ("Decision needed: an operator can use ", *buttons, Code(status), ".")

    def _message(self, op: Operation) -> Line:
        place = self._places.get(op.id)
        url = None if place is None else self._manner.link(place)
        return () if url is None else (Link(url, "its message"),)

    def waiting(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        yield _header("Waiting for my approval")
        if not ops:
            yield paragraph((("Nothing is waiting for your approval.",),))
        for number, op in enumerate(ops[:SHOWN]):
            words = self._words(op)
            warnings = words.warnings(op.request, op.seen)
            yield paragraph((self._named(op), *_asked(op), *warnings, *_until(op)))
            yield actions(f"waiting.{number}", approval_buttons(op, words, op.bound))
        yield from self._more(ops)

    def mine(self, ops: tuple[Operation, ...], *, others: bool) -> Iterator[Block]:
        yield _header("My requests")
        if not ops:
            yield paragraph(((f"You have no {'other ' if others else ''}open requests.",),))
        for number, op in enumerate(ops[:SHOWN]):
            yield paragraph((self._named(op), self._ending(op), *_until(op)))
            if op.state is State.AWAITING_APPROVAL:
                yield actions(f"mine.{number}", [withdraw_button(op)])
        yield from self._more(ops)

    def ended(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        if not ops:
            return
        yield _header("My recently closed requests")
        for op in ops[:SHOWN]:
            yield paragraph((self._named(op), self._ending(op), *denial(op)))
        yield from self._more(ops)

    def last(self, ops: tuple[Operation, ...], decision: Decision) -> Iterator[Block]:
        yield _header("Last changes")
        if not ops:
            # Operators see everybody's: of others it is not said that nothing was done.
            all_of_them = isinstance(decision, Allowed)
            none = "No changes yet." if all_of_them else "None of your requests has been carried out yet."
            yield paragraph(((none,),))
            return
        if self._manner.tables:
            yield data_table(Table("Last changes", _HEADER, tuple(self._row(op) for op in ops[:SHOWN])))
        else:
            yield bullets(self._done(op) for op in ops[:SHOWN])
        yield from self._more(ops)

    def _row(self, op: Operation) -> tuple[Line, ...]:
        thing = main_step(op).thing
        return (
            (Said(op.subject, _NAME_SHOWN),),
            (self._did(op),),
            () if thing is None else (Code(thing.id),),
            (self._by(op),),
            (When(op.updated_at),),
            (Code(op.ref),),
        )

    def _done(self, op: Operation) -> Line:
        thing = main_step(op).thing
        record: Line = () if thing is None else (" · ", Code(thing.id))
        name: Line = ("“", Said(op.subject, _NAME_SHOWN), f"” · {self._did(op)}")
        return (*name, *record, " · ", self._by(op), " · ", When(op.updated_at), " · ", Code(op.ref))

    def _did(self, op: Operation) -> str:
        words = self._words(op)
        brief = words.brief(op.request)
        return f"{words.finished}{f': {brief}' if brief else ''}"

    def _by(self, op: Operation) -> Piece:
        return "you" if op.requester == self._person else Person(op.requester)

    def _named(self, op: Operation) -> Line:
        return (*named(op, self._words(op)), " · reference ", Code(op.ref))

    def _ending(self, op: Operation) -> Line:
        return ending(op, self._words(op))

    def _more(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        # How many is not known: no more than one too many was read.
        if len(ops) > SHOWN:
            yield paragraph((("There are more: ", Code(f"{self._manner.command} history"), " shows them."),))


def _asked(op: Operation) -> Iterator[Line]:
    yield (
        "Requested by ",
        Person(op.requester),
        " in ",
        result_place(op.channel),
        ", account ",
        Code(op.account),
        f". {needed(op)}",
    )
    if op.note:
        yield ("Reason: ", Said(op.note, REASON_MAX))


def _until(op: Operation) -> tuple[Line, ...]:
    if op.expires_at is None or op.state is not State.AWAITING_APPROVAL:
        return ()
    return (("Expires ", When(op.expires_at), "."),)


def _header(text: str) -> Block:
    return {"type": "header", "text": wording(text)}
