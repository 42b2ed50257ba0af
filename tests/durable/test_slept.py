"""A process that slept (a closed lid, a paused machine) between writing what it will send and sending it."""

from bot.domain.operation import Standing
from bot.domain.transitions.sendings import begin
from bot.store.ledger import Stored
from tests.durable.houses import on_sqlite
from tests.durable.parts import idle, order, parts, record_of
from tests.flow.conftest import House, SkippingClock


@on_sqlite
async def test_an_intent_that_was_slept_over_is_given_back_and_told_as_not_sent(house: House) -> None:
    clock = SkippingClock()

    async def sleeps(_operation: str) -> None:
        clock.skip(6)

    async with parts(house, clock) as built:
        built.ledger.let_in(sleeps, after=begin)
        new = order(house)
        assert isinstance(await built.intake.accept(new), Stored)
        await idle(built.engine, new.id)
        told = await house.heard("held up for too long")
        assert "Nothing was created" in told.words
    op = (await record_of(house, new.id)).operation
    assert (op.standing, op.step.reason) == (Standing.NOT_SENT, "overslept")
    assert house.sandbox.vobiz_posts == []
