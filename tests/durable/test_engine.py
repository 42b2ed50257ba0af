"""The engine and the ledger together: what is accepted is done once, and what is left is gone on with."""

from bot.domain.operation import Choice, Standing
from bot.domain.transitions.sendings import begin
from bot.store.ledger import Already, Stored
from bot.workflow.decisions import Decided
from tests.durable.parts import idle, left, order, parts, record_of
from tests.flow.conftest import OMAR, House


async def test_what_is_accepted_is_done_once_however_often_it_is_confirmed(house: House) -> None:
    async with parts(house) as built:
        new = order(house)
        assert isinstance(await built.intake.accept(new), Stored)
        assert isinstance(await built.intake.accept(new), Already)
        await house.heard("created: outbound")
        await idle(built.engine, new.id)
        assert (await record_of(house, new.id)).operation.standing is Standing.DONE
    assert len(house.sandbox.vobiz_posts) == 1


async def test_what_a_dead_process_left_is_gone_on_with(house: House) -> None:
    never_begun = await left(house, "One", ago=60)
    begun = await left(house, "Two", begin, ago=60)
    async with parts(house) as built:
        await built.recovery(0).sweep()
        for record in (never_begun, begun):
            await idle(built.engine, record.operation.id)
        one = (await record_of(house, never_begun.operation.id)).operation
        two = (await record_of(house, begun.operation.id)).operation
        assert (one.standing, two.standing, two.asking) == (Standing.DONE, Standing.UNKNOWN, True)
        assert [post.body["name"] for post in house.sandbox.vobiz_posts] == ["One"]
        # Whoever is asked has time: nothing is due.
        await built.recovery(60).sweep()
        assert not (await built.engine.runs(two.id, two.id))[1]
        answer = await built.decisions.decide(two.id, Choice.SEND_AGAIN, OMAR, two.round, None)
        assert isinstance(answer, Decided)
        await house.sandbox.wait_for(lambda: len(house.sandbox.vobiz_posts) == 2)
        await idle(built.engine, two.id)
        assert (await record_of(house, two.id)).operation.standing is Standing.DONE
        # It was uncertain, so that it is looked at again in half an hour, and not before.
        runs, _ = await built.engine.runs(two.id, two.id)
        await built.recovery(600).sweep()
        assert (await built.engine.runs(two.id, two.id))[0] == runs
        await built.recovery(2_000).sweep()
        assert (await built.engine.runs(two.id, two.id))[0] == runs + 1
        await idle(built.engine, two.id)
    assert [post.body["name"] for post in house.sandbox.vobiz_posts] == ["One", "Two"]
