"""What the bot answers to one person: refusals, how an operation stands, decisions, and what went wrong.

Every `…_message` is for the person who asked only. What is said of approvals is in `approval_answers`, of
commands in `command_help`.
"""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import SHOWN_ITEMS, Report, Tone
from bot.blockkit.text import Code, Line
from bot.domain.operation import Choice, Operation, State
from bot.domain.policy import Denied, NeedsApproval, Undetermined
from bot.kinds.wording import UnknownWords, Words
from bot.words.approval_answers import asked_the_same
from bot.words.approval_message import decision_buttons
from bot.words.phrases import ending, in_doubt, referred, result_place, works_for
from bot.words.refusal import refusal
from bot.words.status import report


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
) -> Message:
    """Tell what became of an operation, with the buttons that its state offers.

    `approvals` is the channel where its approval was asked for, when that is known. A request that waits is
    withdrawn by who asked (`own`) and approved or denied by who may decide about it (`deciding`). `late` are
    ids of records that fit as well and turned up after it had ended.
    """
    told = report(op, words, approvals=approvals)
    if op.state is State.AWAITING_APPROVAL and not own:
        told = replace(told, buttons=decision_buttons(op, words, op.bound) if deciding else ())
    if op.state in {State.DENIED, State.EXPIRED} and not own:
        told = replace(told, steps=())  # what to do next is told to who asked
    when = datetime.fromtimestamp(op.created_at / 1000, UTC)
    verb = "Asked for" if op.approved_by or op.state in _REQUESTS else "Confirmed"
    began: Line = (f"{verb} {when:%Y-%m-%d %H:%M:%S} UTC in ", result_place(op.channel), ".")
    return lay_out(replace(told, body=(*told.body, *_late(late), began)))


_REQUESTS: Final = frozenset({State.AWAITING_APPROVAL, State.DENIED, State.EXPIRED, State.WITHDRAWN})


def _late(ids: tuple[str, ...]) -> tuple[Line, ...]:
    if not ids:
        return ()
    shown = [piece for one in ids[:SHOWN_ITEMS] for piece in (" ", Code(one))]
    return (("WARNING: later this turned up, which may be of this request too:", *shown),)


def status_missing_message(ref: str) -> Message:
    """Say that no operation has this reference."""
    return note(
        Tone.ERROR,
        (
            "No request with the reference ",
            Code(ref),
            " is known here.",
        ),
        ("Compare it with the message about the request. The letters I, L, O and U never occur in one.",),
    )


def duplicate_message(op: Operation, words: Words) -> Message:
    """Say that `op` holds what was asked for already: whose it is, and where its result will appear."""
    body: tuple[Line, ...] = (
        (f"Your request was not sent, {words.apart}.",),
        asked_the_same(op, words),
        ("Its result will appear in ", result_place(op.channel), "."),
        referred(op),
    )
    unknown = op.state is State.UNKNOWN
    return lay_out(
        Report(Tone.WARNING, "The same request is not settled yet" if unknown else words.busy, body)
    )


def too_late_message(op: Operation, words: Words) -> Message:
    """Say that a choice is not open any more, and how the operation stands: with the question that is."""
    if op.asking:
        told = report(op, words)
        now: Line = ("That cannot be chosen any more. Nothing was done. This is how it stands now:",)
        return lay_out(replace(told, body=(now, *told.body)))
    first = "Somebody has decided already, and the bot is at it. Nothing more was done."
    if op.state is not State.UNKNOWN:
        first = "This is settled already. Nothing was done."
    return note(Tone.INFO, (first,), ending(op, words), referred(op))


_RECORDED: Final = MappingProxyType(
    {
        Choice.CHECK_AGAIN: "Looking in the account again.",
        Choice.SEND_AGAIN: "Looking in the account once more. If nothing new is there, it is sent again.",
        Choice.TRY_AGAIN: "Opening the form again.",
    }
)


def recorded_message(op: Operation, words: Words, choice: str) -> Message:
    """Confirm a person's decision (a value of `Choice`); `op` is the operation after it."""
    part = in_doubt(op, words)
    recorded = {
        Choice.GIVE_UP: f"Recorded as not {part.done}. Nothing was changed in the account.",
        Choice.PICK: f"Recorded: that {part.record} is the result of this request.",
    }
    return note(Tone.INFO, ((recorded | dict(_RECORDED))[Choice(choice)],), referred(op))


def not_here_message(op: Operation, words: Words, account: str) -> Message:
    """Tell who approved it, or wanted it sent again, that it was for another account than `account`."""
    if op.state is State.AWAITING_APPROVAL:
        then = f"Deny it; who still wants the {words.noun} can ask anew, for the account of now."
    else:
        then = f"Look for the {words.record} in that account yourself. To end this, give up; then ask anew."
    return note(Tone.ERROR, (*works_for(op, account), " Nothing was done."), (then,), referred(op))


def unknown_kind_message(op: Operation) -> Message:
    """Say that this version cannot decide about an operation of a kind that it does not know."""
    return note(Tone.ERROR, UnknownWords.remark, ("Nothing was done.",), referred(op))


def surprise_message(reference: str) -> Message:
    """Own up to an error of the bot; `reference` is in its log."""
    return lay_out(
        Report(
            Tone.ERROR,
            "Something went wrong in the bot",
            (
                ("This step may not have been done. What was confirmed before it is kept.",),
                ("If you confirmed something, ask for its status before you confirm it again.",),
                ("To report this, quote ", Code(reference), "."),
            ),
        )
    )


def unread_message() -> Message:
    """Answer a question while the database does not."""
    return note(
        Tone.ERROR,
        ("This could not be read now: the database does not answer. Nothing was done.",),
        ("Ask again in a moment.",),
    )


def stale_button_message() -> Message:
    """Answer a button whose operation or action is not known."""
    return note(
        Tone.ERROR,
        ("This button is out of date. Nothing was done.",),
        ("Ask for the status with the reference in the message.",),
    )


def stale_form_message(command: str) -> Message:
    """Answer a form that cannot be read: of an older version, of someone else, or changed."""
    return note(
        Tone.ERROR,
        ("This form is out of date. Nothing was done.",),
        ("Send the command again to open a new one; ", Code(f"{command} help"), " lists them."),
    )
