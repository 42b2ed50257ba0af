"""Reading a large account: `/trunk list` and `/trunk show`, their acknowledgement, answer and requests."""

import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypedDict

import aiohttp

from tests.bench.big_account import EACH, RESPOND, TRUNKS, WHOLE
from tests.bench.load import command
from tests.bench.page import line
from tests.bench.processes import Broken, running
from tests.bench.rounds import free_port, upstream
from tests.bench.subjects import BOT, environment
from tests.bench.wiring import EVENTS, Wiring

_ANEW: Final = 1500  # milliseconds that design allows for a list of an account that has to be read
_READ: Final = 50  # the same where it was read in the last 10 s
_SAME: Final = 1.25  # times as long as other commands, at most, until the acknowledgement
_REQUESTS: Final = 4  # to Vobiz for one trunk
LIST: Final = "list"
SHOW: Final = f"show {WHOLE}"


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """How often the bot is started, which has it read the account anew, and how many commands follow."""

    starts: int = 5
    each: int = 30


QUICK_READS: Final = ReadPlan(starts=1, each=5)


@dataclass(slots=True)
class Reads:
    """Milliseconds, and how many requests to Vobiz the trunks took that were shown, in all and at once."""

    acked: dict[str, list[float]] = field(default_factory=dict)
    anew: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    abreast: list[int] = field(default_factory=list)


class _Noted(TypedDict):
    messages: dict[str, int]
    looks: int
    abreast: int


class _Reader:
    """Types commands, and hears when they were acknowledged and answered."""

    def __init__(self, session: aiohttp.ClientSession, bot: str, slack: str) -> None:
        self._session = session
        self._bot = bot
        self._slack = slack
        self._numbers = itertools.count()

    async def acked(self, text: str) -> float:
        """Return after how many milliseconds a command was acknowledged."""
        await self._get("forget")
        return (await self._typed(text))[2]

    async def answered(self, text: str) -> tuple[float, float, _Noted]:
        """Return when it was acknowledged and answered, in milliseconds, and what that asked of Vobiz."""
        await self._get("forget")
        number, began, acked = await self._typed(text)
        await self._get(f"told/{number}")
        async with self._session.get(f"{self._slack}/stats") as response:
            noted: _Noted = await response.json(content_type=None)
        return acked, (noted["messages"][number] - began) / 1e6, noted

    async def _typed(self, text: str) -> tuple[str, int, float]:
        number = next(self._numbers)
        typed = command(number, text, f"{self._slack}{RESPOND.rstrip('/')}")
        began = time.monotonic_ns()
        async with self._session.post(
            f"{self._bot}{EVENTS}", data=typed.body, headers=typed.headers
        ) as response:
            words = await response.read()
            acked = (time.monotonic_ns() - began) / 1e6
        if response.status != 200:
            raise Broken(f"a command was answered with {response.status} {words[:500]!r}")
        return f"{number}/0123456789abcdefghij", began, acked

    async def _get(self, what: str) -> None:
        async with self._session.get(f"{self._slack}/{what}") as response:
            if response.status != 200:
                raise Broken(f"{what}: the answer never came")


async def run(plan: ReadPlan) -> Reads:
    """Run the plan."""
    found = Reads()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number in range(plan.starts):
            home = Path(folder) / str(number)
            home.mkdir()
            async with AsyncExitStack() as stack:
                slack = await stack.enter_async_context(upstream(home, "tests.bench.big_account"))
                wiring = Wiring(free_port(), f"{slack}/api/", {})
                told = environment(os.environ) | wiring.environment() | {"VOBIZ_API_URL": slack}
                bot = await stack.enter_async_context(running(BOT.argv, told, wiring.port, home, BOT.ready))
                session = await stack.enter_async_context(aiohttp.ClientSession())
                await _read(plan, _Reader(session, bot.url, slack), found)
    return found


async def _read(plan: ReadPlan, reader: _Reader, found: Reads) -> None:
    for text in ("help",) * 20:
        await reader.acked(text)
    found.anew.append((await reader.answered(LIST))[1])
    _, shown, noted = await reader.answered(SHOW)
    found.shown.append(shown)
    found.requests.append(noted["looks"])
    found.abreast.append(noted["abreast"])
    for _ in range(plan.each):
        acked, told, noted = await reader.answered(LIST)
        if noted["looks"]:
            raise Broken("the account was read again within 10 s")
        found.again.append(told)
        found.acked.setdefault("list", []).append(acked)
        found.acked.setdefault("help", []).append(await reader.acked("help"))
    for _ in range(plan.each):
        found.acked.setdefault("create", []).append(await reader.acked('create "Sales" outbound 10'))


def table(plan: ReadPlan, found: Reads) -> str:
    """Write the section of a large account."""
    most = _SAME * max(statistics.median(found.acked[text]) for text in ("help", "create"))
    rows = [
        _row("`/trunk list` → ack", found.acked["list"], most, f"{_SAME} x the others'"),
        *(_row(f"`/trunk {text}` → ack", found.acked[text]) for text in ("help", "create")),
        _row("`/trunk list` → the table, the account read anew", found.anew, _ANEW),
        _row("`/trunk list` → the table, read in the last 10 s", found.again, _READ),
        _row("`/trunk show` → the trunk and what is attached to it", found.shown),
        _count("`/trunk show`: requests to Vobiz", found.requests, _REQUESTS),
        _count("… of them at once", found.abreast),
    ]
    head = [line(["", "p50", "most", "asked"]), line(["---", "---:", "---:", "---"])]
    return "\n".join([*head, *rows, "", *_method(plan)])


def _row(label: str, took: Sequence[float], most: float | None = None, words: str = "") -> str:
    middle = statistics.median(took)
    asked = ""
    if most is not None:
        asked = f"p50 ≤ {words or f'{most:.0f} ms'}: {'reached' if middle <= most else '**missed**'}"
    return line([label, f"{middle:.1f} ms", f"{max(took):.1f} ms", asked])


def _count(label: str, counts: Sequence[int], most: int | None = None) -> str:
    asked = "" if most is None else f"≤ {most}: {'reached' if max(counts) <= most else '**missed**'}"
    return line([label, f"{statistics.median(counts):.0f}", f"{max(counts)}", asked])


def _method(plan: ReadPlan) -> list[str]:
    return [
        f"An account of {TRUNKS} trunks; Vobiz answers each request after {EACH * 1000:.0f} ms.",
        f"The bot is started {plan.starts} times, each time with nothing read, and given {plan.each}",
        "commands of each sort, one at a time. An answer has arrived when it is at the command's",
        "response_url. The trunk that is shown by its id has a login, an address and a route attached,",
        "which are read beside it.",
    ]
