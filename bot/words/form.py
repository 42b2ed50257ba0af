"""The words of the form in which a trunk is confirmed."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.text import Code, Line, Piece, Place, plain
from bot.domain.operation import NAME_MAX

# Slack's limits: title, submit and close 24 characters; alert 200; option and its description 75.
TITLE: Final = "Create SIP trunk"
NOTICE_TITLE: Final = "SIP trunks"
SUBMIT: Final = "Create trunk"
ASK: Final = "Ask for approval"
NOW: Final = "Create trunk now"
CANCEL: Final = "Cancel"
CLOSE: Final = "Close"
NAME: Final = "Name"
NAME_HINT: Final = f"1 to {NAME_MAX} characters. Two trunks may have the same name."
DIRECTION: Final = "Direction"
INBOUND: Final = "Inbound"
INBOUND_HINT: Final = "Calls come in from Vobiz"
OUTBOUND: Final = "Outbound"
OUTBOUND_HINT: Final = "Calls go out through Vobiz"
CALLS: Final = "Max concurrent calls"
# Vobiz's create page: the defaults of a new trunk.
DEFAULTS: Final[Line] = ("Vobiz sets by itself: 2 new calls per second, UDP, no TLS, active.",)
REASON: Final = "Reason"
REASON_HINT: Final = "Why it is needed, for who decides."
ALONE_HINT: Final = "Why it can not wait. It is announced to the operators, and kept."
HOW: Final = "How to go on"
HOW_ASK: Final = "Ask a second operator"
HOW_BREAK_GLASS: Final = "Go ahead now, and tell everyone (break glass; needs a reason)"
CHANNEL: Final = "Channel"
CHANNEL_HINT: Final = "The answer will appear there."
DENY_TITLE: Final = "Deny this request"
DENY: Final = "Deny"
DENY_HINT: Final = "Who asked will read it, and so will all who see the approval message."
_ACCOUNT_SHOWN: Final = 40  # characters
UNREACHABLE: Final = (
    "The account could not be read just now, so it is not known whether this name exists already."
)

_DOES: Final = MappingProxyType(
    {
        SUBMIT: "creates the trunk",
        ASK: "asks for approval",
        NOW: "creates the trunk at once, without a second operator",
    }
)


def other_account(before: str) -> str:
    """Say that the form was for the account `before`, which may be empty, and is for another one now."""
    if not before:
        return "This form is of an older version. Nothing was done: check the account and confirm again."
    return (
        f"The bot works for another account now, not for {plain(before, _ACCOUNT_SHOWN)}."
        " Nothing was done by this press: check it and confirm again."
    )


def again(submit: str) -> str:
    """Say why a form that was submitted is shown again; `submit` is its button now."""
    return (
        f"Nothing was done by this press. The button is now “{submit}”: it {_DOES[submit]}."
        " Press it if you mean that."
    )


def calls_hint(max_calls: int) -> str:
    """Explain the input of concurrent calls."""
    return f"Calls that may be live at once, 1 to {max_calls}."


def terms(account: str, channel: str | None) -> Line:
    """Say in which account the trunk will be created and where the answer will appear."""
    return ("Account ", Code(account), ". The answer will appear in ", _place(channel), ".")


def approval(above: int | None, channel: str | None) -> tuple[Line, ...]:
    """Say why an approval is needed and where it will be asked for.

    `above` is the threshold of concurrent calls, None when the person may only ask.
    """
    needed = (
        "An operator must approve before anything is created."
        if above is None
        else f"Above {above} concurrent calls a second operator must approve before anything is created."
    )
    return ((needed,), ("The approval will be asked for in ", _place(channel), "."))


def _place(channel: str | None) -> Piece:
    if channel is None:
        return "the channel that you choose"
    return "this direct message" if channel.startswith("D") else Place(channel)


def same_name(count: int) -> str:
    """Warn of trunks that have the name already."""
    exist = "A trunk of this name exists" if count == 1 else f"{count} trunks of this name exist"
    return f"{exist} already. Creating makes another one."


def ceiling(calls: int, most: int) -> str:
    """Warn of a limit above the account's: Vobiz's OpenAPI says that the account's is enforced."""
    return f"{calls} concurrent calls is above the account's ceiling of {most}, which may apply first."
