"""The bot as processes that are killed (SIGKILL) and restarted at once."""

import asyncio
import contextlib
import math
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import aiohttp

from tests.crash.plan import BIRTH, LIFE, STILLBORN
from tests.crash.rights import Life

ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 60.0  # seconds for an instance to serve; a busy machine may need most of a minute
_POLL: Final = 0.05


class Broken(Exception):  # noqa: N818 - it is what the bot is
    """A bot that does not come to serve; the run means nothing then."""


def free_port() -> int:
    """Return a port that nothing listens on now, nor will by chance before a process does or between lives.

    The system gives those from 32768 on to whoever asks for any, and other tests do so all the time.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_768)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(slots=True)
class Instance:
    """One place where the bot runs: its port stays the same over all its lives."""

    module: str
    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    ends: list[int] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of its present life."""
        if self._process is None:
            raise AssertionError("unreachable: it was not started")
        return self._process.pid

    def start(self) -> None:
        """Begin a life."""
        self._ended()
        self.lives.append(Life(time.time(), math.inf))
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PORT": str(self.port)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=self.log.parent,
                env={**given, **self.environment},
                stdout=log,
                stderr=log,
            )

    async def serving(self) -> None:
        """Wait until it is ready; starts it again if it ends by itself, which is noted in `ends`."""
        end = asyncio.get_running_loop().time() + _PATIENCE
        async with aiohttp.ClientSession() as session:
            while asyncio.get_running_loop().time() < end:
                self._revive()
                try:
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return
                except (aiohttp.ClientError, OSError):
                    pass
                await asyncio.sleep(_POLL)
        raise Broken(f"{self.module} does not serve:\n{self.log.read_text(errors='replace')[-3000:]}")

    def _revive(self) -> None:
        code = None if self._process is None else self._process.poll()
        if code is None and self._process is not None:
            return
        if code is not None:
            self.ends.append(code)
        self.start()

    def kill(self) -> None:
        """End a life without a word."""
        if self._process is not None:
            if self._process.poll() is not None:
                self.ends.append(self._process.returncode)
            self._process.kill()
            self._process.wait()
            self._process = None
            self._ended()

    def _ended(self) -> None:
        if self.lives:
            self.lives[-1] = replace(self.lives[-1], ended=min(self.lives[-1].ended, time.time()))


@dataclass(slots=True)
class Reaper:
    """Kills instances at random until `left` is used up, and leaves all of them alive.

    `last` is set when that is so: what begins a life afterwards keeps it.
    """

    left: int
    rng: random.Random
    kills: int = 0
    last: asyncio.Event = field(default_factory=asyncio.Event)

    async def haunt(self, instances: Sequence[Instance]) -> None:
        """See every instance through its lives."""
        await asyncio.gather(*(self._lives(instance) for instance in instances))

    async def _lives(self, instance: Instance) -> None:
        while self.left > 0:
            self.left -= 1
            if self.left == 0:
                self.last.set()
            stillborn, life = self.rng.random() < STILLBORN, self.rng.random()
            if stillborn:
                await asyncio.sleep(life * BIRTH)
            else:
                await instance.serving()
                await asyncio.sleep(life * LIFE)
            instance.kill()
            self.kills += 1
            instance.start()
        await instance.serving()
