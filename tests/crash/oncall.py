"""The person on call: answers the bot's questions by what the account really shows, and never guesses."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.blockkit.validation import parts
from bot.sandbox.server import Sandbox
from bot.sandbox.shape import text
from bot.sandbox.slack.messages import Message
from tests.crash.plan import CERTAIN, kept
from tests.crash.reading import Memory, Saying
from tests.crash.wishes import Book, named

_LOOK: Final = 0.25  # seconds between two looks at the channels
_PATIENCE: Final = 3.0  # seconds to wait for what a press does before pressing again
_TWO: Final = 0.4  # share of the decisions that two people make at once
_GIVE_UP: Final = 0.4  # share of the certain cases that are given up
_QUESTION: Final = ("trunk.check_again", "trunk.send_again", "trunk.give_up", "trunk.pick")


@dataclass(frozen=True, slots=True)
class Question:
    """A message with buttons; `presses` are (action, value) pairs."""

    message: Message
    said: Saying
    presses: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class OnCall:
    """Presses buttons as any of `users`, looking at the newest `window` messages (None: at all)."""

    sandbox: Sandbox
    book: Book
    users: list[str]
    rng: random.Random
    window: int | None = None
    _pressed: dict[str, float] = field(default_factory=dict)
    _memory: Memory = field(default_factory=Memory)

    async def watch(self) -> None:
        """Answer questions until cancelled."""
        while True:
            await asyncio.sleep(_LOOK)
            open_ = self.questions()
            await asyncio.gather(*(self._answer(ref, question) for ref, question in open_.items()))

    def questions(self) -> dict[str, Question]:
        """Return the newest question of each operation that nobody was told the end of."""
        found: dict[str, Question] = {}
        ended: set[str] = set()
        for message in self._newest():
            if not message.bot:
                continue
            words, said = self._memory.of(message)
            if said.ref is None or kept(words):
                continue
            if said.ending is not None:
                ended.add(said.ref)
                continue
            held = [(text(e.get("action_id")), text(e.get("value"))) for _, e in parts(message.blocks)]
            presses = tuple(press for press in held if press[0] in _QUESTION)
            if presses:
                found[said.ref] = Question(message, said, presses)
        return {ref: question for ref, question in found.items() if ref not in ended}

    def _newest(self) -> list[Message]:
        return self.sandbox.space.messages.all[-(self.window or 0) :]

    async def _answer(self, ref: str, question: Question) -> None:
        name = question.said.name
        if name is None or time.monotonic() - self._pressed.get(ref, 0) < _PATIENCE:
            return
        self.book.asked.add(ref)
        decisions = self._decide(name, question)
        if not decisions:
            return
        self._pressed[ref] = time.monotonic()
        posts = sum(post.body.get("name") == name for post in self.sandbox.vobiz_posts)
        if any(action == "trunk.send_again" for action, _ in decisions):
            self.book.resends.add((ref, posts))
        people = self.rng.sample(self.users, len(decisions))
        results = await asyncio.gather(
            *(
                self._press(user, question.message, *press)
                for user, press in zip(people, decisions, strict=True)
            )
        )
        if not any(results):
            self._pressed.pop(ref, None)

    def _decide(self, name: str, question: Question) -> list[tuple[str, str]]:
        presses = question.presses
        offered = {action: (action, value) for action, value in presses}
        there = self._unclaimed(name)
        picks = [press for press in presses if press[0] == "trunk.pick" and press[1].split(" ")[-1] in there]
        if picks:
            return self._by_two(picks[0], picks[0])
        check = offered.get("trunk.check_again")
        if there and check:
            return self._by_two(check, check)
        last = max((p.at for p in self.sandbox.vobiz_posts if p.body.get("name") == name), default=0.0)
        if time.time() - last < CERTAIN:
            return []
        again, stop = offered.get("trunk.send_again"), offered.get("trunk.give_up")
        if again is None:
            choice = stop if self.rng.random() < _GIVE_UP else check
            return [choice] if choice else []
        if stop is None:
            return [again]
        one, other = (stop, again) if self.rng.random() < _GIVE_UP else (again, stop)
        return self._by_two(one, other if self.rng.random() < 0.3 else one)

    def _by_two(self, one: tuple[str, str], other: tuple[str, str]) -> list[tuple[str, str]]:
        return [one, other] if self.rng.random() < _TWO else [one]

    def _unclaimed(self, name: str) -> set[str]:
        heard = map(self._memory.of, self._newest())
        claimed = {said.trunk for words, said in heard if name in words}
        there = {str(trunk["trunk_id"]) for trunk in self.sandbox.trunks if named(trunk) == name}
        return there - {trunk for trunk in claimed if trunk}

    async def _press(self, user: str, message: Message, action: str, value: str) -> bool:
        if user not in self.sandbox.space.channels[message.channel].people or not message.visible(user):
            user = message.to or next(iter(self.sandbox.space.channels[message.channel].people))
        try:
            result = await self.sandbox.action(
                user, action, channel=message.channel, ts=message.ts, value=value
            )
        except LookupError:  # the message changed between the look and the press
            return True
        return result.status == 200
