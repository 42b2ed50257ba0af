"""The bot as a process of its own, `python -m bot`, which can be killed and started again."""

import asyncio
import contextlib
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import Signals
from typing import Final, Literal

import aiohttp

from bot.runtime.tasks import Background
from bot.sandbox.log import Log
from bot.sandbox.shape import Json

State = Literal["down", "starting", "up"]

_ROOT: Final = Path(__file__).parents[2]
_LOOK: Final = 0.05  # seconds between looks whether it is ready
_STOP_WITHIN: Final = 3.0  # seconds from SIGTERM; the bot itself would take up to 25, for requests under way
# What a process needs that is not ours: without the rest no setting of the deployer's gets in.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV", "NO_COLOR")


class BotProcess:
    """One bot over all its lives: the port stays the same. Only `stop` ends it for good."""

    def __init__(self, log: Callable[[], Log], changed: Callable[[], None]) -> None:
        """Prepare it; `log` is where its lives are noted, `changed` is called at each change of `state`."""
        self._log = log
        self._changed = changed
        self._environment: Mapping[str, str] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._since = time.time()
        self._ended = ""
        self._watching = Background()
        self._starting = asyncio.Lock()  # who asks for a start twice gets one
        # Not where `.env` may lie: the bot would read it.
        self._folder = tempfile.TemporaryDirectory(prefix="trunk-sandbox-bot-")
        self._port = _free_port()
        self.state: State = "down"

    @property
    def url(self) -> str:
        """Where Slack reaches it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """Its process id, while it lives."""
        return self._process.pid if self._process else None

    def json(self) -> Json:
        """Return what the page shows; `since` is when the state began, in seconds since the epoch."""
        return {"state": self.state, "pid": self.pid, "since": self._since, "ended": self._ended}

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Begin a life, unless it lives; the environment stays for the next ones."""
        self._environment = environment or self._environment
        async with self._starting:
            if self._process is None:
                await self._begin()

    async def _begin(self) -> None:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        ours = {"PYTHONPATH": str(_ROOT), "PORT": str(self._port), "LOG_LEVEL": "WARNING"}
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.sandbox.leash",
            cwd=self._folder.name,
            env={**kept, **ours, **self._environment},
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl+C at the terminal is for the sandbox, which ends the bot
        )
        self._become("starting")
        self._watching.start(self._see_it_end(process))
        self._watching.start(self._see_it_ready(process))

    async def kill(self) -> None:
        """Send SIGKILL, and return when it is dead."""
        process = self._process
        if process is None:
            return
        entry = self._log().add("Sandbox", "Bot", "kill -9")
        entry.note = f"pid {process.pid}"
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        self._gone(process)

    async def restart(self) -> None:
        """Kill it and start it again, also when who waits for this is cut with the call that it made."""
        await asyncio.shield(self._watching.start(self._restart()))

    async def _restart(self) -> None:
        await self.kill()
        await self.start()

    async def stop(self) -> None:
        """End it: by SIGTERM, or if that takes too long by SIGKILL."""
        await self._watching.stop()  # nothing starts it again
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _STOP_WITHIN)
            await self.kill()
        self._folder.cleanup()

    def _become(self, state: State, ended: str = "") -> None:
        self.state, self._ended, self._since = state, ended, time.time()
        self._changed()

    def _gone(self, process: asyncio.subprocess.Process) -> None:
        if self._process is not process:
            return  # it was noted already
        self._process = None
        self._become("down", _end_of(process.returncode))

    async def _see_it_end(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self._gone(process)

    async def _see_it_ready(self, process: asyncio.subprocess.Process) -> None:
        entry = self._log().add("Sandbox", "Bot", "start")
        entry.note = f"pid {process.pid}"
        started = time.perf_counter()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while self._process is process:
                with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.ok and self._process is process:
                            entry.status, entry.ms = answer.status, (time.perf_counter() - started) * 1000
                            self._become("up")
                            return
                await asyncio.sleep(_LOOK)
        entry.ms, entry.note = (
            (time.perf_counter() - started) * 1000,
            f"{entry.note} ended before it was ready",
        )


def _end_of(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    return f"signal {-code}, {Signals(-code).name}"


def _free_port() -> int:
    """Return a port that nothing listens on now, nor is given by chance to others between two lives.

    The system gives those from 32768 on to whoever asks for any.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_768)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
