"""What approvers are told when they decide: that it is done, was already done, or cannot be done."""

from typing import Final

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import Report, Tone
from bot.blockkit.text import Code, Line, Person, When
from bot.domain.operation import Operation, State
from bot.domain.policy import Denied, Undetermined
from bot.kinds.wording import Words
from bot.words.approval_message import decided, decision_buttons, place_facts
from bot.words.approval_status import denial, expiry, needed, request_facts
from bot.words.phrases import about, ending, intent, named, referred
from bot.words.refusal import outdated

_DONE: Final = {State.DENIED: "denied", State.WITHDRAWN: "withdrew"}


def decision_lost_message(op: Operation, words: Words, reader: str = "") -> Message:
    """Tell somebody who decided too late who was first, and when: a person, or the clock; or themselves."""
    if op.decider is not None and op.decider == reader:
        done = _DONE.get(op.state, "approved")
        return note(Tone.INFO, (f"You already {done} it.",), ending(op, words), *denial(op), referred(op))
    if op.state is State.EXPIRED:
        at: Line = () if op.expires_at is None else (" (", When(op.expires_at), ")")
        again: Line = (f"If the {words.noun} is still needed, ", Person(op.requester), " can ask again.")
        return note(
            Tone.INFO, ("Too late. Your click had no effect.",), *decided(op, words, at), again, referred(op)
        )
    return note(Tone.INFO, ("Already decided. Your click had no effect.",), *decided(op, words), referred(op))


def changed_message(op: Operation, words: Words) -> Message:
    """Tell the approver that what they saw is not what is stored; `op` is what is stored."""
    return lay_out(
        Report(
            Tone.ERROR,
            ("Not approved: the request is not what you saw",),
            (
                ("What the message showed is not what is stored. Nothing was done.",),
                ("Stored is: ", *intent(op, words), "."),
                ("Look for a newer message about it, or ask the requester.",),
            ),
            facts=(*request_facts(op, words), *place_facts(op)),
        )
    )


def held_message(twin: Operation, words: Words) -> Message:
    """Tell the approver that another operation holds what this one claims; `twin` is that one."""
    return lay_out(
        Report(
            Tone.WARNING,
            (words.busy,),
            (
                (f"Nothing was done, {words.apart}.",),
                asked_the_same(twin, words),
                ("This request is still waiting. When the other one has ended, approve or deny it.",),
                referred(twin),
            ),
        )
    )


def created_meanwhile_message(
    op: Operation, words: Words, bound: str, twin: Operation, number: int = 1
) -> Message:
    """Tell the approver that the same was done while this one waited; the latest is `twin`.

    Its button approves all the same: beside `bound` it carries of how many (`number`) they were told.
    """
    several = number > 1
    more = "one more" if several else f"a second {words.noun}"
    times = f"{number} times " if several else ""
    return lay_out(
        Report(
            Tone.WARNING,
            (f"An identical {words.noun} was {words.done} {times}in the meantime: ", *about(op, words)),
            (
                *((("The latest:",),) if several else ()),
                asked_the_same(twin, words),
                ("Its reference: ", Code(twin.ref)),
                ("This request: ", *intent(op, words), f". {needed(op)}"),
                (f"Nothing was done. Approve only if you want {more}.",),
            ),
            warnings=words.warnings(op.request, op.seen),
            facts=(*request_facts(op, words), *place_facts(op), *expiry(op)),
            buttons=decision_buttons(op, words, f"{bound} {number}")[:1],
        )
    )


def asked_the_same(twin: Operation, words: Words) -> Line:
    """Say whose an operation is that stands in the way, and how it stands."""
    same: Line = (f" requested the same {words.details}. ",)
    if not words.details:
        same = (" requested this: ", *intent(twin, words), ". ")
    return (Person(twin.requester), *same, *ending(twin, words))


def outdated_message(op: Operation, words: Words, decision: Denied | Undetermined) -> Message:
    """Tell the approver that the rules do not let the requester ask for this (any more)."""
    still: Line = ("The request is still waiting, until it expires or somebody denies it.",)
    what: Line = (*named(op, words), ".")
    return lay_out(Report(Tone.ERROR, body=(*outdated(decision, op.channel), still, what, referred(op))))


def approval_recorded_message(
    op: Operation, words: Words, *, approved: bool, followed: bool = True
) -> Message:
    """Confirm a decision to the person who made it; `op` is the operation after it.

    `followed` says that there is an approval message that is brought up to date.
    """
    if approved:
        follow = "The approval message will show the result."
        look = "To see the result, ask for the status with the reference."
        # Where Slack takes no answer this stays as a direct message: it says nothing that is over soon.
        what: Line = ("Approved: ", *intent(op, words), ".")
        return note(Tone.INFO, what, (follow if followed else look,), referred(op))
    return note(
        Tone.INFO,
        (f"Denied. {words.nothing}",),
        (Person(op.requester), " will read your reason."),
        referred(op),
    )


def withdrawn_message(op: Operation, words: Words) -> Message:
    """Confirm to the requester that the request is withdrawn."""
    gone = f"Withdrawn. {words.nothing} Nobody can approve it any more."
    return note(Tone.INFO, (gone,), referred(op))
