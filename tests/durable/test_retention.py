"""The engine forgets finished workflows after 30 days; the ledger forgets nothing."""

from bot.workflow.recovery import KEPT
from tests.durable.houses import on_sqlite
from tests.durable.parts import idle, left, parts, record_of
from tests.flow.conftest import House
from tests.flow.test_approvals import until_told
from tests.flow.test_trouble import UNCONFIRMED


async def test_finished_rows_are_deleted_after_30_days_and_the_ledger_is_kept(house: House) -> None:
    record = await left(house)
    operation = record.operation.id
    month = KEPT.total_seconds()
    async with parts(house) as built:
        await built.engine.start(operation, operation)
        await until_told(house, (await house.heard("created: outbound")).words)
        await idle(built.engine, operation)
        history = (await house.ledger.chronicle.story(operation)).events
        await built.recovery(ahead=month - 60).retain()
        assert await built.engine.runs(operation, operation) == (1, False)
        await built.recovery(ahead=month + 60).retain()
        assert await built.engine.runs(operation, operation) == (0, False)
        await built.recovery(ahead=month + 60).sweep()
        assert await built.engine.runs(operation, operation) == (0, False)
    assert (await record_of(house, operation)).operation.step.thing is not None
    assert (await house.ledger.chronicle.story(operation)).events == history
    assert len(house.sandbox.vobiz_posts) == 1


@on_sqlite
async def test_what_has_not_finished_is_kept_however_old(house: House) -> None:
    house.settings = house.settings.model_copy(update={"vobiz_settle": 60.0})  # the first look is after 2 s
    record = await left(house)
    await house.sandbox.fault("vobiz", "created_then_500", times=1)
    async with parts(house) as built:
        await built.engine.start(record.operation.id, record.operation.id)
        await house.heard(UNCONFIRMED)
        await built.recovery(ahead=2 * KEPT.total_seconds()).retain()
        assert await built.engine.runs(record.operation.id, record.operation.id) == (1, True)
        await house.heard("created: outbound")
