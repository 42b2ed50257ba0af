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
REASON: Final = "Reason"
REASON_HINT: Final = "Why it is needed, for who decides."
ALONE_HINT: Final = "Why it cannot wait. It is announced to the operators, and kept."
HOW: Final = "How to go on"
HOW_ASK: Final = "Ask a second operator"
HOW_BREAK_GLASS: Final = "Go ahead now, and tell everyone (break glass; needs a reason)"
CHANNEL: Final = "Channel"
CHANNEL_HINT: Final = "The answer will appear there."
DENY_TITLE: Final = "Deny this request"
DENY: Final = "Deny"
DENY_HINT: Final = "Who asked will read it, and so will all who see the approval message."
_ACCOUNT_SHOWN: Final = 40  # characters


def other_account(before: str) -> str:
    """Say that the form was for the account `before`, which may be empty, and is for another one now."""
    if not before:
        return "This form is of an older version. Nothing was done: check the account and confirm again."
    return (
        f"The bot works for another account now, not for {plain(before, _ACCOUNT_SHOWN)}."
        " Nothing was done by this press: check it and confirm again."
    )


def again(submit: str, words: Words) -> str:
    """Say why a form that was submitted is shown again; `submit` is its button now."""
    does = words.does
    if submit == ASK:
        does = "asks for approval"
    elif submit == words.now:
        does = f"{words.does} at once, without a second operator"
    return (
        f"Nothing was done by this press. The button is now “{submit}”: it {does}. Press it if you mean that."
    )


def done_lately(twin: Operation, words: Words) -> Alert:
    """Say that exactly the same was done a short while ago, by whom, and what it made."""
    text = (
        f"Exactly this was {words.done} a short while ago. Nothing was done by this press:"
        " press the button again only if you want it twice."
    )
    at: Line = (f"{first_up(words.done)} ", When(twin.updated_at), " for ", Person(twin.requester))
    things = tuple(words.describe(step.thing) for step in twin.steps if step.thing is not None)
    return Alert(text, ((*at, ", reference ", Code(twin.ref)), *things), must_see=True)


def terms(account: str, channel: str | None) -> Line:
    """Say whose account it is about and where the answer will appear."""
    return ("Account ", Code(account), ". The answer will appear in ", _place(channel), ".")


def approval(above: int | None, channel: str | None, words: Words) -> tuple[Line, ...]:
    """Say why an approval is needed and where it will be asked for.

    `above` is the threshold of concurrent calls, None when that is not why.
    """
    before = f"must approve before anything is {words.done}."
    needed = f"An operator {before}"
    if above is not None:
        needed = f"Above {above} concurrent calls a second operator {before}"
    return ((needed,), ("The approval will be asked for in ", _place(channel), "."))


def _place(channel: str | None) -> Piece:
    if channel is None:
        return "the channel that you choose"
    return "this direct message" if channel.startswith("D") else Place(channel)


def reason_error(*, missing: bool) -> str:
    """Word the error under a reason: missing where one is needed, or too long."""
    return "Give a reason: it is told with the decision." if missing else f"At most {REASON_MAX} characters."


def alone_reason_error() -> str:
    """Word the error under the missing reason for going without a second person."""
    return "Give a reason: it is announced to the operators, and kept."


def break_glass_error() -> str:
    """Word the error under the choice of how to go on: going alone is not allowed (any more)."""
    return "Going ahead without a second operator is not allowed. Choose to ask."


def channel_error() -> str:
    """Word the error under the channel where the answer is to appear."""
    return "Choose a channel."


def other_channel_error() -> str:
    """Word the error under a channel that is not among those where the bot may be used."""
    return "This cannot be done from that channel (setting TRUNK_CHANNELS). Choose another."


def not_denied_error(*, stopping: bool) -> str:
    """Word the error of a denial that could not be stored within 2 seconds."""
    if stopping:
        return "Not recorded: the bot is being stopped. In a minute, press Deny again: it is safe."
    return "Not recorded yet: the denial could not be stored. Press Deny again: it is safe."


def not_stored_error(*, stopping: bool, submit: str) -> str:
    """Word the error of a form that could not be stored within 2 seconds; `submit` is its button."""
    if stopping:
        return f"Not accepted: the bot is being stopped. In a minute, press {submit} again: it is safe."
    return f"Not accepted yet: the request could not be stored. Press {submit} again: it is safe."


def unsure_error(submit: str) -> str:
    """Word the error of a form of which it is not known whether it was stored; `submit` is its button."""
    return f"It is not known whether this was stored. Press {submit} again: it is safe."
