"""The composition root: settings to services to Bolt to one ASGI application. Nothing is built at import."""

import asyncio
import contextlib
import gc
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.config.settings import Partial, Settings
from bot.doctor.examination import Doctor, examine
from bot.domain.policy import Decision, Home, Person, Unverified, at_home
from bot.notify.app_home import Homes
from bot.notify.approver_routes import Approvals
from bot.notify.results import Delivery
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.metrics import Metrics
from bot.runtime.shutdown import Deadline
from bot.runtime.tasks import end
from bot.server.dispatch import Dispatch
from bot.server.front_door import FrontDoor
from bot.server.health import Health
from bot.server.signature import Signatures
from bot.slack.bolt import make_bolt
from bot.slack.client import SlackWeb
from bot.slack.sealing import Sealer
from bot.slack.token import Token
from bot.slack.transport import open_session
from bot.slack.usergroups import Groups
from bot.socketmode.link import Link, Times
from bot.store.counts import Census
from bot.store.database import migrate, open_engine
from bot.store.ledger import Ledger
from bot.store.overview import Overviews
from bot.vobiz.client import Ready, VobizClient, open_client
from bot.workflow.decisions import Decisions
from bot.workflow.engine import Durable
from bot.workflow.expiry import Expiry
from bot.workflow.intake import Engine
from bot.workflow.preview import Looks
from bot.workflow.recovery import Caretaker
from bot.workflow.send import Sender
from bot.workflow.slots import Slot, take_slot
from bot.workflow.verify import Search
from bot.workflow.workflow import Workflow
from handlers import app_home, approve, command, deny, fallback, history, question, retry, shortcut, submit
from handlers import form_choice as choosing
from handlers.services import Background, Services

# The last one answers what no other does.
_LISTENERS: Final = (
    command,
    submit,
    choosing,
    shortcut,
    app_home,
    approve,
    deny,
    question,
    retry,
    history,
    fallback,
)

# What parts get of the deadline when they do not end by themselves, in seconds.
_SMALL: Final = 2.0  # what may be cut
_ANSWERS: Final = 4.0  # Socket Mode's answers, 3 s, and saying goodbye
_STORING: Final = 6.0  # what is being stored, 5 s, and cutting it
_CUT: Final = 3.0  # for cutting operations, closing the engine, and the rest
_REST: Final = 1.0  # for the rest: the connections to the database, the slot

_log = structlog.get_logger("bot.app")


@dataclass(frozen=True, slots=True)
class Opened:
    """The database, this process's place in it, and the two services."""

    slot: Slot
    database: AsyncEngine
    ledger: Ledger
    slack: SlackWeb
    vobiz: VobizClient


class Bot:
    """The running bot: `asgi` serves it; `ready` says whether people can use it."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        times: Times | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._dispatch: Dispatch | None = None
        self._metrics = Metrics()
        self._health = Health(("slack", "database", "engine"), self._clock, self._metrics)
        self._token = Token(self._clock)
        self._doctor = Doctor(lambda: examine(Partial(settings), self._clock))
        self.ready = asyncio.Event()
        self.failed = False
        self._link: Link | None = None
        self._times = times
        self.deadline = deadline or Deadline()
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
            _log.critical("the bot could not start", exc_info=error)
            self._fail()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open everything, become ready in the background, and put everything away at the end.

        Raises DatabaseInUseError, or SQLAlchemyError when the database does not answer.
        """
        async with contextlib.AsyncExitStack() as stack:
            opened = await self._open(stack)
            self._health.watch("database", opened.ledger.alive)
            self._health.watch("slack", self._token.check)
            self._health.count(Census(opened.database, self._clock))
            watching = Background()
            watching.start(self._health.keep_looking())
            watching.start(self._doctor.warn(self.ready))
            stack.push_async_callback(self.deadline.put_away, "checks", self._health.stop)
            stack.push_async_callback(self.deadline.put_away, "looking", watching.stop)
            self._link = self._make_link(opened.slack)
            if self._link is not None:
                self._health.watch("socket", self._link.check)
            starting = asyncio.create_task(self._start(stack, opened))
            starting.add_done_callback(self._started)
            try:
                yield
            finally:
                self.deadline.begin()
                await self.deadline.put_away("starting", lambda: end([starting]), most=_SMALL)
                if self._link is not None:
                    await self.deadline.put_away("link", self._link.stop, most=_ANSWERS)
                self._dispatch = None

    async def _open(self, stack: contextlib.AsyncExitStack) -> Opened:
        settings, clock, metrics = self._settings, self._clock, self._metrics
        url = settings.database_url.get_secret_value()
        slot = await take_slot(url, clock)
        stack.push_async_callback(self.deadline.put_away, "slot", slot.release)
        database = open_engine(url)
        stack.push_async_callback(self.deadline.put_away, "database", database.dispose)
        await migrate(database)
        ledger = Ledger(database, clock, secrets.token_hex(8), metrics.moved)
        session = await stack.enter_async_context(open_session())
        token = settings.slack_bot_token.get_secret_value()
        slack = SlackWeb(session, token, settings.slack_api_url, clock, heard=self._heard_of_slack)
        account, secret, timeout = settings.vobiz_auth_id, settings.vobiz_auth_token, settings.vobiz_timeout
        http = open_client(base_url=settings.vobiz_api_url, auth_id=account, token=secret, timeout=timeout)
        await stack.enter_async_context(http)
        vobiz = VobizClient(http, auth_id=account, token=secret, timeout=timeout, heard=metrics.vobiz)
        return Opened(slot, database, ledger, slack, vobiz)

    def _make_link(self, slack: SlackWeb) -> Link | None:
        app_token, times, acked = self._settings.slack_app_token, self._times, self._metrics.acked
        if app_token is None:
            return None
        secret = app_token.get_secret_value()
        return Link(slack, secret, self._clock, lambda: self._dispatch, times=times, acked=acked)

    async def _start(self, stack: contextlib.AsyncExitStack, opened: Opened) -> None:
        settings, clock, slack, vobiz = self._settings, self._clock, opened.slack, opened.vobiz
        identity = await self._token.identify(slack)
        # Not before: a process that never becomes ready must not take requests from others that are.
        if self._link is not None:
            self._link.start()
        groups = Groups(slack, settings.trunk_operators.groups | settings.trunk_requesters.groups, clock)
        _, checked = await asyncio.gather(groups.refresh(), vobiz.check())
        if not isinstance(checked, Ready):
            _log.warning("Vobiz does not accept the credentials yet", why=checked.reason)
        services = self._compose(stack, opened, Home(identity.team, identity.enterprise), groups)
        bolt = make_bolt(slack, identity, settings.slack_bot_token.get_secret_value())
        for listener in _LISTENERS:
            listener.register(bolt, services)
        # What was built so far stays: looking through it at each full collection cost 50 ms now and then.
        gc.collect()
        gc.freeze()
        self._dispatch = bolt.async_dispatch
        if self._link is not None:
            await self._link.connected()
        self.ready.set()
        _log.info("ready", team=identity.team, command=settings.trunk_command, account=settings.vobiz_auth_id)
        if settings.trunk_operators == type(settings.trunk_operators)():
            _log.warning("nobody may create trunks: TRUNK_OPERATORS is empty")

    def _compose(
        self, stack: contextlib.AsyncExitStack, opened: Opened, home: Home, groups: Groups
    ) -> Services:
        """Put together what listeners work with, and begin the work that goes on behind them."""
        settings, clock, ledger, slack = self._settings, self._clock, opened.ledger, opened.slack
        sealer = Sealer(settings.slack_bot_token.get_secret_value(), clock.now)

        def may(person: Person) -> Decision | Unverified:
            return at_home(settings.policy, home, person, groups.members())

        homes = Homes(slack, Overviews(opened.database), may, clock, command=settings.trunk_command)
        ledger.watch(homes.changed)
        approvals = Approvals(settings.trunk_approvals_channel, settings.trunk_operators, groups.members)
        settle, tried = settings.vobiz_settle, self._metrics.delivered
        delivery = Delivery(slack, ledger, sealer, clock, settle=settle, approvals=approvals, tried=tried)
        engine = self._open_engine(stack, opened, delivery)
        decisions = Decisions(ledger, engine, delivery, clock)
        background, looks = Background(), Looks(opened.vobiz, clock)
        background.start(homes.keep_fresh())
        background.start(homes.look_around())
        background.start(Expiry(ledger, decisions, delivery.operators, clock).watch())
        background.start(groups.keep_fresh())
        background.start(looks.keep_looking())
        background.start(self._token.keep_checking(slack))
        stack.push_async_callback(self.deadline.put_away, "background", background.stop, most=_SMALL)
        presses = Background()
        stack.push_async_callback(self.deadline.put_away, "presses", presses.finish, keep=_REST)
        return Services(
            command=settings.trunk_command,
            account=settings.vobiz_auth_id,
            approval_ttl=settings.trunk_approval_ttl,
            approvals_channel=settings.trunk_approvals_channel,
            policy=settings.policy,
            home=home,
            slack=slack,
            sealer=sealer,
            groups=groups,
            looks=looks,
            homes=homes,
            ledger=ledger,
            engine=engine,
            decisions=decisions,
            clock=clock,
            background=background,
            presses=presses,
            doctor=self._doctor,
            metrics=self._metrics,
        )

    def _open_engine(self, stack: contextlib.AsyncExitStack, opened: Opened, delivery: Delivery) -> Engine:
        """Start what carries operations out, and goes on with what a process before left."""
        settings, clock = self._settings, self._clock
        ledger, slot, vobiz = opened.ledger, opened.slot, opened.vobiz
        sender = Sender(ledger, vobiz, clock, delivery.late_answer, tag=settings.vobiz_tag_trunks)
        search = Search(ledger, vobiz, delivery, clock, tag=settings.vobiz_tag_trunks)
        workflow = Workflow(sender, search, delivery, settings.vobiz_settle)
        durable = Durable(settings.database_url.get_secret_value(), slot.name, workflow.operate)
        durable.launch()

        async def finish() -> None:
            await durable.destroy(self.deadline.left() - _CUT)

        stack.push_async_callback(self.deadline.put_away, "operations", finish, keep=_REST)
        engine = Engine(ledger, durable, delivery.modals, clock)
        stack.push_async_callback(self.deadline.put_away, "accepting", engine.stop, most=_STORING)
        caretaker = Caretaker(ledger, durable, slot, clock, lost=self._fail)
        caretaker.start()
        self._health.watch("engine", caretaker.check)
        stack.push_async_callback(self.deadline.put_away, "caretaker", caretaker.stop, most=_SMALL)
        return engine
