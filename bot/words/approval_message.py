"""What is written about a request in the channel where it is approved, for all who may decide about it.

The message in the approvals channel is one function of the operation: open with buttons, or settled and
saying what became of it, so that it can be brought up to date at any time.
"""

from dataclasses import replace
from typing import Final

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Act, Button, Confirm, Fact, Report, Tone
from bot.blockkit.text import Line, Person, Said, When, plain, shown
from bot.domain.operation import IN_FLIGHT, Operation, Standing, State
from bot.domain.policy import Members
from bot.kinds.wording import Words
from bot.words.approval_status import account, denial, expiry, needed, request_facts
from bot.words.phrases import REPEATED, ending, intent, result_place, several, standing_head
from bot.words.refusal import called, listed
from bot.words.steps import tasks

# A dialog takes 300 characters in units that Slack does not state: 100 of four bytes are 200 in UTF-16.
_DIALOG_SUBJECT: Final = 100
_DIALOG_ACCOUNT: Final = 40
_DIALOG_BRIEF: Final = 60
_NOBODY: Final = Members()


def approval_message(
    op: Operation,
    words: Words,
    mention: Members,
    bound: str,
    *,
    decided_at: int | None = None,
    repeat: bool = False,
) -> Message:
    """Ask for an approval, or tell what became of it: `op.state` decides.

    `bound` is the digest of the request (`Operation.bound`); the buttons carry it. `mention` are the
    operators, of whom the open question mentions at most five, and nobody for `*`. `decided_at` is when it
    was decided, in milliseconds, when that is known. `repeat` says that the question may have been posted
    before.
    """
    if op.state is State.AWAITING_APPROVAL:
        return lay_out(_question(op, words, mention, bound, repeat=repeat))
    return lay_out(_answered(op, words, decided_at))


def reminder_message(op: Operation, words: Words, mention: Members, bound: str) -> Message:
    """Remind, once, of a request that still waits: the question again, which can be decided from here."""
    question = _question(op, words, mention, bound)
    return lay_out(replace(question, headline=("Still waiting for approval: ", *intent(op, words))))


def break_glass_message(
    op: Operation, words: Words, mention: Members = _NOBODY, *, repeat: bool = False
) -> Message:
    """Announce, for all operators to see, that somebody skipped the approval.

    `repeat` says that it may have been announced before.
    """
    people = called(mention, op.requester)
    return lay_out(
        Report(
            Tone.WARNING,
            ("BREAK GLASS, without approval: ", *intent(op, words)),
            (
                (*listed(people), ": please read.") if people else ("All operators: please read.",),
                (Person(op.requester), " skipped the approval that a second operator has to give."),
                ("Now: ", *ending(op, words)),
                *((REPEATED,) if repeat else ()),
            ),
            warnings=words.warnings(op.request, op.seen),
            facts=(*request_facts(op, words), *place_facts(op)),
            steps=(("If you did not expect this, investigate now.",),),
        )
    )


def approved_here_message(op: Operation, words: Words, decided_at: int | None) -> Message:
    """Say in a question that cannot be brought up to date again who decided, and the end if there is one."""
    told = _answered(op, words, decided_at)
    if op.state not in IN_FLIGHT:
        return lay_out(told)
    later = ("I cannot update this message: ask for the status with the reference to see the result.",)
    return lay_out(replace(told, body=(told.body[0], later)))


def decision_buttons(op: Operation, words: Words, bound: str) -> tuple[Button, Button]:
    """Make the buttons that decide about a request; their value is `<operation id> <digest>`."""
    value = f"{op.id} {bound}"
    return (
        Button(Act.APPROVE, "Approve", value, confirm=_confirm(op, words), primary=True),
        Button(Act.DENY, "Deny", value, danger=True),
    )


def _question(op: Operation, words: Words, mention: Members, bound: str, *, repeat: bool = False) -> Report:
    people = called(mention, op.requester)
    once = "each step once" if several(op) else "once"
    return Report(
        Tone.QUESTION,
        ("Approval needed: ", *intent(op, words)),
        (
            *(((*listed(people), ": please decide."),) if people else ()),
            (needed(op),),
            (f"If you approve, exactly this is sent to Vobiz, {once}.",),
            *((REPEATED,) if repeat else ()),
            *((words.remark,) if words.remark else ()),
        ),
        tasks(op, words),
        warnings=words.warnings(op.request, op.seen),
        facts=(*request_facts(op, words), *place_facts(op), *expiry(op)),
        buttons=decision_buttons(op, words, bound),
    )


def _answered(op: Operation, words: Words, decided_at: int | None) -> Report:
    at: Line = () if decided_at is None else (" (", When(decided_at), ")")
    return Report(
        _tone(op),
        _head(op, words),
        decided(op, words, at),
        facts=(*request_facts(op, words), *place_facts(op)),
    )


def _tone(op: Operation) -> Tone:
    match op.standing:
        case Standing.DONE:
            return Tone.SUCCESS
        case Standing.REJECTED | Standing.NOT_SENT:
            return Tone.ERROR
        case Standing.UNKNOWN | Standing.NOT_DONE:
            return Tone.WARNING
        case _:
            return Tone.INFO


def _head(op: Operation, words: Words) -> Line:
    """Say what was decided and what became of it: the approvers may have muted the other channel."""
    if op.approved_by is None:
        return standing_head(op, words)
    if op.standing in {Standing.ACCEPTED, Standing.RUNNING}:
        return ("Approved: ", *intent(op, words))
    return ("Approved. ", *standing_head(op, words))


def decided(op: Operation, words: Words, at: Line = ()) -> tuple[Line, ...]:
    """Say who decided what, or how it ended without that; `at` is when."""
    if op.approved_by is None:
        return (ending(op, words, at), *denial(op))
    return ((Person(op.approved_by), " approved it", *at, "."), ending(op, words))


def place_facts(op: Operation) -> tuple[Fact, ...]:
    """Say for which account and where it was requested."""
    return (*account(op), Fact("Requested in", (result_place(op.channel),)))


def _confirm(op: Operation, words: Words) -> Confirm:
    brief = words.brief(op.request)
    what = f"{shown(Said(op.subject, _DIALOG_SUBJECT))}{f', {plain(brief, _DIALOG_BRIEF)}' if brief else ''}"
    return Confirm(
        f"Approve and {words.with_it} now?",
        f"{what}, account {plain(op.account, _DIALOG_ACCOUNT)}. It is sent to Vobiz at once.",
        "Approve",
        "Cancel",
    )
