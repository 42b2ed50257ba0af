"""What is written about a request where it is approved, and what who decides about it is told.

The message in the approvals channel is one function of the operation: open with buttons, or settled and
saying what became of it, so that it can be brought up to date at any time.
"""

from dataclasses import replace
from typing import Final

from bot.operations import Operation, State, digest
from bot.policy import Denied, Members, Undetermined
from bot.slack.blocks import Message, lay_out
from bot.slack.phrases import REPEATED, ending, result_place
from bot.slack.refusals import SHOWN_HELPERS, listed, outdated
from bot.slack.report import Act, Button, Confirm, Fact, Report, Tone
from bot.slack.requests import denial, expiry, request_facts
from bot.slack.text import Code, Group, Line, Person, Piece, Said, When, plain, shown

# A dialog takes 300 characters in units that Slack does not state: 100 of four bytes are 200 in UTF-16.
_DIALOG_NAME: Final = 100
_DIALOG_ACCOUNT: Final = 40
_SHOWN_KNOWN: Final = 3
_NOBODY: Final = Members()


def approval_message(
    op: Operation,
    mention: Members,
    bound: str,
    *,
    known: frozenset[str] = frozenset(),
    decided_at: int | None = None,
    repeat: bool = False,
) -> Message:
    """Ask for an approval, or tell what became of it: `op.state` decides.

    `bound` is the digest of the request (`bot.operations.digest`); the buttons carry it. `mention` are the
    operators, of whom the open question mentions at most five, and nobody for `*`. `known` are the trunks of
    that name which the account had when the form was opened. `decided_at` is when it
    was decided, in milliseconds, when that is known. `repeat` says that the question may have been posted
    before; then it mentions nobody.
    """
    if op.state is State.AWAITING_APPROVAL:
        return lay_out(_question(op, mention, bound, known, repeat=repeat))
    return lay_out(_answered(op, decided_at))


def reminder_message(op: Operation) -> Message:
    """Remind, once, of a request that still waits; it mentions nobody."""
    until: Line = () if op.expires_at is None else (" It expires ", When(op.expires_at), ".")
    return lay_out(
        Report(
            Tone.INFO,
            "Still waiting for approval",
            ((Person(op.requester), " asks for the trunk ", Said(op.request.name, 255), ".", *until),),
            facts=(Fact("Reference", (Code(op.ref),)),),
        )
    )


def break_glass_message(op: Operation, mention: Members = _NOBODY, *, repeat: bool = False) -> Message:
    """Announce, for all operators to see, that somebody went without the second person.

    `repeat` says that it may have been announced before. It mentions the operators all the same: better
    twice than not at all.
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
            facts=(*request_facts(op), *_place(op)),
            steps=(("If nobody knows of this, look into it now.",),),
        )
    )


def decision_lost_message(op: Operation, reader: str = "") -> Message:
    """Tell who decided too late what was first: a person, who and what, or the time; or that it was they."""
    if op.decider is not None and op.decider == reader:
        done = _DONE.get(op.state, "approved")
        return _note((f"You {done} it already.",), ending(op), *denial(op), _reference(op))
    first = "Too late" if op.state is State.EXPIRED else "Somebody was first"
    return _note((f"{first}. You changed nothing.",), *_decision(op), _reference(op))


def changed_message(op: Operation) -> Message:
    """Tell who approved that what they saw is not what is stored; `op` is what is stored."""
    return lay_out(
        Report(
            Tone.ERROR,
            "Not approved: the request is not what you saw",
            (
                ("What the message showed is not what is stored. Nothing was done.",),
                ("This is stored. Look for a newer message about it, or ask who wants the trunk.",),
            ),
            facts=(*request_facts(op), *_place(op)),
        )
    )


def held_message(twin: Operation) -> Message:
    """Tell who approved that an identical trunk is in flight; `twin` is that one."""
    return lay_out(
        Report(
            Tone.WARNING,
            "The same trunk is being created already",
            (
                ("Nothing was done, so that there will not be two by accident.",),
                (Person(twin.requester), " asked for the same name, direction and limit. ", *ending(twin)),
                ("This request still waits. When that one has ended, approve it or deny it.",),
                _reference(twin),
            ),
        )
    )


def created_meanwhile_message(op: Operation, bound: str, twin: Operation, number: int = 1) -> Message:
    """Tell who approved that identical requests made trunks while this one waited; the latest is `twin`.

    Its button approves all the same: beside `bound` it carries of how many (`number`) they were told.
    """
    several = number > 1
    more = "one more" if several else "a second trunk"
    return lay_out(
        Report(
            Tone.WARNING,
            f"The same trunk was created {f'{number} times ' if several else ''}meanwhile",
            (
                *((("The latest:",),) if several else ()),
                (Person(twin.requester), " asked for the same name, direction and limit. ", *ending(twin)),
                (f"Nothing was done. Approve this one too only if there shall be {more}.",),
                _reference(twin),
            ),
            buttons=decision_buttons(op, f"{bound} {number}")[:1],
        )
    )


def outdated_message(op: Operation, decision: Denied | Undetermined) -> Message:
    """Tell who approved that the rules do not let the requester ask for this (any more)."""
    still: Line = ("The request still waits, until it expires or somebody denies it.",)
    return lay_out(Report(Tone.ERROR, body=(*outdated(decision, op.channel), still, _reference(op))))


def approved_here_message(op: Operation, decided_at: int) -> Message:
    """Say in a question that can not be brought up to date again who approved; `op` is as it was then."""
    told = _answered(op, decided_at)
    later = ("This message will not say what became of it: ask for the status with the reference.",)
    return lay_out(replace(told, body=(told.body[0], later)))


def approval_recorded_message(op: Operation, approved: bool, *, followed: bool = True) -> Message:
    """Confirm a decision to who made it; `op` is the operation after it.

    `followed` says that there is an approval message that is brought up to date.
    """
    if approved:
        follow = "The approval message will say what becomes of it."
        look = "To see what becomes of it, ask for the status with the reference."
        return _note(("Approved. ", *ending(op)), (follow if followed else look,), _reference(op))
    return _note(
        ("Denied. Nothing was created.",), (Person(op.requester), " is told your reason."), _reference(op)
    )


def withdrawn_message(op: Operation) -> Message:
    """Confirm to the requester that the request is withdrawn."""
    return _note(("Withdrawn. Nothing was created, and nobody can approve it any more.",), _reference(op))


def decision_buttons(op: Operation, bound: str) -> tuple[Button, Button]:
    """Make the buttons that decide about a request; their value is `<operation id> <digest>`."""
    value = f"{op.id} {bound}"
    return (
        Button(Act.APPROVE, "Approve", value, confirm=_confirm(op), primary=True),
        Button(Act.DENY, "Deny", value, danger=True),
    )


def bound_to(op: Operation) -> str:
    """Compute the digest of an operation as it is shown."""
    return digest(op.id, op.account, op.request, op.requester, op.channel)


def _question(op: Operation, mention: Members, bound: str, known: frozenset[str], *, repeat: bool) -> Report:
    # A repeat wakes nobody a second time.
    called = [] if repeat else _called(mention, op.requester)
    return Report(
        Tone.INFO,
        "Approve this SIP trunk?",
        (
            *(((*listed(called), ": please decide."),) if called else ()),
            (Person(op.requester), " asks for a trunk."),
            ("Once approved, Vobiz is asked, once, for exactly this name, direction and limit.",),
            *((REPEATED,) if repeat else ()),
        ),
        warnings=_same_name(known),
        facts=(*request_facts(op), *_place(op), *expiry(op)),
        buttons=decision_buttons(op, bound),
    )


def _same_name(known: frozenset[str]) -> tuple[Line, ...]:
    if not known:
        return ()
    more = f" and {len(known) - _SHOWN_KNOWN} more" if len(known) > _SHOWN_KNOWN else ""
    ids = [piece for trunk in sorted(known)[:_SHOWN_KNOWN] for piece in (" ", Code(trunk))]
    return (("When this was asked for, the account had a trunk of that name already:", *ids, f"{more}."),)


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
        _decision(op, at),
        facts=(*request_facts(op), *_place(op)),
    )


def _decision(op: Operation, at: Line = ()) -> tuple[Line, ...]:
    if op.state in _HEADLINES or op.approved_by is None:
        return (ending(op, at), *denial(op))
    return ((Person(op.approved_by), " approved it", *at, "."), ending(op))


def _place(op: Operation) -> tuple[Fact, ...]:
    return (Fact("Account", (Code(op.account),)), Fact("Asked for in", (result_place(op.channel),)))


def _confirm(op: Operation) -> Confirm:
    what = op.request
    return Confirm(
        "Approve and create it now?",
        f"Name {shown(Said(what.name, _DIALOG_NAME))}, {what.direction.value}, {what.calls} concurrent calls,"
        f" account {plain(op.account, _DIALOG_ACCOUNT)}. It is sent to Vobiz at once.",
        "Approve",
        "Cancel",
    )


def _reference(op: Operation) -> Line:
    return ("Reference: ", Code(op.ref))


def _note(*body: Line) -> Message:
    return lay_out(Report(Tone.INFO, body=body))


_DONE: Final = {State.DENIED: "denied", State.WITHDRAWN: "withdrew"}
_HEADLINES: Final = {
    State.DENIED: "Denied",
    State.EXPIRED: "Expired: nobody decided in time",
    State.WITHDRAWN: "Withdrawn by who asked",
}
