"""The first call of a trunk that was set up: a reply in its operation's thread. It names no phone number."""

from datetime import UTC, datetime

from bot.blockkit.layout import Message, note
from bot.blockkit.report import Tone
from bot.blockkit.text import Code, Line
from bot.domain.operation import Operation
from bot.domain.proof import Call
from bot.kinds.wording import Words
from bot.words.phrases import REPEATED, about


def first_call_message(op: Operation, words: Words, *, repeat: bool = False) -> Message | None:
    """Tell of the call, if one was seen; `repeat` says that it may have been posted before."""
    call = None if op.proof is None else op.proof.call
    if call is None:
        return None
    told: Line = (f"{'First call' if call.first else 'A call was'} carried at {_when(call)}", *_came_to(call))
    named = about(op, words)
    first, rest = str(named[0]), named[1:]
    which: Line = (f"{first[:1].upper()}{first[1:]}", *rest, " · Reference: ", Code(op.ref))
    return note(Tone.INFO, told, which, *((REPEATED,) if repeat else ()))


def _when(call: Call) -> str:
    time = f"{datetime.fromtimestamp(call.at / 1000, UTC):%H:%M}"
    return f"{time} UTC" if call.zoned else f"{time} (no time zone stated)"


def _came_to(call: Call) -> Line:
    if call.answered is None:
        return ()
    if call.answered:
        return (": answered",) if call.seconds is None else (f": answered, {call.seconds} s",)
    return (": not answered",) if call.cause is None else (": not answered: ", Code(call.cause))
