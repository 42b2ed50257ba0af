"""Answers of Vobiz that come after the operation has moved on: they are in the record, and people hear.

Which answer settles what is in tests/test_workflow.py; here are the engine, the databases and the words.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import pytest

from bot.domain.operation import Choice, Found, State, StepState
from bot.domain.outcome import Done, Thing
from bot.domain.transitions.sendings import begin, settle
from bot.store.ledger import Stored
from tests.durable.houses import on_sqlite
from tests.durable.parts import Parts, asks, gets, idle, made, move, order, parts, record_of, says, unsure
from tests.flow.conftest import House

Others = Callable[[House, str], Awaitable[object]]
TOLD_DEAD: Final = (unsure, asks)  # another process takes the sending one for dead, looks in vain, and asks
SENT_AGAIN: Final = (*TOLD_DEAD, says(Choice.SEND_AGAIN), begin)


async def told_dead(house: House, operation: str) -> None:
    await move(house, operation, *TOLD_DEAD)


async def sent_again(house: House, operation: str) -> None:
    await move(house, operation, *SENT_AGAIN)


async def given_up(house: House, operation: str) -> None:
    await move(house, operation, *TOLD_DEAD, says(Choice.GIVE_UP))


async def answered_after(house: House, built: Parts, others: Others) -> str:
    """Confirm a request whose answer comes just after others did something about it; returns its id."""
    came = built.ledger.let_in(partial(others, house), before=settle)
    new = order(house)
    assert isinstance(await built.intake.accept(new), Stored)
    await came.wait()
    await idle(built.engine, new.id)
    return new.id


async def kinds(house: House, operation: str) -> list[str]:
    return [event.kind for event in (await house.ledger.chronicle.story(operation)).events]


@pytest.mark.parametrize("fault", ["refuse", "unreachable", "error_before", "none"])
async def test_the_answer_to_an_earlier_sending_does_not_settle_a_later_one(house: House, fault: str) -> None:
    async with parts(house) as built:
        await house.sandbox.fault("vobiz", fault)
        operation = await answered_after(house, built, sent_again)
        assert "late_answer" in await kinds(house, operation)
        step = (await record_of(house, operation)).operation.step
        assert (step.state, step.sendings) == (StepState.SENDING, 2)
        second = gets(Done(Thing(id="second"), 201, None))
        assert (await move(house, operation, second)).operation.state is State.DONE


@on_sqlite
async def test_an_answer_that_comes_while_people_are_asked_is_the_answer(house: House) -> None:
    async with parts(house) as built:
        operation = await answered_after(house, built, told_dead)
        told = await house.heard(str(house.sandbox.trunks[0]["trunk_id"]))
        assert "created: outbound" in told.words
        assert "earlier attempt" not in told.words  # there was no other
    op = (await record_of(house, operation)).operation
    assert (op.state, op.step.found) == (State.DONE, Found.LATE)
    assert "late_answer" not in await kinds(house, operation)


@on_sqlite
@pytest.mark.parametrize(
    ("others", "stands"),
    [(sent_again, "It is being sent again"), (given_up, "closed as not created")],
)
async def test_a_trunk_that_was_confirmed_late_is_told(house: House, others: Others, stands: str) -> None:
    async with parts(house) as built:
        operation = await answered_after(house, built, others)
        late = str(house.sandbox.trunks[0]["trunk_id"])
        told = await house.heard(late)
        assert "late answer to an earlier attempt" in told.words
        assert stands in told.words
    assert await house.ledger.chronicle.late(operation) == (late,)


@on_sqlite
async def test_an_answer_that_was_written_though_the_database_did_not_say_so_is_no_late_one(
    house: House,
) -> None:
    async with parts(house) as built:

        async def written(house: House, operation: str) -> None:
            await built.ledger.change(operation, gets(made(house.sandbox.trunks[0])))

        operation = await answered_after(house, built, written)
        await house.heard("created: outbound")
    assert (await kinds(house, operation)).count("done") == 1
    assert "late_answer" not in await kinds(house, operation)
    assert len(house.said()) == 1
