"""What who decides about a request is told: that it is done, was done already, or can not be done."""

from typing import Final

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import Report, Tone
from bot.blockkit.text import Code, Line, Person
from bot.domain.operation import Operation, State
from bot.domain.policy import Denied, Undetermined
from bot.words.approval_status import denial, expiry, request_facts, same_name
from bot.words.approvals import decided, decision_buttons, place_facts
from bot.words.phrases import ending, referred
from bot.words.refusals import outdated

_DONE: Final = {State.DENIED: "denied", State.WITHDRAWN: "withdrew"}


def decision_lost_message(op: Operation, reader: str = "") -> Message:
    """Tell who decided too late what was first: a person, who and what, or the time; or that it was they."""
    if op.decider is not None and op.decider == reader:
        done = _DONE.get(op.state, "approved")
        return note(Tone.INFO, (f"You {done} it already.",), ending(op), *denial(op), referred(op))
    first = "Too late" if op.state is State.EXPIRED else "Somebody was first"
    return note(Tone.INFO, (f"{first}. You changed nothing.",), *decided(op), referred(op))


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
            facts=(*request_facts(op), *place_facts(op)),
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
                referred(twin),
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
                ("Its reference: ", Code(twin.ref)),
                (f"Nothing was done. Approve this one too only if there shall be {more}.",),
            ),
            warnings=same_name(op),
            facts=(*request_facts(op), *place_facts(op), *expiry(op)),
            buttons=decision_buttons(op, f"{bound} {number}")[:1],
        )
    )


def outdated_message(op: Operation, decision: Denied | Undetermined) -> Message:
    """Tell who approved that the rules do not let the requester ask for this (any more)."""
    still: Line = ("The request still waits, until it expires or somebody denies it.",)
    return lay_out(Report(Tone.ERROR, body=(*outdated(decision, op.channel), still, referred(op))))


def approval_recorded_message(op: Operation, approved: bool, *, followed: bool = True) -> Message:
    """Confirm a decision to who made it; `op` is the operation after it.

    `followed` says that there is an approval message that is brought up to date.
    """
    if approved:
        follow = "The approval message will say what becomes of it."
        look = "To see what becomes of it, ask for the status with the reference."
        return note(Tone.INFO, ("Approved. ", *ending(op)), (follow if followed else look,), referred(op))
    return note(
        Tone.INFO,
        ("Denied. Nothing was created.",),
        (Person(op.requester), " is told your reason."),
        referred(op),
    )


def withdrawn_message(op: Operation) -> Message:
    """Confirm to the requester that the request is withdrawn."""
    return note(
        Tone.INFO, ("Withdrawn. Nothing was created, and nobody can approve it any more.",), referred(op)
    )
