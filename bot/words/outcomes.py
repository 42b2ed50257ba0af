"""What people are told about an operation in each of its states: words only, no layout."""

from bot.blockkit.report import SHOWN_ITEMS, Button, Item, Report, Tone
from bot.blockkit.text import Line, Person
from bot.domain.operation import Choice, Operation, State
from bot.domain.resources import Trunk
from bot.words.approval_status import unapproved
from bot.words.created import created
from bot.words.phrases import (
    FIRST_UNKNOWN,
    NOTHING_CREATED,
    PLAIN_STATES,
    asked,
    describe,
    ending,
    sent_before,
)
from bot.words.reasons import reason
from bot.words.rejected import rejected
from bot.words.uncertain import asking, looking, will_appear


def report(op: Operation, settle: int | None = None, approvals: str | None = None) -> Report:
    """Tell what is true of an operation now.

    `settle` is for how many seconds the trunk was looked for, `approvals` the channel where its approval
    was asked for, where these are known.
    """
    match op.state:
        case State.CREATED if op.trunk is not None:
            told = created(op, op.trunk)
        case State.REJECTED:
            told = rejected(op)
        case State.NOT_SENT:
            told = _not_sent(op)
        case State.UNKNOWN:
            told = asking(op, settle) if op.asking else looking(op)
        case State.NOT_CREATED:
            told = _not_created(op)
        case State.ACCEPTED | State.SENDING:
            told = _creating(op)
        case State.AWAITING_APPROVAL | State.DENIED | State.EXPIRED | State.WITHDRAWN:
            told = unapproved(op, approvals)
        case _:
            headline, sentence = PLAIN_STATES[op.state]
            told = Report(Tone.INFO, headline, ((sentence,),), facts=asked(op))
    return told


def late_twins(op: Operation, twins: tuple[Trunk, ...]) -> Report:
    """Tell of trunks that turned up after an operation was settled and may be its second result."""
    count = "A trunk that fits" if len(twins) == 1 else f"{len(twins)} trunks that fit"
    body: list[Line] = [(f"{count} this request turned up later.",), ("About the request: ", *ending(op))]
    if len(twins) > SHOWN_ITEMS:
        body.append((f"The first {SHOWN_ITEMS} are listed; the rest are in the Vobiz account.",))
    return Report(
        Tone.WARNING,
        "Possibly a second trunk" if op.trunk is not None else "Possibly the trunk of this request",
        tuple(body),
        facts=asked(op),
        items=tuple(Item(describe(trunk)) for trunk in twins[:SHOWN_ITEMS]),
        steps=(
            ("Ask whether somebody else created it.",),
            ("If not, this request may have made it: decide which to keep, and delete the rest.",),
        ),
    )


def _not_sent(op: Operation) -> Report:
    again = sent_before(op)
    return Report(
        Tone.ERROR,
        "Not sent",
        (
            ("The request could not be sent to Vobiz. ", FIRST_UNKNOWN if again else NOTHING_CREATED),
            *reason(op),
        ),
        facts=asked(op),
        buttons=() if again else (Button(Choice.TRY_AGAIN, "Try again", op.id),),
        hint=None if again else ("It is safe to try again.",),
    )


def _not_created(op: Operation) -> Report:
    by: Line = (" by ", Person(op.decided_by)) if op.decided_by else ()
    return Report(
        Tone.WARNING,
        "Recorded as not created",
        (
            ("It was recorded as not created", *by, "."),
            ("Vobiz never confirmed: look in the account before you rely on it.",),
        ),
        facts=asked(op),
    )


def _creating(op: Operation) -> Report:
    now = "Accepted. Vobiz is asked once."
    if op.state is State.SENDING:
        now = "Sent again; waiting for Vobiz." if sent_before(op) else "Waiting for Vobiz."
    return Report(Tone.INFO, "Creating…", ((now,), will_appear(op)), facts=asked(op))
