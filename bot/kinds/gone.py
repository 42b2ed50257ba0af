"""What a 404 says to a DELETE of what was there a moment before."""

from typing import Final

from bot.domain.operation import Step
from bot.domain.outcome import Done, Refusal, Unknown
from bot.vobiz.errors import speaks_of

GONE: Final = 404


def read_gone(step: Step, refusal: Refusal, *nouns: str) -> Done | Unknown:
    """Read it as done after an uncertain sending, where it speaks of the record (one of the `nouns`).

    At the first sending the record was just seen: something on the way may have sent the request twice, or
    somebody else was quicker. A gateway that does not know a path answers 404 as well. Then the look says.
    """
    if step.sendings > 1 and speaks_of(refusal, *nouns):
        return Done(None, refusal.status, refusal.request_id)
    return Unknown(f"http_{refusal.status}", refusal.request_id, refusal)
