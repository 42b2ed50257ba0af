"""The sweep: what a dead process left without a workflow is continued, by the state in the ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.operation import IN_FLIGHT, Choice, Found, Look, State
from bot.domain.records import Asking, NewOperation, Record
from bot.domain.resources import Trunk
from bot.runtime.clock import SystemClock, milliseconds
from bot.store.accept import Stored
from bot.store.change import Change
from bot.store.events import Limit
from bot.workflow.decisions import Decided
from bot.workflow.engine import Durable
from bot.workflow.recovery import Caretaker
from bot.workflow.slots import slot_for
from bot.workflow.workflow import Steps
from tests.durable.houses import on_sqlite
from tests.durable.parts import ShiftedClock, idle, left, order, parts, record_of
from tests.flow.conftest import ASHA, OMAR, VOICE, House
from tests.flow.test_trouble import UNCONFIRMED, has_button

DECIDE = "approval.approve"
UNSURE = (State.SENDING, State.UNKNOWN)


async def test_an_accepted_operation_that_nobody_started_is_sent_once(house: House) -> None:
    record = await left(house)
    async with parts(house) as built:
        sweep = built.caretaker().sweep
        await sweep()
        await asyncio.gather(sweep(), sweep())
        message = await house.heard("Trunk created")
        await idle(built.durable, record.operation.id)
    assert message.words.count(record.operation.ref) == 1
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_what_moved_a_moment_ago_is_left_to_its_workflow(house: House) -> None:
    record = await left(house)
    async with parts(house) as built:
        await built.caretaker(ahead=0).sweep()
        assert await built.durable.runs(record.operation.id) == (0, False)


async def test_what_may_have_been_sent_is_looked_for_and_never_sent(house: House) -> None:
    record = await left(house, "Sales", State.SENDING)
    async with parts(house) as built:
        await built.caretaker().sweep()
        await house.heard(UNCONFIRMED)
        made = house.sandbox.add_trunk("Sales")
        found = await house.heard("Trunk created")
        assert str(made["trunk_id"]) in found.words
        await until_told(house, record)
    assert house.sandbox.vobiz_posts == []
    assert (await record_of(house, record.operation.id)).operation.found is Found.LOOK


@on_sqlite
async def test_a_search_that_was_left_goes_on_and_ends_with_a_question(house: House) -> None:
    record = await left(house, "Sales", *UNSURE)
    async with parts(house) as built:
        await built.caretaker().sweep()
        await house.sandbox.wait_for(lambda: has_button(house, "trunk.give_up"))
        await until_told(house, record)
    assert house.sandbox.vobiz_posts == []
    assert (await record_of(house, record.operation.id)).operation.asking


@on_sqlite
async def test_an_open_question_is_left_to_people(house: House) -> None:
    record = await asking(house)
    await house.ledger.told(await record_of(house, record.operation.id), None)
    async with parts(house) as built:
        await built.caretaker().sweep()
        assert await built.durable.runs(record.operation.id) == (0, False)
    assert house.said() == []


@on_sqlite
async def test_an_end_that_nobody_was_told_is_told_and_says_that_it_may_be_a_repeat(house: House) -> None:
    record = await left(house, "Sales", State.SENDING)
    made = house.sandbox.add_trunk("Sales")
    change = Change(trunk=Trunk.model_validate(made), found=Found.ANSWER)
    assert await house.ledger.move(
        record.operation.id, State.SENDING, State.CREATED, actor="bot", evidence={}, change=change
    )
    async with parts(house) as built:
        await built.caretaker().sweep()
        told = await house.heard(str(made["trunk_id"]))
        await until_told(house, record)
        await built.caretaker().sweep()
        await idle(built.durable, record.operation.id)
    assert "may be here already" in told.words
    assert len(house.said()) == 1
    assert house.sandbox.vobiz_posts == []


async def test_send_again_that_was_recorded_and_not_carried_out_is_carried_out_once(house: House) -> None:
    record = await asking(house)
    assert await house.ledger.questions.decide(record.operation.id, Choice.SEND_AGAIN, OMAR, 0)
    async with parts(house) as built:
        await asyncio.gather(built.caretaker().sweep(), built.caretaker().sweep())
        await house.heard("Trunk created")
        await until_told(house, record)
        await built.caretaker().sweep()
        await idle(built.durable, record.operation.id)
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_a_decision_that_was_carried_out_in_vain_is_not_carried_out_by_a_slower_process(
    house: House,
) -> None:
    record = await asking(house)
    operation = record.operation.id
    assert await house.ledger.questions.decide(operation, Choice.SEND_AGAIN, OMAR, 0)
    again = partial(
        house.ledger.move,
        operation,
        State.UNKNOWN,
        State.SENDING,
        actor="bot",
        evidence={},
        decided=Choice.SEND_AGAIN,
    )
    assert await again()
    assert await house.ledger.move(operation, State.SENDING, State.UNKNOWN, actor="bot", evidence={})
    assert await again() is None


@on_sqlite
async def test_check_again_that_was_recorded_and_not_carried_out_looks_and_asks_again(house: House) -> None:
    record = await asking(house)
    assert await house.ledger.questions.decide(record.operation.id, Choice.CHECK_AGAIN, OMAR, 0)
    async with parts(house) as built:
        await built.caretaker().sweep()
        await until_told(house, record)
    assert (await record_of(house, record.operation.id)).operation.asking
    assert "taken_up" in [
        event.kind for event in (await house.ledger.chronicle.story(record.operation.id)).events
    ]
    assert house.sandbox.vobiz_posts == []


@pytest.mark.parametrize("states", [(State.SENDING,), UNSURE], ids=["sending", "unknown"])
@on_sqlite
async def test_an_error_in_a_workflow_ends_nothing(house: House, states: tuple[State, ...]) -> None:
    record = await left(house, "Sales", *states)
    await in_error(house, record.operation.id)
    made = house.sandbox.add_trunk("Sales")
    async with parts(house) as built:
        assert await built.durable.runs(record.operation.id) == (1, False)
        await built.caretaker().sweep()
        assert str(made["trunk_id"]) in (await house.heard("Trunk created")).words
        assert (await built.durable.runs(record.operation.id))[0] == 2
    assert house.sandbox.vobiz_posts == []


@on_sqlite
async def test_an_error_before_anything_was_sent_is_followed_by_the_send(house: House) -> None:
    record = await left(house)
    await in_error(house, record.operation.id)
    async with parts(house) as built:
        await built.caretaker().sweep()
        await house.heard("Trunk created")
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_a_process_sweeps_at_its_start(house: House) -> None:
    await left(house, ago=60)
    async with house.bot():
        await house.heard("Trunk created")
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_what_fails_each_time_is_not_repeated_for_ever(house: House) -> None:
    record = await left(house, "Sales", State.SENDING)
    async with failing(house) as (durable, caretaker):
        for _ in range(25):
            await caretaker.sweep()
            await idle(durable, record.operation.id)
        assert await durable.runs(record.operation.id) == (20, False)


@asynccontextmanager
async def failing(house: House) -> AsyncIterator[tuple[Durable, Caretaker]]:
    """An engine whose workflows raise."""

    async def fail(_operation: str, _steps: Steps) -> None:
        raise RuntimeError("on purpose")

    url = house.settings.database_url.get_secret_value()
    slot = slot_for(url)
    assert await slot.take()
    durable = Durable(url, slot.name, fail)
    durable.launch()
    yield durable, Caretaker(house.ledger, durable, slot, ShiftedClock(60), lambda: None)
    await durable.destroy()
    await slot.release()


async def in_error(house: House, operation: str) -> None:
    """Give an operation a workflow that ends in ERROR, as a bug of ours or a full disk makes it end."""
    async with failing(house) as (durable, _):
        await durable.start(operation, operation)
        await idle(durable, operation)


async def until_told(house: House, record: Record) -> None:
    """Wait until people know how an operation stands, at its end or with a question."""
    async with asyncio.timeout(10):
        while True:
            now = await record_of(house, record.operation.id)
            settled = now.operation.asking or now.operation.state not in IN_FLIGHT
            if now.told and settled:
                return
            await asyncio.sleep(0.01)


async def asking(house: House) -> Record:
    """Leave an operation in the ledger that waits for a person."""
    record = await left(house, "Sales", *UNSURE)
    assert await house.ledger.questions.looked(
        record.operation.id, Look(finished=True, reachable=True), {}, 0
    )
    return record


@on_sqlite
async def test_when_people_count_as_told_no_button_is_left_to_press(house: House) -> None:
    """A crash just after it finds nothing left to do."""
    async with parts(house) as bot:
        buttons: dict[State, bool] = {}
        # The first time counts: from then on a crash would end it.
        bot.ledger.telling = lambda state: buttons.setdefault(state, button_in(house, DECIDE))
        stored = await bot.engine.accept(request(house), answered=asyncio.Event())
        assert isinstance(stored, Stored)
        await house.heard("Approve this SIP trunk?")
        await until_told(house, stored.record)
        await bot.decisions.close_request(stored.record.operation.id, State.DENIED, OMAR, "No.")
        await until_told(house, stored.record)
    assert buttons == {State.AWAITING_APPROVAL: True, State.DENIED: False}


@on_sqlite
async def test_a_question_of_a_process_that_died_is_asked_and_says_that_it_may_be_a_repeat(
    house: House,
) -> None:
    """Between posting it and writing that down nobody can tell."""
    new = request(house)
    assert isinstance(await house.ledger.accept(new, Limit(float("inf"))), Stored)
    async with parts(house) as built:
        await built.caretaker().sweep()
        question = await house.heard("Approve this SIP trunk?")
        assert "may be here already" in question.words
        await idle(built.durable, new.id)


def request(house: House) -> NewOperation:
    return replace(order(house), asking=Asking("Launch", milliseconds(SystemClock()) + 60_000))


def button_in(house: House, action: str) -> bool:
    return any(action in str(message.blocks) for message in house.sandbox.messages(VOICE))


@on_sqlite
async def test_an_identical_trunk_that_ends_while_it_is_looked_up_stops_no_approval(house: House) -> None:
    running = await left(house, "Sales", State.SENDING)
    async with parts(house) as built:
        stored = await built.engine.accept(request(house), answered=asyncio.Event())
        assert isinstance(stored, Stored)

        async def ended() -> None:
            built.ledger.comparing = None
            reason = Change(reason="connect")
            assert await house.ledger.move(
                running.operation.id, State.SENDING, State.NOT_SENT, actor="bot", evidence={}, change=reason
            )

        built.ledger.comparing = ended
        approved = await built.decisions.approve(stored.record.operation.id, stored.record.digest or "", OMAR)
        assert isinstance(approved, Decided)
        await house.heard("Trunk created")


@on_sqlite
async def test_an_answer_that_comes_after_another_process_took_over_is_in_the_record(house: House) -> None:
    async with parts(house) as built:

        async def taken_over(operation: str, after: State) -> None:
            if after is State.REJECTED:
                built.ledger.moving = None
                assert await house.ledger.move(
                    operation, State.SENDING, State.UNKNOWN, actor="bot", evidence={}
                )

        built.ledger.moving = taken_over
        await house.sandbox.fault("vobiz", "refuse")
        stored = await built.engine.accept(order(house), answered=asyncio.Event())
        assert isinstance(stored, Stored)
        await until_told(house, stored.record)
        story = await house.ledger.chronicle.story(stored.record.operation.id)
    (late,) = [event for event in story.events if event.kind == "late_answer"]
    assert (late.evidence["outcome"], late.evidence["status"]) == ("rejected", 422)


@on_sqlite
async def test_what_was_accepted_for_another_account_is_not_sent(house: House) -> None:
    new = replace(order(house), account="MA_BEFORE")
    async with parts(house) as built:
        stored = await built.engine.accept(new, answered=asyncio.Event())
        assert isinstance(stored, Stored)
        told = await house.heard("works for another account now")
    assert told.to == ASHA
    assert "MA_BEFORE" in told.words
    assert "Nothing was created" in told.words
    operation = (await record_of(house, new.id)).operation
    assert (operation.state, operation.reason) == (State.NOT_SENT, "other_account")
    assert house.sandbox.vobiz_posts == []


@on_sqlite
async def test_send_again_that_was_recorded_for_another_account_asks_again_instead(house: House) -> None:
    new = replace(order(house), account="MA_BEFORE")
    move = partial(house.ledger.move, new.id, actor="bot", evidence={})
    assert isinstance(await house.ledger.accept(new, Limit(float("inf"))), Stored)
    assert await move(State.ACCEPTED, State.SENDING)
    assert await move(State.SENDING, State.UNKNOWN, change=Change(reason="timeout"))
    assert await house.ledger.questions.looked(new.id, Look(finished=True, reachable=True), {}, 0)
    assert await house.ledger.questions.decide(new.id, Choice.SEND_AGAIN, OMAR, 0)
    async with parts(house) as built:
        await built.caretaker().sweep()
        question = await house.heard("This was for the account MA_BEFORE")
    assert "trunk.send_again" not in str(question.blocks)
    operation = (await record_of(house, new.id)).operation
    assert (operation.state, operation.asking) == (State.UNKNOWN, True)
    assert house.sandbox.vobiz_posts == []
