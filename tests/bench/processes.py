"""Starting a process of the benchmark, waiting until it serves, weighing and stopping it."""

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import psutil  # type: ignore[import-untyped]  # it has no types of its own

from tests.bench.wiring import HOST

_PATIENCE: Final = 30  # seconds for a process to serve
_STOPPING: Final = 10  # seconds for it to end after SIGTERM


class Broken(Exception):  # noqa: N818 - it is what the process is
    """A process that does not serve, or that serves wrongly; the benchmark means nothing then."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves at `url`. `started` is how long that took, in seconds."""

    url: str
    started: float
    process: subprocess.Popen[bytes]

    def memory(self) -> int:
        """Return its resident memory now, in bytes."""
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident


@contextlib.asynccontextmanager
async def running(
    argv: Sequence[str], environment: Mapping[str, str], port: int, folder: Path, ready: str | None = None
) -> AsyncIterator[Running]:
    """Run a process in `folder` while the block lasts.

    It serves when `ready` answers 200; without such a path, when it answers at all.
    """
    url = f"http://{HOST}:{port}"
    output = folder / "output.txt"
    with output.open("wb") as log:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: ASYNC220 - starting it is what is measured; nothing else runs
            argv, cwd=folder, env=dict(environment), stdout=log, stderr=log
        )
        try:
            await _serving(process, f"{url}{ready or '/'}", output, any_answer=ready is None)
            yield Running(url, time.monotonic() - began, process)
            if process.poll() is not None:
                raise Broken(f"{argv} ended early:\n{_tail(output)}")
        finally:
            _stop(process)


async def _serving(process: subprocess.Popen[bytes], url: str, output: Path, *, any_answer: bool) -> None:
    until = time.monotonic() + _PATIENCE
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with session.get(url) as response:
                    if any_answer or response.status == 200:
                        return
            if process.poll() is not None:
                break
            await asyncio.sleep(0.005)
    raise Broken(f"{url} does not answer:\n{_tail(output)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOPPING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(output: Path) -> str:
    return "\n".join(output.read_text(errors="replace").splitlines()[-20:])
