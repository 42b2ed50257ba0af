"""What a listener concludes, as a value: the wrapper around it tells the person, and keeps refusals."""

from dataclasses import dataclass

from bot.blockkit.blocks import Block
from bot.blockkit.layout import Message
from bot.domain.operation import Operation
from bot.domain.policy import Allowed, Denied, NeedsApproval, Person, Undetermined
from bot.domain.reference import is_operation_id
from bot.kinds.base import Errors
from bot.words.answers import not_here_message, refused_message, unknown_kind_message
from bot.words.approval_answers import decision_lost_message
from handlers.services import Rules, Services

View = Block


@dataclass(frozen=True, slots=True)
class Refuse:
    """It is not done, and the record tells of it. `why` is the policy's decision, or a word.

    `message` is what the person is told where the policy has no words; `instead` is what their form shows in
    place of a message. `about` is the operation in whose story it belongs, where that is not the one that
    was pressed.
    """

    why: Denied | NeedsApproval | Undetermined | str
    message: Message | None = None
    instead: Errors | View | None = None
    about: str | None = None

    def told(self, command: str) -> Message:
        """Return what the person is told."""
        match self:
            case Refuse(message=Message() as message):
                return message
            case Refuse(why=Denied() | NeedsApproval() | Undetermined() as decision):
                return refused_message(decision, command)
        raise AssertionError("unreachable: what the policy did not decide brings a message")

    @property
    def word(self) -> str:
        """Say why in a word."""
        match self.why:
            case Denied(reason=reason):
                return reason
            case NeedsApproval():
                return "needs_approval"
            case Undetermined():
                return "undetermined"
            case word:
                return word


@dataclass(frozen=True, slots=True)
class InPlace:
    """An answer that takes the place of the message that has the button."""

    message: Message


def keep(
    services: Services,
    refuse: Refuse,
    person: Person,
    act: str,
    *,
    channel: str | None = None,
    operation: str = "",
) -> None:
    """Add a refusal to the record, after the answer: nobody waits for it.

    It is in the story of `operation`, where that is one: what a button brings back may be anything.
    """
    operation = operation if refuse.about is None else refuse.about
    about = operation if is_operation_id(operation) else ""
    services.presses.start(services.ledger.refused(person.user, act, refuse.word, channel, about))


def unknown_kind(rules: Rules, op: Operation) -> Refuse | None:
    """Say that an operation is of a kind that this version does not know, if so: nothing is done with it."""
    return None if rules.kinds.knows(op) else Refuse("unknown_kind", unknown_kind_message(op))


def other_account(rules: Rules, op: Operation) -> Refuse | None:
    """Say that the bot was given another account since, if so: it can send nothing to the operation's."""
    if op.account == rules.account:
        return None
    return Refuse("other_account", not_here_message(op, rules.kinds.words(op), rules.account))


def refused_to_decide(rules: Rules, person: Person, op: Operation) -> Refuse | None:
    """Say why a person may not approve or deny a request, if so."""
    decision = rules.may_decide(person, op.requester)
    return None if isinstance(decision, Allowed) else Refuse(decision)


def settled(rules: Rules, person: Person, op: Operation) -> Refuse | Message:
    """Answer who decided about a request that is settled: a lost race, unless they settled it themselves."""
    message = decision_lost_message(op, rules.kinds.words(op), person.user)
    return message if op.decider == person.user else Refuse("settled", message)
