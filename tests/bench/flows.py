"""Whole create flows: command, form, confirmation, the POST at Vobiz, the message in the channel."""

import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.shape import Json, items, mapping
from bot.sandbox.slack import forms
from tests.bench.load import command, signed
from tests.bench.processes import Broken
from tests.bench.wiring import EVENTS, TEAM, USER


@dataclass(frozen=True, slots=True)
class Flow:
    """When one flow's steps happened, in monotonic nanoseconds. `posted` and `made` are at Vobiz."""

    typed: int
    confirmed: int
    acknowledged: int
    posted: int
    made: int
    told: int


class _Noted(TypedDict):
    posts: dict[str, tuple[int, int]]
    messages: dict[str, int]


class Flows:
    """Runs flows against the instances of one bot; no two steps of a flow go to the same one."""

    def __init__(self, session: aiohttp.ClientSession, instances: Sequence[str], slack: str) -> None:
        self._session = session
        self._turn = itertools.cycle(f"{url}{EVENTS}" for url in instances)
        self._slack = slack
        self._numbers = itertools.count(1)

    async def run(self, count: int, width: int) -> list[Flow]:
        """Run `count` flows, `width` of them at any time, each as soon as the one before was told."""
        await self._ask("forget")
        numbers = iter([next(self._numbers) for _ in range(count)])
        sent: dict[str, tuple[int, int, int]] = {}

        async def work() -> None:
            for number in numbers:
                sent[str(number)] = await self._flow(number)

        await asyncio.gather(*(work() for _ in range(width)))
        async with self._session.get(f"{self._slack}/stats") as response:
            noted: _Noted = await response.json(content_type=None)
        return [
            Flow(*times, *noted["posts"][number], noted["messages"][number]) for number, times in sent.items()
        ]

    async def _flow(self, number: int) -> tuple[int, int, int]:
        typed = command(number, f'create "Flow {number}" outbound 10')
        began = time.monotonic_ns()
        await self._post(typed.body, typed.headers)
        view = await self._ask(f"view/{typed.trigger}")
        body = submission(number, view)
        headers = signed(body)
        confirmed = time.monotonic_ns()
        answer = await self._post(body, headers)
        acknowledged = time.monotonic_ns()
        if b'"update"' not in answer:
            raise Broken(f"the confirmation was answered with {answer[:500]!r}")
        await self._ask(f"told/{number}")
        return began, confirmed, acknowledged

    async def _post(self, body: bytes, headers: dict[str, str]) -> bytes:
        async with self._session.post(next(self._turn), data=body, headers=headers) as response:
            words = await response.read()
        if response.status != 200:
            raise Broken(f"a request was answered with {response.status} {words[:500]!r}")
        return words

    async def _ask(self, what: str) -> Json:
        async with self._session.get(f"{self._slack}/{what}") as response:
            if response.status != 200:
                raise Broken(f"{what}: the message never came")
            found: Json = await response.json(content_type=None)
        return found


def submission(number: int, view: Json) -> bytes:
    """Make the submission of a modal that nobody changed."""
    payload = {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": USER, "username": "asha", "team_id": TEAM},
        "trigger_id": f"{time.monotonic_ns()}.{number}",
        "view": view | {"id": f"V{number}", "hash": "1.1", "state": _state(view)},
        "response_urls": [],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def _state(view: Json) -> dict[str, object]:
    blocks = view["blocks"]
    return {"values": forms.initial([mapping(block) for block in items(blocks)])}


def rate(flows: Sequence[Flow]) -> float:
    """Return flows a second, from the first command until the last message."""
    return len(flows) / (max(one.told for one in flows) - min(one.typed for one in flows)) * 1e9
