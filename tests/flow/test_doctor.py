"""`/trunk doctor` and the checks at the start, from outside."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.app import Bot
from tests.flow.conftest import ASHA, BEN, OMAR, RIA, VOICE, ZOE, House


async def test_an_operator_is_told_at_once_that_it_is_checked_and_then_what_was_found(house: House) -> None:
    for user in (ASHA, OMAR):
        answer = await house.sandbox.command(user, VOICE, "doctor")
        assert "Running the checks" in (answer.seen or "")
        message = await house.heard("No check failed", user=user)
        assert message.to == user
        assert "TRUNK_MAX_CALLS lets one trunk have 1000" in message.words
    assert house.said(user=BEN) == []
    assert house.sandbox.vobiz_posts == []


async def test_what_is_wrong_is_on_top(house: House) -> None:
    await house.sandbox.fault("slack", "missing_scope")
    await house.sandbox.command(ASHA, VOICE, "doctor")
    message = await house.heard("checks failed")
    assert message.words.index("usergroups:read") < message.words.index("OK: ")
    assert "reinstall" in message.words


def asked_slack(house: House) -> int:
    return sum(call.method == "chat.getPermalink" for call in house.sandbox.slack_calls)


async def test_nobody_else_is_told_and_the_refusal_says_why_and_who_can_help(house: House) -> None:
    await house.sandbox.wait_for(lambda: asked_slack(house) == 1)  # the start's own
    for user in (BEN, RIA, ZOE):
        seen = (await house.sandbox.command(user, VOICE, "doctor")).seen or ""
        assert "Nothing was done" in seen
        refused = "have access" in seen or "only an operator" in seen
        assert (refused and "Ask" in seen) is (user != ZOE)
        assert "Running the checks" not in seen
    assert asked_slack(house) == 1


async def test_without_a_way_back_through_the_command_it_comes_in_person(house: House) -> None:
    await house.sandbox.fault("slack", "response_url_dead")
    await house.sandbox.command(ASHA, VOICE, "doctor")
    await house.heard("No check failed", channel=f"D{ASHA[1:]}")


class Failures(logging.Handler):
    """Keeps the log lines of checks that failed, and tells when the first has come."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, object]] = []
        self.come = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict) and record.msg["event"] == "a check failed":
            self.lines.append(record.msg)
            self.come.set()


@pytest.fixture
def failures() -> Iterator[Failures]:
    handler = Failures()
    logging.getLogger("bot.doctor").addHandler(handler)
    yield handler
    logging.getLogger("bot.doctor").removeHandler(handler)


async def test_what_fails_is_logged_at_the_start_and_the_bot_serves(
    empty_house: House, failures: Failures
) -> None:
    await empty_house.sandbox.fault("slack", "group_gone")
    async with empty_house.bot():
        assert (await empty_house.sandbox.command(ASHA, VOICE, "create")).seen is None
        assert "Max concurrent calls" in empty_house.modal()
        await asyncio.wait_for(failures.come.wait(), 10)
    (line,) = failures.lines
    assert (line["check"], line["level"]) == ("group S0ONCALL1", "warning")
    assert "TRUNK_OPERATORS" in str(line["todo"])


@pytest.mark.parametrize("wrong", ["slack_bot_token", "slack_app_token"])
async def test_what_keeps_the_bot_from_ever_being_ready_is_logged_too(
    empty_house: House, failures: Failures, wrong: str
) -> None:
    token = SecretStr("xoxb-other" if wrong == "slack_bot_token" else "xapp-other")
    bot = Bot(empty_house.settings.model_copy(update={wrong: token}))
    async with bot.running():
        await asyncio.wait_for(failures.come.wait(), 10)
    assert not bot.ready.is_set()
    name = wrong.removeprefix("slack_").replace("_", " ")
    assert str(failures.lines[0]["check"]) == name
