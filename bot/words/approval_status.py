"""What people are told about a request that needs approval, before it is approved or when it never was.

Nothing was sent to Vobiz in any of these states.
"""

from typing import Final

from bot.blockkit.report import Act, Button, Confirm, Fact, Report, Tone
from bot.blockkit.text import Code, Line, Said, When
from bot.domain.operation import Operation, State
from bot.words.phrases import REASON_MAX, asked, ending, result_place, why

_SHOWN_KNOWN: Final = 3


def unapproved(op: Operation, approvals: str | None) -> Report:
    """Tell who asked how the request stands; `approvals` is where approval was asked for, if known."""
    if op.state is State.AWAITING_APPROVAL:
        return _waiting(op, approvals)
    headline, tone = _HEADLINES[op.state]
    return Report(tone, headline, (ending(op), *denial(op)), facts=request_facts(op), steps=_STEPS[op.state])


def _waiting(op: Operation, approvals: str | None) -> Report:
    place = () if approvals is None else (("It was asked for in ", result_place(approvals), "."),)
    return Report(
        Tone.INFO,
        "Waiting for approval",
        (
            ("An operator other than who asks must approve. Nothing is sent to Vobiz before that.",),
            *place,
            ("The result will appear in ", result_place(op.channel), "."),
        ),
        warnings=same_name(op),
        facts=(*request_facts(op), *account(op), *expiry(op)),
        buttons=(withdraw_button(op),),
        hint=("To withdraw it, ask for its status with the reference, or open the bot's Home tab.",),
    )


def nobody_heard(op: Operation) -> Line:
    """Say that no operator could be asked, or told of a create without a second person."""
    if op.state is State.AWAITING_APPROVAL:
        return ("Nobody could be asked: talk to an operator, and give the reference ", Code(op.ref), ".")
    return ("No operator could be told that you went alone: tell one, with the reference ", Code(op.ref), ".")


def request_facts(op: Operation) -> tuple[Fact, ...]:
    """List what was asked for, by whom and why."""
    return (*asked(op), *(() if op.break_glass else why(op)))


def denial(op: Operation) -> tuple[Line, ...]:
    """Say why a request was denied, if it was and a reason is known."""
    if op.state is not State.DENIED or not op.denial:
        return ()
    return (("Their reason: ", Said(op.denial, REASON_MAX)),)


def account(op: Operation) -> tuple[Fact, ...]:
    """State in whose Vobiz account the trunk is to be."""
    return (Fact("Account", (Code(op.account),)),)


def same_name(op: Operation) -> tuple[Line, ...]:
    """Warn of trunks of that name, if there were any when it was asked for."""
    known = sorted(op.namesakes)
    if not known:
        return ()
    more = f" and {len(known) - _SHOWN_KNOWN} more" if len(known) > _SHOWN_KNOWN else ""
    ids = [piece for trunk in known[:_SHOWN_KNOWN] for piece in (" ", Code(trunk))]
    return (("When this was asked for, the account had a trunk of that name already:", *ids, f"{more}."),)


def expiry(op: Operation) -> tuple[Fact, ...]:
    """State until when a request can be approved."""
    return () if op.expires_at is None else (Fact("Expires", (When(op.expires_at),)),)


def withdraw_button(op: Operation) -> Button:
    """Make the button with which the requester takes a request back."""
    return Button(Act.WITHDRAW, "Withdraw", op.id, confirm=_WITHDRAW)


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
_STEPS: Final[dict[State, tuple[Line, ...]]] = {
    State.DENIED: (("To ask for something else, send a new request.",),),
    State.EXPIRED: (("If the trunk is still needed, send a new request.",),),
    State.WITHDRAWN: (),
}
