"""The bot as a process that is killed while Slack and Vobiz live on: what was confirmed goes on, once."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.runtime.clock import SystemClock
from bot.sandbox.blockkit.validation import parts
from bot.sandbox.environment import environment
from bot.sandbox.process import BotProcess
from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json, mapping, text
from bot.sandbox.slack.messages import Message
from bot.store.database import open_engine
from bot.store.ledger import Ledger

pytestmark = pytest.mark.long

ASHA, VOICE = "U0ASHA001", "C0VOICE01"
SALES = 'create "Sales" outbound 10'
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox whose bot is a process, which looks for lost trunks for a second only."""
    made = Sandbox()
    await made.start()
    bot = made.moments.process = BotProcess(lambda: made.space.log, made.changes.note)
    made.connect(bot.url)
    await bot.start({**environment(made, tmp_path / "ledger.db"), "VOBIZ_SETTLE": "1"})
    await made.wait_for(lambda: bot.state == "up", PATIENCE)
    yield made
    await bot.stop()
    await made.stop()


def process_of(sandbox: Sandbox) -> BotProcess:
    assert sandbox.bot is not None
    return sandbox.bot


async def asked(sandbox: Sandbox, action_id: str) -> Message:
    """Wait until Asha sees a message with this button."""

    def find() -> list[Message]:
        seen = sandbox.messages(VOICE, ASHA)
        return [m for m in seen if action_id in [part.get("action_id") for _, part in parts(m.blocks)]]

    return (await sandbox.wait_for(find, PATIENCE))[-1]


async def looked(sandbox: Sandbox) -> None:
    """Wait, as people do, until the bot has once read the account, so that it knows what is new in it."""
    bot = process_of(sandbox)
    engine = open_engine(bot._environment["DATABASE_URL"].replace("sqlite", "sqlite+aiosqlite", 1))
    snapshots = Ledger(engine, SystemClock()).snapshots
    async with asyncio.timeout(PATIENCE):
        while await snapshots.newest(sandbox.vobiz_auth_id) is None:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.02)
    await engine.dispose()


async def killed(sandbox: Sandbox, moment: str) -> None:
    """Have Asha confirm a create, in the midst of which the bot is killed; return when it is up again."""
    bot = process_of(sandbox)
    first = bot.pid
    await sandbox.fault("bot", moment)
    await sandbox.command(ASHA, VOICE, SALES)
    await looked(sandbox)
    await sandbox.submit_form(ASHA)
    await sandbox.wait_for(lambda: bot.state == "up" and bot.pid != first, PATIENCE)
    assert sandbox.moments.faults.current == "none"


async def test_a_create_that_was_carried_out_when_the_bot_died_is_found_and_not_repeated(
    sandbox: Sandbox,
) -> None:
    await killed(sandbox, "kill_after_write")
    trunk = text(sandbox.trunks[0]["trunk_id"])

    def told() -> list[Message]:
        return [m for m in sandbox.messages(VOICE) if "created: outbound" in m.words and trunk in m.words]

    assert await sandbox.wait_for(told, PATIENCE)
    assert len(sandbox.vobiz_posts) == 1


async def test_a_database_that_is_away_is_told_of_until_it_is_back(sandbox: Sandbox) -> None:
    sandbox.moments.database = Path(process_of(sandbox)._environment["DATABASE_URL"].partition("///")[2])
    await sandbox.command(ASHA, VOICE, SALES)
    await looked(sandbox)
    await sandbox.fault("bot", "database_away")
    refused = await sandbox.submit_form(ASHA)
    assert "the database did not answer in time" in refused.errors["name"]
    assert sandbox.moments.faults.current == "database_away"
    await sandbox.fault("bot", "none")
    assert (await sandbox.submit_form(ASHA)).ok
    await sandbox.wait_for(lambda: sandbox.trunks, PATIENCE)
    assert len(sandbox.vobiz_posts) == 1


async def test_a_create_that_never_arrived_is_asked_about_and_not_repeated(sandbox: Sandbox) -> None:
    await killed(sandbox, "kill_at_write")
    await asked(sandbox, "trunk.send_again")
    assert (sandbox.trunks, sandbox.vobiz_posts) == ([], [])
    assert "POST trunks" in [entry.what for entry in sandbox.deliveries]


async def test_a_message_that_was_posted_when_the_bot_died_is_told_again(sandbox: Sandbox) -> None:
    await killed(sandbox, "kill_after_post")

    def told_twice() -> bool:
        return len([m for m in sandbox.messages(VOICE) if "created: outbound" in m.words]) > 1

    await sandbox.wait_for(told_twice, PATIENCE)
    assert len(sandbox.vobiz_posts) == 1


async def test_a_dead_bot_is_shown_and_slack_says_what_it_says_of_one(sandbox: Sandbox) -> None:
    bot = process_of(sandbox)
    async with httpx.AsyncClient(base_url=sandbox.page_url) as http:

        async def shown() -> Json:
            return mapping(mapping((await http.get("sandbox/state", params={"as": ASHA})).json())["bot"])

        async def act(do: str) -> bool:
            return (await http.post("sandbox/bot", json={"do": do})).is_success

        assert (await shown())["pid"] == bot.pid
        assert await act("kill")
        down = await shown()
        assert (down["state"], down["pid"], down["ended"]) == ("down", None, "signal 9, SIGKILL")
        result = await sandbox.command(ASHA, VOICE, SALES)
        assert result.seen == '/trunk failed with the error "dispatch_failed"'
        assert await act("start")
        assert (await shown())["state"] == "starting"
        await sandbox.wait_for(lambda: bot.state == "up", PATIENCE)
        before = bot.pid
        assert await act("restart")
        assert bot.pid != before
        assert not await act("dance")


@dataclass
class Served:
    """`python -m bot sandbox`, its page, and everything that it and its bot write."""

    process: asyncio.subprocess.Process
    url: str

    async def ended(self) -> None:
        """Wait until nobody can write any more: neither the sandbox nor its bot lives."""
        await asyncio.wait_for(self.process.communicate(), PATIENCE)

    async def state(self) -> Json:
        """Return what Asha sees."""
        async with httpx.AsyncClient() as http:
            return mapping((await http.get(f"{self.url}sandbox/state", params={"as": ASHA})).json())

    async def up(self) -> None:
        """Wait until the bot can be used."""
        await self._until(lambda state: mapping(state["bot"])["state"] == "up")

    async def _until(self, true: Callable[[Json], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if true(await self.state()):
                    return
                await asyncio.sleep(0.05)

    async def act(self, what: str, **body: object) -> None:
        """Do something as Asha."""
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            answer = await http.post(f"{self.url}sandbox/{what}", json={"as": ASHA, "channel": VOICE, **body})
            assert answer.is_success

    async def reads(self, words: str) -> None:
        """Wait until Asha reads these words in the channel."""
        await self._until(lambda state: words in str(state["messages"]))


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[Served]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", "--port", "0", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while "sandbox is at" not in (line := (await process.stdout.readline()).decode()):
                pass
        yield Served(process, line.split()[-1])
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.wait_for(process.communicate(), PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_nothing_of_it_outlives_the_sandbox(number: signal.Signals) -> None:
    async with served() as it:
        await it.up()
        it.process.send_signal(number)
        await it.ended()
        assert it.process.returncode == (0 if number is signal.SIGINT else -9)


async def test_the_database_is_kept_for_the_next_run(tmp_path: Path) -> None:
    async with served("--data", str(tmp_path / "kept")) as it:
        await it.up()
        await it.act("command", text=f"/trunk {SALES}")
        view = mapping((await it.state())["view"])
        values = mapping(mapping(view["state"])["values"])
        await it.act("submit", view_id=view["id"], values=values)
        await it.reads("created: outbound")
        it.process.send_signal(signal.SIGTERM)
        await it.ended()
    async with served("--data", str(tmp_path / "kept")) as it:
        await it.up()
        await it.act("command", text="/trunk history")
        await it.reads("Sales")


async def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    async with served() as it:
        port = it.url.rstrip("/").rpartition(":")[2]
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "sandbox", "--port", port, cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        _, said = await second.communicate()
        assert second.returncode == 1
        assert "make sandbox PORT=" in said.decode()
