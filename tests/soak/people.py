"""The people of a soak: each does one thing at a time; the pace is steady, whatever comes back."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import BOT_NAME, TEAM, Channel, Person
from tests.crash.customers import Customer, settle_in
from tests.crash.directory import STRANGERS
from tests.crash.rights import refused
from tests.crash.wishes import Book
from tests.soak.plan import AGAIN, HISTORY, MEMBERS, MIX, OPERATORS, REQUESTERS, WRONG, Plan

VOICE = "C0VOICE01"


@dataclass(slots=True)
class Heard:
    """How the bot answered: milliseconds of all answers and of the modals at Slack, and Slack's complaints.

    `away` are those of all answers while the database was away, not among the others. `statuses` are
    the answers to `/trunk status`; `skipped` is what nobody had time to begin, `refused` counts the answers
    that somebody has no right.
    """

    answers: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    away: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    begun: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MIX, 0))
    skipped: int = 0
    refused: int = 0


@dataclass(slots=True)
class Crowd:
    """Everybody who types; `stop` ends what has no answer yet, `away` tells that there is no database."""

    sandbox: Sandbox
    book: Book
    plan: Plan
    rng: random.Random
    away: Callable[[], bool]
    heard: Heard = field(default_factory=Heard)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    operators: list[str] = field(default_factory=list)
    requesters: list[str] = field(default_factory=list)
    members: frozenset[str] = frozenset()
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def move_in(self) -> None:
        """Fill the workspace."""
        self.operators = settle_in(self.sandbox, OPERATORS, organised=True)[
            2:
        ]  # the first two decide about requests
        self.members = frozenset({"U0OMAR001", *self.operators[-MEMBERS:]})
        space = self.sandbox.space
        for number in range(REQUESTERS):
            person = Person(f"U0ASKS{number:03d}", f"Asks{number}", "Sales", TEAM, "May ask")
            space.people[person.id] = person
            alone = frozenset({person.id})
            space.channels[person.dm] = Channel(person.dm, BOT_NAME, "dm", alone, "", bot=True)
            self.requesters.append(person.id)
        everyone = frozenset(space.people)
        for name in (VOICE, "C0GENERAL"):
            space.channels[name] = replace(space.channels[name], people=everyone)

    async def live(self) -> None:
        """Begin things at the plan's rate until its time is over, then wait for those who are at it."""
        free = {"request": list(self.requesters), "stranger": list(STRANGERS)}
        operators = list(self.operators)
        kinds, weights = list(MIX), list(MIX.values())
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(int(self.plan.minutes * 60 * self.plan.rate)):
            await asyncio.sleep(max(0.0, began + number / self.plan.rate - loop.time()))
            kind = self.rng.choices(kinds, weights)[0]
            pool = free.get(kind, operators)
            if not pool:
                self.heard.skipped += 1
                continue
            user = pool.pop(self.rng.randrange(len(pool)))
            self.heard.begun[kind] += 1
            task = asyncio.create_task(self._act(kind, user, pool))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def end(self, within: float) -> None:
        """Let people hear the answer to their last click."""
        self.stop.set()
        if self._tasks:
            done, late = await asyncio.wait(self._tasks, timeout=within)
            for task in late:
                task.cancel()
            for task in done:
                task.result()

    async def _act(self, kind: str, user: str, pool: list[str]) -> None:
        try:
            if kind in {"create", "request"}:
                await self._order(user)
            elif kind == "stranger":
                await self._intrude(user)
            else:
                await self._type(user, self._words(kind))
        finally:
            pool.append(user)

    async def _order(self, user: str) -> None:
        wish = self.book.next(user)
        patient = user in self.members
        customer = Customer(
            self.sandbox, self.book, user, self.rng, hear=self._note, again=AGAIN, patient=patient
        )
        view = await customer.open(wish, self.stop)
        if view is not None:
            await customer.confirm(wish, view)
        else:
            self.book.wishes.remove(wish)
        self.heard.refused += wish.refused

    async def _intrude(self, user: str) -> None:
        result = await self.sandbox.command(user, VOICE, 'create "Crash 9999" outbound 5')
        told = refused(result.seen)
        self._note(result.ms, result.opened_ms, None if told else f"{user}, who has no right: {result.seen}")
        self.heard.refused += told

    async def _type(self, user: str, text: str) -> None:
        result = await self.sandbox.command(user, VOICE, text)
        self._note(result.ms, result.opened_ms, result.seen if result.failed else None)
        if text.startswith("status") and result.seen:
            self.heard.statuses.append(result.seen)

    def _note(self, ms: float, opened: float | None, complaint: str | None) -> None:
        (self.heard.away if self.away() else self.heard.answers).append(ms)
        if opened is not None and not self.away():
            self.heard.opened.append(opened)
        if complaint is not None:
            self.heard.complaints.append(complaint)

    def _words(self, kind: str) -> str:
        match kind:
            case "wrong":
                return self.rng.choice(WRONG)
            case "history":
                return self.rng.choice(HISTORY)
            case "status":
                known = [wish.ref for wish in self.book.wishes[-200:] if wish.ref]
                return f"status {self.rng.choice(known)}" if known else "help"
            case _:
                return "help"
