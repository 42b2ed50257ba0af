"""What is kept beside operations: readings of the account, and sealed passwords."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.outcome import NotSent
from bot.domain.transitions.sendings import settle
from bot.store.ledger import Ledger
from bot.store.schema import snapshots
from bot.store.snapshots import StoredSnapshot
from tests.conftest import TurnedClock
from tests.test_ledger import confirmed, moved, sent

DAY = 86_400_000  # milliseconds


@pytest.fixture
def ledger(database: AsyncEngine, clock: TurnedClock) -> Ledger:
    return Ledger(database, clock)


async def test_a_reading_is_kept_once_as_long_as_it_shows_the_same(ledger: Ledger) -> None:
    kept = ledger.snapshots
    first = await kept.keep("MA_1", 1000, -250, {"trunks": [{"id": "t-1"}], "whole": True})
    assert await kept.keep("MA_1", 2000, 9, {"whole": True, "trunks": [{"id": "t-1"}]}) == first
    found = StoredSnapshot(first, "MA_1", 1000, -250, {"trunks": [{"id": "t-1"}], "whole": True})
    assert await kept.get(first) == await kept.newest("MA_1") == found
    second = await kept.keep("MA_1", 3000, None, {"trunks": [], "whole": True})
    assert await kept.keep("MA_2", 4000, None, {"trunks": [], "whole": True}) not in {first, second}
    back = await kept.keep("MA_1", 5000, None, {"trunks": [{"id": "t-1"}], "whole": True})
    assert back not in {first, second}  # one from before must not stand for one from after
    assert (await kept.newest("MA_1")) == StoredSnapshot(
        back, "MA_1", 5000, None, {"trunks": [{"id": "t-1"}], "whole": True}
    )
    assert await kept.newest("MA_3") is None
    assert await kept.get("none") is None


async def test_what_nothing_refers_to_goes_but_for_the_newest(
    ledger: Ledger, database: AsyncEngine, clock: TurnedClock
) -> None:
    now = int(clock.time * 1000)
    ids = [
        await ledger.snapshots.keep("MA_1", now - DAY + number, None, {"n": number}) for number in range(6)
    ]
    other = await ledger.snapshots.keep("MA_2", now - 2 * DAY, None, {})
    young = [await ledger.snapshots.keep("MA_3", now - number, None, {"n": number}) for number in range(5)]
    new = confirmed(snapshot=ids[1])
    sending = await sent(ledger, new)

    async def left() -> set[str]:
        await ledger.snapshots.prune()
        async with database.connect() as connection:
            return set((await connection.execute(sa.select(snapshots.c.id))).scalars())

    assert await left() == {ids[1], *ids[3:], other, *young}
    await moved(ledger, new.id, partial(settle, sent=sending, outcome=NotSent("dns")))
    assert await left() == {*ids[3:], other, *young}


async def test_a_password_is_kept_for_its_step_and_erased_in_time(ledger: Ledger, clock: TurnedClock) -> None:
    kept = ledger.secrets
    await kept.keep("a" * 32, 1, "sealed")
    clock.time += 60
    await kept.keep("a" * 32, 2, "other")
    await kept.keep("a" * 32, 2, "anew")
    assert [await kept.get("a" * 32, number) for number in (1, 2, 3)] == ["sealed", "anew", None]
    assert await kept.erase(int(clock.time * 1000)) == 1
    assert [await kept.get("a" * 32, number) for number in (1, 2)] == [None, "anew"]
