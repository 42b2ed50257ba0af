"""What is written about a request in the channel where it is approved, for all who may decide about it.

The message in the approvals channel is one function of the operation: open with buttons, or settled and
saying what became of it, so that it can be brought up to date at any time.
"""

from dataclasses import replace
from typing import Final

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Act, Button, Confirm, Fact, Report, Tone
from bot.blockkit.text import Group, Line, Person, Piece, Said, When, plain, shown
from bot.domain.operation import Operation, State
from bot.domain.policy import Members
from bot.words.approval_status import account, denial, expiry, request_facts, same_name
from bot.words.phrases import REPEATED, ending, result_place
from bot.words.refusals import SHOWN_HELPERS, listed

# A dialog takes 300 characters in units that Slack does not state: 100 of four bytes are 200 in UTF-16.
_DIALOG_NAME: Final = 100
_DIALOG_ACCOUNT: Final = 40
_NOBODY: Final = Members()


def approval_message(
    op: Operation,
    mention: Members,
    bound: str,
    *,
    decided_at: int | None = None,
    repeat: bool = False,
) -> Message:
    """Ask for an approval, or tell what became of it: `op.state` decides.

    `bound` is the digest of the request (`bot.domain.operation.digest`); the buttons carry it. `mention` are
    the operators, of whom the open question mentions at most five, and nobody for `*`. `decided_at` is when
    it was decided, in milliseconds, when that is known. `repeat` says that the question may have been posted
    before.
    """
    if op.state is State.AWAITING_APPROVAL:
        return lay_out(_question(op, mention, bound, repeat=repeat))
    return lay_out(_answered(op, decided_at))


def reminder_message(op: Operation, mention: Members, bound: str) -> Message:
    """Remind, once, of a request that still waits: the question again, which can be decided from here."""
    return lay_out(replace(_question(op, mention, bound), headline="Still waiting for approval"))


def break_glass_message(op: Operation, mention: Members = _NOBODY, *, repeat: bool = False) -> Message:
    """Announce, for all operators to see, that somebody went without the second person.

    `repeat` says that it may have been announced before.
    """
    called = _called(mention, op.requester)
    return lay_out(
        Report(
            Tone.WARNING,
            "BREAK GLASS: a trunk without a second person",
            (
                *((listed(called),) if called else ()),
                (Person(op.requester), " went ahead alone, above the limit that takes a second operator."),
                *((REPEATED,) if repeat else ()),
            ),
            warnings=(("How it stands: ", *ending(op)),),
            facts=(*request_facts(op), *place_facts(op)),
            steps=(("If nobody knows of this, look into it now.",),),
        )
    )


def approved_here_message(op: Operation, decided_at: int) -> Message:
    """Say in a question that can not be brought up to date again who approved; `op` is as it was then."""
    told = _answered(op, decided_at)
    later = ("This message will not say what became of it: ask for the status with the reference.",)
    return lay_out(replace(told, body=(told.body[0], later)))


def decision_buttons(op: Operation, bound: str) -> tuple[Button, Button]:
    """Make the buttons that decide about a request; their value is `<operation id> <digest>`."""
    value = f"{op.id} {bound}"
    return (
        Button(Act.APPROVE, "Approve", value, confirm=_confirm(op), primary=True),
        Button(Act.DENY, "Deny", value, danger=True),
    )


def _question(op: Operation, mention: Members, bound: str, *, repeat: bool = False) -> Report:
    called = _called(mention, op.requester)
    return Report(
        Tone.INFO,
        "Approve this SIP trunk?",
        (
            *(((*listed(called), ": please decide."),) if called else ()),
            (Person(op.requester), " asks for a trunk."),
            ("Once approved, Vobiz is asked, once, for exactly this name, direction and limit.",),
            *((REPEATED,) if repeat else ()),
        ),
        warnings=same_name(op),
        facts=(*request_facts(op), *place_facts(op), *expiry(op)),
        buttons=decision_buttons(op, bound),
    )


def _called(operators: Members, requester: str) -> list[Piece]:
    # Groups first: who is on call changes there. Who asks can not decide.
    groups: list[Piece] = [Group(group) for group in sorted(operators.groups)]
    users = [Person(user) for user in sorted(operators.users) if user != requester]
    return [*groups, *users][:SHOWN_HELPERS]


def _answered(op: Operation, decided_at: int | None) -> Report:
    at: Line = () if decided_at is None else (" (", When(decided_at), ")")
    return Report(
        Tone.INFO,
        _HEADLINES.get(op.state, "Approved" if op.approved_by else "SIP trunk"),
        decided(op, at),
        facts=(*request_facts(op), *place_facts(op)),
    )


def decided(op: Operation, at: Line = ()) -> tuple[Line, ...]:
    """Say who decided what, or how it ended without that; `at` is when."""
    if op.state in _HEADLINES or op.approved_by is None:
        return (ending(op, at), *denial(op))
    return ((Person(op.approved_by), " approved it", *at, "."), ending(op))


def place_facts(op: Operation) -> tuple[Fact, ...]:
    """Say for which account and where it was asked for."""
    return (*account(op), Fact("Asked for in", (result_place(op.channel),)))


def _confirm(op: Operation) -> Confirm:
    what = op.request
    return Confirm(
        "Approve and create it now?",
        f"Name {shown(Said(what.name, _DIALOG_NAME))}, {what.direction.value}, {what.calls} concurrent calls,"
        f" account {plain(op.account, _DIALOG_ACCOUNT)}. It is sent to Vobiz at once.",
        "Approve",
        "Cancel",
    )


_HEADLINES: Final = {
    State.DENIED: "Denied",
    State.EXPIRED: "Expired: nobody decided in time",
    State.WITHDRAWN: "Withdrawn by who asked",
}
