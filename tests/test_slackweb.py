"""Calls to Slack beside each other: what people wait for does not stand in line behind what they do not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest
from aiohttp import web

from bot.blockkit.layout import Message
from bot.domain.records import Post
from bot.sandbox.listening import Listener
from bot.slack.client import SlackWeb
from bot.slack.responses import Shown
from bot.slack.transport import open_session

TEXT = Message("x", ())
WELL: Mapping[str, object] = {
    "ok": True,
    "channel": "C1",
    "ts": "1.1",
    "view": {"id": "V1", "hash": "h"},
}


@contextlib.asynccontextmanager
async def slack_at(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[SlackWeb]:
    def app() -> web.Application:
        made = web.Application()
        made.router.add_post("/api/{method}", answer)
        return made

    listener = Listener(app)
    await listener.start("127.0.0.1", 0)
    async with open_session() as session:
        yield SlackWeb(session, "xoxb-1", f"{listener.url}/api/")
    await listener.stop()


@pytest.mark.parametrize("slow", ["chat.postMessage", "views.update"])
async def test_a_form_opens_while_what_nobody_waits_for_takes_long(slow: str) -> None:
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if request.match_info["method"] == slow:
            begun.release()
            await go_on.wait()
        return web.json_response(WELL)

    async with slack_at(answer) as slack:

        async def call(number: int) -> object:
            if slow == "views.update":
                return await slack.update_view(f"V{number}", {"type": "modal"})
            return await slack.post(f"C{number}", TEXT)

        calls = [asyncio.create_task(call(number)) for number in range(30)]
        for _ in range(14):
            await begun.acquire()
        assert isinstance(await slack.open_view("trigger", {"type": "modal"}), Shown)
        go_on.set()
        assert len(await asyncio.gather(*calls)) == 30


async def test_a_reply_names_its_thread_and_only_a_reply_is_shown_in_the_channel_too() -> None:
    asked: list[dict[str, object]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(dict(await request.post()) or await request.json())
        return web.json_response(WELL)

    async with slack_at(answer) as slack:
        assert await slack.post("C1", TEXT, reply_broadcast=True) == Post("C1", "1.1")
        await slack.post("C1", TEXT, thread_ts="1.1", reply_broadcast=True)
    said = [(sent.get("thread_ts"), sent.get("reply_broadcast")) for sent in asked]
    assert said == [(None, None), ("1.1", True)]
