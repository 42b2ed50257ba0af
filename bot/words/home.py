"""Builds the Home tab: what needs a person, what they asked for, what was created last.

At most 100 blocks whatever comes in (docs.slack.dev/surfaces/app-home): each list is cut, and says so.
"""

from collections.abc import Iterator
from typing import Final

from bot.blockkit.blocks import Block, actions, bullets, paragraph, wording
from bot.blockkit.report import Act, Button
from bot.blockkit.text import Code, Line, Person, Piece, Said, When
from bot.domain.operation import Operation, State
from bot.domain.policy import Allowed, Decision, NeedsApproval, Unverified
from bot.words.approval_status import denial, same_name, withdraw_button
from bot.words.approvals import decision_buttons
from bot.words.phrases import REASON_MAX, ending, result_place
from bot.words.refusals import refusal

SHOWN: Final = 10  # of each list; with buttons two blocks each
_NAME: Final = 255


def home_view(
    person: str,
    waiting: tuple[Operation, ...],
    mine: tuple[Operation, ...],
    unknown: tuple[Operation, ...],
    last: tuple[Operation, ...],
    *,
    ended: tuple[Operation, ...] = (),
    decision: Decision | Unverified,
    command: str = "/trunk",
) -> Block:
    """Build the Home tab of a person.

    `unknown` are creates whose outcome is not known, `waiting` requests that this person may decide about,
    `mine` what they asked for and is open, `ended` what of it lately came to another end than a trunk,
    `last` the trunks created last; newest first but for `waiting`, where what expires next is first.
    `decision` is the policy's about the person in no channel; `command` is the slash command. Whoever's
    workspace is not known is shown what they asked for, and nothing else.
    """
    blocks = [
        *_unknown(unknown, command),
        *_start(decision, command),
        *(() if isinstance(decision, Unverified) else _waiting(waiting, command)),
        *_mine(mine, command),
        *_ended(ended, command),
        *(() if isinstance(decision, Unverified) else _last(last, person, decision, command)),
    ]
    return {"type": "home", "blocks": blocks}


def _start(decision: Decision | Unverified, command: str) -> Iterator[Block]:
    if isinstance(decision, Allowed | NeedsApproval):
        create = Button(Act.CREATE, "Create a SIP trunk", "create", primary=True)
        yield actions("home", [create])
    elif isinstance(decision, Unverified):
        yield paragraph((("Slack does not tell the bot here which workspace you are of. The button does.",),))
        yield actions("home", [Button(Act.SHOW, "Show what I may do", "show", primary=True)])
    else:
        yield paragraph(refusal(decision, command, tried=False))


def _unknown(ops: tuple[Operation, ...], command: str) -> Iterator[Block]:
    if not ops:
        return
    yield _header("Vobiz did not confirm: do not create these again")
    yield bullets((*_named(op), ". ", *_next(op)) for op in ops[:SHOWN])
    yield from _more(ops, command)


def _next(op: Operation) -> Line:
    if not op.asking:
        return ending(op)
    return ("A person has to decide, with the buttons of the message in ", result_place(op.channel), ".")


def _waiting(ops: tuple[Operation, ...], command: str) -> Iterator[Block]:
    yield _header("Waiting for me")
    if not ops:
        yield paragraph((("Nothing waits for your approval.",),))
    for number, op in enumerate(ops[:SHOWN]):
        yield paragraph((_named(op), _asked(op), *_why(op), *same_name(op), *_until(op)))
        yield actions(f"waiting.{number}", decision_buttons(op, op.bound))
    yield from _more(ops, command)


def _mine(ops: tuple[Operation, ...], command: str) -> Iterator[Block]:
    yield _header("My requests")
    if not ops:
        yield paragraph((("Nothing of yours is open.",),))
    for number, op in enumerate(ops[:SHOWN]):
        yield paragraph((_named(op), ending(op), *_until(op)))
        if op.state is State.AWAITING_APPROVAL:
            yield actions(f"mine.{number}", [withdraw_button(op)])
    yield from _more(ops, command)


def _ended(ops: tuple[Operation, ...], command: str) -> Iterator[Block]:
    if not ops:
        return
    yield _header("My requests that ended lately")
    for op in ops[:SHOWN]:
        yield paragraph((_named(op), ending(op), *denial(op)))
    yield from _more(ops, command)


def _last(ops: tuple[Operation, ...], person: str, decision: Decision, command: str) -> Iterator[Block]:
    yield _header("Last trunks")
    if not ops:
        # Who is no operator is shown their own only: others may have been created.
        all_of_them = isinstance(decision, Allowed)
        yield paragraph(
            (("No trunk was created yet." if all_of_them else "None of yours was created yet.",),)
        )
        return
    yield bullets(_trunk(op, person) for op in ops[:SHOWN])
    yield from _more(ops, command)


def _trunk(op: Operation, person: str) -> Line:
    trunk_id: tuple[Piece, ...] = () if op.trunk is None else (Code(op.trunk.id), " ")
    by: Piece = "you" if op.requester == person else Person(op.requester)
    return (*trunk_id, *_named(op), ", for ", by, ", ", When(op.updated_at))


def _named(op: Operation) -> Line:
    what = op.request
    return (
        Said(what.name, _NAME),
        f", {what.direction.value}, {what.calls} concurrent calls, reference ",
        Code(op.ref),
    )


def _asked(op: Operation) -> Line:
    return (
        "Asked for by ",
        Person(op.requester),
        " in ",
        result_place(op.channel),
        ", account ",
        Code(op.account),
        ".",
    )


def _why(op: Operation) -> tuple[Line, ...]:
    return (("Why: ", Said(op.note, REASON_MAX)),) if op.note else ()


def _until(op: Operation) -> tuple[Line, ...]:
    if op.expires_at is None or op.state is not State.AWAITING_APPROVAL:
        return ()
    return (("Expires ", When(op.expires_at), "."),)


def _more(ops: tuple[Operation, ...], command: str) -> Iterator[Block]:
    # How many is not known: no more than one too many was read.
    if len(ops) > SHOWN:
        yield paragraph((("There are more: ", Code(f"{command} history"), " shows them."),))


def _header(text: str) -> Block:
    return {"type": "header", "text": wording(text)}
