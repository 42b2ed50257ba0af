"""A whole examination: the account over HTTP, DNS and SIP, side by side, shared and bounded."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.proof.addresses import WITHIN
from bot.proof.checklist import Finding, Value
from bot.proof.examination import KEPT_FOR, Examiner
from bot.runtime.clock import Clock
from bot.sandbox.run import settings_for
from bot.sandbox.server import Sandbox
from bot.vobiz.client import VobizClient, open_client
from bot.vobiz.listing import Unreachable
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk, usable_trunk
from tests.conftest import TurnedClock

LOGINS = Listed((Item("c-1", "sales", enabled=True, realm="MA_1.sip.vobiz.ai"),), whole=True)
READ = Snapshot("MA_SANDBOX1", 0, (), whole=False, parts={Part.CREDENTIALS: LOGINS})


async def read() -> Snapshot:
    return READ


async def read_nothing() -> Unreachable:
    return Unreachable("timeout")


class House:
    """A sandbox with a trunk that has a login, and what examines it."""

    def __init__(self, sandbox: Sandbox, vobiz: VobizClient, clock: Clock) -> None:
        self.sandbox = sandbox
        self.asked: list[str] = []
        trunk = usable_trunk(sandbox.add_trunk("Sales") | {"credential_uuid": "c-1"})
        assert trunk is not None
        self.trunk: Trunk = trunk
        host, port = sandbox.sip.dns.split(":")
        self.examiner = Examiner(vobiz, clock, probe=True, sandbox=(host, int(port)))

    async def found(self, read: Callable[[], Awaitable[Snapshot | Unreachable]] = read) -> list[Finding]:
        examined = await self.examiner.examine(self.trunk, read)
        return [point.finding for point in examined.found.points]

    @property
    def messages(self) -> int:
        return sum(entry.what.startswith("OPTIONS") for entry in self.sandbox.deliveries)

    @property
    def reads(self) -> int:
        return sum(
            entry.what in {"GET me", "GET concurrency", "GET INR"} for entry in self.sandbox.deliveries
        )


@pytest.fixture
async def house(clock: TurnedClock, tmp_path: Path) -> AsyncIterator[House]:
    sandbox = Sandbox()
    await sandbox.start()
    settings = settings_for(sandbox, tmp_path / "ledger.db")
    token, account = settings.vobiz_auth_token, settings.vobiz_auth_id
    async with open_client(base_url=settings.vobiz_api_url, auth_id=account, token=token, timeout=9) as http:
        house = House(sandbox, VobizClient(http, auth_id=account, token=token, timeout=9), clock)
        yield house
        await house.examiner.stop()
    await sandbox.stop()


WELL = [
    *(Finding.ENABLED, Finding.LOGIN, Finding.FUNDED, Finding.WITHIN_CEILING),
    *(Finding.NAMED, Finding.ANSWERED),
]


async def test_a_trunk_of_which_all_is_well_is_ok(house: House) -> None:
    examined = await house.examiner.examine(house.trunk, read)
    assert [point.finding for point in examined.found.points] == WELL
    assert examined.found.value is Value.OK
    assert (examined.other_side.user, examined.other_side.realm) == ("sales", "MA_1.sip.vobiz.ai")


@pytest.mark.parametrize(
    ("side", "fault", "finding"),
    [
        ("vobiz", "no_balance", Finding.NO_FUNDS),
        ("vobiz", "reads_fail", Finding.BALANCE_UNREAD),
        ("vobiz", "reads_fail", Finding.CEILING_UNREAD),
        ("sip", "forbidden", Finding.ANSWERED),
        ("sip", "no_name", Finding.NO_NAME),
    ],
)
async def test_what_is_wrong_with_one_part_is_told_beside_the_rest(
    house: House, side: str, fault: str, finding: Finding
) -> None:
    await house.sandbox.fault(side, fault)
    found = await house.found()
    assert finding in found
    assert Finding.LOGIN in found


async def test_a_list_that_could_not_be_read_is_not_known(house: House) -> None:
    assert Finding.WAY_OUT_UNREAD in await house.found(read_nothing)


async def test_the_same_is_asked_once_in_ten_seconds(house: House, clock: TurnedClock) -> None:
    first, second = await asyncio.gather(house.found(), house.found())
    assert first == second == WELL
    asked = house.reads
    assert (house.messages, asked) == (1, 3)
    # A trunk that was changed meanwhile is another one.
    house.trunk = house.trunk.model_copy(update={"transport": "tcp"})
    assert await house.found() == WELL
    assert (house.messages, house.reads) == (2, asked)
    clock.time += KEPT_FOR + 1
    await house.found()
    assert (house.messages, house.reads) == (3, 2 * asked)


async def test_what_was_not_said_is_asked_again_at_once(house: House) -> None:
    await house.sandbox.fault("vobiz", "reads_fail")
    assert Finding.BALANCE_UNREAD in await house.found()
    await house.sandbox.fault("vobiz", "none")
    assert await house.found() == WELL


@pytest.mark.serial
async def test_an_account_and_servers_that_are_silent_cost_three_seconds_together(house: House) -> None:
    async def never() -> Snapshot:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    await house.sandbox.fault("sip", "silent")
    began = time.monotonic()
    found = await house.found(never)
    assert WITHIN <= time.monotonic() - began < WITHIN + 0.5
    assert [found[1], found[-1]] == [Finding.WAY_OUT_UNREAD, Finding.SILENT]
