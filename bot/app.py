"""The composition root: settings to services to Bolt to one ASGI application. Nothing is built at import."""

import asyncio
import contextlib
import gc
import logging
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.asking import Approvals
from bot.caretaker import Caretaker
from bot.clock import Clock, SystemClock
from bot.config import Partial, Settings
from bot.database import migrate, open_engine
from bot.delivery import Delivery
from bot.dispatching import Dispatch
from bot.doctor.examination import Doctor, examine
from bot.durable import Durable
from bot.engine import Engine
from bot.errors import DatabaseInUseError
from bot.expiry import Expiry
from bot.groups import Groups
from bot.homes import Homes
from bot.ledger import Ledger
from bot.looks import Looks
from bot.overview import Overviews
from bot.policy import Decision, Home, Person, decide
from bot.sealing import Sealer
from bot.searching import Search
from bot.sending import Sender
from bot.services import Background, Services
from bot.signature import Signatures
from bot.slackweb import Failed, Identity, SlackWeb, open_session
from bot.slots import Slot, slot_for
from bot.socketmode.link import Link, Times
from bot.socketmode.reasons import explained
from bot.vobiz.client import Ready, VobizClient, open_client
from bot.web import FrontDoor
from bot.workflows import Workflow
from handlers import app_home, approve, command, deny, fallback, history, question, retry, shortcut, submit

# The last one answers what no other does.
_LISTENERS: Final = (
    command,
    submit,
    shortcut,
    app_home,
    approve,
    deny,
    question,
    retry,
    history,
    fallback,
)
_RETRY: Final = (1, 2, 4, 8, 15, 30)  # seconds between tries to learn who the bot is; the last repeats
_SLOT_PATIENCE: Final = 35  # seconds; a stopping process takes up to 28
_ALIVE_WITHIN: Final = 2  # seconds for the database to answer a readiness check

_log = structlog.get_logger("bot.app")


@dataclass(frozen=True, slots=True)
class Opened:
    """The database, and this process's place in it."""

    slot: Slot
    database: AsyncEngine
    ledger: Ledger


class Bot:
    """The running bot: `asgi` serves it; `ready` says whether people can use it."""

    def __init__(self, settings: Settings, clock: Clock | None = None, times: Times | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._dispatch: Dispatch | None = None
        self._ledger: Ledger | None = None
        self.ready = asyncio.Event()
        self.failed = False
        self._link: Link | None = None
        self._times = times
        routes = [Route("/healthz", self._healthz), Route("/readyz", self._readyz)]
        self.asgi: ASGIApp = Starlette(routes=routes)
        if settings.slack_app_token is None:
            signatures = Signatures(settings.signing_secrets)
            self.asgi = FrontDoor(self.asgi, signatures, self._clock, lambda: self._dispatch)

    def _fail(self) -> None:
        """Stop this process, and have it end with a failure, so that a supervisor starts it again."""
        self.failed = True
        signal.raise_signal(signal.SIGTERM)

    def _started(self, starting: asyncio.Task[None]) -> None:
        if not starting.cancelled() and (error := starting.exception()) is not None:
            _log.critical("the bot could not start", exc_info=error)
            self._fail()

    async def _healthz(self, _request: Request) -> JSONResponse:
        return JSONResponse({"alive": True})

    async def _readyz(self, _request: Request) -> JSONResponse:
        checks = {"slack": self._dispatch is not None, "database": await self._database_answers()}
        body: dict[str, object] = {"checks": checks}
        if self._link is not None:
            status = self._link.status
            checks["socket"] = status.connected
            body |= {"socket": explained(status.why)} if status.why else {}
        ready = all(checks.values())
        return JSONResponse({"ready": ready, **body}, status_code=200 if ready else 503)

    async def _database_answers(self) -> bool:
        if self._ledger is None:
            return False
        try:
            async with asyncio.timeout(_ALIVE_WITHIN):
                await self._ledger.alive()
        except Exception as error:  # noqa: BLE001 - any trouble means: not ready
            _log.warning("the database does not answer", error=type(error).__name__)
            return False
        return True

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open everything, become ready in the background, and put everything away at the end.

        Raises DatabaseInUseError, or SQLAlchemyError when the database does not answer.
        """
        settings = self._settings
        async with contextlib.AsyncExitStack() as stack:
            opened = await self._open_database(stack)
            self._ledger = opened.ledger
            session = await stack.enter_async_context(open_session())
            token = settings.slack_bot_token.get_secret_value()
            slack = SlackWeb(session, token, settings.slack_api_url, self._clock)
            vobiz = await self._open_vobiz(stack)
            if settings.slack_app_token is not None:
                app_token = settings.slack_app_token.get_secret_value()
                self._link = Link(slack, app_token, self._clock, lambda: self._dispatch, times=self._times)
            starting = asyncio.create_task(self._start(stack, slack, vobiz, opened))
            starting.add_done_callback(self._started)
            try:
                yield
            finally:
                starting.cancel()
                await asyncio.gather(starting, return_exceptions=True)
                if self._link is not None:
                    await self._link.stop()
                self._dispatch = None

    async def _open_database(self, stack: contextlib.AsyncExitStack) -> Opened:
        slot = await self._take_slot(stack)
        database = open_engine(self._settings.database_url.get_secret_value())
        stack.push_async_callback(database.dispose)
        await migrate(database)
        return Opened(slot, database, Ledger(database, self._clock, process=secrets.token_hex(8)))

    async def _take_slot(self, stack: contextlib.AsyncExitStack) -> Slot:
        slot = slot_for(self._settings.database_url.get_secret_value())
        # The process before us may still be finishing what it is at.
        for second in range(_SLOT_PATIENCE):
            if await slot.take():
                stack.push_async_callback(slot.release)
                return slot
            if second == 0:
                _log.warning(
                    "another process uses this database: waiting for it to end", at_most=_SLOT_PATIENCE
                )
            await self._clock.sleep(1)
        raise DatabaseInUseError

    async def _open_vobiz(self, stack: contextlib.AsyncExitStack) -> VobizClient:
        settings = self._settings
        auth_id, token, timeout = settings.vobiz_auth_id, settings.vobiz_auth_token, settings.vobiz_timeout
        http = open_client(base_url=settings.vobiz_api_url, auth_id=auth_id, token=token, timeout=timeout)
        await stack.enter_async_context(http)
        return VobizClient(http, auth_id=auth_id, token=token, timeout=timeout)

    async def _start(
        self,
        stack: contextlib.AsyncExitStack,
        slack: SlackWeb,
        vobiz: VobizClient,
        opened: Opened,
    ) -> None:
        settings, clock = self._settings, self._clock
        slot, ledger = opened.slot, opened.ledger
        identity = await self._identify(slack)
        # Not before: a process that never becomes ready must not take requests from others that are.
        if self._link is not None:
            self._link.start()
        groups = Groups(slack, settings.trunk_operators.groups | settings.trunk_requesters.groups, clock)
        _, checked = await asyncio.gather(groups.refresh(), vobiz.check())
        if not isinstance(checked, Ready):
            _log.warning("Vobiz does not accept the credentials yet", answer=str(checked))
        sealer = Sealer(settings.slack_bot_token.get_secret_value(), clock.now)
        tag = settings.vobiz_tag_trunks
        home = Home(identity.team, identity.enterprise)

        def may(person: Person) -> Decision:
            return decide(settings.policy, home, person, None, groups.members())

        homes = Homes(slack, Overviews(opened.database), may, clock, command=settings.trunk_command)
        ledger.watch(homes.changed)
        approvals = Approvals(settings.trunk_approvals_channel, settings.trunk_operators, groups.members)
        delivery = Delivery(slack, ledger, sealer, clock, settle=settings.vobiz_settle, approvals=approvals)
        sender = Sender(ledger, vobiz, clock, tag=tag)
        search = Search(ledger, vobiz, delivery, clock, tag=tag)
        workflow = Workflow(sender, search, delivery, settings.vobiz_settle)
        durable = Durable(settings.database_url.get_secret_value(), slot.name, workflow.operate)
        durable.launch()
        stack.push_async_callback(durable.destroy)
        engine = Engine(ledger, durable, delivery, clock)
        stack.push_async_callback(engine.stop)
        caretaker = Caretaker(ledger, durable, slot, clock, lost=self._fail)
        caretaker.start()
        stack.push_async_callback(caretaker.stop)
        background = Background()
        looks = Looks(vobiz, clock)
        background.start(homes.keep_fresh())
        background.start(homes.look_around())
        background.start(Expiry(ledger, engine, delivery.operators, clock).watch())
        background.start(groups.keep_fresh())
        background.start(looks.keep_looking())
        stack.push_async_callback(background.stop)
        doctor = Doctor(lambda: examine(Partial(settings), clock))
        services = Services(
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
            clock=clock,
            background=background,
            doctor=doctor,
        )
        bolt = _bolt(slack, identity, settings)
        for listener in _LISTENERS:
            listener.register(bolt, services)
        # What was built so far stays: looking through it at each full collection cost 50 ms now and then.
        gc.collect()
        gc.freeze()
        self._dispatch = bolt.async_dispatch
        if self._link is not None:
            await self._link.connected()
        self.ready.set()
        background.start(doctor.warn())
        _log.info("ready", team=identity.team, command=settings.trunk_command, account=settings.vobiz_auth_id)
        if settings.trunk_operators == type(settings.trunk_operators)():
            _log.warning("nobody may create trunks: TRUNK_OPERATORS is empty")

    async def _identify(self, slack: SlackWeb) -> Identity:
        tries = 0
        while isinstance(identity := await slack.identify(), Failed):
            _log.error("Slack does not say who the bot is (auth.test)", error=identity.error)
            await self._clock.sleep(_RETRY[min(tries, len(_RETRY) - 1)])
            tries += 1
        return identity


def _bolt(slack: SlackWeb, identity: Identity, settings: Settings) -> AsyncApp:
    result = AuthorizeResult(
        enterprise_id=identity.enterprise,
        team_id=identity.team,
        bot_id=identity.bot_id,
        bot_user_id=identity.bot_user,
        bot_token=settings.slack_bot_token.get_secret_value(),
    )

    async def authorize() -> AuthorizeResult:
        return result

    quiet = logging.getLogger("bot.slack_bolt")
    # Bolt logs bodies of requests that nothing handled; the front door says all there is to say.
    quiet.setLevel(logging.CRITICAL)
    return AsyncApp(
        name="trunk-bot",  # without one it reads the source of every caller, to find a name
        client=slack.client,
        authorize=authorize,
        logger=quiet,
        # Answer when the listener returns. In the default mode the answer is polled for every 10 ms, and an
        # exception just after ack() loses it (facts: measured with 1.30).
        process_before_response=True,
        request_verification_enabled=False,  # the front door did it, on the raw bytes
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )
