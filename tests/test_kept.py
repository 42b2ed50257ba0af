"""What is kept beside operations: readings of the account, and sealed passwords."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.outcome import Done, NotSent, Outcome, Refusal, Rejected, Thing, Unknown
from bot.domain.records import Entry
from bot.domain.transitions.sendings import settle
from bot.store.ledger import Ledger
from bot.store.schema import snapshots
from bot.store.secrets import SEALED_FOR, SHOWN_FOR
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


async def test_a_password_is_kept_for_its_step_a_day_or_an_hour_from_when_it_was_shown(
    ledger: Ledger, clock: TurnedClock
) -> None:
    kept, op, began = ledger.secrets, "a" * 32, int(clock.time * 1000)
    assert await kept.keep(op, 1, "sealed") == "sealed"
    assert await kept.keep(op, 1, "of another run") == "sealed"
    assert await kept.keep(op, 2, "other") == "other"
    assert await kept.keep(op, 2, "anew", "other") == "anew"
    assert [await kept.get(op, number) for number in (1, 2, 3)] == ["sealed", "anew", None]

    async def shown(step: int, sealed: str) -> object:
        return await ledger.shown(op, step, sealed, Entry("U1", "password_shown", {}), clock.time + 1)

    assert await shown(2, "other") is None
    assert await shown(2, "anew") == began + SHOWN_FOR
    clock.time += SHOWN_FOR / 1000 - 1
    assert await shown(2, "anew") == began + SHOWN_FOR
    assert await kept.erase() == 0
    clock.time += 1
    assert await shown(2, "anew") is None
    assert [await kept.get(op, number) for number in (1, 2)] == ["sealed", None]
    assert await kept.erase() == 1
    assert await kept.keep(op, 3, "third") == "third"
    clock.time = began / 1000 + SEALED_FOR / 1000 - 60
    assert await shown(1, "sealed") == began + SEALED_FOR
    clock.time += 60
    assert await kept.get(op, 1) is None
    assert await kept.keep(op, 1, "late") == "late"
    assert await kept.erase() == 0
    story = await ledger.chronicle.story(op)
    assert [event.kind for event in story.events] == ["password_shown"] * 3


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (Unknown("timeout"), "sealed"),
        (Done(Thing(id="t-1"), 201, None), "sealed"),
        (Rejected(Refusal(status=422, message="No.")), None),
        (NotSent("dns"), None),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_password_that_is_not_in_use_goes_when_that_is_known(
    ledger: Ledger, outcome: Outcome, left: str | None
) -> None:
    new = confirmed()
    sending = await sent(ledger, new)
    await ledger.secrets.keep(new.id, 1, "sealed")
    await moved(ledger, new.id, partial(settle, sent=sending, outcome=outcome))
    assert await ledger.secrets.get(new.id, 1) == left


async def test_a_password_goes_when_another_operation_changed_its_record(ledger: Ledger) -> None:
    first, second, other = confirmed("one"), confirmed("two"), confirmed("three")
    for new, thing in ((first, "Login-1"), (second, "login-1_"), (other, "login-1")):
        sending = await sent(ledger, new)
        await ledger.secrets.keep(new.id, 1, "sealed")
        made = Done(Thing(id=thing), 201, None)
        await moved(ledger, new.id, partial(settle, sent=sending, outcome=made))
    left = [await ledger.secrets.get(new.id, 1) for new in (first, second, other)]
    assert left == [None, "sealed", "sealed"]
