"""Homes stay within Slack's limit, whoever opened theirs last comes first, and one failure stops no other."""

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest

from bot.domain.history import Overview
from bot.domain.policy import Allowed, Person
from bot.kinds.registry import Kinds
from bot.notify.app_home import AppHome
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed
from bot.store.overview import Overviews
from bot.words.home import Manner
from tests.conftest import TurnedClock


class Gate(TurnedClock):
    """A clock whose sleepers go on when the test turns it."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()
        self.let_go = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asleep.set()
        await self.let_go.wait()
        self.let_go.clear()
        await super().sleep(seconds)

    async def turn(self) -> None:
        """Let sleepers sleep until nothing is done any more."""
        await self.asleep.wait()
        self.asleep.clear()
        self.let_go.set()
        await self.asleep.wait()


class FakeOverviews:
    """Nothing is going on; for one person nothing can be read."""

    async def of(self, person: str, now: int, *, all_of_them: bool) -> Overview:
        del now, all_of_them
        if person == "U13":
            raise ValueError(person)
        return Overview((), (), (), (), ())


class FakeSlack:
    """Takes homes, until it is told to fail."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self.failing: Failed | None = None

    async def publish_home(self, user: str, view: Mapping[str, object]) -> Failed | None:
        assert view["type"] == "home"
        self.published.append(user)
        return self.failing


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def slack() -> FakeSlack:
    return FakeSlack()


@pytest.fixture
def home(gate: Gate, slack: FakeSlack) -> AppHome:
    return AppHome(
        cast("SlackWeb", slack),
        cast("Overviews", FakeOverviews()),
        lambda _: Allowed(),
        gate,
        kinds=Kinds(()),
        manner=Manner(),
    )


async def test_the_budget_goes_to_those_who_opened_theirs_last(
    home: AppHome, gate: Gate, slack: FakeSlack
) -> None:
    for number in range(100):
        home.opened(Person(f"U{number}", "T1"))
    keeping = asyncio.create_task(home.keep_fresh())
    await gate.asleep.wait()
    assert slack.published == [f"U{number}" for number in reversed(range(20, 100))]
    home.opened(Person("U5", "T1"))
    gate.time += 60
    await gate.turn()
    assert slack.published[80:82] == ["U5", "U19"]
    assert "U13" not in slack.published
    keeping.cancel()


async def test_what_slack_holds_back_is_published_later(home: AppHome, gate: Gate, slack: FakeSlack) -> None:
    slack.failing = Failed("ratelimited")
    for user in ("U1", "U2"):
        home.opened(Person(user, "T1"))
    keeping = asyncio.create_task(home.keep_fresh())
    await gate.asleep.wait()
    assert slack.published == ["U2"]
    slack.failing = None
    await gate.turn()
    assert slack.published == ["U2", "U2", "U1"]
    keeping.cancel()
