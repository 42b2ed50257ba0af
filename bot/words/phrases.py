"""Phrases about an operation that several messages share."""

from typing import Final

from bot.blockkit.report import Fact
from bot.blockkit.text import Code, Line, Person, Piece, Place, Said
from bot.domain.operation import Found, Operation, Standing, Step, StepState
from bot.kinds.wording import Words, first_up

REASON_MAX: Final = 1000  # characters of a person's reason, for asking or for denying
SUBJECT_MAX: Final = 255  # characters of what an operation is about
# After “Send again” the first sending stays as uncertain as it was, whatever the second one brings.
FIRST_UNKNOWN: Final = "What became of the first sending is still not known: look in the account."
REPEATED: Final[Line] = (
    "This may be here already: whether it was told before is not known. It is the same request.",
)


def ending(op: Operation, words: Words, at: Line = ()) -> Line:
    """Say in a sentence or two how an operation stands, for places that only refer to it.

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
            line = (f"{first_up(it)} was recorded as not {part.done}", *by, ".")
        case Standing.ACCEPTED | Standing.RUNNING:
            line = ("It is being sent again." if sent_before(op) else f"It is being {words.done}.",)
        case Standing.UNKNOWN:
            what = "A person has to decide." if op.asking else part.still_looking
            line = (f"Vobiz did not confirm {it}. {what}",)
        case _:
            line = _without_approval(op, words, at)
    return line


def _done(op: Operation, words: Words) -> Line:
    step = main_step(op)
    if step.thing is None:
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
            return ("It waits for approval. Nothing is sent to Vobiz before that.",)


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
    return next((step for step in op.steps if step.thing is not None), op.step)


def at_fault(op: Operation, words: Words) -> str:
    """Name what is spoken of: the operation, or of several steps the one that it is at."""
    if not several(op):
        return "it"
    return f"{numbered(op)} ({words.step(op.step.name)})"


def numbered(op: Operation) -> str:
    """Number the step that it is at: “step 2 of 3”."""
    return f"step {op.step.number} of {len(op.steps)}"


def in_doubt(op: Operation, words: Words) -> Words:
    """Return what is said of what may be in doubt: the operation, or of several steps the one it is at."""
    return words.of(op.step.name) if several(op) else words


def unchanged(op: Operation, words: Words) -> str:
    """Say what is left behind by a request that Vobiz refused, or that was not sent."""
    if begun(op):
        before = "What was done before it stays; nothing after it was started."
        return f"{FIRST_UNKNOWN} {before}" if sent_before(op) else before
    return FIRST_UNKNOWN if sent_before(op) else words.nothing


def decided_by(step: Step) -> Line:
    """Say who decided about a step, where that is known: “ by …”."""
    return (" by ", Person(step.decided_by)) if step.decided_by else ()


def works_for(op: Operation, account: str) -> Line:
    """Say for which account a request was, and that the bot works for `account` now."""
    return ("This was for the account ", Code(op.account), "; the bot works for ", Code(account), " now.")


def result_place(channel: str) -> Piece:
    """Name the place where a result appears; a direct message (D…) has no name that others may see."""
    return "the direct message it was asked from" if channel.startswith("D") else Place(channel)


def referred(op: Operation) -> Line:
    """Give the reference on a line of its own."""
    return ("Reference: ", Code(op.ref))


def named(op: Operation, words: Words, limit: int = SUBJECT_MAX) -> Line:
    """Say in a few words what was asked for: “Create trunk Sales, outbound, 10 concurrent calls”."""
    brief = words.brief(op.request)
    return (f"{words.act} ", Said(op.subject, limit), *((f", {brief}",) if brief else ()))


def asked(op: Operation, words: Words) -> tuple[Fact, ...]:
    """List what was asked for, by whom, and the reference."""
    return (*words.asked(op.request), *who(op, words))


def who(op: Operation, words: Words) -> tuple[Fact, ...]:
    """List who asked, who approved or why nobody had to, and the reference."""
    return (
        Fact("Asked for by", (Person(op.requester),)),
        *((Fact("Approved by", (Person(op.approved_by),)),) if op.approved_by else ()),
        *(_alone(op, words) if op.break_glass else ()),
        Fact("Reference", (Code(op.ref),)),
    )


def _alone(op: Operation, words: Words) -> tuple[Fact, ...]:
    done = f"{first_up(words.done)} without" if op.standing is Standing.DONE else "Without"
    return (Fact("Approval", (f"{done} a second person (break glass)",)), *why(op))


def why(op: Operation) -> tuple[Fact, ...]:
    """State the reason that the requester gave, if any."""
    return (Fact("Why", (Said(op.note, REASON_MAX),)),) if op.note else ()
