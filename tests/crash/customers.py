"""People who order trunks: they type, confirm, click again when nothing happens, and go on."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.sandbox.server import Sandbox
from bot.sandbox.slack.messages import written
from bot.sandbox.slack.views import View
from bot.words.form import FORM
from tests.crash.directory import move_in
from tests.crash.plan import CHANGERS, CLICKS, IMPATIENT
from tests.crash.reading import read
from tests.crash.rights import refused
from tests.crash.wishes import Book, Wish

DECIDERS: Final = ("U0DECIDE1", "U0DECIDE2")  # operators who order nothing
_AGAIN: Final = 0.4  # seconds until a person tries again what did not work
_PAUSE: Final = (0.5, 2.5)  # seconds between two requests of a person


def settle_in(sandbox: Sandbox, count: int, *, organised: bool = False) -> list[str]:
    """Let more people on call move into the workspace; returns who orders trunks, `count` in all.

    With `organised` the last is of another workspace of the organisation.
    """
    users = ["U0ASHA001", "U0OMAR001", *(f"U0CALL{number:03d}" for number in range(count - 2))]
    move_in(sandbox.space, [*users[2:], *DECIDERS, *CHANGERS], elsewhere=users[-1:] if organised else ())
    return users


@dataclass(slots=True)
class Customer:
    """One person who orders until told to stop, and then sees the last order through.

    `hear` is told of each answer to a command: milliseconds, those until the modal, Slack's complaint. A
    `patient` one clicks once and waits: of several clicks one may come just before a right is lost.
    """

    sandbox: Sandbox
    book: Book
    user: str
    rng: random.Random
    hear: Callable[[float, float | None, str | None], None] | None = None
    again: float = _AGAIN
    patient: bool = False

    async def order(self, stop: asyncio.Event) -> None:
        """Order again and again."""
        while not stop.is_set():
            await asyncio.sleep(self.rng.uniform(*_PAUSE))
            wish = self.book.next(self.user)
            view = await self.open(wish, stop)
            if view is not None:
                await self.confirm(wish, view)

    async def open(self, wish: Wish, stop: asyncio.Event) -> View | None:
        """Type the command until the form is there; None when they have no right, or it is time to stop."""
        while not stop.is_set():
            before = self.sandbox.view_of(self.user)
            result = await self.sandbox.command(self.user, wish.channel, wish.command)
            if self.hear is not None:
                self.hear(result.ms, result.opened_ms, result.seen if result.failed else None)
            if refused(result.seen):
                wish.refused = True
                return None
            view = self.sandbox.view_of(self.user)
            if view is not None and view is not before and view.callback_id == FORM:
                return view
            await asyncio.sleep(self.rng.uniform(self.again / 2, self.again))
        return None

    async def confirm(self, wish: Wish, view: View) -> None:
        """Press the button until the form is answered."""
        await asyncio.sleep(self.rng.uniform(0, 0.4))
        wish.confirmed = True
        while view.callback_id == FORM:
            # A form that came late, after the command was typed again, is in front of the other one.
            view = self.sandbox.view_of(self.user) or view
            clicks = CLICKS if self.rng.random() < IMPATIENT and not self.patient else 1
            await asyncio.gather(
                *(self.sandbox.submit(self.user, view.id, view.values) for _ in range(clicks))
            )
            if view.callback_id == FORM:
                await asyncio.sleep(self.rng.uniform(self.again / 2, self.again))
        words = "\n".join(written(view.blocks))
        said = read(words)
        wish.refused = refused(words)
        wish.ref, wish.merged = said.ref, said.merged
        wish.puzzled = said.ref is None
