"""The errors under the inputs of the forms in which trunks are asked for, approved and denied."""

from bot.commands.problems import ProblemKind
from bot.domain.operation import NAME_MAX
from bot.words.form import SUBMIT
from bot.words.phrases import REASON_MAX


def name_error(kind: ProblemKind) -> str:
    """Word the error under the name."""
    if kind is ProblemKind.NAME_LONG:
        return f"At most {NAME_MAX} characters."
    if kind is ProblemKind.NAME_CHARACTER:
        return "It holds a control character or one that reverses text. Type it instead of pasting it."
    return "Enter a name."


def direction_error() -> str:
    """Word the error under the direction."""
    return "Choose inbound or outbound."


def calls_error(max_calls: int) -> str:
    """Word the error under the limit of concurrent calls."""
    return f"Enter a whole number from 1 to {max_calls}."


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
    """Word the error under a channel that is not among those where trunks may be created."""
    return "Trunks may not be created from this channel (setting TRUNK_CHANNELS). Choose another."


def not_denied_error(*, stopping: bool) -> str:
    """Word the error of a denial that could not be stored within 2 seconds."""
    if stopping:
        return "Not recorded: the bot is being stopped. In a minute, press Deny again: it is safe."
    return "Not recorded yet: the denial could not be stored. Press Deny again: it is safe."


def not_stored_error(*, stopping: bool, submit: str = SUBMIT) -> str:
    """Word the error of a form that could not be stored within 2 seconds; `submit` is its button."""
    if stopping:
        return f"Not accepted: the bot is being stopped. In a minute, press {submit} again: it is safe."
    return f"Not accepted yet: the request could not be stored. Press {submit} again: it is safe."


def unsure_error(submit: str) -> str:
    """Word the error of a form of which it is not known whether it was stored; `submit` is its button."""
    return f"It is not known whether this was stored. Press {submit} again: it is safe."
