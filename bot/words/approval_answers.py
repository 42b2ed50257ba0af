"""What who decides about a request is told: that it is done, was done already, or cannot be done."""

from typing import Final

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import Report, Tone
from bot.blockkit.text import Code, Line, Person, When
from bot.domain.operation import Operation, State
from bot.domain.policy import Denied, Undetermined
from bot.kinds.wording import Words
from bot.words.approval_message import decided, decision_buttons, place_facts
from bot.words.approval_status import denial, expiry, needed, request_facts
from bot.words.phrases import ending, named, referred
from bot.words.refusal import outdated

_DONE: Final = {State.DENIED: "denied", State.WITHDRAWN: "withdrew"}


def decision_lost_message(op: Operation, words: Words, reader: str = "") -> Message:
    """Tell who decided too late what was first, and when: a person, or the time; or that it was they."""
    if op.decider is not None and op.decider == reader:
        done = _DONE.get(op.state, "approved")
        return note(Tone.INFO, (f"You {done} it already.",), ending(op, words), *denial(op), referred(op))
    if op.state is State.EXPIRED:
        at: Line = () if op.expires_at is None else (" (", When(op.expires_at), ")")
        again: Line = (f"If the {words.noun} is still needed, ", Person(op.requester), " can ask again.")
        return note(
            Tone.INFO, ("Too late. You changed nothing.",), *decided(op, words, at), again, referred(op)
        )
    return note(Tone.INFO, ("Somebody was first. You changed nothing.",), *decided(op, words), referred(op))


def changed_message(op: Operation, words: Words) -> Message:
    """Tell who approved that what they saw is not what is stored; `op` is what is stored."""
    return lay_out(
        Report(
            Tone.ERROR,
            "Not approved: the request is not what you saw",
            (
                ("What the message showed is not what is stored. Nothing was done.",),
                ("This is stored. Look for a newer message about it, or ask whoever asked for it.",),
            ),
            facts=(*request_facts(op, words), *place_facts(op)),
        )
    )


def held_message(twin: Operation, words: Words) -> Message:
    """Tell who approved that another operation holds what this one claims; `twin` is that one."""
    return lay_out(
        Report(
            Tone.WARNING,
            words.busy,
            (
                (f"Nothing was done, {words.apart}.",),
                asked_the_same(twin, words),
                ("This request still waits. When that one has ended, approve it or deny it.",),
                referred(twin),
            ),
        )
    )


def created_meanwhile_message(
    op: Operation, words: Words, bound: str, twin: Operation, number: int = 1
) -> Message:
    """Tell who approved that the same was done while this one waited; the latest is `twin`.

    Its button approves all the same: beside `bound` it carries of how many (`number`) they were told.
    """
    several = number > 1
    more = "one more" if several else f"a second {words.noun}"
    times = f"{number} times " if several else ""
    return lay_out(
        Report(
            Tone.WARNING,
            f"The same {words.noun} was {words.done} {times}meanwhile",
            (
                *((("The latest:",),) if several else ()),
                asked_the_same(twin, words),
                ("Its reference: ", Code(twin.ref)),
                (needed(op),),
                (f"Nothing was done. Approve this one too only if you want {more}.",),
            ),
            warnings=words.warnings(op.request, op.seen),
            facts=(*request_facts(op, words), *place_facts(op), *expiry(op)),
            buttons=decision_buttons(op, words, f"{bound} {number}")[:1],
        )
    )


def asked_the_same(twin: Operation, words: Words) -> Line:
    """Say whose an operation is that stands in the way, and how it stands."""
    same: Line = (f" asked for the same {words.details}. ",)
    if not words.details:
        same = (" asked for this: ", *named(twin, words), ". ")
    return (Person(twin.requester), *same, *ending(twin, words))


def outdated_message(op: Operation, words: Words, decision: Denied | Undetermined) -> Message:
    """Tell who approved that the rules do not let the requester ask for this (any more)."""
    still: Line = ("The request still waits, until it expires or somebody denies it.",)
    what: Line = (*named(op, words), ".")
    return lay_out(Report(Tone.ERROR, body=(*outdated(decision, op.channel), still, what, referred(op))))


def approval_recorded_message(
    op: Operation, words: Words, *, approved: bool, followed: bool = True
) -> Message:
    """Confirm a decision to who made it; `op` is the operation after it.

    `followed` says that there is an approval message that is brought up to date.
    """
    if approved:
        follow = "The approval message will say what becomes of it."
        look = "To see what becomes of it, ask for the status with the reference."
        return note(
            Tone.INFO, ("Approved. ", *ending(op, words)), (follow if followed else look,), referred(op)
        )
    return note(
        Tone.INFO,
        (f"Denied. {words.nothing}",),
        (Person(op.requester), " is told your reason."),
        referred(op),
    )


def withdrawn_message(op: Operation, words: Words) -> Message:
    """Confirm to the requester that the request is withdrawn."""
    gone = f"Withdrawn. {words.nothing} Nobody can approve it any more."
    return note(Tone.INFO, (gone,), referred(op))
