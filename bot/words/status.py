"""How an operation stands: the report that its message and its modal show, and the replies to it."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import SHOWN_ITEMS, Act, Button, Item, Report, Tone
from bot.blockkit.text import Code, Line, Place, Said
from bot.domain.operation import Operation, Standing, State, StepState
from bot.domain.outcome import Data, Thing
from bot.domain.policy import Members
from bot.kinds.wording import CONSOLE, Words, a, first_up
from bot.words import ended
from bot.words.approval_status import nobody_heard, unapproved
from bot.words.checks import ready_lines
from bot.words.password import HINT, password_button
from bot.words.phrases import (
    HEAD_MAX,
    REPEATED,
    about,
    asked,
    begun,
    ending,
    main_step,
    numbered,
    referred,
    sent_before,
    several,
    standing_head,
)
from bot.words.question import NOBODY, asking, asks, looking, will_appear
from bot.words.refusal import called, listed
from bot.words.steps import tasks


def report(
    op: Operation,
    words: Words,
    settle: int | None = None,
    approvals: str | None = None,
    deciders: Members = NOBODY,
) -> Report:
    """Tell what is true of an operation now.

    `settle` is for how many seconds was looked for what became of it, `approvals` the channel where its
    approval was requested, where these are known. `deciders` are named where somebody must decide.
    """
    match op.standing:
        case Standing.DONE:
            told = ended.done(op, words)
        case Standing.REJECTED:
            told = ended.rejected(op, words)
        case Standing.NOT_SENT:
            told = ended.not_sent(op, words)
        case Standing.NOT_DONE:
            told = ended.not_done(op, words)
        case Standing.UNKNOWN:
            told = asking(op, words, settle, deciders) if op.asking else looking(op, words)
        case Standing.ACCEPTED | Standing.RUNNING:
            told = _running(op, words)
        case Standing.AWAITING_APPROVAL | Standing.DENIED | Standing.EXPIRED | Standing.WITHDRAWN:
            told = unapproved(op, words, approvals)
    remark = (words.remark,) if words.remark else ()
    ready = None if op.proof is None else op.proof.ready
    again = () if ready is None else (Button(Act.TEST_TRUNK, "Test again", ready.trunk),)
    password = password_button(op, words)
    return replace(
        told,
        body=(*told.body, *remark),
        tasks=tasks(op, words),
        checks=() if ready is None else ready_lines(ready),
        buttons=(*password, *told.buttons, *again),
        hint=told.hint or (HINT if password else None),
    )


def _running(op: Operation, words: Words) -> Report:
    now = "Request saved. I am sending it to Vobiz now, once."
    if several(op):
        now = "Request saved. I am sending it to Vobiz now, each step once."
    if op.state is State.RUNNING and op.step.state is StepState.WAITING:
        now = "I am checking that the account is as you saw it, before I send anything."
        if begun(op):
            now = f"{first_up(numbered(op))} is next."
    elif op.state is State.RUNNING:
        sent = f"{first_up(numbered(op))} was sent" if several(op) else "Sent"
        now = f"{sent} again. Waiting for Vobiz." if sent_before(op) else f"{sent}. Waiting for Vobiz."
    return Report(Tone.INFO, standing_head(op, words), ((now,), will_appear(op)), facts=asked(op, words))


def operation_message(
    op: Operation,
    words: Words,
    *,
    settle: int | None = None,
    repeat: bool = False,
    instead_of: str | None = None,
    approvals: str | None = None,
    unheard: bool = False,
    deciders: Members = NOBODY,
) -> Message:
    """Lay out what is true of an operation now: its one message, which is edited in place.

    `settle` is for how many seconds was looked for what became of it; `repeat` says that it may have been
    posted before; `instead_of` is the channel that the bot may not post in, when the message goes elsewhere;
    `approvals` is the channel where the approval was requested, when it is known; `unheard` says that no
    operator could be reached; `deciders` are the operators, who are named where somebody must decide.
    """
    notes: list[Line] = []
    if repeat:
        notes.append(REPEATED)
    if unheard:
        notes.append(nobody_heard(op))
    if instead_of is not None and not instead_of.startswith("D"):
        notes.append(
            (
                "I am not a member of ",
                Place(instead_of),
                ", so I cannot post updates there: use /invite to add me.",
            )
        )
    told = report(op, words, settle, approvals, deciders)
    return lay_out(replace(told, body=(*told.body, *notes)) if notes else told)


def repeat_message(op: Operation, words: Words) -> Message:
    """Say in one line how an operation stands, where a message that says so may be already."""
    return note(Tone.INFO, ("Repeat (Slack did not confirm the message before): ", *_in_a_line(op, words)))


def settled_message(op: Operation, words: Words) -> Message:
    """Say in one line that what was not known is known, or was decided."""
    return note(Tone.INFO, ("Settled: ", *_in_a_line(op, words)))


def answered_message(op: Operation, words: Words) -> Message:
    """Say in place of a question that nobody has to answer it any more, and how the operation stands."""
    return note(Tone.INFO, ("No decision is needed any more: ", *_in_a_line(op, words)))


def question_message(op: Operation, words: Words, mention: Members, *, repeat: bool = False) -> Message:
    """Call those who may decide about an unknown outcome: a reply to the message that has the buttons.

    At most five are mentioned, and nobody for `*`. `repeat` says that it may have been posted before.
    """
    people = called(mention)
    please = "please decide, with the buttons on the message above."
    return lay_out(
        Report(
            Tone.QUESTION,
            asks(op, words),
            (
                (*listed(people), f": {please}") if people else (first_up(please),),
                *((REPEATED,) if repeat else ()),
                referred(op),
            ),
        )
    )


def late_message(op: Operation, words: Words, data: Data, *, repeat: bool = False) -> Message:
    """Tell what turned up after an operation had moved on: an `answer`, or `candidates` that fit as well.

    `repeat` says that it may have been posted before.
    """
    if (answer := _thing(data.get("answer"))) is not None:
        told = _late_answer(op, words, answer)
    else:
        candidates = data.get("candidates")
        rows = candidates if isinstance(candidates, list | tuple) else ()
        told = _late_twins(op, words, [thing for row in rows if (thing := _thing(row)) is not None])
    return lay_out(replace(told, body=(*told.body, REPEATED)) if repeat else told)


def _in_a_line(op: Operation, words: Words) -> Line:
    return (*about(op, words), ". ", *ending(op, words), " Reference: ", Code(op.ref))


def _thing(row: object) -> Thing | None:
    try:
        return Thing.model_validate(row)
    except ValidationError:
        return None


def _in_question(op: Operation, words: Words) -> tuple[Words, bool]:
    """Return what is said of the step that ended uncertain, and whether it has a record already.

    What turns up late is of that step.
    """
    if not several(op):
        return words, main_step(op).thing is not None
    step = next((one for one in op.steps if one.uncertain_before), op.step)
    return words.of(step.name), step.thing is not None


def _late_answer(op: Operation, words: Words, thing: Thing) -> Report:
    part, known = _in_question(op, words)
    record = part.record
    return Report(
        Tone.WARNING,
        (f"A second {record} was {part.done} for “", Said(op.subject, HEAD_MAX), "”")
        if known
        else (f"{first_up(a(record))} was {part.done} after all for “", Said(op.subject, HEAD_MAX), "”"),
        (
            (f"Vobiz's late answer to an earlier attempt names the {record} below.",),
            ("Result of the request: ", *_stands(op, words)),
        ),
        facts=asked(op, words),
        items=(Item(part.describe(thing)),),
        steps=((f"Decide which {record} to keep, and delete the other in the ", CONSOLE, "."),),
    )


def _stands(op: Operation, words: Words) -> Line:
    # These two say in their usual words that the first sending is uncertain, which it is no more.
    match op.standing:
        case Standing.REJECTED:
            return ("Vobiz refused the last attempt.",)
        case Standing.NOT_SENT:
            return ("The last attempt could not be sent.",)
        case _:
            return ending(op, words)


def _late_twins(op: Operation, words: Words, twins: list[Thing]) -> Report:
    part, known = _in_question(op, words)
    record = part.record
    count = f"{first_up(a(record))} that matches" if len(twins) == 1 else f"{len(twins)} {record}s that match"
    return Report(
        Tone.WARNING,
        (f"Possibly a second {record} for “", Said(op.subject, HEAD_MAX), "”")
        if known
        else (f"Possibly the {record} of the request “", Said(op.subject, HEAD_MAX), "”"),
        (*_counted(count, twins), ("Result of the request: ", *ending(op, words))),
        facts=asked(op, words),
        items=tuple(Item(part.describe(thing)) for thing in twins[:SHOWN_ITEMS]),
        steps=(
            (f"Ask around whether somebody else {part.done} it.",),
            (
                "If not, it may come from this request: decide which to keep, and delete the rest in the ",
                CONSOLE,
                ".",
            ),
        ),
    )


def _counted(count: str, twins: list[Thing]) -> Iterator[Line]:
    yield (f"{count} this request turned up later.",)
    if len(twins) > SHOWN_ITEMS:
        yield (f"The first {SHOWN_ITEMS} are listed; see the rest in the ", CONSOLE, ".")
