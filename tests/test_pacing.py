"""What Slack limits leaves in the order of asking and is held back as long as it says; nothing else is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.slack.rate_limit import PATIENCE, Limited, Pace
from tests.conftest import TurnedClock

HERE = ("chat.postMessage", "C1")
THERE = ("chat.postMessage", "C2")


class Gate(TurnedClock):
    """A clock whose sleepers wait until the test lets them go."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()
        self.let_go = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asleep.set()
        await self.let_go.wait()
        await super().sleep(seconds)


class Slack:
    """Answers calls: the first `limited` of them with Limited; keeps what it carried out."""

    def __init__(self, *limited: float) -> None:
        self.limited = list(limited)
        self.calls = 0
        self.done: list[str] = []

    def call(self, name: str) -> Callable[[], Awaitable[str | Limited]]:
        async def call() -> str | Limited:
            self.calls += 1
            await asyncio.sleep(0)
            if self.limited:
                return Limited(self.limited.pop(0))
            self.done.append(name)
            return name

        return call


async def test_what_is_held_back_keeps_its_place(clock: TurnedClock) -> None:
    pace, slack = Pace(clock), Slack(2, 3)
    names = [str(number) for number in range(20)]
    assert await asyncio.gather(*(pace.keep(HERE, slack.call(name)) for name in names)) == names
    assert slack.done == names
    assert clock.slept == [2, 3]
    assert slack.calls == 22


async def test_another_line_is_not_held_back() -> None:
    clock, slack = Gate(), Slack(30)
    pace = Pace(clock)
    held = asyncio.create_task(pace.keep(HERE, slack.call("here")))
    await asyncio.wait_for(clock.asleep.wait(), 5)
    assert await pace.keep(THERE, slack.call("there")) == "there"
    assert slack.done == ["there"]
    clock.let_go.set()
    assert await held == "here"


async def test_who_would_wait_too_long_is_told_so_without_another_try(clock: TurnedClock) -> None:
    pace, slack = Pace(clock), Slack(PATIENCE - 1, 2)
    assert await pace.keep(HERE, slack.call("one")) == Limited(2)
    assert (slack.calls, slack.done) == (2, [])


async def test_the_next_one_honours_what_the_last_one_was_told(clock: TurnedClock) -> None:
    pace, slack = Pace(clock), Slack(PATIENCE + 10)
    assert await pace.keep(HERE, slack.call("one")) == Limited(PATIENCE + 10)
    clock.time += 5
    assert await pace.keep(HERE, slack.call("two")) == Limited(PATIENCE + 5)
    assert slack.calls == 1
    clock.time += 10
    assert await pace.keep(HERE, slack.call("three")) == "three"
    assert clock.slept == [PATIENCE - 5]


async def test_a_hold_is_over_when_its_time_is(clock: TurnedClock) -> None:
    pace, slack = Pace(clock), Slack(100)
    await pace.keep(HERE, slack.call("one"))
    clock.time += 100
    assert await pace.keep(HERE, slack.call("two")) == "two"
    assert clock.slept == []


async def test_a_clock_that_is_set_back_holds_nothing_back(clock: TurnedClock) -> None:
    pace, slack = Pace(clock), Slack(100)
    await pace.keep(HERE, slack.call("one"))
    clock.time -= 3600
    assert await pace.keep(HERE, slack.call("two")) == "two"
    assert clock.slept == []


async def test_the_wait_for_a_turn_is_bounded_too(clock: TurnedClock) -> None:
    pace, slack, hanging = Pace(clock), Slack(), asyncio.Event()

    async def hang() -> str:
        await hanging.wait()
        return "at last"

    first = asyncio.create_task(pace.keep(HERE, hang))
    await asyncio.sleep(0)
    assert isinstance(await pace.keep(HERE, slack.call("two"), patience=0.01), Limited)
    assert slack.calls == 0
    hanging.set()
    assert await first == "at last"
    assert await pace.keep(HERE, slack.call("three"), patience=0.01) == "three"


async def test_a_call_that_fails_or_is_cancelled_frees_its_line(clock: TurnedClock) -> None:
    pace, slack = Pace(clock), Slack()

    async def fail() -> str:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await pace.keep(HERE, fail)
    hanging = asyncio.create_task(pace.keep(HERE, asyncio.Event().wait))
    await asyncio.sleep(0)
    hanging.cancel()
    assert await pace.keep(HERE, slack.call("next")) == "next"
