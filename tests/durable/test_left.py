"""The sweep: what a dead process left without a workflow is continued, by the state in the ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import pytest

from bot.domain.operation import Choice, Found, Standing, State
from bot.domain.outcome import NotSent
from bot.domain.records import Asking, NewOperation, Purpose, Record
from bot.domain.transitions.decisions import approve
from bot.domain.transitions.moves import Decide
from bot.domain.transitions.sendings import begin, settle
from bot.kinds.registry import KINDS
from bot.runtime.clock import SystemClock, milliseconds
from bot.store.ledger import Stored
from bot.workflow.decisions import Decided
from bot.workflow.engine import Engine
from bot.workflow.recovery import Recovery
from bot.workflow.slots import slot_for
from bot.workflow.workflow import Steps
from tests.durable.houses import on_sqlite
from tests.durable.parts import (
    Parts,
    ShiftedClock,
    all_told,
    asks,
    gets,
    idle,
    left,
    left_behind,
    made,
    move,
    order,
    parts,
    record_of,
    says,
    unsure,
)
from tests.flow.conftest import ASHA, OMAR, VOICE, House
from tests.flow.test_trouble import UNCONFIRMED, has_button

APPROVES = "approval.approve"
UNSURE: Final = (begin, unsure)
ASKED: Final = (*UNSURE, asks)


async def test_an_accepted_operation_that_nobody_started_is_sent_once(house: House) -> None:
    record = await left(house)
    async with parts(house) as built:
        sweep = built.recovery().sweep
        await sweep()
        await asyncio.gather(sweep(), sweep())
        message = await house.heard("created: outbound")
        await idle(built.engine, record.operation.id)
    assert message.words.count(record.operation.ref) == 1
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_what_moved_a_moment_ago_is_left_to_its_workflow(house: House) -> None:
    record = await left(house)
    async with parts(house) as built:
        await built.recovery(ahead=0).sweep()
        assert await runs(built, record) == (0, False)


async def test_what_may_have_been_sent_is_looked_for_and_never_sent(house: House) -> None:
    house.settings = house.settings.model_copy(update={"vobiz_settle": 3.0})
    record = await left(house, "Sales", begin)
    async with parts(house) as built:
        await built.recovery().sweep()
        await house.heard(UNCONFIRMED)
        trunk = house.sandbox.add_trunk("Sales")
        found = await house.heard("created: outbound")
        assert str(trunk["trunk_id"]) in found.words
        await until_told(house, record)
    assert house.sandbox.vobiz_posts == []
    assert (await record_of(house, record.operation.id)).operation.step.found is Found.LOOK


@on_sqlite
async def test_a_search_that_was_left_goes_on_and_ends_with_a_question(house: House) -> None:
    record = await left(house, "Sales", *UNSURE)
    async with parts(house) as built:
        await built.recovery().sweep()
        await house.sandbox.wait_for(lambda: has_button(house, "trunk.give_up"))
        await until_told(house, record)
    assert house.sandbox.vobiz_posts == []
    assert (await record_of(house, record.operation.id)).operation.asking


@on_sqlite
async def test_an_open_question_is_left_to_people(house: House) -> None:
    record = await left(house, "Sales", *ASKED)
    async with parts(house) as built:
        await built.recovery().sweep()
        assert await runs(built, record) == (0, False)
    assert (await record_of(house, record.operation.id)).operation.asking


@on_sqlite
async def test_an_end_that_nobody_was_told_is_told_and_says_that_it_may_be_a_repeat(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    record = await left(house, "Sales", begin, gets(made(trunk)), ago=60)
    async with parts(house) as built:
        told = await house.heard(str(trunk["trunk_id"]))
        await until_told(house, record)
        await built.recovery().sweep()
        await idle(built.engine, record.operation.id)
    assert "may have seen this already" in told.words
    assert len(house.said()) == 1
    assert house.sandbox.vobiz_posts == []


async def test_send_again_that_was_recorded_and_not_carried_out_is_carried_out_once(house: House) -> None:
    record = await left(house, "Sales", *ASKED, says(Choice.SEND_AGAIN), ago=60)
    async with parts(house) as built:
        await asyncio.gather(built.recovery().sweep(), built.recovery().sweep())
        await house.heard("created: outbound")
        await until_told(house, record)
        await built.recovery().sweep()
        await idle(built.engine, record.operation.id)
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_a_decision_that_was_carried_out_in_vain_is_not_carried_out_by_a_slower_process(
    house: House,
) -> None:
    record = await left(house, "Sales", *ASKED, says(Choice.SEND_AGAIN), begin, unsure)
    assert await house.ledger.change(record.operation.id, begin) is None


@on_sqlite
async def test_check_again_that_was_recorded_and_not_carried_out_looks_and_asks_again(house: House) -> None:
    record = await left(house, "Sales", *ASKED, says(Choice.CHECK_AGAIN))
    async with parts(house) as built:
        await built.recovery().sweep()
        await until_told(house, record)
    operation = (await record_of(house, record.operation.id)).operation
    assert (operation.asking, operation.round) == (True, 1)
    assert (await kinds(house, record)).count("looked") == 2
    assert house.sandbox.vobiz_posts == []


@pytest.mark.parametrize("moves", [(begin,), UNSURE], ids=["sending", "unknown"])
@on_sqlite
async def test_an_error_in_a_workflow_ends_nothing(house: House, moves: tuple[Decide, ...]) -> None:
    record = await left(house, "Sales", *moves)
    await in_error(house, record)
    trunk = house.sandbox.add_trunk("Sales")
    async with parts(house) as built:
        assert await runs(built, record) == (1, False)
        await built.recovery().sweep()
        assert str(trunk["trunk_id"]) in (await house.heard("created: outbound")).words
        assert (await runs(built, record))[0] == 2
    assert house.sandbox.vobiz_posts == []


@on_sqlite
async def test_an_error_before_anything_was_sent_is_followed_by_the_send(house: House) -> None:
    record = await left(house)
    await in_error(house, record)
    async with parts(house) as built:
        await built.recovery().sweep()
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_a_process_sweeps_at_its_start(house: House) -> None:
    await left(house, ago=60)
    async with house.bot():
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_what_fails_each_time_is_not_repeated_for_ever(house: House) -> None:
    operation = (await left(house, "Sales", begin)).operation.id
    async with failing(house) as (engine, recovery):
        for _ in range(25):
            await recovery.sweep()
            await idle(engine, operation)
        assert await engine.runs(operation, operation) == (20, False)
        # Somebody else has got on with it: that may be what was missing.
        await move(house, operation, unsure)
        await recovery.sweep()
        await idle(engine, operation)
        assert await engine.runs(operation, operation) == (21, False)


@asynccontextmanager
async def failing(house: House) -> AsyncIterator[tuple[Engine, Recovery]]:
    """An engine whose workflows raise."""

    async def fail(_operation: str, _steps: Steps) -> None:
        raise RuntimeError("on purpose")

    url = house.settings.database_url.get_secret_value()
    slot = slot_for(url)
    assert await slot.take()
    engine = Engine(url, slot.name, fail)
    engine.launch()
    yield engine, Recovery(house.ledger, KINDS, engine, slot, ShiftedClock(60), lost=lambda: None)
    await engine.destroy()
    await slot.release()


async def in_error(house: House, record: Record) -> None:
    """Give an operation a workflow that ends in ERROR, as a bug of ours or a full disk makes it end."""
    operation = record.operation.id
    async with failing(house) as (engine, _):
        await engine.start(operation, operation)
        await idle(engine, operation)


async def runs(built: Parts, record: Record) -> tuple[int, bool]:
    return await built.engine.runs(record.operation.id, record.operation.id)


async def kinds(house: House, record: Record) -> list[str]:
    return [event.kind for event in (await house.ledger.chronicle.story(record.operation.id)).events]


async def until_told(house: House, record: Record) -> None:
    """Wait until people know how an operation stands, at its end or with a question."""
    async with asyncio.timeout(10):
        while True:
            now = (await record_of(house, record.operation.id)).operation
            notices = await house.ledger.outbox.of(now.id)
            settled = now.asking or now.state not in {State.ACCEPTED, State.RUNNING, State.UNKNOWN}
            if settled and all(notice.due_at is None for notice in notices):
                return
            await asyncio.sleep(0.01)


@on_sqlite
async def test_what_a_process_died_over_is_still_to_be_told(house: House) -> None:
    """A button that is out of date, and could not be taken away, is taken away by the next process."""
    async with parts(house) as built:
        stored = await built.intake.accept(request(house))
        assert isinstance(stored, Stored)
        operation = stored.record.operation.id
        await house.heard("Approval needed: ")
        await all_told(house, operation)
        await house.sandbox.fault("slack", "update_error")
        await built.decisions.deny(operation, OMAR, "No.")
        await until_tried(house, operation)
        assert button_in(house)
    await house.sandbox.fault("slack", "none")
    async with parts(house, ShiftedClock(120)):
        await house.sandbox.wait_for(lambda: not button_in(house), 10)


async def until_tried(house: House, operation: str) -> None:
    """Wait until the ledger says that the question could not be brought up to date."""
    async with asyncio.timeout(10):
        while True:
            notices = await house.ledger.outbox.of(operation)
            if any(notice.purpose is Purpose.APPROVAL and notice.tries for notice in notices):
                return
            await asyncio.sleep(0.01)


@on_sqlite
async def test_a_question_of_a_process_that_died_is_asked_and_says_that_it_may_be_a_repeat(
    house: House,
) -> None:
    """Between posting it and writing that down nobody can tell."""
    await left_behind(house, request(house, minutes=5), ago=60)
    async with parts(house):
        question = await house.heard("Approval needed: ")
        assert "may have seen this already" in question.words


def request(house: House, minutes: int = 1) -> NewOperation:
    return replace(order(house), asking=Asking("Launch", milliseconds(SystemClock()) + minutes * 60_000))


def button_in(house: House) -> bool:
    return any(APPROVES in str(message.blocks) for message in house.sandbox.messages(VOICE))


@on_sqlite
async def test_an_identical_trunk_that_ends_while_it_is_looked_up_stops_no_approval(house: House) -> None:
    running = (await left(house, "Sales", begin)).operation.id
    async with parts(house) as built:
        stored = await built.intake.accept(request(house))
        assert isinstance(stored, Stored)

        async def ended(_operation: str) -> None:
            await move(house, running, gets(NotSent("connect")))

        came = built.ledger.let_in(ended, after=approve)
        asked = stored.record
        approved = await built.decisions.approve(asked.operation.id, asked.digest, OMAR)
        assert isinstance(approved, Decided)
        assert came.is_set()
        await house.heard("created: outbound")


@on_sqlite
async def test_an_answer_that_comes_after_another_process_took_over_is_in_the_record(house: House) -> None:
    async with parts(house) as built:
        came = built.ledger.let_in(lambda operation: move(house, operation, unsure), before=settle)
        await house.sandbox.fault("vobiz", "refuse")
        stored = await built.intake.accept(order(house))
        assert isinstance(stored, Stored)
        await came.wait()
        await idle(built.engine, stored.record.operation.id)
        story = await house.ledger.chronicle.story(stored.record.operation.id)
    (late,) = [event for event in story.events if event.kind == "late_answer"]
    assert (late.evidence["outcome"], late.evidence["status"]) == ("rejected", 422)


@on_sqlite
async def test_what_was_accepted_for_another_account_is_not_sent(house: House) -> None:
    new = replace(order(house), account="MA_BEFORE")
    async with parts(house) as built:
        assert isinstance(await built.intake.accept(new), Stored)
        told = await house.heard("work for another account now")
        assert told.to == ASHA
        assert "MA_BEFORE" in told.words
        assert "Nothing was created" in told.words
    operation = (await record_of(house, new.id)).operation
    assert (operation.standing, operation.step.reason) == (Standing.NOT_SENT, "other_account")
    assert house.sandbox.vobiz_posts == []


@on_sqlite
async def test_send_again_that_was_recorded_for_another_account_asks_again_instead(house: House) -> None:
    new = replace(order(house), account="MA_BEFORE")
    await left_behind(house, new, *ASKED, says(Choice.SEND_AGAIN), ago=60)
    async with parts(house) as built:
        await built.recovery(0).sweep()
        question = await house.heard("This was for the account MA_BEFORE")
    assert "trunk.send_again" not in str(question.blocks)
    operation = (await record_of(house, new.id)).operation
    assert (operation.state, operation.asking) == (State.UNKNOWN, True)
    assert house.sandbox.vobiz_posts == []
