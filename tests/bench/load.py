"""The load: signed slash commands, one at a time or many at once, with the times of each."""

import asyncio
import hashlib
import hmac
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypedDict
from urllib.parse import urlencode

import aiohttp

from tests.bench.processes import Broken
from tests.bench.wiring import CHANNEL, EVENTS, SECRET, TEAM, USER

_SETTLING: Final = 10  # seconds for the modals of the last commands to arrive


@dataclass(frozen=True, slots=True)
class Command:
    """One request, signed and ready."""

    trigger: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Timed:
    """When a command was sent, answered, and its modal arrived at Slack; in monotonic nanoseconds."""

    sent: int
    answered: int
    opened: int


@dataclass(frozen=True, slots=True)
class Wave:
    """Commands that were run together. `connections` are those that reached Slack; `looks` reached Vobiz."""

    timed: tuple[Timed, ...]
    connections: int
    looks: int


class _Noted(TypedDict):
    opened: dict[str, int]
    connections: int
    looks: int


def command(number: int, text: str, answers: str = f"https://hooks.slack.test/commands/{TEAM}") -> Command:
    """Make a slash command as Slack sends it; its `response_url` is below `answers`."""
    trigger = f"{time.monotonic_ns()}.{number}.0123456789abcdef0123456789abcdef"
    fields = {
        "token": "verification",
        "team_id": TEAM,
        "team_domain": "bench",
        "channel_id": CHANNEL,
        "channel_name": "voice-ops",
        "user_id": USER,
        "user_name": "asha",
        "command": "/trunk",
        "text": text,
        "api_app_id": "A0BENCH01",
        "is_enterprise_install": "false",
        "response_url": f"{answers}/{number}/0123456789abcdefghij",
        "trigger_id": trigger,
    }
    body = urlencode(fields).encode()
    return Command(trigger, body, signed(body))


def signed(body: bytes) -> dict[str, str]:
    """Return the headers of a form that Slack signed just now."""
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
    }


class Load:
    """Sends commands to one subject, and asks the fake Slack what became of them."""

    def __init__(self, session: aiohttp.ClientSession, subject: str, slack: str) -> None:
        self._session = session
        self._url = f"{subject}{EVENTS}"
        self._slack = slack
        self._numbers = itertools.count()

    async def run(self, count: int, width: int) -> Wave:
        """Run `count` commands, `width` of them at any time, each as soon as the one before is answered."""
        sent: dict[str, tuple[int, int]] = {}
        await self._forget()
        commands = iter([self._command() for _ in range(count)])

        async def work() -> None:
            for command in commands:
                sent[command.trigger] = await self._send(command)

        await asyncio.gather(*(work() for _ in range(width)))
        return await self._wave(sent)

    def _command(self) -> Command:
        # Each has its own trigger, as the bot refuses a signature it has seen.
        return command(next(self._numbers), 'create "Sales" outbound 10')

    async def _send(self, command: Command) -> tuple[int, int]:
        sent = time.monotonic_ns()
        async with self._session.post(self._url, data=command.body, headers=command.headers) as response:
            words = await response.read()
            answered = time.monotonic_ns()
        if response.status != 200 or words:
            raise Broken(f"the command was answered with {response.status} {words[:500]!r}")
        return sent, answered

    async def _wave(self, sent: dict[str, tuple[int, int]]) -> Wave:
        # Over when every modal is open and a subject's later work (the bot's looks) has ended too.
        until = time.monotonic() + _SETTLING
        last: _Noted | None = None
        noted = await self._noted()
        while noted != last or noted["opened"].keys() != sent.keys():
            if time.monotonic() > until:
                missing = len(sent.keys() - noted["opened"].keys())
                raise Broken(
                    f"{missing} of {len(sent)} modals were never opened, or Slack is never left alone"
                )
            await asyncio.sleep(0.05)
            last, noted = noted, await self._noted()
        timed = tuple(Timed(*times, noted["opened"][trigger]) for trigger, times in sent.items())
        return Wave(timed, noted["connections"], noted["looks"])

    async def _noted(self) -> _Noted:
        async with self._session.get(f"{self._slack}/stats") as response:
            noted: _Noted = await response.json()
        return noted

    async def _forget(self) -> None:
        async with self._session.get(f"{self._slack}/forget") as response:
            await response.read()


def rate(timed: Sequence[Timed]) -> float:
    """Return commands a second, from the first sent until the last was both answered and opened."""
    first = min(one.sent for one in timed)
    last = max(max(one.answered, one.opened) for one in timed)
    return len(timed) / (last - first) * 1e9
