"""The look at the account behind an open form: nothing that hangs holds up anything else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, cast

import pytest

from bot.domain.outcome import Data
from bot.kinds.create_trunk import CreateTrunk
from bot.runtime.clock import SystemClock
from bot.store.database import migrate, open_engine
from bot.store.ledger import Ledger
from bot.vobiz.client import VobizClient
from bot.vobiz.listing import Unreachable
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.workflow.preview import Opened, Preview
from tests.conftest import TurnedClock

SALES: Final = {"name": "Sales", "direction": "outbound", "calls": 10}
MANY: Final = {"name": "Many", "direction": "outbound", "calls": 500}
KIND: Final = CreateTrunk()


class Vobiz:
    """An account with a trunk “Sales” and a ceiling of 100 calls, either of which may hang."""

    auth_id = "MA_1"

    def __init__(self) -> None:
        self.ceiling_there = asyncio.Event()
        self.away = False
        self.whole = True
        self.reads: list[str] = []
        self.trunks: tuple[Trunk, ...] = (Trunk(id="T-1", name="Sales", direction="outbound", calls=10),)

    async def snapshot(self) -> Snapshot | Unreachable:
        self.reads.append("trunks")
        if self.away:
            return Unreachable("connect")
        return Snapshot("MA_1", int(SystemClock().now() * 1000), self.trunks, self.whole)

    async def ceiling(self) -> int | None:
        self.reads.append("ceiling")
        await self.ceiling_there.wait()
        return 100


class Shown:
    """What the forms show, by operation; the form of `hangs` takes for ever to be brought up to date."""

    def __init__(self, hangs: str = "") -> None:
        self.hangs = hangs
        self.seen: dict[str, Data] = {}

    def opened(self, operation: str, known: Data) -> Opened:
        async def annotate(seen: Data) -> None:
            if operation == self.hangs:
                await asyncio.Event().wait()
            assert operation not in self.seen
            self.seen[operation] = seen

        return Opened(operation, KIND, known, annotate)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/ledger.db")
    await migrate(engine)
    yield Ledger(engine, SystemClock())
    await engine.dispose()


@asynccontextmanager
async def looking(vobiz: Vobiz, ledger: Ledger) -> AsyncIterator[Preview]:
    preview = Preview(cast("VobizClient", vobiz), ledger, SystemClock())
    task = asyncio.create_task(preview.keep_looking())
    yield preview
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_ceiling_and_a_form_that_hang_hold_up_nothing(ledger: Ledger) -> None:
    vobiz, shown = Vobiz(), Shown(hangs="first")
    async with looking(vobiz, ledger) as preview:
        for operation, known in (("first", SALES), ("second", SALES), ("third", MANY)):
            preview.after(shown.opened(operation, known))
        await shown.until(lambda: "second" in shown.seen)
        assert (shown.seen["second"]["same_names"], shown.seen["second"]["ceiling"]) == (1, None)
        reading = await preview.reading()
        assert reading is not None
        kept = await ledger.snapshots.newest("MA_1")
        assert kept is not None
        assert kept.id == reading.snapshot_id
        # A form that has something to say only beside the ceiling says it when that is known.
        assert "third" not in shown.seen
        vobiz.ceiling_there.set()
        await shown.until(lambda: "third" in shown.seen)
        assert shown.seen["third"]["ceiling"] == 100
    assert sorted(vobiz.reads) == ["ceiling", "trunks"]


async def test_the_ceiling_is_kept_and_one_look_serves_all(ledger: Ledger) -> None:
    vobiz, shown = Vobiz(), Shown()
    vobiz.ceiling_there.set()
    async with looking(vobiz, ledger) as preview:
        for number in range(5):
            preview.after(shown.opened(f"first {number}", MANY))
        await shown.until(lambda: len(shown.seen) == 5)
        preview.after(shown.opened("later", MANY))
        await shown.until(lambda: "later" in shown.seen)
    assert sorted(vobiz.reads) == ["ceiling", "trunks", "trunks"]


async def test_what_another_instance_has_read_is_the_reading_here(ledger: Ledger) -> None:
    vobiz, shown = Vobiz(), Shown()
    vobiz.ceiling_there.set()
    async with looking(vobiz, ledger) as preview:
        preview.after(shown.opened("first", SALES))
        await shown.until(lambda: "first" in shown.seen)
    other = Preview(cast("VobizClient", Vobiz()), ledger, SystemClock())
    reading = await other.reading()
    assert reading is not None
    assert reading.snapshot.ids == {"t-1"}
    assert other.seen(KIND, SALES, reading)["same_names"] == 1


async def test_a_reading_gets_old(ledger: Ledger, clock: TurnedClock) -> None:
    clock.time = SystemClock().now()
    vobiz = Vobiz()
    preview = Preview(cast("VobizClient", vobiz), ledger, clock)
    assert await preview.reading() is None
    await preview._look([])
    mine = await preview.reading()
    newer = await ledger.snapshots.keep(
        "MA_1", int(clock.time * 1000) + 9_000, None, {"trunks": [], "whole": True}
    )
    assert await preview.reading() == mine
    clock.time += 60
    theirs = await preview.reading()
    assert theirs is not None
    assert (theirs.snapshot_id, theirs.snapshot.trunks) == (newer, ())
    vobiz.ceiling_there.set()


async def test_a_reading_that_is_too_old_to_be_shown_is_made_anew(ledger: Ledger) -> None:
    vobiz = Vobiz()
    vobiz.ceiling_there.set()
    preview = Preview(cast("VobizClient", vobiz), ledger, SystemClock())
    long_ago = int(SystemClock().now() * 1000) - 601_000
    old = await ledger.snapshots.keep("MA_1", long_ago, None, {"trunks": [], "whole": True})
    vobiz.away = True
    known = await preview.reading()
    assert known is not None
    assert (known.snapshot_id, vobiz.reads.count("trunks")) == (old, 1)  # it is still good to compare with
    vobiz.away = False
    first, second = await asyncio.gather(preview.reading(), preview.reading())
    assert first is not None
    assert (first, first.snapshot.trunks, vobiz.reads.count("trunks")) == (second, vobiz.trunks, 2)
    assert await preview.reading() == first
    assert vobiz.reads.count("trunks") == 2


async def test_a_reading_that_is_not_whole_does_not_take_the_place_of_one_that_is(ledger: Ledger) -> None:
    vobiz, shown = Vobiz(), Shown()
    vobiz.ceiling_there.set()
    async with looking(vobiz, ledger) as preview:
        preview.after(shown.opened("first", SALES))
        await shown.until(lambda: "first" in shown.seen)
        whole = await ledger.snapshots.newest("MA_1")
        vobiz.whole = False
        preview.after(shown.opened("second", SALES))
        await shown.until(lambda: "second" in shown.seen)
        assert await ledger.snapshots.newest("MA_1") == whole


async def test_an_account_that_cannot_be_read_is_said_to_be(ledger: Ledger) -> None:
    vobiz, shown = Vobiz(), Shown()
    vobiz.away = True
    async with looking(vobiz, ledger) as preview:
        preview.after(shown.opened("first", SALES))
        await shown.until(lambda: "first" in shown.seen)
        assert shown.seen["first"]["readable"] is False
        assert await preview.reading() is None
