"""Phrases about an operation or a trunk that several messages share."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.report import Fact
from bot.blockkit.text import Code, Line, Person, Piece, Place, Said
from bot.domain.operation import Found, Operation, State
from bot.domain.resources import Trunk

REASON_MAX: Final = 1000  # characters of a person's reason, for asking or for denying
UNSTATED: Final = "not stated by Vobiz"
NOTHING_CREATED: Final = "Nothing was created."
# After “Send again” the first sending stays as uncertain as it was, whatever the second one brings.
FIRST_UNKNOWN: Final = "What became of the first sending is still not known: look in the account."
REPEATED: Final[Line] = (
    "This may be here already: whether it was told before is not known. It is the same request.",
)

# States that need no more than a headline and a sentence.
PLAIN_STATES: Final = MappingProxyType(
    {
        State.DRAFT: ("Not confirmed yet", "Nothing was sent to Vobiz."),
        # The ledger stores the trunk in the same write; without it only this much is known.
        State.CREATED: ("Trunk created", "Its details are not at hand: look in the Vobiz account."),
    }
)


def ending(op: Operation, at: Line = ()) -> Line:
    """Say in a sentence or two how an operation stands, for places that only refer to it.

    `at` says when a request ended without approval, where that is known.
    """
    by: Line = (" by ", Person(op.decided_by)) if op.decided_by else ()
    nothing = f" {FIRST_UNKNOWN if sent_before(op) else NOTHING_CREATED}"
    match op.state:
        case State.CREATED if op.trunk is not None:
            line: Line = ("The trunk was created: ", Code(op.trunk.id), ".")
            if op.found is Found.PERSON:
                line = ("The trunk is ", Code(op.trunk.id), ", picked", *by, ".")
        case State.REJECTED:
            line = ("Vobiz refused it.", nothing)
        case State.NOT_SENT:
            line = ("It could not be sent.", nothing)
        case State.NOT_CREATED:
            line = ("It was recorded as not created", *by, ".")
        case State.ACCEPTED | State.SENDING:
            line = ("It is being sent again." if sent_before(op) else "It is being created.",)
        case State.UNKNOWN:
            what = "A person has to decide." if op.asking else "The bot is looking for the trunk."
            line = (f"Vobiz did not confirm it. {what}",)
        case State.CREATED | State.DRAFT:
            line = (". ".join(PLAIN_STATES[op.state]),)
        case _:
            line = _without_approval(op, by, at)
    return line


def _without_approval(op: Operation, by: Line, at: Line) -> Line:
    match op.state:
        case State.DENIED:
            return ("It was denied", *by, *at, f". {NOTHING_CREATED}")
        case State.EXPIRED:
            return ("It expired", *at, f" before anybody approved it. {NOTHING_CREATED}")
        case State.WITHDRAWN:
            return (Person(op.requester), " withdrew it", *at, f". {NOTHING_CREATED}")
        case _:
            return ("It waits for approval. Nothing is sent to Vobiz before that.",)


def sent_before(op: Operation) -> bool:
    """Tell whether an earlier sending of this operation ended uncertain: only then was there a look."""
    return op.look is not None


def works_for(op: Operation, account: str) -> Line:
    """Say for which account a request was, and that the bot works for `account` now."""
    return ("This was for the account ", Code(op.account), "; the bot works for ", Code(account), " now.")


def describe(trunk: Trunk) -> Line:
    """Describe a trunk in one line: id, name, direction, concurrent calls, time of creation."""
    pieces: list[Piece] = [Code(trunk.id)]
    if trunk.name is not None:
        pieces += [" ", Said(trunk.name, 80)]
    if trunk.direction is not None:
        pieces += [", ", Said(trunk.direction, 40)]
    if trunk.calls is not None:
        pieces.append(f", {trunk.calls} concurrent calls")
    if trunk.created_at is not None:
        pieces.append(f", created {trunk.created_at:%Y-%m-%d %H:%M:%S %Z}")
    return tuple(pieces)


def result_place(channel: str) -> Piece:
    """Name the place where a result appears; a direct message (D…) has no name that others may see."""
    return "the direct message it was asked from" if channel.startswith("D") else Place(channel)


def referred(op: Operation) -> Line:
    """Give the reference on a line of its own."""
    return ("Reference: ", Code(op.ref))


def asked(op: Operation) -> tuple[Fact, ...]:
    """List what was asked for, by whom, and the reference."""
    return (
        Fact("Name", (Said(op.request.name, 300),)),
        Fact("Direction", (op.request.direction.value,)),
        Fact("Concurrent calls", (str(op.request.calls),)),
        *who(op),
    )


def who(op: Operation) -> tuple[Fact, ...]:
    """List who asked, who approved or why nobody had to, and the reference."""
    return (
        Fact("Asked for by", (Person(op.requester),)),
        *((Fact("Approved by", (Person(op.approved_by),)),) if op.approved_by else ()),
        *(alone(op) if op.break_glass else ()),
        Fact("Reference", (Code(op.ref),)),
    )


def alone(op: Operation) -> tuple[Fact, ...]:
    """State that nobody else approved, and the reason that was given for that."""
    done = "Created without" if op.state is State.CREATED else "Without"
    return (Fact("Approval", (f"{done} a second person (break glass)",)), *why(op))


def why(op: Operation) -> tuple[Fact, ...]:
    """State the reason that the requester gave, if any."""
    return (Fact("Why", (Said(op.note, REASON_MAX),)),) if op.note else ()
