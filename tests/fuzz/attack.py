"""An attack on a bot that runs as in production, beside people who type commands; and the page about it."""

import asyncio
import json
import os
import platform
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, TypedDict

import psutil  # type: ignore[import-untyped]  # it has no types of its own

from tests.durable.houses import housed
from tests.durable.processes import ROOT, Process, fleet_of
from tests.flow.conftest import ASHA, VOICE, House
from tests.fuzz.attackers import KINDS

TITLE: Final = "Under attack"
GROWTH_MAX: Final = 120_000_000  # bytes at any time of the attack, above those before it
STEADY_MAX: Final = 20_000_000  # bytes that the second half of the attack adds at most
_ACK_MAX: Final = 3_000.0  # milliseconds; then Slack gives up
_LOST_MAX: Final = 0.05  # of new connections, where all cores are taken by the attack
_CALM: Final = 10.0  # seconds before and after
_PAUSE: Final = 0.1  # seconds between commands
_OPEN_MAX: Final = 75.0 + 15.0  # seconds; uvicorn keeps an idle connection for 75


class Told(TypedDict):
    """A kind of client's tally, as attackers.py writes it."""

    connections: int
    sent: int
    open_for: float
    statuses: dict[str, int]


@dataclass(slots=True)
class Phase:
    """What was seen in a part of the run. Milliseconds, bytes."""

    acks: list[float] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    sockets: list[int] = field(default_factory=list)


def within(share: float, times: Sequence[float]) -> str:
    """Write the time within which this share was answered."""
    return f"{sorted(times)[min(len(times) - 1, int(len(times) * share))]:.1f} ms"


@dataclass(slots=True)
class Attacked:
    """A run."""

    minutes: float
    before: Phase = field(default_factory=Phase)
    during: Phase = field(default_factory=Phase)
    after: Phase = field(default_factory=Phase)
    kinds: Mapping[str, Told] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lines: int = 0

    @property
    def start(self) -> int:
        """Bytes of the bot before the attack."""
        return self.before.memory[-1]

    @property
    def most(self) -> int:
        """Bytes of the bot at most."""
        return max(self.during.memory)

    @property
    def steady(self) -> int:
        """Bytes that the second half of the attack added to what the bot took at most in the first."""
        half = len(self.during.memory) // 2
        return max(self.during.memory[half:]) - max(self.during.memory[:half])


async def attack(folder: Path, minutes: float) -> Attacked:
    """Run it: some seconds of calm, the attack, some seconds of calm."""
    run = Attacked(minutes)
    async with housed(f"sqlite:///{folder}/attack.db", folder) as house, fleet_of(house, folder) as fleet:
        process = await fleet.started()
        await _live(house, process, run.before, _CALM)
        async with _attackers(process.port) as told:
            await _live(house, process, run.during, minutes * 60)
        run.kinds = json.loads(told[0])
        await _live(house, process, run.after, _CALM)
        lines = [json.loads(line) for line in process.said.splitlines() if line.startswith("{")]
        run.lines = len(lines)
        run.errors = [str(line["event"]) for line in lines if line["level"] in {"error", "critical"}]
    return run


@asynccontextmanager
async def _attackers(port: int) -> AsyncIterator[list[str]]:
    told: list[str] = []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fuzz.attackers", str(port)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield told
    finally:
        said, _ = await process.communicate(b"")  # its sign to end
        told.append(said.decode())


async def _live(house: House, process: Process, phase: Phase, seconds: float) -> None:
    """Type commands, one after the other, and look at the bot's memory after each."""
    loop = asyncio.get_running_loop()
    bot, end = psutil.Process(process.pid), loop.time() + seconds
    entries, number = house.sandbox.space.log.entries, 0
    while loop.time() < end:
        number += 1
        answer = await house.sandbox.command(ASHA, VOICE, f'create "S{number}" outbound 10')
        if answer.status == 200:
            phase.acks.append(answer.ms)
            await house.sandbox.close(ASHA)
        else:
            phase.unanswered.append(str(answer.status or [one.note for one in entries if one.note]))
        phase.fresh.append(await _fresh(process.port))
        phase.memory.append(bot.memory_info().rss)
        phase.sockets.append(bot.num_fds())
        house.sandbox.space.calls.clear()
        entries.clear()
        await asyncio.sleep(_PAUSE)


async def _fresh(port: int) -> float:
    """Ask on a new connection; returns milliseconds, of no answer the most there can be."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(_ACK_MAX / 1000):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return _ACK_MAX
    return (time.monotonic() - began) * 1000


def problems(run: Attacked) -> list[str]:
    """Say what should not have been."""
    found = []
    unanswered = run.before.unanswered + run.during.unanswered + run.after.unanswered
    if unanswered:
        found.append(f"{len(unanswered)} commands were not answered with 200: {unanswered[:10]}")
    if (slowest := max(run.during.acks, default=_ACK_MAX)) >= _ACK_MAX:
        found.append(f"a command was answered after {slowest:.0f} ms")
    lost = sum(each >= _ACK_MAX for each in run.during.fresh)
    if lost > len(run.during.fresh) * _LOST_MAX:
        found.append(f"{lost} of {len(run.during.fresh)} new connections got no answer in 3 s")
    if run.most - run.start > GROWTH_MAX:
        found.append(f"the bot grew by {(run.most - run.start) / 1e6:.0f} MB")
    if run.steady > STEADY_MAX:
        found.append(f"the second half added {run.steady / 1e6:.0f} MB")
    if run.errors:
        found.append(f"errors in the log: {sorted(set(run.errors))}")
    for kind, told in run.kinds.items():
        if failed := {status: count for status, count in told["statuses"].items() if status.startswith("5")}:
            found.append(f"{kind}: {failed}")
        if told["open_for"] > _OPEN_MAX:
            found.append(f"{kind}: open for {told['open_for']:.0f} s")
    return found


def section(run: Attacked) -> str:
    """Write the part of the page."""
    phases = (run.before, run.during, run.after)

    def row(words: str, told: Callable[[Phase], str]) -> str:
        return f"| {words} | {' | '.join(told(each) for each in phases)} |"

    mega, today = 10**6, date.today().isoformat()  # noqa: DTZ011 - the reader's
    machine = f"{os.cpu_count()} cores for all of it, {platform.system()} {platform.machine()}"
    command = f"python -m tests.fuzz --attack --minutes {run.minutes:g}"
    lines = [
        "`make attack` starts a bot as in production (SQLite) and has one person type a command every 0.1 s.",
        "Beside it a process of hostile clients does what the table says, each again when it was let go. A",
        "run fails when a command is not answered within 3 s, when the bot's memory is ever more than",
        f"{GROWTH_MAX // mega} MB above that of before, when the second half adds more than",
        f"{STEADY_MAX // mega} MB, when an answer is a 5xx, when one of 20 new connections is not answered",
        "within 3 s, and when the bot logs an error.",
        "",
        "|  | before | during | after |",
        "| --- | ---: | ---: | ---: |",
        row("commands answered", lambda phase: str(len(phase.acks))),
        row("… with anything but 200, or not within 3 s", lambda phase: str(len(phase.unanswered))),
        row("command → ack, p50", lambda phase: within(0.5, phase.acks)),
        row("… p99", lambda phase: within(0.99, phase.acks)),
        row("`/healthz` on a new connection, p50", lambda phase: within(0.5, phase.fresh)),
        row("… p99", lambda phase: within(0.99, phase.fresh)),
        row("resident memory, at most", lambda phase: f"{max(phase.memory) / mega:.0f} MB"),
        row("… at the end", lambda phase: f"{phase.memory[-1] / mega:.0f} MB"),
        row("open files and sockets, at most", lambda phase: str(max(phase.sockets))),
        "",
        "| the client | at a time | connections | sent | open at most | read |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
        *(_row(kind, told) for kind, told in run.kinds.items()),
        "",
        f"{run.lines} lines in the log, {len(run.errors)} of them errors. `{command}`, {today},",
        f"{machine}, Python {platform.python_version()}.",
    ]
    return "\n".join(lines)


def _row(kind: str, told: Told) -> str:
    read = ", ".join(f"{count:,} x {status}" for status, count in sorted(told["statuses"].items()))
    return (
        f"| {kind} | {KINDS[kind][1]:,} | {told['connections']:,} | {told['sent'] / 1e6:,.1f} MB "
        f"| {told['open_for']:.0f} s | {read or '-'} |"
    )


def write(page: Path, text: str) -> None:
    """Put the section in place of the one before; at the end where there is none."""
    before = page.read_text(encoding="utf-8")
    kept = re.sub(rf"\n## {TITLE}\n.*?(?=\n## |\Z)", "", before, flags=re.DOTALL).rstrip("\n")
    page.write_text(f"{kept}\n\n## {TITLE}\n\n{text}\n", encoding="utf-8")
