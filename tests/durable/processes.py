"""Bots as processes of their own, which can be stopped, killed and read."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import aiohttp

from bot.config.settings import Settings
from tests.crash.front import Front
from tests.crash.instances import free_port
from tests.flow.conftest import House

ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 30.0  # seconds for a process to serve or to end; a busy machine may need most of it
_POLL: Final = 0.02

T = TypeVar("T")


async def until(true: Callable[[], T], within: float = _PATIENCE) -> T:
    """Ask until the answer is true; for what happens outside of the sandbox, which wakes nobody."""
    end = time.monotonic() + within
    while not (value := true()):
        if time.monotonic() > end:
            raise TimeoutError(within)
        await asyncio.sleep(_POLL)
    return value


@dataclass(slots=True)
class Process:
    """A bot that runs as `python -m bot`."""

    environment: dict[str, str]
    log: Path
    arguments: tuple[str, ...] = ("-m", "bot")
    port: int = field(default_factory=free_port)
    _popen: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._running.pid

    @property
    def said(self) -> str:
        """What it wrote so far, in all its lives."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._popen is None:
            raise AssertionError("unreachable: it was not started")
        return self._popen

    def start(self) -> None:
        """Begin a life."""
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PORT": str(self.port)}
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=self.log.parent,
                env=given | self.environment,
                stdout=log,
                stderr=log,
            )

    async def ready(self, status: int = 200) -> None:
        """Wait until it can be used, or says with another status that it cannot."""
        end = time.monotonic() + _PATIENCE
        async with aiohttp.ClientSession() as session:
            while True:
                if self._running.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"it does not serve:\n{self.said[-3000:]}")
                try:
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.status == status:
                            return
                except (aiohttp.ClientError, OSError):
                    pass
                await asyncio.sleep(_POLL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._running.terminate()

    async def ended(self, within: float = _PATIENCE) -> int:
        """Wait for its exit code."""
        await until(lambda: self._running.poll() is not None, within)
        return self._running.returncode

    def kill(self) -> None:
        """Send SIGKILL."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()


@dataclass(slots=True)
class Fleet:
    """The bots of one house."""

    house: House
    folder: Path
    processes: list[Process] = field(default_factory=list)

    def process(self, *, arguments: tuple[str, ...] = ("-m", "bot")) -> Process:
        """Prepare a bot; its settings are the house's."""
        log = self.folder / f"bot-{len(self.processes)}.log"
        made = Process(environment_of(self.house.settings), log, arguments)
        self.processes.append(made)
        return made

    async def started(self) -> Process:
        """Start a bot, and let Slack deliver to it."""
        process = self.process()
        process.start()
        await process.ready()
        self.house.sandbox.connect(process.url)
        return process

    @asynccontextmanager
    async def two(
        self, *, arguments: tuple[str, ...] = ("-m", "bot")
    ) -> AsyncIterator[tuple[Process, Process]]:
        """Start two bots, and let Slack deliver to the one and the other by turns."""
        one, other = self.process(arguments=arguments), self.process(arguments=arguments)
        for process in (one, other):
            process.start()
        await asyncio.gather(one.ready(), other.ready())
        front = Front([one.url, other.url])
        await front.start()
        self.house.sandbox.connect(front.url)
        try:
            yield one, other
        finally:
            await front.stop()


@asynccontextmanager
async def fleet_of(house: House, folder: Path) -> AsyncIterator[Fleet]:
    """Make a fleet of which nothing is left in the end."""
    fleet = Fleet(house, folder)
    try:
        yield fleet
    finally:
        for process in fleet.processes:
            process.kill()


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment from which a bot reads these settings."""
    url = settings.database_url.get_secret_value()
    scheme, _, rest = url.partition("://")
    return {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_SIGNING_SECRET": b",".join(settings.signing_secrets).decode(),
        "SLACK_API_URL": settings.slack_api_url,
        "VOBIZ_AUTH_ID": settings.vobiz_auth_id,
        "VOBIZ_AUTH_TOKEN": settings.vobiz_auth_token.get_secret_value(),
        "VOBIZ_API_URL": settings.vobiz_api_url,
        "VOBIZ_TIMEOUT": str(settings.vobiz_timeout),
        "VOBIZ_SETTLE": str(settings.vobiz_settle),
        "DATABASE_URL": f"{scheme.partition('+')[0]}://{rest}",
        "TRUNK_OPERATORS": "U0ASHA001,S0ONCALL1",
        "TRUNK_REQUESTERS": "U0RIA0001",
        "TRUNK_APPROVALS_CHANNEL": "C0APPROVE",
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
    }
