"""Showing a password to the person who asked for it, and why it is not shown."""

from typing import Final

from bot.blockkit.blocks import Block, wording
from bot.blockkit.layout import Message, details, lay_out, note, opening
from bot.blockkit.report import Act, Button, Fact, Report, Sample, Tone
from bot.blockkit.text import Line, Person, Said, When
from bot.domain.operation import Found, Operation, Step, StepState
from bot.kinds.wording import Words, first_up
from bot.words.command_help import unopened
from bot.words.form_words import CLOSE
from bot.words.phrases import HEAD_MAX, referred, several

LABEL: Final = "Show password"
HINT: Final[Line] = (f"To see the password, press “{LABEL}” under the message about this.",)


# What was found in the account may be somebody else's: a look and a person can be wrong.
_IF_FOUND: Final[tuple[Line, ...]] = (
    ("Vobiz's answer was lost, and this was found in the account.",),
    ("If the password does not work, set a new one.",),
)
# An earlier sending may have set it, and that was never confirmed.
_IF_HELD: Final[tuple[Line, ...]] = (
    ("It is not known whether Vobiz set this one. If it does not work, set a new one.",),
)


def password_button(op: Operation, words: Words) -> tuple[Button, ...]:
    """Offer the requester to see the password of what was done, if a step of it had one."""
    step = next((step for step in op.steps if shows(op, step, words)), None)
    return () if step is None else (Button(Act.PASSWORD, LABEL, f"{op.id} {step.number}"),)


def shows(op: Operation, step: Step, words: Words) -> bool:
    """Tell whether a step has a password to show, as far as the operation knows."""
    has = step.state is StepState.DONE or step.may_hold
    return has and (words.of(step.name) if several(op) else words).password


def password_modal(op: Operation, step: Step, words: Words, password: str, until: int) -> Block:
    """Show a password, and what it is used with; `until` is how long it can be shown again (ms).

    Nothing of it is in the view's metadata: what is in its blocks goes to Slack and to nobody else.
    """
    done = tuple(step for step in op.steps if step.state is StepState.DONE)
    told = Report(
        Tone.INFO,
        body=(
            (f"{first_up(words.noun)} “", Said(op.subject, HEAD_MAX), "”"),
            Sample(password),
            *(_IF_FOUND if step.found in {Found.PERSON, Found.LOOK} else ()),
            *(_IF_HELD if step.may_hold else ()),
        ),
        facts=(
            *words.signs_in(op.request, op.seen, done),
            Fact("", ("Anybody who has it can place calls at your cost.",)),
            Fact("", ("It can be shown again until ", When(until), ". After that, only a new one helps.")),
            Fact("", referred(op)),
        ),
    )
    return {
        "type": "modal",
        "title": wording("SIP password"),
        "close": wording(CLOSE),
        "blocks": [*opening(told), *details(told)],
    }


def not_their_password_message(op: Operation, words: Words) -> Message:
    """Say who can see a password."""
    return _instead(
        op,
        words,
        ("Only ", Person(op.requester), " can see this password: they asked for it. Nothing was shown."),
        ("If they cannot help, set a new password: whoever does that can see it.",),
    )


def password_gone_message(op: Operation, words: Words) -> Message:
    """Say that a password was erased."""
    return _instead(
        op,
        words,
        ("This password cannot be shown any more.",),
        ("It is erased an hour after it was first shown, 24 hours after it was made, or once replaced.",),
        ("If you do not have it, set a new one.",),
    )


def password_unreadable_message(op: Operation, words: Words) -> Message:
    """Say that a password was sealed with another token than the bot has."""
    return _instead(
        op,
        words,
        ("This password cannot be read any more: the bot's Slack token was changed after it was made.",),
        ("Set a new password.",),
    )


def password_unrecorded_message() -> Message:
    """Say that a password is not shown, since that could not be written down."""
    return note(
        Tone.ERROR,
        ("The password was not shown: the database did not answer, so that could not be recorded.",),
        ("Press the button again in a moment.",),
    )


def password_unopened_message(cause: str, until: int) -> Message:
    """Say that Slack did not open the window; `cause` is its error code, `until` as in `password_modal`."""
    return note(
        Tone.ERROR,
        ("Slack did not confirm that it showed the password.",),
        *unopened(cause, "Press the button again."),
        ("It can be shown until ", When(until), "."),
    )


def _instead(op: Operation, words: Words, *lines: Line) -> Message:
    return lay_out(Report(Tone.ERROR, body=(*lines, referred(op)), buttons=words.renew(op.request, op.steps)))
