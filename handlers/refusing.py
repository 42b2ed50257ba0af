"""Refusals go to the record too, after the answer: nobody waits for it."""

from bot.policy import Denied, NeedsApproval, Person, Undetermined
from bot.services import Services

Refused = Denied | NeedsApproval | Undetermined


def record_refusal(
    services: Services, person: Person, act: str, refused: Refused | str, channel: str | None
) -> None:
    """Add to the record that a person was refused, and why: the policy's decision, or a word for it."""
    match refused:
        case Denied(reason=why):
            word: str = why
        case Undetermined():
            word = "undetermined"
        case NeedsApproval():
            word = "needs_approval"
        case str():
            word = refused
    services.presses.start(services.ledger.refused(person.user, act, word, channel))


def record_lost_race(services: Services, person: Person, act: str, reason: str, operation: str) -> None:
    """Add to an operation's story that somebody else was first."""
    services.presses.start(services.ledger.refused(person.user, act, reason, None, operation))
