"""The loops behind the bot: one that ends is started again, and `/readyz` tells of it."""

import asyncio
import json

import aiohttp

from bot.slack.usergroups import REFRESH
from tests.flow.conftest import ASHA, House, SkippingClock

_STARTED_AGAIN_AFTER = 5.0  # seconds: the supervisor's own sleep, which goes on


# Those that wait by the clock; "messages" and "preview" end no wait of theirs with an error.
LOOPS = {"expiry", "first calls", "health", "homes", "homes of other instances", "token", "user groups"}


class BreakingClock(SkippingClock):
    """A clock that breaks whoever waits by it, when it is told to."""

    broken = False

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.broken and seconds != _STARTED_AGAIN_AFTER:
            raise RuntimeError


async def test_every_loop_that_breaks_shows_in_readiness_and_goes_on(empty_house: House) -> None:
    house, clock = empty_house, BreakingClock()
    async with house.bot(clock), aiohttp.ClientSession() as http, asyncio.timeout(20):

        async def ended() -> set[str]:
            async with http.get(f"{house.sandbox.courier.bot_url}/readyz") as answer:
                found = json.loads(await answer.read())["checks"]["background"]
            return set() if found["ok"] else set(found["reason"].partition(": ")[2].split(", "))

        assert await ended() == set()
        clock.broken = True
        await house.sandbox.open_home(ASHA)
        clock.skip(300)
        while await ended() != LOOPS:
            # Who was in the middle of a round goes to sleep only now; the others are still told of.
            clock.skip(1)
            await asyncio.sleep(0.02)
        clock.broken = False
        while await ended():
            clock.skip(61)
            await asyncio.sleep(0.02)
        asked = len(house.sandbox.slack_calls)
        clock.skip(REFRESH)
        await house.sandbox.wait_for(
            lambda: any(call.method == "usergroups.list" for call in house.sandbox.slack_calls[asked:])
        )
