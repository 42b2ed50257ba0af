"""What people are told about a request that needs approval, before it is approved or when it never was.

Nothing was sent to Vobiz in any of these states.
"""

from typing import Final

from bot.blockkit.report import Act, Button, Confirm, Fact, Report, Tone
from bot.blockkit.text import Code, Line, Said, When
from bot.domain.operation import Operation, State
from bot.kinds.wording import Words
from bot.words.phrases import REASON_MAX, asked, ending, result_place, why


def unapproved(op: Operation, words: Words, approvals: str | None) -> Report:
    """Tell who asked how the request stands; `approvals` is where approval was asked for, if known."""
    if op.state is State.AWAITING_APPROVAL:
        return _waiting(op, words, approvals)
    headline, tone = _HEADLINES[op.state]
    return Report(
        tone,
        headline,
        (ending(op, words), *denial(op)),
        facts=request_facts(op, words),
        steps=_next(op, words),
    )


def _waiting(op: Operation, words: Words, approvals: str | None) -> Report:
    # Operators who were asked in person were asked nowhere that the requester could look.
    place: tuple[Line, ...] = ()
    if approvals is not None and not approvals.startswith("D"):
        place = (("It was asked for in ", result_place(approvals), "."),)
    return Report(
        Tone.INFO,
        "Waiting for approval",
        (
            (f"{needed(op)} Nothing is sent to Vobiz before that.",),
            *place,
            ("The result will appear in ", result_place(op.channel), "."),
        ),
        warnings=words.warnings(op.request, op.seen),
        facts=(*request_facts(op, words), *account(op), *expiry(op)),
        buttons=(withdraw_button(op),),
        hint=("To withdraw it, ask for its status with the reference, or open the bot's Home tab.",),
    )


def needed(op: Operation) -> str:
    """Say why a second person is needed."""
    above = op.approval.above if op.approval is not None else None
    if above is None:
        return "An operator other than the requester must approve."
    return f"It is above {above} concurrent calls, so a second operator must approve."


def nobody_heard(op: Operation) -> Line:
    """Say that no operator could be asked, or told of an operation without a second person."""
    if op.state is State.AWAITING_APPROVAL:
        return ("Nobody could be asked: talk to an operator, and give the reference ", Code(op.ref), ".")
    return ("No operator could be told that you went alone: tell one, with the reference ", Code(op.ref), ".")


def request_facts(op: Operation, words: Words) -> tuple[Fact, ...]:
    """List what was asked for, by whom and why."""
    return (*asked(op, words), *(() if op.break_glass else why(op)))


def denial(op: Operation) -> tuple[Line, ...]:
    """Say why a request was denied, if it was and a reason is known."""
    reason = op.approval.denial if op.approval is not None and op.state is State.DENIED else None
    return (("Their reason: ", Said(reason, REASON_MAX)),) if reason else ()


def account(op: Operation) -> tuple[Fact, ...]:
    """State whose Vobiz account it is about."""
    return (Fact("Account", (Code(op.account),)),)


def expiry(op: Operation) -> tuple[Fact, ...]:
    """State until when a request can be approved."""
    return () if op.expires_at is None else (Fact("Expires", (When(op.expires_at),)),)


def withdraw_button(op: Operation) -> Button:
    """Make the button with which the requester takes a request back."""
    return Button(Act.WITHDRAW, "Withdraw", op.id, confirm=_WITHDRAW)


def _next(op: Operation, words: Words) -> tuple[Line, ...]:
    match op.state:
        case State.DENIED:
            return (("To ask for something else, send a new request.",),)
        case State.EXPIRED:
            return ((f"If the {words.noun} is still needed, send a new request.",),)
        case _:
            return ()


_WITHDRAW: Final = Confirm(
    "Withdraw this request?",
    "If it still waits, nobody can approve it after that; you can ask again with a new request."
    " If it was decided already, nothing changes, and you are told how it stands.",
    "Withdraw",
    "Cancel",
)
_HEADLINES: Final = {
    State.DENIED: ("Not approved", Tone.WARNING),
    State.EXPIRED: ("Expired before it was approved", Tone.WARNING),
    State.WITHDRAWN: ("Withdrawn", Tone.INFO),
}
