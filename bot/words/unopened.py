"""Tells that a form did not open: why, and how to open it again."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.layout import Message, note
from bot.blockkit.report import Sample, Tone
from bot.blockkit.text import Code, Line

_EXPIRED: Final = "Slack allows 3 seconds to open a form, and they had passed."
_USED: Final = "Slack opens one form for each command, and this one was used already."
_SLOW: Final = "Slack did not answer in time."
# Slack's guide and its method pages spell two of these codes differently.
_VIEW_CAUSES: Final = MappingProxyType(
    {
        "expired_trigger_id": _EXPIRED,
        "trigger_expired": _EXPIRED,
        "exchanged_trigger_id": _USED,
        "trigger_exchanged": _USED,
        "timeout": _SLOW,
        "unreachable": _SLOW,
        "ratelimited": "Slack limits how fast forms open. Wait a moment.",
    }
)


def view_failed_message(command_line: str, cause: str) -> Message:
    """Say that the form did not open, with the command to paste again; `cause` is Slack's error code."""
    if _VIEW_CAUSES.get(cause) == _SLOW:
        # It may be on its way: who sends the command again as well has two forms, and can make two trunks.
        return note(
            Tone.ERROR,
            ("Slack did not confirm that the form opened. Nothing was created.",),
            ("If the form appears, use it. If it does not, send the command again:",),
            Sample(command_line),
        )
    return note(
        Tone.ERROR,
        ("The form could not be opened. Nothing was created.",),
        _because(cause),
        ("Send the command again:",),
        Sample(command_line),
    )


def button_form_failed_message(cause: str) -> Message:
    """Say that the form behind a button did not open; `cause` is Slack's error code."""
    if _VIEW_CAUSES.get(cause) == _SLOW:
        return note(
            Tone.ERROR,
            ("Slack did not confirm that the form opened. Nothing was decided.",),
            ("If the form appears, use it. If it does not, press the button again.",),
        )
    return note(
        Tone.ERROR,
        ("The form could not be opened. Nothing was decided.",),
        _because(cause),
        ("Press the button again.",),
    )


def _because(cause: str) -> Line:
    known = _VIEW_CAUSES.get(cause)
    return (known,) if known is not None else ("Slack's reason: ", Code(cause))
