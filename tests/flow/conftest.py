"""The real app on a real port, between the sandbox's Slack and the sandbox's Vobiz."""

import asyncio
import contextlib
import io
import json
import logging
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from bot.app import Bot
from bot.config.settings import Settings
from bot.domain.operation import Operation
from bot.domain.records import Event
from bot.kinds.registry import KINDS, Kinds
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.log import configure
from bot.sandbox.run import settings_for
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings as SandboxSettings
from bot.sandbox.slack.client import SubmitResult
from bot.sandbox.slack.messages import Message, written
from bot.server.serve import server
from bot.socketmode.link import Times
from bot.store.database import open_engine
from bot.store.ledger import Ledger

ASHA: Final = "U0ASHA001"
OMAR: Final = "U0OMAR001"
BEN: Final = "U0BEN0001"
RIA: Final = "U0RIA0001"
ZOE: Final = "U0ZOE0001"
VOICE: Final = "C0VOICE01"
GENERAL: Final = "C0GENERAL"
WARROOM: Final = "C0WARROOM"
APPROVE: Final = "C0APPROVE"

SALES: Final = 'create "Sales" outbound 10'
_REFERENCE: Final = re.compile(r"(?<![\w-])[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(?![\w-])")
# Short, so that a search for a lost trunk (settle) and a silent Vobiz (timeout) cost no patience, yet
# longer than a busy machine stands still: with 0.5 s connecting to the sandbox was given up now and then.
TIMEOUT: Final = 1.0
SETTLE: Final = 0.6


class SkippingClock(SystemClock):
    """The machine's clock until it skips some seconds; who sleeps through them wakes."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._skipped = asyncio.Event()

    def now(self) -> float:
        return super().now() + self._ahead

    async def sleep(self, seconds: float) -> None:
        end = self.now() + seconds
        while (rest := end - self.now()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._skipped.wait(), rest)

    def skip(self, seconds: float) -> None:
        self._ahead += seconds
        self._skipped.set()
        self._skipped = asyncio.Event()


@dataclass
class House:
    """A sandbox, a bot in it, and the bot's ledger as a file beside them."""

    sandbox: Sandbox
    settings: Settings
    ledger: Ledger
    bots: list[Bot] = field(default_factory=list)
    times: Times | None = None
    kinds: Kinds = KINDS

    async def confirmed(self, user: str = ASHA, channel: str = VOICE, command: str = SALES) -> SubmitResult:
        """Type a command and confirm the form as it opens, and again when it says that it is there."""
        await self.opened(command, user, channel)
        await self.looked()
        result = await self.sandbox.submit_form(user)
        if result.ok and ("of this name" in self.modal(user) or "Exactly this" in self.modal(user)):
            return await self.sandbox.submit_form(user)
        return result

    async def opened(self, command: str, user: str = ASHA, channel: str = VOICE) -> None:
        """Type a command, and wait until a form is in front of the person that was not there before."""
        before = self.sandbox.view_of(user)
        there = None if before is None else before.id
        await self.sandbox.command(user, channel, command)
        await self.sandbox.wait_for(
            lambda: (view := self.sandbox.view_of(user)) is not None and view.id != there
        )

    async def looked(self) -> None:
        """Wait, as people do, until the bot has once read the account: for half a second if it cannot."""
        for _ in range(50):
            if await self.ledger.snapshots.newest(self.sandbox.vobiz_auth_id) is not None:
                return
            await asyncio.sleep(0.01)

    def said(self, channel: str = VOICE, user: str = ASHA) -> list[str]:
        """Return the texts of the bot's messages that a person sees in a channel."""
        return [message.text for message in self.sandbox.messages(channel, user) if message.bot]

    async def heard(self, words: str, channel: str = VOICE, user: str = ASHA) -> Message:
        """Wait until a person sees a message of the bot's with these words: the latest, replies last."""

        def find() -> Message | None:
            seen = [message for message in self.sandbox.messages(channel, user) if message.bot]
            seen.sort(key=lambda message: message.thread_ts is None)
            return next((message for message in reversed(seen) if words in message.words), None)

        message = await self.sandbox.wait_for(find)
        assert message is not None
        return message

    async def shown(self, words: str, user: str = ASHA) -> str:
        """Wait until a person's modal says these words."""
        await self.sandbox.wait_for(lambda: words in self.modal(user))
        return self.modal(user)

    def modal(self, user: str = ASHA) -> str:
        """Return all words of the modal in front of a person."""
        view = self.sandbox.view_of(user)
        return "\n".join(written(view.blocks)) if view else ""

    def reference(self, text: str) -> str:
        """Find the operation's reference in a text."""
        found = _REFERENCE.search(text)
        assert found, f"no reference in {text!r}"
        return found.group()

    async def operation(self, text: str) -> Operation:
        """Read from the ledger the operation that a text refers to."""
        record = await self.ledger.by_reference(self.reference(text))
        assert record is not None
        return record.operation

    async def history(self, text: str) -> list[Event]:
        """Read from the ledger what happened to the operation that a text refers to."""
        story = await self.ledger.chronicle.story((await self.operation(text)).id)
        return list(story.events)

    @asynccontextmanager
    async def bot(self, clock: Clock | None = None) -> AsyncIterator[Bot]:
        """Serve a bot for this sandbox until the end of the block, then stop it as SIGTERM does."""
        bot = Bot(self.settings, clock, times=self.times, kinds=self.kinds)
        serving = server(bot.asgi, "127.0.0.1", 0)
        async with bot.running():
            task = asyncio.create_task(serving.serve())
            try:
                await asyncio.wait_for(bot.ready.wait(), 10)
                self.sandbox.connect(f"http://127.0.0.1:{serving.bound_port}")
                yield bot
            finally:
                serving.should_exit = True
                await task


class Logged(io.StringIO):
    """Everything that the bot and its libraries log, at DEBUG, as JSON."""

    def lines(self) -> list[Mapping[str, object]]:
        """Read the lines so far."""
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def saying(self, event: str) -> list[Mapping[str, object]]:
        """Read the lines that say these words."""
        return [line for line in self.lines() if line["event"] == event]


@pytest.fixture
def logged() -> Iterator[Logged]:
    root = logging.getLogger()
    before = root.handlers
    configure("DEBUG", "json")
    stream = Logged()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers = before


@asynccontextmanager
async def house_in(folder: Path, rules: SandboxSettings | None = None) -> AsyncIterator[House]:
    """Keep a sandbox, with a ledger in a folder, until the end of the block."""
    sandbox = Sandbox(rules)
    await sandbox.start()
    settings = settings_for(sandbox, folder / "ledger.db", vobiz_timeout=TIMEOUT, vobiz_settle=SETTLE)
    engine = open_engine(settings.database_url.get_secret_value())
    yield House(sandbox, settings, Ledger(engine, SystemClock()))
    await engine.dispose()
    released = sandbox.released
    await sandbox.stop()
    assert released == [], "a phone number was given back for a fee"


@pytest.fixture
async def empty_house(tmp_path: Path, migrated_file: Path) -> AsyncIterator[House]:
    """A sandbox without a bot; `house.bot()` starts one."""
    shutil.copy(migrated_file, tmp_path / "ledger.db")
    async with house_in(tmp_path) as house:
        yield house


@pytest.fixture
async def house(empty_house: House) -> AsyncIterator[House]:
    """A sandbox with a bot that is ready."""
    async with empty_house.bot():
        yield empty_house
