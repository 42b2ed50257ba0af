"""Stopping and starting: what was accepted is finished, what may have been sent is looked for."""

import asyncio
from pathlib import Path

import httpx
import pytest

from bot.config.settings import Settings
from bot.domain.operation import Standing, State
from bot.sandbox.run import settings_for
from tests.flow.conftest import ASHA, OMAR, SALES, VOICE, House
from tests.flow.test_trouble import UNCONFIRMED, asked, has_button


async def test_stopping_lets_a_send_finish_and_its_result_arrive(empty_house: House) -> None:
    house = empty_house
    house.sandbox.settings.delays.slow = 0.3
    await house.sandbox.fault("vobiz", "slow")
    async with house.bot():
        await house.confirmed()
        await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)
    message = await house.heard("created: outbound")
    assert (await house.operation(message.words)).state is State.DONE


async def test_a_search_goes_on_after_a_restart_and_sends_nothing(empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"vobiz_settle": 30.0})
    async with house.bot():
        await house.sandbox.fault("vobiz", "created_then_500", times=1)
        await house.confirmed()
        await house.heard(UNCONFIRMED)
    house.settings = house.settings.model_copy(update={"vobiz_settle": 0.3})
    async with house.bot():
        found = await house.heard("created: outbound")
        assert str(house.sandbox.trunks[0]["trunk_id"]) in found.words
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_question_is_answered_after_a_restart(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        text = await asked(house)
    async with house.bot():
        await house.sandbox.action(OMAR, "trunk.give_up")
        await house.sandbox.wait_for(lambda: not has_button(house, "trunk.give_up"))
    operation = await house.operation(text)
    assert (operation.state, operation.standing) == (State.STOPPED, Standing.NOT_DONE)


async def test_a_form_that_was_open_during_a_restart_still_counts_once(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        await house.sandbox.command(ASHA, VOICE, SALES)
    async with house.bot():
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_ready_means_that_slack_knows_the_bot_and_the_database_answers(empty_house: House) -> None:
    house = empty_house
    async with house.bot() as bot, httpx.AsyncClient(transport=httpx.ASGITransport(bot.asgi)) as client:
        ready = await client.get("http://bot/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        assert (await client.get("http://bot/healthz")).status_code == 200
        assert (await client.get("http://bot/nothing")).status_code == 404


async def test_a_revoked_token_is_alive_but_not_ready(empty_house: House) -> None:
    house = empty_house
    house.sandbox.space.token_error = "token_revoked"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_entered(house), 1)


async def _entered(house: House) -> None:
    async with house.bot():
        raise AssertionError("unreachable: it cannot become ready")


def test_the_sandbox_takes_nothing_from_the_environment(
    empty_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://production/ledger")
    monkeypatch.setenv("TRUNK_CHANNELS", "C0PROD001")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    settings = settings_for(empty_house.sandbox, Path("x.db"))
    assert isinstance(settings, Settings)
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:///x.db"
    assert settings.policy.channels == frozenset()
