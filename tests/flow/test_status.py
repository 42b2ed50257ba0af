"""`/trunk status`: how what was made is now, or as of when that is known; never the past as the present."""

import asyncio
import contextlib
import time

import pytest

from tests.flow.conftest import ASHA, OMAR, RIA, VOICE, House


async def asked(house: House, text: str, user: str = OMAR) -> str:
    answer = await house.sandbox.command(user, VOICE, f"status {house.reference(text)}")
    assert answer.seen
    return answer.seen.replace("\n", "")


async def made(house: House) -> str:
    assert (await house.confirmed()).ok
    return (await house.heard("created: outbound")).words


async def test_what_was_changed_in_the_console_since_is_told_as_it_is_now(house: House) -> None:
    text = await made(house)
    house.sandbox.trunks[0].update({"trunk_status": "inactive", "name": "Sales EU"})
    seen = await asked(house, text)
    assert "Now: “Sales EU” · outbound · 10 calls" in seen
    assert "inactive" in seen
    assert "As of" not in seen


async def test_what_was_deleted_since_is_said_to_be_gone(house: House) -> None:
    text = await made(house)
    house.sandbox.trunks.clear()
    assert "this trunk is not in the account any more" in await asked(house, text)


@pytest.mark.parametrize("fault", ["unreachable", "bad_token", "reads_fail"])
async def test_where_vobiz_cannot_be_read_it_is_told_as_of_when(house: House, fault: str) -> None:
    text = await made(house)
    await house.sandbox.fault("vobiz", fault)
    seen = await asked(house, text)
    assert "(not checked since): “Sales” · outbound · 10 calls" in seen
    assert "Now:" not in seen


@pytest.mark.serial
async def test_a_vobiz_that_never_answers_does_not_hold_up_the_answer(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        text = await made(house)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await reader.read()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    change = {"vobiz_api_url": f"http://127.0.0.1:{port}", "vobiz_timeout": 3.0}
    house.settings = house.settings.model_copy(update=change)
    async with house.bot():
        began = time.monotonic()
        seen = await asked(house, text)
        assert time.monotonic() - began < 2
    assert "not checked since" in seen
    server.close()


async def test_after_another_account_was_given_to_the_bot_nothing_is_read_of_this_one(
    empty_house: House,
) -> None:
    house = empty_house
    async with house.bot():
        text = await made(house)
    house.settings = house.settings.model_copy(update={"vobiz_auth_id": "MA_OTHER99"})
    async with house.bot():
        seen = await asked(house, text, ASHA)
    assert "not checked since" in seen


async def test_what_usually_follows_is_said_once_and_not_in_every_status(house: House) -> None:
    text = await made(house)
    assert "usually needs" in text
    assert "usually needs" not in await asked(house, text, RIA)
