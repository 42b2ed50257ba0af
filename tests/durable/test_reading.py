"""Reading while the database hangs: who asks hears so before Slack gives up, and the next one is answered."""

import pytest
import sqlalchemy as sa

from bot.store.database import open_engine
from tests.durable.houses import on_postgres
from tests.flow.conftest import ASHA, VOICE, House


@on_postgres
@pytest.mark.parametrize("asked", ["status {}", "history", "history {}"])
async def test_who_asks_a_database_that_hangs_hears_so_in_time(house: House, asked: str) -> None:
    engine = open_engine(house.settings.database_url.get_secret_value())
    async with house.bot():
        await house.confirmed()
        typed = asked.format(house.reference((await house.heard("created: outbound")).words))
        async with engine.connect() as blocking:
            await blocking.execute(sa.text("LOCK TABLE operations IN ACCESS EXCLUSIVE MODE"))
            late = await house.sandbox.command(ASHA, VOICE, typed)
            assert "I cannot read this now" in str(late.seen)
            assert late.ms < 3000
        before = len(house.sandbox.messages(VOICE, ASHA))
        await house.sandbox.command(ASHA, VOICE, typed)
        # A table follows through the response_url.
        await house.sandbox.wait_for(lambda: len(house.sandbox.messages(VOICE, ASHA)) > before)
        assert "Sales" in house.sandbox.messages(VOICE, ASHA)[-1].words
    await engine.dispose()
