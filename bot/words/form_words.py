"""The words of the form in which any operation is confirmed, and the errors under its inputs."""

from typing import Final

from bot.blockkit.text import Code, Line, Person, Piece, Place, When, plain
from bot.domain.operation import Operation
from bot.kinds.wording import Alert, Words, first_up
from bot.words.phrases import REASON_MAX

# Slack's limits: title, submit and close 24 characters; alert 200; option and its description 75.
NOTICE_TITLE: Final = "SIP trunks"
ASK: Final = "Ask for approval"
CANCEL: Final = "Cancel"
CLOSE: Final = "Close"
READING: Final = "Reading the trunk…"
CHOOSE: Final = "Choose a trunk"
THIS_ONE: Final = "This one"
REASON: Final = "Reason"
REASON_HINT: Final = "Tell the approver why it is needed."
ALONE_HINT: Final = "Why it cannot wait. The operators will read this, and it stays on record."
HOW: Final = "Approval"
HOW_ASK: Final = "Ask another operator to approve"
HOW_BREAK_GLASS: Final = "Skip it now (break glass: operators are notified, needs a reason)"
CHANNEL: Final = "Channel"
CHANNEL_HINT: Final = "The result is posted there if I am a member, and otherwise sent to you."
DENY_TITLE: Final = "Deny this request"
DENY: Final = "Deny"
DENY_HINT: Final = "The requester and everyone who sees the approval message will read it."
_ACCOUNT_SHOWN: Final = 40  # characters


def other_account(before: str) -> str:
    """Say that the form was for the account `before`, which may be empty, and is for another one now."""
    if not before:
        return "This form is of an older version. Nothing was done: check the account and confirm again."
    return (
        f"I work for another account now, not for {plain(before, _ACCOUNT_SHOWN)}."
        " Not submitted yet: check the account and confirm again."
    )


def again(submit: str, words: Words) -> str:
    """Say why a form that was submitted is shown again; `submit` is its button now."""
    does = words.does
    if submit == ASK:
        does = "asks for approval"
    elif submit == words.now:
        does = f"{words.does} at once, without approval"
    return f"Not submitted yet: the button is now “{submit}”, which {does}. Press it to confirm."


def warned(submit: str) -> str:
    """Say below the warnings that a form was not taken for; `submit` is its button."""
    return f"Not submitted yet: read the warning above. If you still want this, press “{submit}” again."


def done_lately(twin: Operation, words: Words) -> Alert:
    """Say that exactly the same was done a short while ago, by whom, and what it made."""
    text = (
        f"Exactly this was {words.done} a short while ago. Not submitted yet:"
        " press the button again only if you want it twice."
    )
    at: Line = (f"{first_up(words.done)} ", When(twin.updated_at), " for ", Person(twin.requester))
    things = tuple(words.describe(step.thing) for step in twin.steps if step.thing is not None)
    return Alert(text, ((*at, ", reference ", Code(twin.ref)), *things), must_see=True)


def terms(account: str, channel: str | None) -> Line:
    """Say whose account it is about and where the result will be posted."""
    return ("Account ", Code(account), ". The result will be posted in ", _place(channel), ".")


def approval(above: int | None, channel: str | None, words: Words, *, alone: bool) -> tuple[Line, ...]:
    """Say why an approval is needed and where it is requested, or what it means to go `alone`.

    `above` is the threshold of concurrent calls, None when that is not why.
    """
    if alone:
        limit = "" if above is None else f" above {above} concurrent calls"
        return (
            (f"You skip the approval that a second operator has to give{limit}: this {words.does} at once.",),
            ("The operators are notified in ", _place(channel), ", with your reason."),
        )
    before = f"must approve before anything is {words.done}."
    needed = f"An operator {before}"
    if above is not None:
        needed = f"Above {above} concurrent calls a second operator {before}"
    return ((needed,), ("The approvers are asked in ", _place(channel), "."))


def _place(channel: str | None) -> Piece:
    if channel is None:
        return "the channel that you choose"
    return "this direct message" if channel.startswith("D") else Place(channel)


def reason_error(*, missing: bool) -> str:
    """Word the error under a reason: missing where one is needed, or too long."""
    return "Give a reason: it is shown with the decision." if missing else f"At most {REASON_MAX} characters."


def alone_reason_error() -> str:
    """Word the error under the missing reason for skipping the approval."""
    return "Give a reason: the operators will read it, and it stays on record."


def break_glass_error() -> str:
    """Word the error under the choice about approval: skipping it is not allowed (any more)."""
    return "Skipping the approval is not allowed. Choose to ask another operator."


def channel_error() -> str:
    """Word the error under the channel where the result is to be posted."""
    return "Choose a channel."


def other_channel_error() -> str:
    """Word the error under a channel that is not among those where the bot may be used."""
    return "I cannot be used in that channel (setting TRUNK_CHANNELS). Choose another."


def not_denied_error(*, stopping: bool) -> str:
    """Word the error of a denial that could not be stored within 2 seconds."""
    if stopping:
        return "Not saved: the bot is stopping. Press Deny again in a minute: it is safe."
    return "Not saved yet: the database did not answer in time. Press Deny again: it is safe."


def not_stored_error(*, stopping: bool, submit: str) -> str:
    """Word the error of a form that could not be stored within 2 seconds; `submit` is its button."""
    if stopping:
        return f"Not accepted: the bot is stopping. Press {submit} again in a minute: it is safe."
    return f"Not accepted yet: the database did not answer in time. Press {submit} again: it is safe."


def unsure_error(submit: str) -> str:
    """Word the error of a form of which it is not known whether it was stored; `submit` is its button."""
    return f"I do not know whether this was saved. Press {submit} again: it is safe."
