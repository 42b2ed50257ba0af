"""Refusals go to the record too, after the answer: nobody waits for it."""

from bot.policy import Denied, Person, Undetermined
from bot.services import Services


def record_refusal(
    services: Services, person: Person, act: str, refused: Denied | Undetermined | str, channel: str | None
) -> None:
    """Add to the record that a person was refused, and why: the policy's decision, or a word for it."""
    if isinstance(refused, Denied):
        refused = refused.reason
    elif isinstance(refused, Undetermined):
        refused = "undetermined"
    services.background.start(services.ledger.refused(person.user, act, refused, channel))


def record_lost_race(services: Services, person: Person, act: str, reason: str, operation: str) -> None:
    """Add to an operation's story that somebody else was first."""
    services.background.start(services.ledger.refused(person.user, act, reason, None, operation))
