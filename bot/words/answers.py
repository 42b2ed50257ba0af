"""What the bot answers to one person: problems, refusals, states, decisions.

Every `…_message` is for the person who asked only. The other words are beside this module: `outcomes`,
`created`, `rejected`, `uncertain`, `late` (operations), `approvals`, `decisions`, `requests` (approvals),
`faults`, `help`, `unopened` (commands), `refusals`, `elsewhere` (policy), `form`, `form_errors`.
"""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import SHOWN_ITEMS, Report, Sample, Tone
from bot.blockkit.text import CODE_MAX, Code, Line, Person, caret
from bot.commands.problems import Problem, ProblemKind
from bot.domain.operation import Choice, Operation, State
from bot.domain.policy import Denied, NeedsApproval, Undetermined
from bot.words.approvals import decision_buttons
from bot.words.faults import fault, usage
from bot.words.history import choose_person
from bot.words.outcomes import report
from bot.words.phrases import ending, referred, result_place
from bot.words.refusals import refusal


def problem_message(problem: Problem, command: str, max_calls: int) -> Message:
    """Say what is wrong with a command, point at the word, and give the corrected command to copy."""
    shift = len(command) + 1
    pointed = caret(f"{command} {problem.text}", problem.start + shift, problem.end + shift)
    body: list[Line | Sample] = [fault(problem, max_calls), Sample(*pointed)]
    fixed = f"{command} {problem.fix}"
    # A corrected command that is cut could not be copied.
    if problem.fix is not None and len(fixed) <= CODE_MAX:
        body += [("Did you mean this?",), Sample(fixed)]
    body.append(("Usage: ", Code(usage(problem.kind, command, max_calls))))
    told = note(Tone.ERROR, *body)
    return Message(told.text, (*told.blocks, choose_person())) if problem.kind is ProblemKind.PERSON else told


def refused_message(decision: NeedsApproval | Denied | Undetermined, command: str) -> Message:
    """Say why a person may not go ahead, which setting decides, and who can help."""
    return note(Tone.ERROR, *refusal(decision, command))


def status_message(
    op: Operation,
    approvals: str | None = None,
    *,
    own: bool = True,
    deciding: bool = False,
    late: tuple[str, ...] = (),
) -> Message:
    """Tell what became of an operation, with the buttons that its state offers.

    `approvals` is the channel where its approval was asked for, when that is known. A request that waits is
    withdrawn by who asked (`own`) and approved or denied by who may decide about it (`deciding`). `late` are
    ids of trunks that fit as well and turned up after it had ended.
    """
    told = report(op, approvals=approvals)
    if op.state is State.AWAITING_APPROVAL and not own:
        told = replace(told, buttons=decision_buttons(op, op.bound) if deciding else ())
    if op.state in {State.DENIED, State.EXPIRED} and not own:
        told = replace(told, steps=())  # what to do next is told to who asked
    when = datetime.fromtimestamp(op.created_at / 1000, UTC)
    verb = "Asked for" if op.approved_by or op.state in _REQUESTS else "Confirmed"
    began: Line = (f"{verb} {when:%Y-%m-%d %H:%M:%S} UTC in ", result_place(op.channel), ".")
    return lay_out(replace(told, body=(*told.body, *_late(late), began)))


_REQUESTS: Final = frozenset({State.AWAITING_APPROVAL, State.DENIED, State.EXPIRED, State.WITHDRAWN})


def _late(trunks: tuple[str, ...]) -> tuple[Line, ...]:
    if not trunks:
        return ()
    ids = [piece for trunk in trunks[:SHOWN_ITEMS] for piece in (" ", Code(trunk))]
    return (("WARNING: later this turned up, which may be of this request too:", *ids),)


def status_missing_message(ref: str) -> Message:
    """Say that no operation has this reference."""
    return note(
        Tone.ERROR,
        (
            "No request with the reference ",
            Code(ref),
            " is known here.",
        ),
        ("Compare it with the message about the trunk. The letters I, L, O and U never occur in one.",),
    )


def duplicate_message(op: Operation) -> Message:
    """Say that the same trunk is in flight already: whose it is, and where its result will appear."""
    body: tuple[Line, ...] = (
        ("Your request was not sent, so that there will not be two trunks.",),
        (Person(op.requester), " asked for the same name, direction and limit. ", *ending(op)),
        ("Its result will appear in ", result_place(op.channel), "."),
        referred(op),
    )
    unknown = op.state is State.UNKNOWN
    created = "The same trunk is being created already"
    headline = "The same request is not settled yet" if unknown else created
    return lay_out(Report(Tone.WARNING, headline, body))


def too_late_message(op: Operation) -> Message:
    """Say that a choice is not open any more, and how the operation stands: with the question that is."""
    if op.asking:
        told = report(op)
        now: Line = ("That can not be chosen any more. Nothing was done. This is how it stands now:",)
        return lay_out(replace(told, body=(now, *told.body)))
    first = "Somebody has decided already, and the bot is at it. Nothing more was done."
    if op.state is not State.UNKNOWN:
        first = "This is settled already. Nothing was done."
    return note(Tone.INFO, (first,), ending(op), referred(op))


_RECORDED: Final = MappingProxyType(
    {
        Choice.CHECK_AGAIN: "Looking in the account again.",
        Choice.SEND_AGAIN: "Sending the request again.",
        Choice.GIVE_UP: "Recorded as not created. Nothing was deleted in the account.",
        Choice.PICK: "Recorded: that trunk is the result of this request.",
        Choice.TRY_AGAIN: "Opening the form again.",
    }
)


def recorded_message(op: Operation, choice: str) -> Message:
    """Confirm a person's decision (a value of `Choice`); `op` is the operation after it."""
    return note(Tone.INFO, (_RECORDED[Choice(choice)],), referred(op))


def surprise_message(reference: str) -> Message:
    """Own up to an error of the bot; `reference` is in its log."""
    return lay_out(
        Report(
            Tone.ERROR,
            "Something went wrong in the bot",
            (
                ("This step may not have been done. What was confirmed before it is kept.",),
                ("If you were creating a trunk, ask for its status before you create it again.",),
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
    """Answer a form that can not be read: of an older version, of someone else, or changed."""
    return note(
        Tone.ERROR,
        ("This form is out of date. Nothing was created.",),
        ("Send ", Code(f"{command} create"), " to open a new one."),
    )


def other_command_message(typed: str, command: str) -> Message:
    """Answer a slash command that this bot does not have."""
    return note(
        Tone.ERROR,
        ("This bot does not answer to ", Code(typed), ". Nothing was done."),
        ("Its command is ", Code(command), "; ", Code(f"{command} help"), " shows how it is used."),
    )


def starting_message() -> Message:
    """Answer while the bot is not ready yet."""
    return note(Tone.INFO, ("The bot is starting. Nothing was done. Try again in a few seconds.",))
