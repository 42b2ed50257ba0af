"""Builds the Home tab: what needs a person, what they asked for, what was done last.

At most 100 blocks whatever comes in (docs.slack.dev/surfaces/app-home): each list is cut, and says so.
"""

from collections.abc import Iterator
from typing import Final

from bot.blockkit.blocks import Block, actions, bullets, paragraph, wording
from bot.blockkit.report import Act, Button
from bot.blockkit.text import Code, Line, Person, Piece, Said, When
from bot.domain.history import Overview
from bot.domain.operation import Operation, State
from bot.domain.policy import Allowed, Decision, NeedsApproval, Unverified
from bot.kinds.registry import Kinds
from bot.words.approval_message import decision_buttons
from bot.words.approval_status import denial, needed, withdraw_button
from bot.words.phrases import REASON_MAX, ending, main_step, named, result_place
from bot.words.refusal import refusal

SHOWN: Final = 10  # of each list; with buttons two blocks each
_STARTS: Final = 25  # buttons that Slack takes in a row


def home_view(
    person: str, seen: Overview, *, decision: Decision | Unverified, kinds: Kinds, command: str = "/trunk"
) -> Block:
    """Build the Home tab of a person, of what they may see.

    `decision` is the policy's about the person in no channel; `command` is the slash command. Whoever's
    workspace is not known is shown what they asked for, and nothing else.
    """
    lists = _Lists(person, kinds, command)
    blocks = [
        *lists.unknown(seen.unknown),
        *_start(decision, kinds, command),
        *(() if isinstance(decision, Unverified) else lists.waiting(seen.waiting)),
        *lists.mine(seen.mine),
        *lists.ended(seen.ended),
        *(() if isinstance(decision, Unverified) else lists.last(seen.last, decision)),
    ]
    return {"type": "home", "blocks": blocks}


def _start(decision: Decision | Unverified, kinds: Kinds, command: str) -> Iterator[Block]:
    if isinstance(decision, Allowed | NeedsApproval):
        starts = [kind for kind in kinds if kind.words.start][:_STARTS]
        if starts:
            row = [
                Button(f"home.{kind.verb}", kind.words.start, kind.verb, primary=kind is starts[0])
                for kind in starts
            ]
            yield actions("home", row)
    elif isinstance(decision, Unverified):
        yield paragraph((("Slack does not tell the bot here which workspace you are of. The button does.",),))
        yield actions("home", [Button(Act.SHOW, "Show what I may do", "show", primary=True)])
    else:
        yield paragraph(refusal(decision, command, tried=False))


class _Lists:
    """The lists of one person's Home tab."""

    def __init__(self, person: str, kinds: Kinds, command: str) -> None:
        self._person = person
        self._words = kinds.words
        self._command = command

    def unknown(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        if not ops:
            return
        yield _header("Vobiz did not confirm: do not ask for these again")
        yield bullets((*self._named(op), ". ", *self._next(op)) for op in ops[:SHOWN])
        yield from self._more(ops)

    def _next(self, op: Operation) -> Line:
        if not op.asking:
            return self._ending(op)
        return ("A person has to decide, with the buttons of the message in ", result_place(op.channel), ".")

    def waiting(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        yield _header("Waiting for me")
        if not ops:
            yield paragraph((("Nothing waits for your approval.",),))
        for number, op in enumerate(ops[:SHOWN]):
            words = self._words(op)
            warnings = words.warnings(op.request, op.seen)
            yield paragraph((self._named(op), *_asked(op), *warnings, *_until(op)))
            yield actions(f"waiting.{number}", decision_buttons(op, words, op.bound))
        yield from self._more(ops)

    def mine(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        yield _header("My requests")
        if not ops:
            yield paragraph((("Nothing of yours is open.",),))
        for number, op in enumerate(ops[:SHOWN]):
            yield paragraph((self._named(op), self._ending(op), *_until(op)))
            if op.state is State.AWAITING_APPROVAL:
                yield actions(f"mine.{number}", [withdraw_button(op)])
        yield from self._more(ops)

    def ended(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        if not ops:
            return
        yield _header("My requests that ended lately")
        for op in ops[:SHOWN]:
            yield paragraph((self._named(op), self._ending(op), *denial(op)))
        yield from self._more(ops)

    def last(self, ops: tuple[Operation, ...], decision: Decision) -> Iterator[Block]:
        yield _header("Last changes")
        if not ops:
            # Who is no operator is shown their own only: others may have been done.
            all_of_them = isinstance(decision, Allowed)
            none = "No change was made yet." if all_of_them else "None of yours was made yet."
            yield paragraph(((none,),))
            return
        yield bullets(self._done(op) for op in ops[:SHOWN])
        yield from self._more(ops)

    def _done(self, op: Operation) -> Line:
        thing = main_step(op).thing
        record: Line = () if thing is None else (Code(thing.id), " ")
        by: Piece = "you" if op.requester == self._person else Person(op.requester)
        done = f"{self._words(op).finished}: "
        return (done, *record, *self._named(op, act=False), ", for ", by, ", ", When(op.updated_at))

    def _named(self, op: Operation, *, act: bool = True) -> Line:
        what = named(op, self._words(op))
        return (*(what if act else what[1:]), ", reference ", Code(op.ref))

    def _ending(self, op: Operation) -> Line:
        return ending(op, self._words(op))

    def _more(self, ops: tuple[Operation, ...]) -> Iterator[Block]:
        # How many is not known: no more than one too many was read.
        if len(ops) > SHOWN:
            yield paragraph((("There are more: ", Code(f"{self._command} history"), " shows them."),))


def _asked(op: Operation) -> Iterator[Line]:
    yield (
        "Asked for by ",
        Person(op.requester),
        " in ",
        result_place(op.channel),
        ", account ",
        Code(op.account),
        f". {needed(op)}",
    )
    if op.note:
        yield ("Why: ", Said(op.note, REASON_MAX))


def _until(op: Operation) -> tuple[Line, ...]:
    if op.expires_at is None or op.state is not State.AWAITING_APPROVAL:
        return ()
    return (("Expires ", When(op.expires_at), "."),)


def _header(text: str) -> Block:
    return {"type": "header", "text": wording(text)}
