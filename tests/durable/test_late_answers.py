"""Answers of Vobiz that come after the operation has moved on, or that name a trunk of before."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.operation import Choice, Found, Look, State, TrunkRequest
from bot.domain.records import Baseline
from bot.domain.resources import Trunk
from bot.runtime.clock import SystemClock
from bot.store.accept import Stored
from bot.store.change import Change
from bot.store.events import Limit
from bot.vobiz.client import VobizClient, open_client
from bot.vobiz.outcome import Created, Outcome
from bot.workflow.send import Sender
from bot.workflow.stages import Next
from tests.durable.houses import on_sqlite
from tests.durable.parts import Parts, idle, left, order, parts, record_of, unexpected
from tests.durable.processes import until
from tests.flow.conftest import OMAR, House


async def told_dead(house: House, operation: str) -> None:
    """Do what another process does that takes the sending one for dead: look in vain, and ask people."""
    move = partial(house.ledger.move, operation, actor="bot", evidence={})
    assert await move(State.SENDING, State.UNKNOWN, change=Change(reason="interrupted"))
    assert await house.ledger.questions.looked(operation, Look(finished=True, reachable=True), {}, 0)


async def sent_again(house: House, operation: str) -> None:
    """Have the other process send again, as somebody said."""
    await told_dead(house, operation)
    assert await house.ledger.questions.decide(operation, Choice.SEND_AGAIN, OMAR, 0)
    again = partial(house.ledger.move, actor="bot", evidence={}, decided=Choice.SEND_AGAIN)
    assert await again(operation, State.UNKNOWN, State.SENDING)


async def answered_after(
    house: House, built: Parts, what: Callable[[str], Coroutine[None, None, None]]
) -> str:
    """Confirm a request whose answer comes just after others did something about it; returns its id."""

    async def others(operation: str, after: State) -> None:
        if after is not State.SENDING:
            built.ledger.moving = None
            await what(operation)

    built.ledger.moving = others
    new = order(house)
    assert isinstance(await built.engine.accept(new, asyncio.Event()), Stored)
    await until(lambda: built.ledger.moving is None)
    return new.id


async def kinds(house: House, operation: str) -> list[str]:
    return [event.kind for event in (await house.ledger.chronicle.story(operation)).events]


@pytest.mark.parametrize("fault", ["refuse", "unreachable", "error_before", "none"])
async def test_the_answer_to_an_earlier_sending_does_not_settle_a_later_one(house: House, fault: str) -> None:
    async with parts(house) as built:
        await house.sandbox.fault("vobiz", fault)
        operation = await answered_after(house, built, partial(sent_again, house))
        await until(lambda: "late_answer" in built.ledger.noted)
        assert (await record_of(house, operation)).operation.state is State.SENDING
        second = Change(trunk=Trunk(id="second", name="Sales"), found=Found.ANSWER)
        move = partial(house.ledger.move, operation, State.SENDING, State.CREATED)
        assert await move(actor="bot", evidence={}, change=second)


@on_sqlite
@pytest.mark.parametrize(
    ("others", "told"),
    [(sent_again, "It is being sent again"), (told_dead, None)],
    ids=["sent again", "asked about"],
)
async def test_a_trunk_that_was_confirmed_late_is_told(
    house: House, others: Callable[[House, str], Coroutine[None, None, None]], told: str | None
) -> None:
    async with parts(house) as built:
        operation = await answered_after(house, built, partial(others, house))
        made = await house.heard(str(house.sandbox.trunks[0]["trunk_id"]))
        if told is None:
            assert (await record_of(house, operation)).operation.state is State.CREATED
            assert "Trunk created" in made.words
            assert "first sending" not in made.words  # there was no other
        else:
            assert told in made.words
            assert "answered an earlier sending late" in made.words
            await until(lambda: "late_answer" in built.ledger.noted)
            late = await house.ledger.chronicle.late(operation)
            assert late.told == {str(house.sandbox.trunks[0]["trunk_id"])} == set(late.trunks)


@on_sqlite
async def test_a_trunk_that_was_given_up_and_then_confirmed_is_told(house: House) -> None:
    async def given_up(operation: str) -> None:
        await told_dead(house, operation)
        move = partial(house.ledger.move, operation, State.UNKNOWN, State.NOT_CREATED)
        assert await move(actor=OMAR, evidence={}, asked=0, change=Change(decided_by=OMAR))

    async with parts(house) as built:
        await answered_after(house, built, given_up)
        told = await house.heard(str(house.sandbox.trunks[0]["trunk_id"]))
    assert "answered an earlier sending late" in told.words
    assert "recorded as not created" in told.words


@on_sqlite
async def test_an_answer_that_was_written_though_the_database_did_not_say_so_is_no_late_one(
    house: House,
) -> None:
    async def written(operation: str) -> None:
        trunk = Trunk.model_validate(house.sandbox.trunks[0])
        move = partial(house.ledger.move, operation, State.SENDING, State.CREATED)
        assert await move(actor="bot", evidence={}, change=Change(trunk=trunk, found=Found.ANSWER))

    async with parts(house) as built:
        operation = await answered_after(house, built, written)
        await house.heard("Trunk created")
        await idle(built.durable, operation)
    assert "late_answer" not in await kinds(house, operation)
    assert len(house.said()) == 1


class Scripted(VobizClient):
    """A client that answers each create with what a test says."""

    outcome: Outcome

    async def create(self, request: TrunkRequest, description: str | None = None) -> Outcome:
        assert (request.name, description) == ("Sales", None)
        return self.outcome


@on_sqlite
async def test_a_trunk_that_was_there_before_is_not_what_a_create_made(house: House) -> None:
    settings = house.settings
    auth_id, token = settings.vobiz_auth_id, settings.vobiz_auth_token
    async with open_client(base_url=settings.vobiz_api_url, auth_id=auth_id, token=token, timeout=1) as http:
        vobiz = Scripted(http, auth_id=auth_id, token=token, timeout=1)
        vobiz.outcome = Created(Trunk(id="old", name="Sales"), 201, "req_1")
        sender = Sender(house.ledger, vobiz, SystemClock(), unexpected, tag=False)
        new = replace(order(house), baseline=Baseline(frozenset({"old", "older"})))
        await house.ledger.accept(new, Limit(float("inf")))
        assert await sender.send(new.id) is Next.SEARCH
    operation = (await record_of(house, new.id)).operation
    assert (operation.state, operation.reason, operation.trunk) == (State.UNKNOWN, "trunk_known", None)
    last = (await house.ledger.chronicle.story(new.id)).events[-1]
    assert last.evidence == {"status": 201, "request_id": "req_1", "trunk_id": "old"}


@on_sqlite
async def test_a_trunk_of_another_request_is_not_told_as_a_late_one(house: House) -> None:
    other = await left(house, "Other", State.SENDING)

    async def taken(operation: str) -> None:
        trunk = Trunk.model_validate(house.sandbox.trunks[0])
        move = partial(house.ledger.move, other.operation.id, State.SENDING, State.CREATED)
        assert await move(actor="bot", evidence={}, change=Change(trunk=trunk, found=Found.LOOK))
        await sent_again(house, operation)

    async with parts(house) as built:
        operation = await answered_after(house, built, taken)
        await idle(built.durable, operation)
    assert "late_answer" in await kinds(house, operation)
    assert house.said() == []
