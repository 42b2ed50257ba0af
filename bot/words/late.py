"""What people are told when Vobiz's answer came too late to settle the request that it belongs to."""

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Item, Report, Tone
from bot.blockkit.text import Line
from bot.domain.operation import Operation, State
from bot.domain.resources import Trunk
from bot.words.phrases import asked, describe, ending


def late_answer_message(op: Operation, trunk: Trunk) -> Message:
    """Tell of `trunk`, which Vobiz confirmed after the request had been sent again or settled without it."""
    return lay_out(
        Report(
            Tone.WARNING,
            "A second trunk of this request"
            if op.trunk is not None
            else "This request made a trunk after all",
            (
                ("Vobiz answered an earlier sending late: it made this trunk, which turned up later.",),
                ("About the request: ", *_stands(op)),
            ),
            facts=asked(op),
            items=(Item(describe(trunk)),),
            steps=(("Decide which trunk to keep, and delete what is not wanted in the Vobiz account.",),),
        )
    )


def _stands(op: Operation) -> Line:
    # These two say in their usual words that the first sending is uncertain, which it is no more.
    match op.state:
        case State.REJECTED:
            return ("Vobiz refused its last sending.",)
        case State.NOT_SENT:
            return ("Its last sending could not be sent.",)
        case _:
            return ending(op)
