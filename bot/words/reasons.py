"""Why a request was not sent or its outcome is not known, in words for people."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.text import Code, Line
from bot.domain.operation import Operation

_BROKEN: Final[Line] = ("The connection broke before Vobiz had answered.",)
_UNREADABLE: Final[Line] = ("Vobiz answered with something that can not be read.",)
_ADDRESS: Final[Line] = (
    "The address of Vobiz can not be used. Whoever runs the bot: check ",
    Code("VOBIZ_API_URL"),
)

# The reasons of `bot.vobiz.outcome`, and those that a run of the bot gives itself.
_REASONS: Final = MappingProxyType[str, Line](
    {
        "connect": ("No connection could be made.",),
        "connect_timeout": ("The connection was not made in time.",),
        "pool_timeout": ("All of the bot's connections to Vobiz were busy.",),
        "proxy": ("The proxy between the bot and Vobiz refused.",),
        "unsupported_protocol": _ADDRESS,
        "invalid_url": _ADDRESS,
        "timeout": ("Vobiz did not answer in time.",),
        "reset": _BROKEN,
        "transport": _BROKEN,
        "protocol": _BROKEN,
        "local_protocol": _BROKEN,
        "unreadable": _UNREADABLE,
        "too_large": _UNREADABLE,
        "redirect": ("Vobiz answered with a redirect, which is never followed.",),
        "contradiction": ("Vobiz answered with a success and an error in one.",),
        "no_id": ("Vobiz answered without a trunk ID.",),
        "interrupted": ("The bot restarted while it waited for Vobiz's answer.",),
        "stopped": ("The bot was stopped while it waited for Vobiz's answer.",),
        "trunk_known": ("Vobiz answered with a trunk that was there before.",),
        "trunk_taken": ("Vobiz answered with a trunk that belongs to another request.",),
    }
)
_STATUS: Final = "http_"


def reason(op: Operation) -> tuple[Line, ...]:
    """Say why an outcome is not known or a request was not sent, as far as the bot knows."""
    if op.reason is None:
        return ()
    if op.reason == "other_account":
        return (("The bot works for another account now; this was for ", Code(op.account), "."),)
    if op.reason.startswith(_STATUS):
        return (("Vobiz answered with HTTP status ", Code(op.reason.removeprefix(_STATUS)), "."),)
    return (_REASONS.get(op.reason, ("Reason: ", Code(op.reason))),)
