"""What people are told about a request that needs approval, before it is approved or when it never was.

Nothing was sent to Vobiz in any of these states.
"""

from typing import Final

from bot.blockkit.report import Act, Button, Confirm, Fact, Report, Tone
from bot.blockkit.text import Code, Line, Said, When
from bot.domain.operation import Choice, Operation, State
from bot.kinds.wording import Words
from bot.words.phrases import REASON_MAX, asked, ending, result_place, standing_head, why


def unapproved(op: Operation, words: Words, approvals: str | None) -> Report:
    """Tell the requester how the request stands; `approvals` is where approval was requested, if known."""
    if op.state is State.AWAITING_APPROVAL:
        return _waiting(op, words, approvals)
    again = op.state in {State.DENIED, State.EXPIRED}
    return Report(
        Tone.INFO if op.state is State.WITHDRAWN else Tone.WARNING,
        standing_head(op, words),
        (ending(op, words), *denial(op)),
        facts=request_facts(op, words),
        buttons=(Button(Choice.TRY_AGAIN, "New request", op.id),) if again else (),
    )


def _waiting(op: Operation, words: Words, approvals: str | None) -> Report:
    # Operators who were asked in person were asked nowhere that the requester could look.
    place: tuple[Line, ...] = ()
    if approvals is not None and not approvals.startswith("D"):
        place = (("The approvers were asked in ", result_place(approvals), "."),)
    return Report(
        Tone.INFO,
        standing_head(op, words),
        (
            (f"{needed(op)} Nothing is sent to Vobiz until then.",),
            *place,
            ("The result will be posted in ", result_place(op.channel), "."),
        ),
        warnings=words.warnings(op.request, op.seen),
        facts=(*request_facts(op, words), *account(op), *expiry(op)),
        buttons=(withdraw_button(op),),
        hint=("To withdraw it, use the status command with the reference, or my Home tab.",),
    )


def needed(op: Operation) -> str:
    """Say why an approval is needed."""
    above = op.approval.above if op.approval is not None else None
    if above is None:
        return "An operator other than the requester must approve this."
    return f"It is above {above} concurrent calls, so a second operator must approve this."


def nobody_heard(op: Operation) -> Line:
    """Say that no operator could be asked, or told of an operation without a second person."""
    if op.state is State.AWAITING_APPROVAL:
        return ("I could not reach any operator: talk to one, and give the reference ", Code(op.ref), ".")
    return (
        "I could not tell any operator that you skipped the approval: tell one, with the reference ",
        Code(op.ref),
        ".",
    )


def request_facts(op: Operation, words: Words) -> tuple[Fact, ...]:
    """List what was requested, by whom and why."""
    return (*asked(op, words), *(() if op.break_glass else why(op)))


def denial(op: Operation) -> tuple[Line, ...]:
    """Say why a request was denied, if it was and a reason is known."""
    reason = op.approval.denial if op.approval is not None and op.state is State.DENIED else None
    return (("Reason for the denial: ", Said(reason, REASON_MAX)),) if reason else ()


def account(op: Operation) -> tuple[Fact, ...]:
    """State whose Vobiz account it is about."""
    return (Fact("Account", (Code(op.account),)),)


def expiry(op: Operation) -> tuple[Fact, ...]:
    """State until when a request can be approved."""
    return () if op.expires_at is None else (Fact("Expires", (When(op.expires_at),)),)


def withdraw_button(op: Operation) -> Button:
    """Make the button with which the requester takes a request back."""
    return Button(Act.WITHDRAW, "Withdraw", op.id, confirm=_WITHDRAW)


_WITHDRAW: Final = Confirm(
    "Withdraw this request?",
    "If it is still waiting, nobody can approve it after that; you can send a new request."
    " If it was already decided, nothing changes, and I tell you how it stands.",
    "Withdraw",
    "Cancel",
)
