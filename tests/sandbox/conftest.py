"""A running sandbox with a stand-in bot beside it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from bot.sandbox.listening import Listener
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Delays, Settings
from tests.sandbox.standin import Bot, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=3) as client:
        yield client


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    delays = Delays(slow=0.05, late=0.05, views_open=0.05)
    made = Sandbox(Settings(delays=delays), clock)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def bot(sandbox: Sandbox, http: httpx.AsyncClient) -> AsyncIterator[Bot]:
    made = Bot(sandbox, http)

    def app() -> web.Application:
        served = web.Application()
        served.add_routes([web.post("/slack/events", made.handle)])
        return served

    listener = Listener(app, cancels=True)
    await listener.start("127.0.0.1", 0)
    sandbox.connect(listener.url)
    yield made
    await listener.stop()
