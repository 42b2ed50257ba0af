"""What the bot answers to one person: help, problems, refusals, states, decisions; and the form's errors.

Every `…_message` is for the person who asked only. The words are here, in `bot.slack.outcomes` and
`bot.slack.uncertain` (operations), `faults` (commands), `refusals` (policy) and `form`.
"""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from bot.operations import NAME_MAX, Choice, Operation, State
from bot.policy import Allowed, Decision, Denial, Denied, NeedsApproval, Undetermined
from bot.problems import Problem, ProblemKind
from bot.slack.approvals import bound_to, decision_buttons
from bot.slack.blocks import Message, lay_out
from bot.slack.faults import EXAMPLE_REFERENCE, fault, usage
from bot.slack.form import SUBMIT
from bot.slack.outcomes import report
from bot.slack.phrases import REASON_MAX, ending, result_place
from bot.slack.refusals import refusal
from bot.slack.report import SHOWN_ITEMS, Item, Report, Sample, Tone
from bot.slack.text import CODE_MAX, Code, Line, Person, caret


def help_message(command: str, decision: Decision, max_calls: int) -> Message:
    """Show the commands that this person may use, with an example of each, and the rules that concern them.

    `decision` is the policy's for `max_calls` calls, so that a threshold above which an operator needs
    another one is in it.
    """
    status = Item((Code(f"{command} status {EXAMPLE_REFERENCE}"), " tells what became of a request"))
    history = Item((Code(f"{command} history"), " shows your requests, newest first"))
    if not isinstance(decision, Allowed | NeedsApproval):
        outsider = isinstance(decision, Denied) and decision.reason is Denial.OTHER_TEAM
        items = () if outsider else (status, history)
        return lay_out(Report(Tone.INFO, "SIP trunks", refusal(decision, command), items=items))
    rules = _rules(decision, max_calls)
    commands = (
        Item((Code(f'{command} create "Sales" outbound 10'), " opens the form, filled in")),
        Item((Code(f"{command} create"), " opens the empty form")),
        status,
        Item((Code(f"{command} history Sales"), " finds requests by name, person, state or reference")),
        *(_doctor(command) if _operator(decision) else ()),
        Item((Code(f"{command} help"), " shows this")),
    )
    return lay_out(Report(Tone.INFO, "SIP trunks", rules, items=commands))


def _operator(decision: Decision) -> bool:
    # Above the threshold an operator needs another one; a requester always does.
    return isinstance(decision, Allowed) or (
        isinstance(decision, NeedsApproval) and decision.above is not None
    )


def _doctor(command: str) -> tuple[Item]:
    return (Item((Code(f"{command} doctor"), " checks what the bot needs: tokens, scopes, database, clock")),)


def _rules(decision: Allowed | NeedsApproval, max_calls: int) -> tuple[Line, ...]:
    amount = f"A trunk takes 1 to {max_calls} concurrent calls."
    if isinstance(decision, Allowed):
        return ((f"{amount} Nothing is created before you confirm the form.",),)
    if decision.above is None:
        return (
            (f"{amount} You may ask for one; nothing is created before an operator approves.",),
            ("You can withdraw a request while it waits.",),
        )
    second = f"Above {decision.above} concurrent calls a second operator must approve."
    alone = " With a reason you may go without; everybody is told (break glass)."
    return (
        (f"{amount} Nothing is created before you confirm the form.",),
        (f"{second}{alone if decision.break_glass else ''}",),
        ("Requests of others wait for you or another operator: nobody approves their own.",),
    )


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
    return _note(Tone.ERROR, *body)


def refused_message(decision: NeedsApproval | Denied | Undetermined, command: str) -> Message:
    """Say why a person may not go ahead, which setting decides, and who can help."""
    return _note(Tone.ERROR, *refusal(decision, command))


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
        told = replace(told, buttons=decision_buttons(op, bound_to(op)) if deciding else ())
    when = datetime.fromtimestamp(op.created_at / 1000, UTC)
    confirmed: Line = (f"Confirmed {when:%Y-%m-%d %H:%M:%S} UTC in ", result_place(op.channel), ".")
    return lay_out(replace(told, body=(*told.body, *_late(late), confirmed)))


def _late(trunks: tuple[str, ...]) -> tuple[Line, ...]:
    if not trunks:
        return ()
    ids = [piece for trunk in trunks[:SHOWN_ITEMS] for piece in (" ", Code(trunk))]
    return (("WARNING: later this turned up, which may be of this request too:", *ids),)


def status_missing_message(ref: str) -> Message:
    """Say that no operation has this reference."""
    return _note(
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
        ("Reference: ", Code(op.ref)),
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
    return _note(Tone.INFO, (first,), ending(op), _reference(op))


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
    return _note(Tone.INFO, (_RECORDED[Choice(choice)],), _reference(op))


def _reference(op: Operation) -> Line:
    return ("Reference: ", Code(op.ref))


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
    return _note(
        Tone.ERROR,
        ("This could not be read now: the database does not answer. Nothing was done.",),
        ("Ask again in a moment.",),
    )


def stale_button_message() -> Message:
    """Answer a button whose operation or action is not known."""
    return _note(
        Tone.ERROR,
        ("This button is out of date. Nothing was done.",),
        ("Ask for the status with the reference in the message.",),
    )


def stale_form_message(command: str) -> Message:
    """Answer a form that can not be read: of an older version, of someone else, or changed."""
    return _note(
        Tone.ERROR,
        ("This form is out of date. Nothing was created.",),
        ("Send ", Code(f"{command} create"), " to open a new one."),
    )


def other_command_message(typed: str, command: str) -> Message:
    """Answer a slash command that this bot does not have."""
    return _note(
        Tone.ERROR,
        ("This bot does not answer to ", Code(typed), ". Nothing was done."),
        ("Its command is ", Code(command), "; ", Code(f"{command} help"), " shows how it is used."),
    )


def starting_message() -> Message:
    """Answer while the bot is not ready yet."""
    return _note(Tone.INFO, ("The bot is starting. Nothing was done. Try again in a few seconds.",))


def _note(tone: Tone, *body: Line | Sample) -> Message:
    return lay_out(Report(tone, body=body))


def name_error(kind: ProblemKind) -> str:
    """Word the error under the name."""
    if kind is ProblemKind.NAME_LONG:
        return f"At most {NAME_MAX} characters."
    if kind is ProblemKind.NAME_CHARACTER:
        return "It holds a control character or one that reverses text. Type it instead of pasting it."
    return "Enter a name."


def direction_error() -> str:
    """Word the error under the direction."""
    return "Choose inbound or outbound."


def calls_error(max_calls: int) -> str:
    """Word the error under the limit of concurrent calls."""
    return f"Enter a whole number from 1 to {max_calls}."


def reason_error(*, missing: bool) -> str:
    """Word the error under a reason: missing where one is needed, or too long."""
    return "Give a reason: it is told with the decision." if missing else f"At most {REASON_MAX} characters."


def break_glass_error() -> str:
    """Word the error under the choice of how to go on: going alone is not allowed (any more)."""
    return "Going ahead without a second operator is not allowed. Choose to ask."


def channel_error() -> str:
    """Word the error under the channel where the answer is to appear."""
    return "Choose a channel."


def not_denied_error(*, stopping: bool) -> str:
    """Word the error of a denial that could not be stored within 2 seconds."""
    if stopping:
        return "Not recorded: the bot is being stopped. In a minute, press Deny again: it is safe."
    return "Not recorded yet: the denial could not be stored. Press Deny again: it is safe."


def not_stored_error(*, stopping: bool, submit: str = SUBMIT) -> str:
    """Word the error of a form that could not be stored within 2 seconds; `submit` is its button."""
    if stopping:
        return f"Not accepted: the bot is being stopped. In a minute, press {submit} again: it is safe."
    return f"Not accepted yet: the request could not be stored. Press {submit} again: it is safe."


def unsure_error(submit: str) -> str:
    """Word the error of a form of which it is not known whether it was stored; `submit` is its button."""
    return f"It is not known whether this was stored. Press {submit} again: it is safe."
