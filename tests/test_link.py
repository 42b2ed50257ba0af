"""The link to Slack: why it waits, what it says about itself, and what becomes of requests when it breaks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.runtime.clock import SystemClock
from bot.runtime.readiness import STARTING, STOPPING
from bot.sandbox.listening import Listener
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings
from bot.sandbox.slack.envelopes import Enveloped
from bot.slack.client import SlackWeb
from bot.slack.transport import open_session
from bot.socketmode.link import Link, Times
from bot.socketmode.reasons import SLOW

TIMES = Times(ping=0.5, hello=0.5, steady=30.0, linger=0.5, drain=1.0)
COMMAND = Enveloped("slash_commands", {"command": "/trunk", "user_id": "U1", "text": "help"})
PRESS = Enveloped("interactive", {"type": "block_actions", "user": {"id": "U1"}})


class Hurried(SystemClock):
    """The machine's clock, which waits for nothing and remembers for how long it should have."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0.01)


@dataclass
class Bolt:
    """Answers when it may, and keeps what came."""

    may: asyncio.Event = field(default_factory=asyncio.Event)
    got: list[object] = field(default_factory=list)
    ready: bool = True

    async def __call__(self, req: AsyncBoltRequest) -> BoltResponse:
        self.got.append(req.body)
        await self.may.wait()
        return BoltResponse(status=200, body="done")


async def until(fact: Callable[[], object]) -> None:
    async with asyncio.timeout(3):
        while not fact():  # noqa: ASYNC110 - a status has no event; bounded above
            await asyncio.sleep(0.005)


@dataclass
class Rig:
    """A link to a Slack, with what it was given."""

    link: Link
    clock: Hurried
    bolt: Bolt

    @property
    def why(self) -> str | None:
        return self.link.why


@asynccontextmanager
async def linked(api: str, token: str, times: Times = TIMES) -> AsyncIterator[Rig]:
    async with open_session() as session:
        clock, bolt = Hurried(), Bolt()
        bolt.may.set()
        link = Link(
            SlackWeb(session, "xoxb-1", api),
            token,
            clock,
            lambda: bolt if bolt.ready else None,
            times=times,
            jitter=lambda: 1.0,
        )
        link.start()
        try:
            yield Rig(link, clock, bolt)
        finally:
            await link.stop()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    settings = Settings(socket_mode=True, deadline=0.5)
    settings.delays.disconnect = 0.05
    made = Sandbox(settings)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def rig(sandbox: Sandbox) -> AsyncIterator[Rig]:
    async with linked(sandbox.slack_api_url, sandbox.settings.app_token) as made:
        yield made


async def test_pongs_keep_a_connection_on_which_nobody_says_anything(sandbox: Sandbox, rig: Rig) -> None:
    assert rig.why == "connecting"
    await rig.link.connected()
    (line,) = sandbox.sockets.lines
    await until(lambda: line.pings >= 3)
    assert rig.why is None
    assert sandbox.sockets.lines == [line]


async def test_while_socket_mode_is_switched_off_it_tries_once_a_minute(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.settings.socket_mode = False
    async with linked(sandbox.slack_api_url, sandbox.settings.app_token) as rig:
        await until(lambda: len(rig.clock.slept) >= 3)
        assert (rig.why, set(rig.clock.slept)) == ("link_disabled", {SLOW})
        assert "Socket Mode is switched off for this app" in caplog.text
        sandbox.settings.socket_mode = True
        await rig.link.connected()


async def test_a_connection_that_is_switched_off_no_longer_counts_while_it_still_answers(
    sandbox: Sandbox, rig: Rig
) -> None:
    await rig.link.connected()
    rig.bolt.may.clear()
    taken = asyncio.create_task(sandbox.sockets.deliver(COMMAND))
    await until(lambda: rig.bolt.got)
    await sandbox.fault("socket", "link_disabled")
    await until(lambda: rig.why == "link_disabled")
    assert await rig.link.check()
    rig.bolt.may.set()
    assert (await taken).status == 200


@pytest.mark.parametrize(
    ("token", "error"),
    [("xapp-other", "invalid_auth"), ("xoxb-sandbox", "not_allowed_token_type")],
)
async def test_a_token_that_slack_refuses_is_tried_once_a_minute(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, token: str, error: str
) -> None:
    async with linked(sandbox.slack_api_url, token) as rig:
        await until(lambda: len(rig.clock.slept) >= 2)
        assert (rig.why, set(rig.clock.slept)) == (error, {SLOW})
    assert "SLACK_APP_TOKEN" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("fault", "why", "words"),
    [
        ("open_refused", "internal_error", "Slack said internal_error"),
        ("too_many_websockets", "too_many_websockets", "Slack allows an app 10 connections"),
    ],
)
async def test_other_refusals_are_tried_again_less_and_less_often(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, fault: str, why: str, words: str
) -> None:
    await sandbox.fault("socket", fault)
    async with linked(sandbox.slack_api_url, sandbox.settings.app_token) as rig:
        await until(lambda: len(rig.clock.slept) >= 9)
        assert rig.clock.slept[:9] == [0.5, 1, 2, 4, 8, 15, 30, 30, 30]
        assert rig.why == why
        assert words in caplog.text
        await sandbox.fault("socket", "none")
        await rig.link.connected()


async def test_more_connections_than_before_are_told_each_time(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with linked(sandbox.slack_api_url, sandbox.settings.app_token) as rig:
        await rig.link.connected()
        await renewed(sandbox)
        told = []
        for others in (0, 1, 1, 0, 2):
            sandbox.settings.other_connections = others
            await renewed(sandbox)
            told.append(caplog.text.count("counts more connections"))
    assert told == [0, 1, 1, 1, 2]


async def test_the_first_connection_and_the_end_are_no_alarms(sandbox: Sandbox) -> None:
    async with linked(sandbox.slack_api_url, sandbox.settings.app_token) as rig:
        assert await rig.link.check() == STARTING
        await rig.link.connected()
        assert await rig.link.check() is None
    assert await rig.link.check() == STOPPING
    async with linked(sandbox.slack_api_url, "xapp-wrong") as rig:
        await until(lambda: rig.clock.slept)
        assert "SLACK_APP_TOKEN" in (await rig.link.check() or "")


async def renewed(sandbox: Sandbox) -> None:
    old = sandbox.sockets.lines[0]
    await sandbox.fault("socket", "warning")
    await sandbox.wait_for(
        lambda: [line for line in sandbox.sockets.lines if line is not old and line.ponged]
    )
    await sandbox.wait_for(lambda: old not in sandbox.sockets.lines)


async def test_before_the_bot_is_ready_a_command_is_answered_in_words(sandbox: Sandbox, rig: Rig) -> None:
    await rig.link.connected()
    rig.bolt.ready = False
    told = await sandbox.sockets.deliver(COMMAND)
    assert b"I am starting" in told.body
    assert (await sandbox.sockets.deliver(PRESS)).why == "timeout"


async def test_requests_are_answered_beside_each_other(sandbox: Sandbox, rig: Rig) -> None:
    await rig.link.connected()
    rig.bolt.may.clear()
    both = asyncio.gather(sandbox.sockets.deliver(COMMAND), sandbox.sockets.deliver(PRESS))
    await until(lambda: len(rig.bolt.got) == 2)
    rig.bolt.may.set()
    command, press = await both
    # A button's envelope takes no payload.
    assert (command.body, press.status, press.body) == (b'{"text": "done"}', 200, b"")


async def test_stopping_answers_what_was_taken_and_takes_nothing_more(sandbox: Sandbox, rig: Rig) -> None:
    await rig.link.connected()
    rig.bolt.may.clear()
    taken = asyncio.create_task(sandbox.sockets.deliver(COMMAND))
    await until(lambda: rig.bolt.got)
    stopping = asyncio.create_task(rig.link.stop())
    await until(lambda: rig.why == "stopped")
    late = asyncio.create_task(sandbox.sockets.deliver(PRESS))
    await asyncio.sleep(0)
    rig.bolt.may.set()
    await stopping
    assert (await taken).status == 200
    assert (await late).status is None
    assert len(rig.bolt.got) == 1
    await sandbox.wait_for(lambda: not sandbox.sockets.lines)


async def test_a_request_that_hangs_does_not_hold_up_the_end(sandbox: Sandbox) -> None:
    times = Times(hello=0.5, drain=0.05)
    async with linked(sandbox.slack_api_url, sandbox.settings.app_token, times) as rig:
        await rig.link.connected()
        rig.bolt.may.clear()
        taken = asyncio.create_task(sandbox.sockets.deliver(COMMAND))
        await until(lambda: rig.bolt.got)
        async with asyncio.timeout(1):
            await rig.link.stop()
        assert (await taken).status is None


async def test_an_answer_that_finds_no_connection_is_told(
    sandbox: Sandbox, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.link.connected()
    rig.bolt.may.clear()
    taken = asyncio.create_task(sandbox.sockets.deliver(COMMAND))
    await until(lambda: rig.bolt.got)
    old = sandbox.sockets.lines[0]
    await sandbox.fault("socket", "abort")
    await sandbox.wait_for(lambda: sandbox.sockets.lines and sandbox.sockets.lines[0] is not old)
    rig.bolt.may.set()
    assert (await taken).why == "timeout"
    await until(lambda: "the connection broke before its answer" in caplog.text)


Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def odd_slack(serve: Serve) -> AsyncIterator[str]:
    """A Slack whose websocket is not what it should be."""

    async def opened(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link"})

    def app() -> web.Application:
        made = web.Application()
        made.add_routes([web.post("/api/apps.connections.open", opened), web.get("/link", serve)])
        return made

    listener = Listener(app, cancels=True)
    await listener.start("127.0.0.1", 0)
    yield f"{listener.url}/api/"
    await listener.stop()


async def _mute(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.receive()
    return socket


async def _refusing(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=403)


async def _hanging_up(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    return socket


@pytest.mark.parametrize(
    ("serve", "why"),
    [(_mute, "no_hello"), (_refusing, "unreachable"), (_hanging_up, "closed")],
    ids=["mute", "refusing", "hanging up"],
)
async def test_a_websocket_that_does_not_greet_is_given_up(serve: Serve, why: str) -> None:
    async with odd_slack(serve) as api, linked(api, "xapp-1", Times(ping=5, hello=0.05)) as rig:
        await until(lambda: len(rig.clock.slept) >= 2)
        assert (rig.why, rig.clock.slept[:2]) == (why, [0.5, 1.0])


async def test_a_slack_that_is_away_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with linked("http://127.0.0.1:1/", "xapp-1") as rig:
        await until(lambda: len(rig.clock.slept) >= 2)
        assert (rig.why, rig.clock.slept[:2]) == ("unreachable", [0.5, 1.0])
    assert "xapp-1" not in caplog.text
