"""Slack's rate limits: nothing is lost, nothing comes twice, and a full channel holds up no other."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

import pytest

from bot.blockkit.layout import Message
from bot.domain.records import Post
from bot.runtime.clock import SystemClock
from bot.sandbox.faults import ONE_A_SECOND
from bot.sandbox.server import Sandbox
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed
from bot.slack.transport import open_session
from tests.conftest import TurnedClock
from tests.crash.customers import settle_in
from tests.flow.conftest import ASHA, GENERAL, SALES, VOICE, House, SkippingClock
from tests.flow.test_delivery import routes

_FASTER: Final = 20


class BriskClock(SystemClock):
    """The machine's clock, or `ahead` of it (seconds), for who waits a twentieth of the time."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / _FASTER)


@pytest.fixture
def brisk() -> BriskClock:
    """The clock of the bot in `brisk_house`."""
    return BriskClock()


@pytest.fixture
async def brisk_house(empty_house: House, brisk: BriskClock) -> AsyncIterator[House]:
    """A sandbox with many operators, whose second of Slack's limits is as short as the bot's waiting."""
    settle_in(empty_house.sandbox, 20)
    began = time.time()
    empty_house.sandbox.space.clock = lambda: began + (time.time() - began) * _FASTER
    async with empty_house.bot(brisk):
        yield empty_house


@pytest.fixture
async def sandbox(clock: TurnedClock) -> AsyncIterator[Sandbox]:
    """A sandbox that lives on a turned clock."""
    made = Sandbox(clock=clock.now)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def slack(sandbox: Sandbox, clock: TurnedClock) -> AsyncIterator[SlackWeb]:
    """The bot's way to Slack, on the same clock."""
    async with open_session() as session:
        yield SlackWeb(session, sandbox.bot_token, sandbox.slack_api_url, clock)


def limited(sandbox: Sandbox) -> int:
    return sum(call.error == "ratelimited" for call in sandbox.slack_calls)


async def test_twenty_messages_at_once_arrive_in_the_order_of_asking(
    sandbox: Sandbox, slack: SlackWeb, clock: TurnedClock
) -> None:
    await sandbox.fault("slack", ONE_A_SECOND)
    texts = [f"message {number}" for number in range(20)]
    began = clock.time
    posts = await asyncio.gather(*(slack.post(VOICE, Message(text, ())) for text in texts))
    assert all(isinstance(post, Post) for post in posts)
    assert [message.text for message in sandbox.messages(VOICE)] == texts
    assert limited(sandbox) == 19
    assert clock.time - began == 19


async def test_who_asks_for_too_much_is_told_and_nothing_was_posted(
    sandbox: Sandbox, slack: SlackWeb
) -> None:
    await sandbox.fault("slack", ONE_A_SECOND)
    posts = await asyncio.gather(*(slack.post(VOICE, Message(str(n), ())) for n in range(70)))
    posted = [str(n) for n, post in enumerate(posts) if isinstance(post, Post)]
    assert 55 < len(posted) < 70
    assert [message.text for message in sandbox.messages(VOICE)] == posted
    assert {post for post in posts if isinstance(post, Failed)} == {Failed("ratelimited")}


async def test_a_response_url_waits_as_well(sandbox: Sandbox, slack: SlackWeb, clock: TurnedClock) -> None:
    url, _ = sandbox.space.response_url(ASHA, VOICE)
    sandbox.settings.delays.retry_after = 7
    await sandbox.fault("slack", "response_url_limited", times=2)
    assert await slack.respond(url, Message("here", ()), in_channel=True) is None
    assert [message.text for message in sandbox.messages(VOICE)] == ["here"]
    assert clock.slept == [7, 7]


async def test_twenty_results_in_one_channel_all_arrive_once(brisk_house: House) -> None:
    house, space = brisk_house, brisk_house.sandbox.space
    operators = [ASHA, *space.groups["S0ONCALL1"]][:20]
    await house.sandbox.fault("slack", ONE_A_SECOND)
    # Until the other channel has its result, this one takes a single message.
    passing, held = space.clock, space.clock()
    space.clock = lambda: held
    for number, user in enumerate(operators):
        await house.opened(f'create "B{number}" outbound 10', user)
        assert (await house.sandbox.submit_form(user)).ok
    await house.confirmed(channel=GENERAL)
    await house.heard("created: outbound", channel=GENERAL)
    space.clock = passing

    def created() -> list[str]:
        return [text for text in house.said() if "created: outbound" in text]

    # One that comes before its trunk is made is edited after that.
    await house.sandbox.wait_for(lambda: len(created()) >= 20, 15)
    assert len({house.reference(text) for text in created()}) == len(house.said()) == 20
    assert len(house.sandbox.vobiz_posts) == 21
    assert limited(house.sandbox) > 0
    told = [message.words for message in house.sandbox.messages(VOICE) if message.bot]
    assert not [words for words in told if "may have seen this already" in words]


async def test_a_wait_that_is_too_long_is_made_later_and_is_no_repeat(
    brisk_house: House, brisk: BriskClock
) -> None:
    house = brisk_house
    house.sandbox.settings.delays.retry_after = 120
    await house.sandbox.fault("slack", "post_rate_limited", times=1)
    shown = await house.shown("created: outbound") if (await house.confirmed()).ok else ""
    await house.sandbox.wait_for(lambda: limited(house.sandbox))
    brisk.ahead = 120.0
    message = await house.heard("created: outbound")
    assert "may have seen this already" not in message.words
    tried = await routes(house, shown)
    assert (tried[0], tried[-1]) == (("channel", "ratelimited"), ("channel", None))
    assert limited(house.sandbox) == 1, "it was asked again before the time that Slack gave"


async def test_a_search_does_not_wait_for_a_channel_that_is_held_back(empty_house: House) -> None:
    house, clock = empty_house, SkippingClock()
    house.sandbox.settings.delays.retry_after = 30
    async with house.bot(clock):
        await house.sandbox.fault("slack", "post_rate_limited")
        await house.sandbox.fault("vobiz", "created_then_500", times=1)
        began = time.monotonic()
        await house.confirmed()
        await house.shown("created: outbound")
        assert time.monotonic() - began < 5
        assert house.said() == []
        await house.sandbox.fault("slack", "none")
        clock.skip(30)
        await house.heard("created: outbound")


async def test_a_limited_modal_is_not_opened_again(house: House) -> None:
    await house.sandbox.fault("slack", "views_open_limited", times=1)
    told = await house.sandbox.command(ASHA, VOICE, SALES)
    assert '/trunk create "Sales" outbound 10' in (told.seen or "")
    assert [call.error for call in house.sandbox.slack_calls if call.method == "views.open"] == [
        "ratelimited"
    ]
