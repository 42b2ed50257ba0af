"""People who change trunks while the bot is killed, and what is counted of it.

The trunks are there before the run, two for each person, and nobody else touches them: so every write that
arrives can be held against what that person confirmed.
"""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.blockkit.validation import parts
from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json, text
from bot.sandbox.slack.messages import Message, written
from bot.sandbox.slack.views import View
from bot.words.form import FORM
from tests.crash.plan import CERTAIN

REFERENCE: Final = re.compile(r"Reference:\s+([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})")
ENDINGS: Final = (
    "” changed",
    "” enabled",
    "” disabled",
    "” deleted",
    "” is still there",
    "Vobiz refused to",
    "Not sent",
    "never confirmed",
)
KEPT: Final = "Kept U"  # what the names of these trunks begin with
_SENT_AGAIN: Final = 0.4  # share of the questions after which it is sent again
_CHANNEL: Final = "C0VOICE01"
_FILLED: Final = 4.0  # seconds until a form that shows nothing is closed and opened again
_AGAIN: Final = 0.4
_PAUSE: Final = (0.5, 1.5)


@dataclass(slots=True)
class Change:
    """One confirmed change: of which trunk, by which verb, and the reference that the answer named."""

    trunk: str
    verb: str
    ref: str | None = None
    merged: bool = False


@dataclass(slots=True)
class Changer:
    """One person who changes two trunks of their own until told to stop."""

    sandbox: Sandbox
    user: str
    rng: random.Random
    changes: list[Change] = field(default_factory=list)
    _own: list[Json] = field(default_factory=list)

    def move_in(self) -> None:
        """Put the person's trunks into the account."""
        self._own = [self.sandbox.add_trunk(f"{KEPT}{self.user[1:]} {number}") for number in (1, 2)]

    async def change(self, stop: asyncio.Event) -> None:
        """Change again and again."""
        while not stop.is_set():
            await asyncio.sleep(self.rng.uniform(*_PAUSE))
            left = [trunk for trunk in self._own if trunk in self.sandbox.trunks]
            if not left:
                return
            trunk = self.rng.choice(left)
            view, verb = await self._open(trunk, stop)
            if view is not None:
                await self._confirm(Change(str(trunk["trunk_id"]), verb), view, trunk)

    async def _open(self, trunk: Json, stop: asyncio.Event) -> tuple[View | None, str]:
        verb = self.rng.choices(("edit", "disable", "enable", "delete"), (6, 2, 2, 1))[0]
        if verb in {"disable", "enable"}:
            verb = "disable" if trunk["trunk_status"] == "active" else "enable"
        limit = f" {self.rng.randint(1, 90)}" if verb == "edit" else ""
        while not stop.is_set():
            await self.sandbox.command(self.user, _CHANNEL, f"{verb} {trunk['trunk_id']}{limit}")
            try:
                view = await self.sandbox.wait_for(self._ready, _FILLED)
            except TimeoutError:
                view = None
            if view is not None:
                return view, verb
            if (front := self.sandbox.view_of(self.user)) is not None:
                await self.sandbox.close(self.user, front.id, everything=True)
            await asyncio.sleep(_AGAIN)
        return None, verb

    def _ready(self) -> View | None:
        view = self.sandbox.view_of(self.user)
        usable = view is not None and view.callback_id == FORM and view.json().get("submit") is not None
        return view if usable else None

    async def _confirm(self, change: Change, view: View, trunk: Json) -> None:
        typed = {"typed_name": trunk["name"]} if change.verb == "delete" else {}
        values = self.sandbox.filled(view, typed)
        while view.callback_id == FORM:
            result = await self.sandbox.submit(self.user, view.id, values)
            if result.errors and "Nothing is changed" in str(result.errors):
                await self.sandbox.close(self.user, view.id, everything=True)
                return
            if view.callback_id == FORM:
                await asyncio.sleep(self.rng.uniform(_AGAIN / 2, _AGAIN))
        said = "\n".join(written(view.blocks))
        ref = REFERENCE.search(said)
        change.ref, change.merged = ref and ref.group(1), "Your request was not sent" in said
        self.changes.append(change)
        await self.sandbox.close(self.user, view.id, everything=True)


@dataclass(slots=True)
class Settler:
    """Who answers what the bot asks about changes: looks once more, then gives up or has it sent again."""

    sandbox: Sandbox
    users: list[str]
    rng: random.Random
    resent: Counter[str] = field(default_factory=Counter)
    _looked: dict[str, float] = field(default_factory=dict)

    async def watch(self) -> None:
        """Answer questions until cancelled."""
        while True:
            await asyncio.sleep(_AGAIN)
            for message in list(self.sandbox.space.messages.all):
                ref = REFERENCE.search(message.words)
                if message.bot and ref is not None and KEPT in message.words and not _ended(message.words):
                    await self._answer(ref.group(1), message)

    async def _answer(self, ref: str, message: Message) -> None:
        offered = {text(part.get("action_id")): text(part.get("value")) for _, part in parts(message.blocks)}
        if "trunk.give_up" not in offered or time.monotonic() - self._looked.get(ref, 0.0) < CERTAIN:
            return
        if ref not in self._looked:
            choice = "trunk.check_again"
        else:
            again = "trunk.send_again" in offered and self.rng.random() < _SENT_AGAIN
            choice = "trunk.send_again" if again else "trunk.give_up"
        self._looked[ref] = time.monotonic()
        # Whatever the bot made of the press: it may send once for it, and no more.
        self.resent[ref] += choice == "trunk.send_again"
        user = message.to or self.rng.choice(self.users)
        with contextlib.suppress(LookupError):  # the message changed between the look and the press
            await self.sandbox.action(
                user, choice, channel=message.channel, ts=message.ts, value=offered[choice]
            )


@dataclass(slots=True)
class Changed:
    """What went wrong with changes, a line for each case; `made` are those that were accepted."""

    made: int = 0
    sent_twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)


def count_changes(sandbox: Sandbox, people: list[Changer], resent: Counter[str]) -> Changed:
    """Hold what arrived, and what was told, against what was confirmed.

    `resent` counts by reference how often a person said to send again.
    """
    own = [change for person in people for change in person.changes if change.ref and not change.merged]
    refs = {change.ref for change in own}
    found = Changed(made=len(refs))
    wanted = Counter(change.trunk for change in {change.ref: change for change in own}.values())
    for change in {change.ref: change for change in own}.values():
        wanted[change.trunk] += resent[str(change.ref)]
    for trunk, times in Counter(post.about for post in sandbox.vobiz_posts if post.about).items():
        if times > wanted[trunk]:
            found.sent_twice.append(f"{trunk}: {times} writes, {wanted[trunk]} wanted")
    told = {ref: _told(sandbox.space.messages.all, str(ref)) for ref in refs}
    for change in own:
        said = told[change.ref]
        if not said:
            found.lost.append(f"{change.ref} {change.verb}")
        gone = all(trunk["trunk_id"] != change.trunk for trunk in sandbox.trunks)
        if change.verb == "delete" and any("” deleted" in one for one in said) and not gone:
            found.untrue.append(f"{change.ref}: deleted, and it is there")
    return found


def _told(messages: list[Message], ref: str) -> list[str]:
    return [one.words for one in messages if one.bot and ref in one.words and _ended(one.words)]


def _ended(words: str) -> bool:
    return any(ending in words for ending in ENDINGS)
