"""The engine forgets finished workflows after 30 days; the ledger forgets nothing."""

from bot.workflow.recovery import KEPT
from tests.durable.houses import on_sqlite
from tests.durable.parts import idle, left, parts, record_of
from tests.flow.conftest import House


async def test_finished_rows_are_deleted_after_30_days_and_the_ledger_is_kept(house: House) -> None:
    record = await left(house)
    operation = record.operation.id
    month = KEPT.total_seconds()
    async with parts(house) as built:
        await built.durable.start(operation, operation)
        await house.heard("Trunk created")
        await idle(built.durable, operation)
        history = (await house.ledger.chronicle.story(operation)).events
        await built.caretaker(ahead=month - 60).retain()
        assert await built.durable.runs(operation) == (1, False)
        await built.caretaker(ahead=month + 60).retain()
        assert await built.durable.runs(operation) == (0, False)
        await built.caretaker(ahead=month + 60).sweep()
        assert await built.durable.runs(operation) == (0, False)
    assert (await record_of(house, operation)).operation.trunk is not None
    assert (await house.ledger.chronicle.story(operation)).events == history
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_what_has_not_finished_is_kept_however_old(house: House) -> None:
    record = await left(house)
    await house.sandbox.fault("slack", "post_error")
    async with parts(house) as built:
        await built.durable.start(record.operation.id, record.operation.id)
        await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
        await built.caretaker(ahead=2 * KEPT.total_seconds()).retain()
        assert await built.durable.runs(record.operation.id) == (1, True)
