"""What people are told about a request for another account than the bot works for now."""

from bot.blockkit.layout import Message, note
from bot.blockkit.report import Tone
from bot.domain.operation import Operation
from bot.words.phrases import referred, works_for


def not_approved_here_message(op: Operation, account: str) -> Message:
    """Tell who approved that this was asked for another account than `account`."""
    return note(
        Tone.ERROR,
        (*works_for(op, account), " Nothing was done."),
        ("Deny it; who still wants the trunk can ask anew, for the account of now.",),
        referred(op),
    )


def not_sent_again_message(op: Operation, account: str) -> Message:
    """Tell who wanted it sent again that this was for another account than `account`."""
    return note(
        Tone.ERROR,
        (*works_for(op, account), " Nothing was sent."),
        ("Look for the trunk in that account yourself. To end this, give up; then ask anew.",),
        referred(op),
    )
