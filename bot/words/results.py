"""The message that tells what became of an operation, and those that follow when that changes."""

from dataclasses import replace

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Report, Tone
from bot.blockkit.text import Code, Line, Place
from bot.domain.operation import Operation, State
from bot.domain.resources import Trunk
from bot.words.approval_status import nobody_heard
from bot.words.outcomes import late_twins, report
from bot.words.phrases import REPEATED, ending


def operation_message(
    op: Operation,
    *,
    settle: int | None = None,
    repeat: bool = False,
    instead_of: str | None = None,
    approvals: str | None = None,
    unheard: bool = False,
) -> Message:
    """Lay out what is true of an operation now.

    `settle` is for how many seconds the trunk was looked for; `repeat` says that it may have been posted
    before; `instead_of` is the channel that the bot may not post in, when the message goes elsewhere;
    `approvals` is the channel where the approval was asked for, when it is known; `unheard` says that no
    operator could be reached.
    """
    notes: list[Line] = []
    if repeat:
        notes.append(REPEATED)
    if unheard:
        notes.append(nobody_heard(op))
    if instead_of is not None and not instead_of.startswith("D"):
        notes.append(
            (
                "The bot could not post in ",
                Place(instead_of),
                ". To let it, use /invite there.",
            )
        )
    told = report(op, settle, approvals)
    return lay_out(replace(told, body=(*told.body, *notes)) if notes else told)


def replaced_message(op: Operation) -> Message:
    """Replace an older message, which a newer one follows, by one line without buttons."""
    newer = "A newer message follows. " if op.state is State.UNKNOWN else "Settled: "
    return lay_out(Report(Tone.INFO, body=((newer, *ending(op), " Reference: ", Code(op.ref)),)))


def late_twin_message(op: Operation, twins: tuple[Trunk, ...], *, repeat: bool = False) -> Message:
    """Report trunks that turned up after an operation was settled and may be its second result.

    `repeat` says that they may have been reported before.
    """
    told = late_twins(op, twins)
    return lay_out(replace(told, body=(*told.body, REPEATED)) if repeat else told)
