"""The plan of a run: every subject in every round, in an order that rotates, each time a new process."""

import os
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import aiohttp

from tests.bench.load import Load, rate
from tests.bench.processes import Broken, running
from tests.bench.subjects import OURS, SUBJECTS, Subject, environment, view
from tests.bench.wiring import HOST, View, Wiring


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is run: numbers of commands, and of rounds. `width` run at once in a crowd."""

    rounds: int = 5
    warm: int = 200
    alone: int = 1000
    connecting: int = 600
    crowd: int = 3000
    width: int = 16


QUICK = Plan(rounds=1, warm=20, alone=50, connecting=60, crowd=200)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one subject in one round, times in ms, `memory` in MB.

    `first` and `start` are in seconds; `first` is the start that finds nothing: the bot makes its database.
    """

    ack: float
    ack99: float
    opened: float
    opened99: float
    rate: float
    crowd_ack: float
    crowd_ack99: float
    crowd_opened: float
    crowd_opened99: float
    connections: float
    first: float
    start: float
    memory: float


Say = Callable[[str], None]
Results = dict[str, list[Figures]]


async def run(plan: Plan, say: Say, subjects: Sequence[Subject] = SUBJECTS) -> Results:
    """Run the plan; `say` is told of each subject's figures as they come."""
    results: Results = {subject.name: [] for subject in subjects}
    modal = view()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with upstream(Path(folder)) as slack:
            for number in range(plan.rounds):
                turn = number % len(subjects)
                for subject in (*subjects[turn:], *subjects[:turn]):
                    figures = await _measure(plan, subject, slack, modal)
                    results[subject.name].append(figures)
                    say(
                        f"round {number + 1}/{plan.rounds}  {subject.name:16} ack {figures.ack:6.2f} ms  "
                        f"opened {figures.opened:5.2f} ms  {figures.rate:5.0f}/s"
                    )
    return results


@asynccontextmanager
async def upstream(folder: Path, module: str = "tests.bench.slack") -> AsyncIterator[str]:
    """Run a fake Slack and Vobiz; the value is their address."""
    port = free_port()
    argv = (sys.executable, "-m", module)
    async with running(argv, environment(os.environ) | {"PORT": str(port)}, port, folder) as slack:
        yield slack.url


async def _measure(plan: Plan, subject: Subject, slack: str, modal: View) -> Figures:
    wiring = Wiring(free_port(), f"{slack}/api/", modal)
    told = environment(os.environ) | wiring.environment() | {"VOBIZ_API_URL": slack}
    connector = aiohttp.TCPConnector(limit=0)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        start = partial(running, subject.argv, told, wiring.port, Path(folder), subject.ready)
        async with start() as process:
            first = process.started
        async with (
            start() as process,
            aiohttp.ClientSession(connector=connector) as session,
        ):
            load = Load(session, process.url, slack)
            warm = await load.run(plan.warm, 1)
            alone = await load.run(plan.alone, 1)
            connecting = await load.run(plan.connecting, plan.width)
            crowd = await load.run(plan.crowd, plan.width)
            if subject.name == OURS and not any(wave.looks for wave in (warm, alone, connecting, crowd)):
                raise Broken("the bot did not look at the account")
            ack, ack99 = _spread([one.answered - one.sent for one in alone.timed])
            opened, opened99 = _spread([one.opened - one.sent for one in alone.timed])
            crowd_ack, crowd_ack99 = _spread([one.answered - one.sent for one in crowd.timed])
            crowd_opened, crowd_opened99 = _spread([one.opened - one.sent for one in crowd.timed])
            return Figures(
                ack=ack,
                ack99=ack99,
                opened=opened,
                opened99=opened99,
                rate=rate(crowd.timed),
                crowd_ack=crowd_ack,
                crowd_ack99=crowd_ack99,
                crowd_opened=crowd_opened,
                crowd_opened99=crowd_opened99,
                connections=connecting.connections,
                first=first,
                start=process.started,
                memory=process.memory() / 1e6,
            )


def middle(rounds: Sequence[Figures]) -> Figures:
    """Return the median of each figure over the rounds."""
    return Figures(
        **{
            field.name: statistics.median(getattr(one, field.name) for one in rounds)
            for field in fields(Figures)
        }
    )


def _spread(nanoseconds: Sequence[int]) -> tuple[float, float]:
    ordered = sorted(nanoseconds)
    return statistics.median(ordered) / 1e6, ordered[int(len(ordered) * 0.99)] / 1e6


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
