"""How fast a trunk is tested, with real sockets on loopback: `python -m tests.bench.proof`.

The sandbox's DNS and SIP servers run in the same process, so their part is in the figures.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Final

import psutil  # type: ignore[import-untyped]  # it has no types of its own

from bot.proof.addresses import Subject
from bot.proof.checklist import Point
from bot.sandbox.server import Sandbox

ROUNDS: Final = 300
SLOW: Final = 8  # rounds of what waits for half a second or more


def _memory() -> float:
    return float(psutil.Process().memory_info().rss / 1_048_576)


async def _measured(rounds: int, ask: Callable[[], Awaitable[tuple[Point, ...]]]) -> tuple[list[float], str]:
    took: list[float] = []
    found: set[str] = set()
    for _ in range(rounds):
        began = time.perf_counter()
        points = await ask()
        took.append((time.perf_counter() - began) * 1000)
        found.add(points[-1].finding.value)
    return sorted(took), " ".join(sorted(found))


def _row(name: str, took: list[float], found: str) -> str:
    p99 = took[min(len(took) - 1, round(len(took) * 0.99))]
    return (
        f"| {name} | {len(took)} | {statistics.median(took):.1f} | {p99:.1f} | {took[-1]:.1f} | {found} |\n"
    )


async def measure() -> None:
    """Measure, and print a table."""
    # Loaded as when the first trunk is tested; the sandbox has loaded both libraries already.
    from bot.proof.network import network_points  # noqa: PLC0415 - same

    sandbox = Sandbox()
    await sandbox.start()
    os.environ["SSL_CERT_FILE"] = str(sandbox.sip.trust)
    host, port = sandbox.sip.dns.split(":")
    domain = str(sandbox.add_trunk("Sales")["trunk_domain"])

    async def row(name: str, fault: str, transport: str, rounds: int, *, probe: bool = True) -> None:
        await sandbox.fault("sip", fault)
        subject = Subject(domain, transport, probe=probe, sandbox=(host, int(port)))
        took, found = await _measured(rounds, lambda: network_points(subject))
        sys.stdout.write(_row(name, took, found))

    sys.stdout.write(
        "| what | rounds | p50 ms | p99 ms | most ms | found |\n| --- | --- | --- | --- | --- | --- |\n"
    )
    await row("DNS alone", "none", "udp", ROUNDS, probe=False)
    await row("DNS and OPTIONS over UDP", "none", "udp", ROUNDS)
    await row("DNS and OPTIONS over TCP", "none", "tcp", ROUNDS)
    await row("DNS, certificate and OPTIONS over TLS", "none", "tls", ROUNDS)
    await row("wrong certificate", "other_name", "tls", ROUNDS)
    await row("first datagram lost", "lost", "udp", SLOW)
    await row("silent server", "silent", "udp", SLOW)
    await row("silent DNS", "dns_silent", "udp", SLOW)
    await sandbox.stop()


def measure_loading() -> None:
    """Print what the libraries take when the first trunk is tested: time, and memory of a bot that serves."""
    import bot.app  # noqa: F401, PLC0415 - what serves has loaded this

    before, began = _memory(), time.perf_counter()
    from bot.proof import network  # noqa: F401, PLC0415 - same

    took, more = (time.perf_counter() - began) * 1000, _memory() - before
    sys.stdout.write(f"first use: {took:.0f} ms to load, {more:.1f} MB more than {before:.0f} MB\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["loading"]:
        measure_loading()
    else:
        asyncio.run(measure())
