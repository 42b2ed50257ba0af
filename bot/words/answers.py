"""What the bot answers to one person: refusals, how an operation stands, decisions, and what went wrong.

Only the person who asked sees an `…_message`. What is said of approvals is in `approval_answers`, of
commands in `command_help`.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import SHOWN_ITEMS, Fact, Report, Tone
from bot.blockkit.text import Code, Line, When
from bot.domain.operation import Choice, Operation, State
from bot.domain.outcome import Thing
from bot.domain.policy import Denied, Members, NeedsApproval, Undetermined
from bot.kinds.wording import UnknownWords, Words
from bot.words.approval_answers import asked_the_same
from bot.words.approval_message import decision_buttons
from bot.words.checks import ready_lines
from bot.words.phrases import ending, in_doubt, main_step, referred, result_place, who, works_for
from bot.words.question import NOBODY
from bot.words.refusal import refusal
from bot.words.status import report


@dataclass(frozen=True, slots=True)
class Gone:
    """Vobiz says that there is no such record."""


def refused_message(decision: NeedsApproval | Denied | Undetermined, command: str) -> Message:
    """Say why a person may not go ahead, which setting decides, and who can help."""
    return note(Tone.ERROR, *refusal(decision, command))


def status_message(
    op: Operation,
    words: Words,
    approvals: str | None = None,
    *,
    own: bool = True,
    deciding: bool = False,
    late: tuple[str, ...] = (),
    deciders: Members = NOBODY,
    now: Thing | Gone | None = None,
) -> Message:
    """Tell what became of an operation, with the buttons that its state offers.

    `approvals` is the channel where its approval was requested, when that is known. A request that waits can
    be withdrawn by the requester (`own`), and approved or denied by those who may decide (`deciding`). `late`
    are ids of records that match as well and turned up after it had ended. `deciders` are the operators, and
    `now` is what it made or changed as it is at Vobiz by now; None when that is not known.
    """
    told = report(op, words, approvals=approvals, deciders=deciders)
    if op.state is State.DONE:
        # What usually follows was said when it was done.
        told = replace(told, facts=_as_of(op, words, now), steps=())
    if op.proof is not None and op.proof.ready is not None:
        told = replace(told, checks=ready_lines(op.proof.ready, dated=True))
    if op.state is State.AWAITING_APPROVAL and not own:
        told = replace(told, buttons=decision_buttons(op, words, op.bound) if deciding else ())
    if op.state in {State.DENIED, State.EXPIRED} and not own:
        told = replace(told, buttons=())  # a new request is the requester's
    verb = "Requested" if op.approved_by or op.state in _REQUESTS else "Confirmed"
    began: Line = (f"{verb} ", When(op.created_at), " in ", result_place(op.channel), ".")
    return lay_out(replace(told, body=(*told.body, *_late(late), began)))


def _as_of(op: Operation, words: Words, now: Thing | Gone | None) -> tuple[Fact, ...]:
    """Tell how it is now, or as of when that is known: never the past as the present."""
    before = main_step(op).thing
    if before is None:
        return (*words.asked(op.request), *who(op))
    match now:
        case Gone():
            told = Fact("Now", (f"this {words.record} is not in the account any more.",))
        case Thing() as thing if words.state(thing):
            told = Fact("Now", words.state(thing))
        case _:
            state = words.state(before)
            seen: Line = (
                "As of ",
                When(op.updated_at),
                " (not checked since)",
                *((": ", *state) if state else ()),
            )
            told = Fact("", seen)
    return (*words.asked(op.request), *words.ids(before), told, *who(op))


_REQUESTS: Final = frozenset({State.AWAITING_APPROVAL, State.DENIED, State.EXPIRED, State.WITHDRAWN})


def _late(ids: tuple[str, ...]) -> tuple[Line, ...]:
    if not ids:
        return ()
    shown = [piece for one in ids[:SHOWN_ITEMS] for piece in (" ", Code(one))]
    return (("WARNING: these turned up later and may come from this request too:", *shown),)


def status_missing_message(ref: str) -> Message:
    """Say that no operation has this reference."""
    return note(
        Tone.ERROR,
        (
            "No request has the reference ",
            Code(ref),
            ".",
        ),
        ("Check it against the original message (references never contain I, L, O or U).",),
    )


def duplicate_message(op: Operation, words: Words) -> Message:
    """Say that `op` holds what was requested: whose it is, and where its result will appear."""
    body: tuple[Line, ...] = (
        (f"Your request was not sent, {words.apart}.",),
        asked_the_same(op, words),
        ("Its result will be posted in ", result_place(op.channel), "."),
        referred(op),
    )
    unknown = op.state is State.UNKNOWN
    head = "An identical request is not settled yet" if unknown else words.busy
    return lay_out(Report(Tone.WARNING, (head,), body))


def too_late_message(op: Operation, words: Words) -> Message:
    """Say that a choice is not open any more, and how the operation stands: with the question that is."""
    if op.asking:
        told = report(op, words)
        now: Line = ("That option is no longer available. Nothing was changed. This is the current state:",)
        return lay_out(replace(told, body=(now, *told.body)))
    first = "Someone already decided, and I am working on it. Your click had no effect."
    if op.state is not State.UNKNOWN:
        first = "This is already settled. Your click had no effect."
    return note(Tone.INFO, (first,), ending(op, words), referred(op))


_RECORDED: Final = MappingProxyType(
    {
        Choice.CHECK_AGAIN: "Checking the account again; the message about it will show the result.",
        Choice.SEND_AGAIN: "Checking the account once more. If nothing new is there, I send it again.",
        Choice.TRY_AGAIN: "Opening the form again.",
    }
)


def recorded_message(op: Operation, words: Words, choice: str) -> Message:
    """Confirm a person's decision (a value of `Choice`); `op` is the operation after it."""
    part = in_doubt(op, words)
    recorded = {
        Choice.GIVE_UP: f"Closed as not {part.done}. Nothing was changed in the account.",
        Choice.PICK: f"Saved: this request is now linked to that {part.record}.",
    }
    return note(Tone.INFO, ((recorded | dict(_RECORDED))[Choice(choice)],), referred(op))


def not_here_message(op: Operation, words: Words, account: str) -> Message:
    """Say that an operation to approve or send again was for another account than `account`."""
    if op.state is State.AWAITING_APPROVAL:
        then = f"Deny it; if the {words.noun} is still wanted, send a new request for the current account."
    else:
        then = f"Look for the {words.record} in that account. To end this, give up, then request it again."
    return note(Tone.ERROR, (*works_for(op, account), " Nothing was done."), (then,), referred(op))


def unknown_kind_message(op: Operation) -> Message:
    """Say that this version cannot decide about an operation of a kind that it does not know."""
    return note(Tone.ERROR, UnknownWords.remark, ("Nothing was done.",), referred(op))


def away_message() -> Message:
    """Say that the database did not answer, so that it is not known whether something was done."""
    return lay_out(
        Report(
            Tone.ERROR,
            ("The bot's database did not answer",),
            (
                ("This may not have been done. What you confirmed earlier is kept.",),
                ("Try again in a minute: it is safe. If this lasts, tell the bot's administrator.",),
            ),
        )
    )


def surprise_message(reference: str) -> Message:
    """Own up to an error of the bot; `reference` is in its log."""
    return lay_out(
        Report(
            Tone.ERROR,
            ("Something went wrong in the bot",),
            (
                ("This may not have been done. What you confirmed earlier is kept.",),
                ("If you confirmed something, check its status or the history before you confirm it again.",),
                ("To report this, quote ", Code(reference), "."),
            ),
        )
    )


def unread_message() -> Message:
    """Answer a question while the database does not."""
    return note(
        Tone.ERROR,
        ("I cannot read this now: the database does not answer. Nothing was done.",),
        ("Try again in a moment.",),
    )


def stale_button_message() -> Message:
    """Answer a button whose operation or action is not known."""
    return note(
        Tone.ERROR,
        ("This button is out of date. Nothing was done.",),
        ("Ask for the status with the reference in the message.",),
    )


def not_undone_message(op: Operation) -> Message:
    """Say that there is no inverse of what was done, or that nothing was done."""
    return note(Tone.ERROR, ("This cannot be undone with a button. Nothing was done.",), referred(op))


def unseen_form_message() -> Message:
    """Answer a form that was submitted before it showed what it would change."""
    return note(
        Tone.ERROR,
        ("This form had not shown yet what it would change. Nothing was done.",),
        ("Open it again, and wait until it is filled in.",),
    )


def stale_form_message(command: str) -> Message:
    """Answer a form that cannot be read: of an older version, of someone else, or changed."""
    return note(
        Tone.ERROR,
        ("This form is out of date. Nothing was done.",),
        ("Send the command again to open a new one; ", Code(f"{command} help"), " lists the commands."),
    )
