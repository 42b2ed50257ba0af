"""The link to Slack: one good connection at a time, replaced without a gap, for as long as the bot runs.

Why not the SDK's client: docs/decisions/0004-socket-mode.md.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from bot.domain.observer import Acked, uncounted
from bot.runtime.clock import Clock
from bot.runtime.readiness import STARTING, STOPPING
from bot.runtime.tasks import end
from bot.server.dispatch import Dispatch
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed
from bot.socketmode.connection import Connection, answer
from bot.socketmode.frames import Envelope, Hello
from bot.socketmode.reasons import CONNECTING, ROUTINE, STOPPED, explained, needs_a_person, wait

_EXPECTED: Final = {CONNECTING: STARTING, STOPPED: STOPPING}

_log = structlog.get_logger("bot.socketmode")


@dataclass(frozen=True, slots=True)
class Times:
    """All in seconds. A connection on which nothing came for `ping` is asked for a pong within half of it.

    `hello`: for Slack to accept and greet. `steady`: after which a connection that ends is replaced at once,
    however the ones before it fared. `linger`: how long a replaced connection is still read when Slack does
    not close it (it does after about 10). `drain`: for answers under way when the bot stops.
    """

    ping: float = 10.0
    hello: float = 10.0
    steady: float = 30.0
    linger: float = 20.0
    drain: float = 3.0


class Link:
    """Keeps a connection open from `start` to `stop`."""

    def __init__(
        self,
        slack: SlackWeb,
        app_token: str,
        clock: Clock,
        dispatch: Callable[[], Dispatch | None],
        *,
        times: Times | None = None,
        jitter: Callable[[], float] = random.random,
        acked: Acked = uncounted,
    ) -> None:
        self._slack = slack
        self._app_token = app_token
        self._clock = clock
        self._dispatch = dispatch
        self._times = times or Times()
        self._jitter = jitter
        self._acked = acked
        self._connections: list[Connection] = []
        self._retiring: set[asyncio.Task[None]] = set()
        self._keeping: list[asyncio.Task[None]] = []
        self._why = CONNECTING
        self._others = 0
        self._connected = asyncio.Event()

    def start(self) -> None:
        """Begin to connect."""
        self._keeping.append(asyncio.create_task(self._keep()))

    async def connected(self) -> None:
        """Wait for the first connection."""
        await self._connected.wait()

    async def stop(self) -> None:
        """Take nothing more, answer what was taken, close."""
        self._why = STOPPED
        await end([*self._keeping, *self._retiring])
        await asyncio.gather(*(self._close(connection) for connection in list(self._connections)))

    @property
    def why(self) -> str | None:
        """Why nothing comes from Slack, a reason of `bot.socketmode.reasons`; None while connected."""
        return None if any(_usable(each) for each in self._connections) else self._why

    async def check(self) -> str | None:
        """Say why nothing comes from Slack, if so, and what to do."""
        why = self.why
        return None if why is None else _EXPECTED.get(why) or explained(why)

    async def _keep(self) -> None:
        tries = 0
        replaced: Connection | None = None
        while True:
            opened = await self._open()
            if isinstance(opened, Connection):
                if replaced is not None:
                    self._retire(replaced)
                why = await self._use(opened)
                replaced = opened if why in ROUTINE else None
                lasted = self._clock.now() - opened.since >= self._times.steady
            else:
                why, lasted = opened, False
            tries = 0 if lasted else tries + 1
            self._why = why
            pause = wait(why, tries, self._jitter())
            _tell(why, pause)
            await self._clock.sleep(pause)

    async def _open(self) -> Connection | str:
        try:
            socket = await self._slack.open_socket(
                self._app_token, ping=self._times.ping, within=self._times.hello
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, the next try has to come
            _log.error("Socket Mode could not be opened", error=type(error).__name__)
            return "unreachable"
        if isinstance(socket, Failed):
            return socket.error
        connection = Connection(socket, self._answer, self._clock, self._acked)
        self._connections.append(connection)
        hello = await connection.greeted(self._times.hello)
        if isinstance(hello, str):
            await self._close(connection)
            return hello
        self._compare(hello)
        return connection

    async def _use(self, connection: Connection) -> str:
        self._connected.set()
        _log.info("connected to Slack")
        await asyncio.wait({connection.over})
        why = connection.over.result()
        if why not in ROUTINE:
            self._retire(connection)
        return why

    def _retire(self, connection: Connection) -> None:
        task = asyncio.create_task(self._let_go(connection))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _let_go(self, connection: Connection) -> None:
        # Slack may still send on it until it closes it: hanging up first would lose that.
        await connection.ended(self._times.linger)
        await self._close(connection)

    async def _close(self, connection: Connection) -> None:
        await connection.close(self._times.drain)
        if connection in self._connections:
            self._connections.remove(connection)

    async def _answer(self, envelope: Envelope) -> str | None:
        return await answer(self._dispatch(), envelope)

    def _compare(self, hello: Hello) -> None:
        own = sum(connection.alive for connection in self._connections)
        before, self._others = self._others, max(0, hello.connections - own)
        if self._others > before:
            _log.warning(
                "Slack counts more connections of this app than this process has: other processes with the "
                "same SLACK_APP_TOKEN get a share of the requests, or it still counts one that broke",
                counted=hello.connections,
                own=own,
            )


def _usable(connection: Connection) -> bool:
    if not connection.alive or not connection.was_greeted:
        return False
    return not connection.over.done() or connection.over.result() in ROUTINE


def _tell(why: str, pause: float) -> None:
    if why in ROUTINE:
        _log.info("Slack renews the connection", reason=why)
    elif needs_a_person(why):
        _log.error("not connected to Slack", reason=why, meaning=explained(why), next_try=round(pause, 1))
    else:
        _log.warning("not connected to Slack", reason=why, meaning=explained(why), next_try=round(pause, 1))
