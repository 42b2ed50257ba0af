"""Is this trunk ready? What Vobiz says of it and what the network shows: one checklist in WITHIN seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, Protocol, TypeVar

from bot.proof.account import Reading, account_points
from bot.proof.addresses import WITHIN, Subject
from bot.proof.checklist import Checklist, Point, checklist
from bot.proof.pbx import Pbx, pbx
from bot.runtime.clock import Clock
from bot.runtime.tasks import end
from bot.vobiz.balance import Balance
from bot.vobiz.details import Changed
from bot.vobiz.listing import Unreachable
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk

KEPT_FOR: Final = 10.0  # seconds that the same is not asked again
_KEPT: Final = 100  # trunks; 1 KB each

T = TypeVar("T")
Points = tuple[Point, ...]


class Account(Protocol):
    """What is asked of the account as a whole; None is what it did not say."""

    async def balance(self) -> Balance | None:
        """Read what it can still spend."""

    async def ceiling(self) -> int | None:
        """Read how many calls it may have at once."""


@dataclass(frozen=True, slots=True)
class Examined:
    """How ready a trunk is, and what the other side has to be set to."""

    found: Checklist
    other_side: Pbx


class Examiner:
    """Examines trunks. With `probe` (TRUNK_PROBE) their servers are asked; `sandbox` is its DNS server.

    Whoever asks while a trunk is examined, or within KEPT_FOR seconds, hears of the same look at the network.
    """

    def __init__(
        self, account: Account, clock: Clock, *, probe: bool, sandbox: tuple[str, int] | None = None
    ) -> None:
        self._account = account
        self._probe = probe
        self._sandbox = sandbox
        self._networks: _Kept[Points] = _Kept(clock)
        self._balances: _Kept[Balance | None] = _Kept(clock)
        self._ceilings: _Kept[int | None] = _Kept(clock)

    async def examine(
        self,
        trunk: Trunk,
        read: Callable[[], Awaitable[Snapshot | Unreachable]],
        changes: tuple[Changed, ...] | None = None,
        destination: str | None = None,
        within: float = WITHIN,
    ) -> Examined:
        """Judge a trunk; all is asked side by side, and what does not come in time is not known.

        `within` is in seconds. `read` reads the lists that `bot.proof.account.parts_of` names; the rest is as
        in Reading.
        """
        key = f"{trunk.id.casefold()} {trunk.domain} {trunk.transport}"
        network, balance, ceiling, now = await asyncio.gather(
            self._networks.get(key, partial(self._look, trunk, within)),
            self._balances.get("", partial(_in_time, self._account.balance, within)),
            self._ceilings.get("", partial(_in_time, self._account.ceiling, within)),
            _in_time(read, within),
        )
        if not isinstance(now, Snapshot):
            now = Snapshot("", 0, (), whole=False)
        reading = Reading(now, balance, ceiling, changes, destination)
        return Examined(checklist(account_points(trunk, reading), network), pbx(trunk, reading))

    async def _look(self, trunk: Trunk, within: float) -> Points:
        look = await asyncio.to_thread(_network)
        return await look(Subject(trunk.domain, trunk.transport, self._probe, self._sandbox), within)

    async def stop(self) -> None:
        """Cut what is being asked."""
        await self._networks.stop()
        await self._balances.stop()
        await self._ceilings.stop()


class _Kept(Generic[T]):
    """Answers by key, each as the task that asks; what failed, or was not said, is asked again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, key: str, ask: Callable[[], Coroutine[object, object, T]]) -> T:
        at, task = self._tasks.get(key, (0.0, None))
        if task is None or _useless(task) or self._clock.now() - at > KEPT_FOR:
            if len(self._tasks) >= _KEPT:
                self._tasks = {key: kept for key, kept in self._tasks.items() if not kept[1].done()}
            task = asyncio.create_task(ask())
            self._tasks[key] = (self._clock.now(), task)
        # Whoever stops waiting stops it for nobody else.
        return await asyncio.shield(task)

    async def stop(self) -> None:
        await end([task for _, task in self._tasks.values()])


def _useless(task: asyncio.Task[T]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None or task.result() is None)


async def _in_time(ask: Callable[[], Awaitable[T]], within: float) -> T | None:
    try:
        async with asyncio.timeout(within):
            return await ask()
    except TimeoutError:
        return None


def _network() -> Callable[[Subject, float], Coroutine[object, object, Points]]:
    # Only now, and in a thread: dnspython and sipmessage take memory and time that serving does not need.
    from bot.proof.network import network_points  # noqa: PLC0415 - same

    return network_points
