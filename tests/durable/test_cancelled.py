"""Whoever stops waiting for the answer to a confirmation does not stop the operation (trap 1)."""

import asyncio

from bot.domain.operation import Standing
from bot.domain.records import NewOperation
from bot.runtime.clock import SystemClock
from bot.sandbox.slack import forms, payloads
from bot.sandbox.slack.payloads import interaction_body
from bot.store.database import open_engine
from bot.store.ledger import Accepting, Ledger, TooLate, Unsure
from bot.workflow.intake import Intake, NotStored
from tests.durable.houses import on_sqlite
from tests.durable.parts import order, parts, record_of
from tests.flow.conftest import ASHA, VOICE, House


class _Slow(Ledger):
    """A ledger that says when it has committed, and only then, slowly, gives its answer."""

    committed: asyncio.Event

    async def accept(self, new: NewOperation, until: float) -> Accepting | TooLate | Unsure:
        answer = await super().accept(new, until)
        self.committed.set()
        for _ in range(5):  # so that the cancellation can come between the commit and the start
            await asyncio.sleep(0)
        return answer


async def test_a_waiter_cancelled_at_any_moment_after_the_commit_leaves_one_run(house: House) -> None:
    moments = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64)  # turns of the loop after the commit
    database = open_engine(house.settings.database_url.get_secret_value())
    async with parts(house) as built:
        ledger = _Slow(database, SystemClock())
        intake = Intake(ledger, built.engine, SystemClock())
        for turns in moments:
            ledger.committed = asyncio.Event()
            waiting = asyncio.create_task(intake.accept(order(house, f"after {turns}")))
            await ledger.committed.wait()
            for _ in range(turns):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await house.sandbox.wait_for(lambda: len(house.said()) == len(moments), 10)
        await intake.stop()
    await database.dispose()
    sent = sorted(str(post.body["name"]) for post in house.sandbox.vobiz_posts)
    assert sent == sorted(f"after {turns}" for turns in moments)


@on_sqlite
async def test_a_waiter_cancelled_before_the_commit_leaves_one_run_or_none(house: House) -> None:
    orders = [order(house, f"before {turns}") for turns in range(24)]
    async with parts(house) as built:
        for turns, new in enumerate(orders):
            waiting = asyncio.create_task(built.intake.accept(new))
            for _ in range(turns):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await built.intake.stop()
    stored = {new.subject for new in orders if await house.ledger.get(new.id) is not None}
    sent = [str(post.body["name"]) for post in house.sandbox.vobiz_posts]
    assert sorted(sent) == sorted(stored)
    assert stored, "the last ones must have got through, else nothing was tested"
    for new in orders:
        if new.subject in stored:
            assert (await record_of(house, new.id)).operation.standing is Standing.DONE


@on_sqlite
async def test_a_connection_that_breaks_during_the_confirmation_does_not_cancel_it(house: House) -> None:
    moments = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05)  # seconds from the request to the break
    async with house.bot():
        for moment in moments:
            await house.sandbox.command(ASHA, VOICE, f'create "cut {moment}" outbound 10')
            await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
            await _cut(house, moment)
            await house.sandbox.close(ASHA)
        names = {f"cut {moment}" for moment in moments}
        await house.sandbox.wait_for(
            lambda: {str(post.body["name"]) for post in house.sandbox.vobiz_posts} == names
        )
        await house.sandbox.wait_for(lambda: len(house.said()) == len(moments), 10)
        refs = [house.reference(text) for text in house.said()]
    assert len(house.sandbox.vobiz_posts) == len(moments)
    records = [await house.ledger.by_reference(ref) for ref in refs]
    assert all(record is not None and record.operation.standing is Standing.DONE for record in records)


@on_sqlite
async def test_nothing_is_accepted_once_the_process_is_stopping(house: House) -> None:
    async with parts(house) as built:
        await built.intake.stop()
        new = order(house)
        assert await built.intake.accept(new) == NotStored(stopping=True)
    assert await house.ledger.get(new.id) is None


async def _cut(house: House, after: float) -> None:
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    view.values = forms.filled(view.blocks, view.values, {})
    person = house.sandbox.space.people[ASHA]
    body = interaction_body(payloads.view_submission(person, view, "1.2.3", []))
    headers = house.sandbox.sign(body) | {"Content-Length": str(len(body)), "Host": "bot"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    address = house.sandbox.courier.bot_url
    assert address is not None
    _reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    writer.write(f"POST /slack/events HTTP/1.1\r\n{head}\r\n".encode() + body)
    await writer.drain()
    await asyncio.sleep(after)
    writer.transport.abort()
