"""The composition: which parts there are, what each is given, and in which order they are put away."""

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config.settings import Settings
from bot.doctor.examination import Doctor
from bot.domain.observer import SlackHeard
from bot.domain.policy import Decision, Groups, Home, Person, Unverified, at_home
from bot.domain.records import Post
from bot.kinds.registry import Kinds
from bot.notify.app_home import AppHome
from bot.notify.approver_routes import Approvals
from bot.notify.messages import Messages
from bot.notify.notices import Notices
from bot.notify.sender import Teller
from bot.opening import Opened
from bot.proof.examination import Examiner
from bot.runtime.clock import Clock
from bot.runtime.metrics import Metrics
from bot.runtime.shutdown import Deadline
from bot.runtime.supervision import Supervisor
from bot.runtime.tasks import Background
from bot.server.health import Health
from bot.slack.client import SlackWeb
from bot.slack.sealing import Sealer
from bot.slack.transport import open_session
from bot.store.counts import Census
from bot.store.keys import Keys
from bot.store.ledger import Ledger
from bot.store.overview import Overviews
from bot.vobiz.client import VobizClient, open_client
from bot.words.home import Manner
from bot.workflow.decisions import Decisions
from bot.workflow.engine import Engine
from bot.workflow.expiry import Expiry
from bot.workflow.first_calls import FirstCalls
from bot.workflow.intake import Intake
from bot.workflow.preview import Preview
from bot.workflow.prove import Prover
from bot.workflow.readings import Readings
from bot.workflow.recovery import Recovery
from bot.workflow.send import Sender
from bot.workflow.slots import Slot
from bot.workflow.verify import Verifier
from bot.workflow.workflow import Workflow
from handlers.services import Rules, Services

# What parts get of the deadline when they do not end by themselves, in seconds.
_SMALL: Final = 2.0  # what may be cut
_STORING: Final = 6.0  # what is being stored, 5 s, and cutting it
_CUT: Final = 3.0  # for cutting operations, closing the engine, and the rest
_REST: Final = 1.0  # for the rest: the connections to the database, the slot


@dataclass(frozen=True, slots=True)
class Remote:
    """The two services."""

    slack: SlackWeb
    vobiz: VobizClient


@dataclass(frozen=True, slots=True)
class Outside:
    """The database, this process's place in it, and the two services."""

    slot: Slot
    database: AsyncEngine
    ledger: Ledger
    slack: SlackWeb
    vobiz: VobizClient


@dataclass(frozen=True, slots=True)
class Assembly:
    """What all parts are made from."""

    settings: Settings
    kinds: Kinds
    clock: Clock
    metrics: Metrics
    health: Health
    doctor: Doctor
    deadline: Deadline
    supervisor: Supervisor

    async def open_remote(self, stack: contextlib.AsyncExitStack, heard: SlackHeard) -> Remote:
        """Open the connections to the two services."""
        settings = self.settings
        session = await stack.enter_async_context(open_session())
        token = settings.slack_bot_token.get_secret_value()
        slack = SlackWeb(session, token, settings.slack_api_url, self.clock, heard=heard)
        account, secret, timeout = settings.vobiz_auth_id, settings.vobiz_auth_token, settings.vobiz_timeout
        http = open_client(base_url=settings.vobiz_api_url, auth_id=account, token=secret, timeout=timeout)
        await stack.enter_async_context(http)
        vobiz = VobizClient(http, auth_id=account, token=secret, timeout=timeout, heard=self.metrics.vobiz)
        return Remote(slack, vobiz)

    async def open_ledger(self, stack: contextlib.AsyncExitStack, opened: Opened, remote: Remote) -> Outside:
        """Open the ledger in the database; from now on it is asked whether it is well, and counted.

        Raises RecordKeyError when the record is sealed with a key that is not ours.
        """
        keys = Keys(self.settings.audit_keys)
        ledger = Ledger(opened.database, self.clock, secrets.token_hex(8), self.metrics.moved, keys)
        await ledger.take_up()
        stack.push_async_callback(self.deadline.put_away, "ledger", ledger.stop)
        self.health.watch("database", ledger.alive)
        self.health.count(Census(opened.database, self.clock))
        return Outside(opened.slot, opened.database, ledger, remote.slack, remote.vobiz)

    async def compose(
        self,
        stack: contextlib.AsyncExitStack,
        outside: Outside,
        home: Home,
        members: Callable[[], Groups],
        *,
        fail: Callable[[], None],
        link: Callable[[Post], str | None],
    ) -> Services:
        """Put together what listeners work with, and begin the work that goes on behind them.

        `members` are those of each user group, as last read; `fail` ends this process; `link` makes the
        link to a message.
        """
        settings, clock, ledger, slack = self.settings, self.clock, outside.ledger, outside.slack
        rules = Rules(
            command=settings.trunk_command,
            account=settings.vobiz_auth_id,
            approval_ttl=settings.trunk_approval_ttl,
            approvals_channel=settings.trunk_approvals_channel,
            policy=settings.policy,
            home=home,
            kinds=self.kinds,
            members=members,
        )

        def may(person: Person) -> Decision | Unverified:
            return at_home(settings.policy, home, person, members())

        put_away = self.deadline.put_away
        sealer = Sealer(settings.slack_bot_token.get_secret_value(), clock.now)
        homes = AppHome(
            slack,
            Overviews(outside.database),
            may,
            clock,
            kinds=self.kinds,
            manner=Manner(rules.command, link),
        )
        ledger.watch(homes.changed)
        approvals = Approvals(settings.trunk_approvals_channel, settings.trunk_operators, members)
        messages = Messages(self.kinds, settings.trunk_operators, settings.vobiz_settle)
        notices = Notices(slack, sealer, messages, approvals, self.metrics.delivered)
        teller = Teller(ledger, notices, clock)
        ledger.outbox.watch(teller.wake)
        stack.push_async_callback(put_away, "messages", teller.stop, keep=_REST)
        examiner = Examiner(outside.vobiz, clock, probe=settings.trunk_probe, sandbox=settings.sandbox_dns)
        stack.push_async_callback(put_away, "tests of trunks", examiner.stop, most=_SMALL)
        intake = await self._operate(stack, outside, sealer, examiner, fail)
        decisions = Decisions(ledger, intake, self.kinds, clock)
        preview = Preview(outside.vobiz, ledger, clock)
        readings = Readings(outside.vobiz, clock)
        ledger.watch(readings.forget)
        stack.push_async_callback(put_away, "readings", readings.stop, most=_SMALL)
        background, presses = Background(), Background()
        self.supervisor.start("messages", teller.keep_telling)
        self.supervisor.start("homes", homes.keep_fresh)
        self.supervisor.start("homes of other instances", homes.look_around)
        self.supervisor.start("expiry", Expiry(ledger, decisions, clock).watch)
        self.supervisor.start("preview", preview.keep_looking)
        if settings.trunk_watch_calls:
            self.supervisor.start("first calls", FirstCalls(ledger, outside.vobiz, clock).watch)
        stack.push_async_callback(put_away, "loops", self.supervisor.stop, most=_SMALL)
        stack.push_async_callback(put_away, "background", background.stop, most=_SMALL)
        stack.push_async_callback(put_away, "presses", presses.finish, keep=_REST)
        return Services(
            rules=rules,
            slack=slack,
            sealer=sealer,
            preview=preview,
            readings=readings,
            examiner=examiner,
            home=homes,
            ledger=ledger,
            intake=intake,
            decisions=decisions,
            clock=clock,
            background=background,
            presses=presses,
            doctor=self.doctor,
            metrics=self.metrics,
        )

    async def _operate(
        self,
        stack: contextlib.AsyncExitStack,
        outside: Outside,
        sealer: Sealer,
        examiner: Examiner,
        fail: Callable[[], None],
    ) -> Intake:
        """Start what carries operations out, and goes on with what a process before left."""
        settings, clock, kinds, put_away = self.settings, self.clock, self.kinds, self.deadline.put_away
        ledger, slot, vobiz = outside.ledger, outside.slot, outside.vobiz
        settle, tag = settings.vobiz_settle, settings.vobiz_tag_trunks
        sender = Sender(ledger, vobiz, kinds, sealer, clock, settle=settle, tag=tag)
        verifier = Verifier(ledger, vobiz, kinds, clock, settle=settle, tag=tag)
        prover = Prover(ledger, vobiz, examiner, clock, kinds, command=settings.trunk_command)
        workflow = Workflow(ledger, kinds, sender, verifier, clock, prover=prover, settle=settle)
        engine = Engine(settings.database_url.get_secret_value(), slot.name, workflow.operate)
        await engine.prepare()
        # It keeps the loop for itself until it has written, so nobody of this process may be in the middle.
        async with ledger.alone():
            engine.launch()

        async def finish() -> None:
            await engine.destroy(self.deadline.left() - _CUT)

        stack.push_async_callback(put_away, "operations", finish, keep=_REST)
        intake = Intake(ledger, engine, clock)
        stack.push_async_callback(put_away, "accepting", intake.stop, most=_STORING)
        recovery = Recovery(ledger, kinds, engine, slot, clock, lost=fail)
        recovery.start()
        self.health.watch("engine", recovery.check)
        stack.push_async_callback(put_away, "recovery", recovery.stop, most=_SMALL)
        return intake
