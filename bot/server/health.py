"""Whether the bot can be used: named checks, three pages that say it, and a line when it changes."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.runtime.clock import Clock, milliseconds
from bot.runtime.metrics import CONTENT_TYPE, Metrics
from bot.runtime.readiness import STARTING, STOPPING
from bot.runtime.tasks import Question
from bot.store.counts import Census, Counted

# A check returns None when all is well, else why not, in words without secrets. It may raise.
Check = Callable[[], Coroutine[object, object, str | None]]

# Why a check is not well that never was, or is about to be no more: nothing to write home about.
_EXPECTED: Final = frozenset({None, STARTING, STOPPING})
_WITHIN: Final = 2.0  # seconds for a check
_EVERY: Final = 10.0  # seconds between looks of our own, for the log
_SOON: Final = 1.0  # seconds, until everything has started

_log = structlog.get_logger("bot.health")


class Health:
    """Asks the checks, all at once. One that was named and has nothing to ask yet is not well."""

    def __init__(self, names: tuple[str, ...], clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._checks: dict[str, Question[str | None]] = {name: Question(_starting) for name in names}
        self._census: Census | None = None
        self._said: dict[str, str | None] = {}
        self.routes = [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._tell_metrics),
        ]

    def watch(self, name: str, check: Check) -> None:
        """Have a check asked from now on, in place of the one of that name."""
        self._checks[name] = Question(check)

    def count(self, census: Census) -> None:
        """Have the operations counted at each scrape."""
        self._census = census

    async def look(self) -> Mapping[str, str | None]:
        """Ask all checks: None where all is well, else why not. Changes are logged, each once.

        However many look at a time, each check is asked once.
        """
        checks = dict(self._checks)
        told = await asyncio.gather(*(_asked(check) for check in checks.values()))
        reasons = dict(zip(checks, told, strict=True))
        for name, reason in reasons.items():
            before = self._said.get(name, STARTING)
            self._said[name] = reason
            if reason != before and reason not in _EXPECTED:
                _log.error("not ready", check=name, reason=reason)
            elif reason is None and before not in _EXPECTED:
                _log.info("ready again", check=name, was=before)
        return reasons

    async def keep_looking(self) -> None:
        """Look for ever, so that the log knows even when nobody asks; run it as a task and cancel it."""
        while True:
            reasons = await self.look()
            await self._clock.sleep(_SOON if STARTING in reasons.values() else _EVERY)

    async def stop(self) -> None:
        """End what was asked and has not answered."""
        await asyncio.gather(*(question.stop() for question in self._checks.values()))
        if self._census is not None:
            await self._census.stop()

    async def _healthz(self, _request: Request) -> JSONResponse:
        return JSONResponse({"alive": True})

    async def _readyz(self, _request: Request) -> JSONResponse:
        reasons = await self.look()
        checks = {
            name: {"ok": reason is None} | ({"reason": reason} if reason else {})
            for name, reason in reasons.items()
        }
        ready = not any(reasons.values())
        return JSONResponse({"ready": ready, "checks": checks}, status_code=200 if ready else 503)

    async def _tell_metrics(self, _request: Request) -> Response:
        reasons, counted = await asyncio.gather(self.look(), self._counted())
        self._metrics.checked({name: reason is None for name, reason in reasons.items()})
        if counted is None:
            self._metrics.uncounted()
        else:
            since = counted.oldest_unknown
            age = 0.0 if since is None else max(0.0, (milliseconds(self._clock) - since) / 1000)
            self._metrics.counted(counted.live, age)
        return Response(self._metrics.exposition(), headers={"content-type": CONTENT_TYPE})

    async def _counted(self) -> Counted | None:
        return None if self._census is None else await self._census.count()


async def _starting() -> str:
    return STARTING


async def _asked(check: Question[str | None]) -> str | None:
    try:
        return await check.ask(_WITHIN)
    except TimeoutError:
        return f"no answer within {_WITHIN:.0f} s"
    except Exception as error:  # noqa: BLE001 - any trouble means: not ready
        return f"failed ({type(error).__name__})"
