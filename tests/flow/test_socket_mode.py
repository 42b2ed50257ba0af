"""Socket Mode, from outside: the same listeners, and no request is lost when Slack renews the connection.

One bot serves most of these tests.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.app import Bot
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings
from bot.sandbox.shape import Json
from bot.sandbox.slack.composer import CommandResult
from bot.sandbox.slack.sockets import Line
from bot.socketmode.link import Times
from tests.flow.conftest import ASHA, VOICE, House, house_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Short: silence is noticed after 0.9 s, and every connection counts as one that held.
TIMES = Times(ping=0.6, hello=1.0, steady=0.0, linger=5.0, drain=2.0)


@dataclass
class Socketed:
    """A house whose app uses Socket Mode, and the bot in it."""

    house: House
    bot: Bot

    @property
    def sandbox(self) -> Sandbox:
        return self.house.sandbox

    @property
    def lines(self) -> list[Line]:
        return self.sandbox.sockets.lines

    async def help(self) -> CommandResult:
        return await self.sandbox.command(ASHA, VOICE, "help")

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.bot.asgi)) as client:
            return await client.get(f"http://bot{path}")

    async def replaced(self, old: Line) -> Line:
        """Wait until another connection is the only one."""
        await self.sandbox.wait_for(lambda: len(self.lines) == 1 and self.lines[0] is not old)
        return self.lines[0]


@asynccontextmanager
async def socketed_house(folder: Path) -> AsyncIterator[House]:
    """Keep a house whose app uses Socket Mode until the end of the block."""
    rules = Settings(socket_mode=True)
    # Long enough for a busy machine to open the next connection, as it does within Slack's ten seconds.
    rules.delays.disconnect = 1.0
    async with house_in(folder, rules) as house:
        house.times = TIMES
        yield house


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Socketed]:
    async with socketed_house(tmp_path_factory.mktemp("socket")) as house, house.bot() as bot:
        yield Socketed(house, bot)


@pytest.fixture
def socketed(running: Socketed) -> Iterator[Socketed]:
    """The running bot, with a workspace and an account as new."""
    running.sandbox.space.reset()
    running.sandbox.vobiz.reset()
    yield running
    running.sandbox.sockets.faults.set("none")
    running.sandbox.settings.deadline = 3.0


async def test_one_confirmation_makes_one_trunk(socketed: Socketed) -> None:
    sandbox = socketed.sandbox
    typed = await sandbox.command(ASHA, VOICE, 'create "Flow" outbound 10')
    assert (typed.status, typed.seen) == (200, None)
    refused = await sandbox.submit_form(ASHA, calls="0")
    assert list(refused.errors) == ["calls"]
    assert (await sandbox.submit_form(ASHA, calls="11")).ok
    await socketed.house.heard("created: outbound")
    await socketed.house.shown(str(sandbox.trunks[0]["trunk_id"]))
    assert [post.body["max_concurrent_calls"] for post in sandbox.vobiz_posts] == [11]


async def test_what_is_typed_wrong_is_answered_in_the_acknowledgement(socketed: Socketed) -> None:
    typed = await socketed.sandbox.command(ASHA, VOICE, "crate")
    assert "crate" in (typed.seen or "")
    assert not [call for call in socketed.sandbox.slack_calls if call.method.startswith("chat.")]


async def test_events_shortcuts_and_buttons_arrive(socketed: Socketed) -> None:
    sandbox = socketed.sandbox
    assert (await sandbox.open_home(ASHA)).tries == 1
    await sandbox.wait_for(lambda: sandbox.home_of(ASHA))
    assert (await sandbox.shortcut(ASHA, "create_trunk_shortcut")).ok
    assert sandbox.view_of(ASHA)


async def test_an_envelope_that_comes_twice_is_one_operation(socketed: Socketed) -> None:
    await socketed.sandbox.command(ASHA, VOICE, 'create "Twice" outbound 10')
    await socketed.sandbox.fault("socket", "duplicate", times=1)
    assert (await socketed.sandbox.submit_form(ASHA)).ok
    await socketed.house.heard("created: outbound")
    assert len(socketed.sandbox.vobiz_posts) == 1


async def test_nothing_is_lost_while_slack_renews_the_connection(socketed: Socketed) -> None:
    sandbox = socketed.sandbox
    sandbox.slack_calls.clear()
    renewed = asyncio.Event()

    async def types() -> None:
        typed = 0
        while typed < 10 or not renewed.is_set():
            result = await socketed.help()
            # At once: without a connection there is nothing to wait for, and this loop would never end.
            assert (result.status, result.failed) == (200, False)
            typed += 1

    async def renew() -> None:
        for reason in ("warning", "refresh_requested", "warning", "refresh_requested"):
            old = socketed.lines[0]
            await sandbox.fault("socket", reason)
            await socketed.replaced(old)
        renewed.set()

    # A group: should the renewal fail, nobody goes on typing in the loop that the next tests share.
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(types())
        group.create_task(renew())
    assert len([call for call in sandbox.slack_calls if call.method == "apps.connections.open"]) == 4


async def test_a_connection_that_breaks_is_replaced(
    socketed: Socketed, caplog: pytest.LogCaptureFixture
) -> None:
    old = socketed.lines[0]
    await socketed.sandbox.fault("socket", "abort")
    await socketed.replaced(old)
    assert (await socketed.help()).status == 200
    logged = caplog.text
    assert "the connection broke" in logged
    assert "ticket" not in logged


async def test_a_connection_that_falls_silent_is_replaced(
    socketed: Socketed, caplog: pytest.LogCaptureFixture
) -> None:
    old = socketed.lines[0]
    assert old.ponged
    await socketed.sandbox.fault("socket", "silent")
    await socketed.replaced(old)
    assert (await socketed.help()).status == 200
    assert "answered no ping" in caplog.text


async def test_what_cannot_be_read_is_not_acknowledged_and_breaks_nothing(
    socketed: Socketed, caplog: pytest.LogCaptureFixture
) -> None:
    line = socketed.lines[0]
    socketed.sandbox.settings.deadline = 0.1
    await line.socket.send_str("{")
    await line.socket.send_bytes(b"\x00")
    press: Json = {"type": "block_actions", "user": {"id": ASHA}}
    for odd in (press | {"user": "nobody"}, press | {"team": 1}):
        refused = await socketed.sandbox.interaction(odd)
        assert (refused.status, refused.why) == (None, "timeout")
    assert (caplog.text.count("frame unreadable"), caplog.text.count("request unreadable")) == (1, 2)
    socketed.sandbox.settings.deadline = 3.0
    assert (await socketed.help()).status == 200
    assert socketed.lines == [line]


async def test_over_http_nothing_is_taken_and_the_connection_is_told(socketed: Socketed) -> None:
    assert (await socketed.get("/slack/events")).status_code == 404
    assert (await socketed.get("/healthz")).status_code == 200
    ready = await socketed.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["socket"]) == (200, {"ok": True})


async def test_socket_mode_switched_off_is_no_loop_and_explains_itself(
    socketed: Socketed, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox = socketed.sandbox
    await sandbox.fault("socket", "link_disabled")
    await sandbox.wait_for(lambda: not socketed.lines)
    for _ in range(250):  # the link hears of the end a moment after the sandbox
        unready = await socketed.get("/readyz")
        if "switched off" in unready.text:
            break
        await asyncio.sleep(0.01)
    socket = unready.json()["checks"]["socket"]
    assert (unready.status_code, socket["ok"]) == (503, False)
    assert "switched off" in socket["reason"]
    assert (await socketed.help()).seen == '/trunk failed with the error "dispatch_failed"'
    assert not sandbox.slack_calls
    assert "switch it on at api.slack.com/apps" in caplog.text


async def test_stopping_answers_what_was_taken(tmp_path: Path) -> None:
    async with socketed_house(tmp_path) as house:
        sandbox = house.sandbox
        sandbox.settings.delays.views_open = 0.3
        await sandbox.fault("slack", "views_open_slow")
        async with house.bot():
            typing = asyncio.create_task(sandbox.command(ASHA, VOICE, 'create "Late" outbound 10'))
            await sandbox.wait_for(
                lambda: any(each.what == "slash command /trunk" for each in sandbox.deliveries)
            )
            await sandbox.wait_for(lambda: any(each.what == "views.open" for each in sandbox.deliveries))
        typed = await typing
        assert (typed.status, typed.failed) == (200, False)
        assert sandbox.view_of(ASHA)
        assert not sandbox.sockets.lines
