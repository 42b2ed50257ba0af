"""Phrases about an operation that several messages share."""

from dataclasses import replace
from typing import Final

from bot.blockkit.report import Fact
from bot.blockkit.text import Code, Line, Person, Piece, Place, Said
from bot.domain.operation import Found, Operation, Standing, Step, StepState
from bot.kinds.wording import Words, first_up

REASON_MAX: Final = 1000  # characters of a person's reason, for asking or for denying
SUBJECT_MAX: Final = 255  # characters of what an operation is about
HEAD_MAX: Final = 80  # the same in a headline: a lock screen shows 100 to 180 characters
REPEATED: Final[Line] = (
    "You may have seen this already: Slack did not confirm the earlier message. It is the same request.",
)


def about(op: Operation, words: Words, limit: int = HEAD_MAX) -> Line:
    """Name what it is about: “trunk “Sales””."""
    return (f"{words.named} “", Said(op.subject, limit), "”")


def intent(op: Operation, words: Words, limit: int = HEAD_MAX) -> Line:
    """Say what was requested, inside a sentence: “create trunk “Sales” (outbound, 10 calls)”."""
    act = words.act
    return (f"{act[:1].lower()}{act[1:]} “", Said(op.subject, limit), f"”{_brief(op, words)}")


def named(op: Operation, words: Words, limit: int = SUBJECT_MAX) -> Line:
    """Say the same at the beginning of one: “Create trunk “Sales” (outbound, 10 calls)”."""
    return (f"{words.act} “", Said(op.subject, limit), f"”{_brief(op, words)}")


def _brief(op: Operation, words: Words) -> str:
    brief = words.brief(op.request)
    return f" ({brief})" if brief else ""


def standing_head(op: Operation, words: Words) -> Line:
    """Say in one line, without a full stop, what happened to what: enough for a lock screen."""
    thing: Line = (f"{first_up(words.named)} “", Said(op.subject, HEAD_MAX), "”")
    match op.standing:
        case Standing.DONE:
            line = words.headline(Said(op.subject, HEAD_MAX), op.request)
        case Standing.REJECTED | Standing.NOT_SENT | Standing.NOT_DONE if several(op):
            line = _step_head(op, words)
        case Standing.REJECTED:
            line = ("Vobiz refused to ", *intent(op, words))
        case Standing.NOT_SENT:
            line = ("Not sent: ", *intent(op, words))
        case Standing.NOT_DONE:
            line = (*thing, f": request closed as not {words.done}, never confirmed")
        case Standing.ACCEPTED | Standing.RUNNING:
            line = (f"{first_up(words.doing)} ", *about(op, words), f"{_brief(op, words)}…")
        case Standing.UNKNOWN:
            line = unconfirmed(op, words)
        case _:
            line = (f"{_UNAPPROVED[op.standing]}: ", *intent(op, words))
    return line


def _step_head(op: Operation, words: Words) -> Line:
    heads = {Standing.REJECTED: "Vobiz refused ", Standing.NOT_SENT: "Not sent: "}
    return (heads.get(op.standing, "Closed as not done: "), *_the_step(op, words))


def _the_step(op: Operation, words: Words) -> Line:
    """Name the step that it is at: “step 2 of 3 for trunk “Sales” (create the SIP login)”."""
    step = words.step(op.step.name, op.request)
    named: Line = (f"{words.names or words.record} “", Said(op.subject, HEAD_MAX), "”")
    return (f"{numbered(op)} for ", *named, f" ({step[:1].lower()}{step[1:]})")


_NOT_THERE: Final = frozenset({Standing.REJECTED, Standing.NOT_SENT, Standing.NOT_DONE, Standing.UNKNOWN})
_UNAPPROVED: Final = {
    Standing.AWAITING_APPROVAL: "Waiting for approval",
    Standing.DENIED: "Request denied",
    Standing.EXPIRED: "Request expired",
    Standing.WITHDRAWN: "Request withdrawn",
}


def unconfirmed(op: Operation, words: Words) -> Line:
    """Say what Vobiz did not confirm: the operation, or of several steps the one that it is at."""
    if several(op):
        return ("Vobiz did not confirm ", *_the_step(op, words))
    return (f"Vobiz did not confirm {words.doing} ", *about(op, words))


def ending(op: Operation, words: Words, at: Line = ()) -> Line:
    """Say in a sentence or two how an operation stands, for places that name it before.

    `at` says when a request ended without approval, where that is known.
    """
    it, by, part = at_fault(op, words), decided_by(op.step), in_doubt(op, words)
    match op.standing:
        case Standing.DONE:
            line = _done(op, words)
        case Standing.REJECTED:
            line = (f"Vobiz refused {it}. {unchanged(op, words)}",)
        case Standing.NOT_SENT:
            line = (f"{first_up(it)} could not be sent. {unchanged(op, words)}",)
        case Standing.NOT_DONE:
            line = (f"{first_up(it)} was closed as not {part.done}", *by, ".")
        case Standing.ACCEPTED | Standing.RUNNING:
            line = ("It is being sent again." if sent_before(op) else f"It is being {words.done}.",)
        case Standing.UNKNOWN:
            what = "An operator must decide." if op.asking else part.looking
            line = (f"Vobiz did not confirm {it}. {what}",)
        case _:
            line = _without_approval(op, words, at)
    return line


def _done(op: Operation, words: Words) -> Line:
    step = main_step(op)
    if step.thing is None or several(op):  # of several steps each may have a record of another type
        return (f"The {words.noun} was {words.done}.",)
    if step.found is Found.PERSON:
        return (f"The {words.record} is ", Code(step.thing.id), ", picked", *decided_by(step), ".")
    return (f"The {words.noun} was {words.done}: ", Code(step.thing.id), ".")


def _without_approval(op: Operation, words: Words, at: Line) -> Line:
    match op.standing:
        case Standing.DENIED:
            by: Line = (" by ", Person(op.decider)) if op.decider else ()
            return ("It was denied", *by, *at, f". {words.nothing}")
        case Standing.EXPIRED:
            return ("It expired", *at, f" before anybody approved it. {words.nothing}")
        case Standing.WITHDRAWN:
            return (Person(op.requester), " withdrew it", *at, f". {words.nothing}")
        case _:
            return ("It is waiting for approval. Nothing is sent to Vobiz until then.",)


def sent_before(op: Operation) -> bool:
    """Tell whether the step that it is at was sent before the latest time, and that ended uncertain."""
    return op.step.sendings > 1


def several(op: Operation) -> bool:
    """Tell whether it has more than one step."""
    return len(op.steps) > 1


def begun(op: Operation) -> bool:
    """Tell whether any step of it was done."""
    return any(step.state is StepState.DONE for step in op.steps)


def main_step(op: Operation) -> Step:
    """Return the step whose record the result is about: the first that brought one."""
    done = (step for step in op.steps if step.thing is not None and step.state is StepState.DONE)
    return next(done, op.step)


def at_fault(op: Operation, words: Words) -> str:
    """Name what is spoken of: the operation, or of several steps the one that it is at."""
    if not several(op):
        return "it"
    return f"{numbered(op)} ({words.step(op.step.name, op.request)})"


def numbered(op: Operation) -> str:
    """Number the step that it is at: “step 2 of 3”."""
    return f"step {op.step.number} of {len(op.steps)}"


def in_doubt(op: Operation, words: Words) -> Words:
    """Return what is said of what may be in doubt: the operation, or of several steps the one it is at."""
    return words.of(op.step.name) if several(op) else words


def unchanged(op: Operation, words: Words) -> str:
    """Say what is left behind by a request that Vobiz refused, or that was not sent."""
    if begun(op):
        before = "What was done before this step stays; nothing after it was started."
        return f"{first_unknown(in_doubt(op, words))} {before}" if sent_before(op) else before
    return first_unknown(in_doubt(op, words)) if sent_before(op) else words.nothing


def first_unknown(words: Words) -> str:
    """Say that the first sending stays as uncertain as it was, whatever a second one brings."""
    may = "check the account for a duplicate" if words.doubles else words.either
    return f"The outcome of the first attempt is still not known: {may}."


def decided_by(step: Step) -> Line:
    """Say who decided about a step, where that is known: “ by …”."""
    return (" by ", Person(step.decided_by)) if step.decided_by else ()


def works_for(op: Operation, account: str) -> Line:
    """Say for which account a request was, and that the bot works for `account` now."""
    return ("This was for the account ", Code(op.account), "; I work for ", Code(account), " now.")


def result_place(channel: str) -> Piece:
    """Name the place where a result appears; a direct message (D…) has no name that others may see."""
    return "the direct message it was requested from" if channel.startswith("D") else Place(channel)


def referred(op: Operation) -> Line:
    """Give the reference on a line of its own."""
    return ("Reference: ", Code(op.ref))


def asked(op: Operation, words: Words) -> tuple[Fact, ...]:
    """List what was requested, by whom, and the reference.

    Where that was not done, or nobody knows, it is not told as if it were there: “SIP login (requested)”.
    """
    facts = words.asked(op.request)
    if op.standing in _NOT_THERE:
        facts = tuple(one if one.lasting else replace(one, label=f"{one.label} (requested)") for one in facts)
    return (*facts, *who(op))


def who(op: Operation) -> tuple[Fact, ...]:
    """Say in a line who requested it, who approved it or that nobody did, and the reference."""
    approved: Line = (", approved by ", Person(op.approved_by)) if op.approved_by else ()
    alone: Line = (", without approval (break glass)",) if op.break_glass else ()
    people: Line = ("Requested by ", Person(op.requester), *approved, *alone)
    return (*(why(op) if op.break_glass else ()), Fact("", (*people, " · ", *referred(op))))


def why(op: Operation) -> tuple[Fact, ...]:
    """State the reason that the requester gave, if any."""
    return (Fact("Reason", (Said(op.note, REASON_MAX),)),) if op.note else ()
