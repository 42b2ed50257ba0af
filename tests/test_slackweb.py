"""Calls to Slack beside each other: what people wait for does not stand in line behind what they do not."""

import asyncio

from aiohttp import web

from bot.blockkit.layout import Message
from bot.sandbox.listening import Listener
from bot.slack.client import SlackWeb
from bot.slack.responses import Shown
from bot.slack.transport import open_session


async def test_a_form_opens_while_posts_take_long() -> None:
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if request.match_info["method"] == "chat.postMessage":
            begun.release()
            await go_on.wait()
        return web.json_response(
            {"ok": True, "channel": "C1", "ts": "1.1", "view": {"id": "V1", "hash": "h"}}
        )

    def app() -> web.Application:
        made = web.Application()
        made.router.add_post("/api/{method}", answer)
        return made

    listener = Listener(app)
    await listener.start("127.0.0.1", 0)
    async with open_session() as session:
        slack = SlackWeb(session, "xoxb-1", f"{listener.url}/api/")
        posts = [asyncio.create_task(slack.post(f"C{n}", Message("x", ()))) for n in range(30)]
        for _ in range(14):
            await begun.acquire()
        assert isinstance(await slack.open_view("trigger", {"type": "modal"}), Shown)
        go_on.set()
        assert len(await asyncio.gather(*posts)) == 30
    await listener.stop()
