"""The running bot: one ASGI application, its start and its end. Nothing is built at import."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.assembly import Assembly, Remote
from bot.config.settings import Partial, Settings
from bot.doctor.examination import Doctor, examine
from bot.domain.policy import Home, Members
from bot.kinds.registry import KINDS, Kinds
from bot.opening import Opened, Opening
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.metrics import Metrics
from bot.runtime.shutdown import Deadline
from bot.runtime.supervision import Supervisor
from bot.runtime.tasks import Background, end
from bot.server.dispatch import Dispatch
from bot.server.front_door import FrontDoor
from bot.server.health import Health
from bot.server.signature import Signatures
from bot.slack.bolt import make_bolt
from bot.slack.client import SlackWeb
from bot.slack.token import Token
from bot.slack.usergroups import Groups
from bot.socketmode.link import Link, Times
from bot.vobiz.client import Ready
from handlers import (
    app_home,
    approve,
    command,
    deny,
    fallback,
    form_choice,
    form_over,
    history,
    password,
    question,
    retry,
    shortcut,
    submit,
    trunk_forms,
    trunks,
)

# The last one answers what no other does.
_LISTENERS: Final = (
    command,
    submit,
    form_choice,
    form_over,
    shortcut,
    app_home,
    approve,
    deny,
    question,
    retry,
    history,
    password,
    trunk_forms,
    trunks,
    fallback,
)

_ASKED_WITHIN: Final = 1.0  # seconds for the user groups when the bot starts

# What parts get of the deadline when they do not end by themselves, in seconds.
_STARTING: Final = 2.0  # it may be cut
_DATABASE: Final = 2.0  # seconds between looks whether the database is there again
_ANSWERS: Final = 4.0  # Socket Mode's answers, 3 s, and saying goodbye

_log = structlog.get_logger("bot.app")


class Bot:
    """The running bot: `asgi` serves it; `ready` says whether people can use it.

    `trouble` is what kept it from ever being ready. `built` is called when all parts are there, right before
    the first request is let in.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        times: Times | None = None,
        deadline: Deadline | None = None,
        kinds: Kinds = KINDS,
        *,
        built: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._built = built
        self._clock = clock or SystemClock()
        self._dispatch: Dispatch | None = None
        self._metrics = Metrics(kinds.verbs)
        self._health = Health(("slack", "database", "engine", "background"), self._clock, self._metrics)
        self._token = Token(self._clock)
        self._doctor = Doctor(lambda: examine(Partial(settings), self._clock))
        self.ready = asyncio.Event()
        self.failed = False
        self.trouble: BaseException | None = None
        self._link: Link | None = None
        self._times = times
        self.deadline = deadline or Deadline()
        self._supervisor = Supervisor(self._clock)
        self._assembly = Assembly(
            settings,
            kinds,
            self._clock,
            self._metrics,
            self._health,
            self._doctor,
            self.deadline,
            self._supervisor,
        )
        self.asgi: ASGIApp = Starlette(routes=self._health.routes)
        if settings.slack_app_token is None:
            signatures = Signatures(settings.signing_secrets)
            door = FrontDoor(self.asgi, signatures, self._clock, lambda: self._dispatch, self._metrics)
            self.asgi = door

    def _heard_of_slack(self, method: str, error: str | None) -> None:
        self._metrics.slack(method, error)
        self._token.heard(method, error)

    def _fail(self) -> None:
        """Stop this process, and have it end with a failure, so that a supervisor starts it again."""
        self.failed = True
        signal.raise_signal(signal.SIGTERM)

    def _started(self, starting: asyncio.Task[None]) -> None:
        if not starting.cancelled() and (error := starting.exception()) is not None:
            self.trouble = error
            self._fail()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open everything, become ready in the background, and put everything away at the end.

        A database that is away is waited for, ready or not. Raises what waiting does not help: BotError,
        OSError, SQLAlchemyError or an error of Alembic's.
        """
        async with contextlib.AsyncExitStack() as stack:
            remote = await self._assembly.open_remote(stack, self._heard_of_slack)
            url = self._settings.database_url.get_secret_value()
            opening = Opening(url, self._clock, self.deadline)
            self._health.watch("database", opening.check)
            self._health.watch("slack", self._token.check)
            opened = await opening.attempt(stack)
            watching = Background()
            watching.start(self._doctor.warn(self.ready))
            # Loops begin before all parts are there; a start that is cut leaves none of them behind.
            stack.push_async_callback(self.deadline.put_away, "loops", self._supervisor.stop)
            self._supervisor.start("health", self._health.keep_looking)
            stack.push_async_callback(self.deadline.put_away, "checks", self._health.stop)
            stack.push_async_callback(self.deadline.put_away, "looking", watching.stop)
            self._link = self._make_link(remote.slack)
            if self._link is not None:
                self._health.watch("socket", self._link.check)
            starting = asyncio.create_task(self._start(stack, opened or opening, remote))
            starting.add_done_callback(self._started)
            try:
                yield
            finally:
                self.deadline.begin()
                await self.deadline.put_away("starting", lambda: end([starting]), most=_STARTING)
                if self._link is not None:
                    await self.deadline.put_away("link", self._link.stop, most=_ANSWERS)
                self._dispatch = None

    def _make_link(self, slack: SlackWeb) -> Link | None:
        app_token, times, acked = self._settings.slack_app_token, self._times, self._metrics.acked
        if app_token is None:
            return None
        secret = app_token.get_secret_value()
        return Link(slack, secret, self._clock, lambda: self._dispatch, times=times, acked=acked)

    async def _start(
        self, stack: contextlib.AsyncExitStack, database: Opened | Opening, remote: Remote
    ) -> None:
        opened = database if isinstance(database, Opened) else await database.wait(stack)
        outside = await self._assembly.open_ledger(stack, opened, remote)
        settings, slack, vobiz = self._settings, outside.slack, outside.vobiz
        identity = await self._token.identify(slack)
        # Not before: a process that never becomes ready must not take requests from others that are.
        if self._link is not None:
            self._link.start()
        named = settings.trunk_operators.groups | settings.trunk_requesters.groups
        groups = Groups(slack, named, self._clock)
        self._supervisor.start("user groups", groups.keep_fresh)
        # A Slack that is slow to say who is in them does not hold up those who are named by their ids.
        _, checked = await asyncio.gather(groups.asked(_ASKED_WITHIN), vobiz.check())
        if not isinstance(checked, Ready):
            _log.warning("Vobiz does not accept the credentials yet", why=checked.reason)
        self._supervisor.start("token", lambda: self._token.keep_checking(slack))
        home = Home(identity.team, identity.enterprise)
        # It may have gone while Slack was waited for, and the engine's launch does not wait.
        while await outside.ledger.alive() is not None:
            await self._clock.sleep(_DATABASE)
        services = await self._assembly.compose(
            stack, outside, home, groups.members, fail=self._fail, link=identity.link
        )
        self._health.watch("background", self._supervisor.check)
        bolt = make_bolt(slack, identity, settings.slack_bot_token.get_secret_value())
        for listener in _LISTENERS:
            listener.register(bolt, services)
        if self._built is not None:
            self._built()
        self._dispatch = bolt.async_dispatch
        if self._link is not None:
            await self._link.connected()
        self.ready.set()
        _log.info("ready", team=identity.team, command=settings.trunk_command, account=settings.vobiz_auth_id)
        if settings.trunk_operators == Members():
            _log.warning("nobody may create trunks: TRUNK_OPERATORS is empty")
