"""What is read of the account: put together, bounded, shared, and honest about what could not be read."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.runtime.clock import SystemClock
from bot.sandbox.server import Sandbox
from bot.vobiz.client import VobizClient, open_client
from bot.vobiz.details import compare, read_detail
from bot.vobiz.listing import Unreachable
from bot.vobiz.lists import Listed, Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.workflow.readings import SHARED_FOR, Readings

EVERYTHING = frozenset(Part)


class Clock(SystemClock):
    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def readings(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Readings]:
    token = SecretStr(sandbox.vobiz_auth_token)
    http = open_client(base_url=sandbox.vobiz_api_url, auth_id=sandbox.vobiz_auth_id, token=token, timeout=2)
    async with http:
        made = Readings(VobizClient(http, auth_id=sandbox.vobiz_auth_id, token=token, timeout=2), clock)
        yield made
        await made.stop()


async def read(readings: Readings, needs: Needs) -> Snapshot:
    seen = await readings.fresh(needs)
    assert isinstance(seen, Snapshot)
    return seen


def asked(sandbox: Sandbox) -> int:
    return len(sandbox.deliveries)


async def test_what_is_not_needed_is_not_read(sandbox: Sandbox, readings: Readings) -> None:
    trunk = sandbox.add_trunk("Sales")
    seen = await read(readings, Needs(trunks=False, trunk=str(trunk["trunk_id"]).upper()))
    assert asked(sandbox) == 1
    assert seen.detail is not None
    assert (seen.detail.trunk.name, seen.detail.fields["recording"]) == ("Sales", False)
    assert seen.trunks == ()
    assert not seen.whole


async def test_a_number_is_looked_up_by_itself_and_only_an_answer_says_that_it_is_none_of_ours(
    sandbox: Sandbox, readings: Readings
) -> None:
    trunk, account = sandbox.add_trunk("Sales"), sandbox.vobiz.account
    for number in range(150):
        account.add_number(f"+1415555{number:04}")
    account.add_number("+14155559999", trunk)
    needs = Needs(trunks=False, numbers=("+14155559999", "+14155551234"))
    seen = await read(readings, needs)
    assert seen.complete(needs)
    item = seen.numbers["+14155559999"]
    assert item is not None
    assert (item.trunk, item.status, item.blocked) == (trunk["trunk_id"], "active", False)
    assert item.account == sandbox.vobiz_auth_id
    assert seen.numbers["+14155551234"] is None
    assert asked(sandbox) == 2
    await sandbox.fault("vobiz", "lists_fail")
    assert (await read(readings, needs)).numbers == {}
    assert not (await read(readings, needs)).complete(needs)


async def test_all_lists_are_read_to_their_end(sandbox: Sandbox, readings: Readings) -> None:
    trunk, account = sandbox.add_trunk("Sales"), sandbox.vobiz.account
    for number in range(205):
        account.add_number(f"+1415555{number:04}", trunk)
    account.attach(trunk, "credential_uuid", {"username": "sales"})
    needs = Needs(parts=EVERYTHING)
    seen = await read(readings, needs)
    assert seen.complete(needs)
    assert len(seen.part(Part.NUMBERS).items) == 205
    assert {item.trunk for item in seen.part(Part.NUMBERS).items} == {trunk["trunk_id"]}
    assert [item.text for item in seen.part(Part.CREDENTIALS).items] == ["sales"]
    assert seen.trunks[0].credential == trunk["credential_uuid"]


async def test_a_list_that_cannot_be_read_is_not_empty(sandbox: Sandbox, readings: Readings) -> None:
    trunk = sandbox.add_trunk("Sales")
    sandbox.vobiz.account.add_number("+14155550100", trunk)
    await sandbox.fault("vobiz", "lists_fail")
    needs = Needs(trunk=str(trunk["trunk_id"]), parts=frozenset({Part.NUMBERS}))
    seen = await read(readings, needs)
    assert seen.detail is not None
    assert seen.part(Part.NUMBERS) == Listed((), whole=False, why="http_503")
    assert not seen.complete(needs)


async def test_the_same_id_on_two_pages_is_not_the_whole_list(sandbox: Sandbox, readings: Readings) -> None:
    account = sandbox.vobiz.account
    for number in range(101):
        account.add_number(f"+1415555{number:04}")
    account.numbers[100]["id"] = account.numbers[0]["id"]
    seen = await read(readings, Needs(trunks=False, parts=frozenset({Part.NUMBERS})))
    assert not seen.part(Part.NUMBERS).whole


@pytest.mark.parametrize("trunk", ["credentials", "TRK_1", "../numbers/%2B1", ""])
async def test_what_is_no_id_is_not_asked_for(sandbox: Sandbox, readings: Readings, trunk: str) -> None:
    assert await readings.fresh(Needs(trunks=False, trunk=trunk)) == Unreachable("not_allowed")
    assert asked(sandbox) == 0


async def test_a_trunk_that_is_gone_is_told_from_one_that_cannot_be_read(
    sandbox: Sandbox, readings: Readings
) -> None:
    needs = Needs(trunks=False, trunk="aabbccdd-1234-5678-90ab-cdef12345678")
    assert (await read(readings, needs)).gone
    await sandbox.fault("vobiz", "reads_fail")
    assert await readings.fresh(needs) == Unreachable("http_503")


async def test_who_only_reads_shares_a_reading_for_ten_seconds_and_not_beyond_a_change(
    sandbox: Sandbox, readings: Readings, clock: Clock
) -> None:
    sandbox.add_trunk("Sales")
    await asyncio.gather(*(readings.recent(Needs()) for _ in range(5)))
    await readings.recent(Needs())
    assert asked(sandbox) == 1
    await readings.fresh(Needs())
    assert asked(sandbox) == 2
    readings.forget()
    await readings.recent(Needs())
    assert asked(sandbox) == 3
    clock.ahead = SHARED_FOR + 1
    await readings.recent(Needs())
    assert asked(sandbox) == 4


async def test_a_reading_that_failed_is_not_shared(sandbox: Sandbox, readings: Readings) -> None:
    await sandbox.fault("vobiz", "reads_fail")
    assert isinstance(await readings.recent(Needs()), Unreachable)
    await sandbox.fault("vobiz", "none")
    assert isinstance(await readings.recent(Needs()), Snapshot)


def test_two_readings_are_compared_field_by_field_without_passwords() -> None:
    base = {"trunk_id": "1", "name": "Sales", "trunk_status": "active", "password": "x", "updated_at": "1"}
    was, now = (read_detail(base | more) for more in ({}, {"updated_at": "2", "webhook_url": "https://h"}))
    more: dict[str, object] = {"sip_secret": "y", "auth": [{"user": "u", "password": "y", "realm": "r"}]}
    other = read_detail({**base, "trunk_status": "enabled", "max_concurrent_calls": "5", **more})
    assert was is not None
    assert now is not None
    assert other is not None
    assert [(one.field, one.was, one.now) for one in compare(was.fields, now.fields)] == [
        ("webhook_url", None, "https://h")
    ]
    assert [(one.field, one.now) for one in compare(was.fields, other.fields)] == [
        ("auth", '[{"realm": "r", "user": "u"}]'),
        ("calls", 5),
    ]
    assert "x" not in map(str, was.fields.values())


async def test_many_pages_are_asked_for_abreast_and_none_twice(sandbox: Sandbox, readings: Readings) -> None:
    for number in range(350):
        sandbox.add_trunk(f"Trunk {number}")
    seen = await read(readings, Needs())
    assert seen.whole
    assert len(seen.trunks) == 350
    assert asked(sandbox) == 4  # of 100 rows, each with the last row of the page before
