"""The ledger's questions: under an unknown outcome one is opened, decided by a person, and taken up.

Every step is one conditional write, so that of two who decide one wins.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from bot.domain.operation import Choice, Look, State
from bot.domain.records import Record, dump_look
from bot.store.events import BOT, Entry, Writer
from bot.store.schema import operations


class Questions:
    """Questions over the ledger's tables."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def looked(
        self, operation: str, look: Look, evidence: Mapping[str, object], number: int
    ) -> Record | None:
        """Write down what a finished look showed and open the question of the round that it was made in.

        None when a decision waits, or was carried out since the look began: it says nothing of what is now.
        """
        values = self._writer.moved(told=False) | {"look": dump_look(look), "asking": True}
        where = [
            operations.c.state == State.UNKNOWN,
            operations.c.asking.is_(False),
            operations.c.decision.is_(None),
            operations.c.round == number,
        ]
        return await self._writer.update(operation, where, values, Entry(BOT, "looked", evidence))

    async def decide(self, operation: str, choice: Choice, actor: str, asked: int) -> Record | None:
        """Close the question of the round `asked` with a decision to carry out; None when it was not open."""
        values = self._writer.moved(told=True) | {
            "look": dump_look(Look(finished=False, reachable=True)),
            "decision": choice,
            "decided_by": actor,
            "round": asked + 1,
        }
        where = [operations.c.state == State.UNKNOWN, *asks(asked)]
        return await self._writer.update(operation, where, values, Entry(actor, choice, {}))

    async def take(self, operation: str, choice: Choice) -> Record | None:
        """Take up a decision that waits; None when there is none (any more)."""
        where = [operations.c.decision == choice]
        values = self._writer.moved(told=True)
        return await self._writer.update(
            operation, where, values, Entry(BOT, "taken_up", {"decision": choice})
        )


def asks(number: int) -> list[sa.ColumnElement[bool]]:
    """Return the condition that the question of a round is open."""
    return [operations.c.asking.is_(True), operations.c.round == number]
