"""Refusals go to the record too, after the answer: nobody waits for it."""

from bot.domain.operation import is_operation_id
from bot.domain.policy import Denied, NeedsApproval, Person, Undetermined
from handlers.services import Services

Refused = Denied | NeedsApproval | Undetermined


def record_refusal(
    services: Services,
    person: Person,
    act: str,
    refused: Refused | str,
    channel: str | None,
    *,
    operation: str = "",
) -> None:
    """Add to the record that a person was refused, and why: the policy's decision, or a word for it.

    It is in the story of `operation`, where that is one: what a button brings back may be anything.
    """
    match refused:
        case Denied(reason=why):
            word: str = why
        case Undetermined():
            word = "undetermined"
        case NeedsApproval():
            word = "needs_approval"
        case str():
            word = refused
    about = operation if is_operation_id(operation) else ""
    services.presses.start(services.ledger.refused(person.user, act, word, channel, about))


def record_lost_race(services: Services, person: Person, act: str, reason: str, operation: str) -> None:
    """Add to an operation's story that somebody else was first."""
    services.presses.start(services.ledger.refused(person.user, act, reason, None, operation))
