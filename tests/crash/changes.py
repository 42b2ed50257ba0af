"""People who change trunks while the bot is killed: they fill in forms, and press until they are answered.

The trunks are there before the run, three for each person, and nobody else touches them: so every write that
arrives can be held against what that person confirmed.
"""

import asyncio
import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json
from bot.sandbox.slack.messages import written
from bot.sandbox.slack.views import View
from bot.words.form import FORM
from tests.crash.judging import Arrival, Change
from tests.crash.orders import Order, Place, draw
from tests.crash.plan import KEPT, kept
from tests.crash.reading import REFERENCE
from tests.crash.rights import refused

_CHANNEL: Final = "C0VOICE01"
_FILLED: Final = 4.0  # seconds until a form that shows nothing is closed and opened again
_AGAIN: Final = 0.4
_PAUSE: Final = (0.5, 1.5)
_LATE: Final = frozenset({"created_late", "list_lags"})  # done after the sandbox wrote down what came
_NUMBERS: Final = 8  # phone numbers of a person
_PATIENCE: Final = 5  # how often a form that says what is wrong with it is submitted


@dataclass(slots=True)
class Changer:
    """One person who changes trunks of their own until told to stop."""

    sandbox: Sandbox
    user: str
    rng: random.Random
    changes: list[Change] = field(default_factory=list)
    _own: list[Json] = field(default_factory=list)
    _numbers: list[str] = field(default_factory=list)

    @property
    def trunks(self) -> list[str]:
        """The ids of the trunks that were there before."""
        return [str(trunk["trunk_id"]) for trunk in self._own]

    def move_in(self) -> None:
        """Put the person's trunks and numbers into the account."""
        account, name = self.sandbox.vobiz.account, f"{KEPT}{self.user[1:]}"
        self._own = [
            self.sandbox.add_trunk(f"{name} {number}", way)
            for number, way in enumerate(("outbound", "inbound", "outbound"))
        ]
        area = zlib.crc32(name.encode()) % 10**6
        self._numbers = [f"+1{area:06}{number:04}" for number in range(_NUMBERS)]
        for number in self._numbers:
            account.add_number(number)

    async def change(self, stop: asyncio.Event) -> None:
        """Change again and again."""
        while not stop.is_set():
            await asyncio.sleep(self.rng.uniform(*_PAUSE))
            left = [trunk for trunk in self._own if trunk in self.sandbox.trunks]
            if not left:
                return
            trunk = self.rng.choice(left)
            place = Place(self.sandbox.vobiz.account, trunk, self._numbers)
            before, order = place.sight, draw(place, self.rng)
            view = await self._open(order, stop)
            if view is None:
                continue
            if (
                place.sight != before
            ):  # an order of before was carried out meanwhile: the form asks for another
                await self.sandbox.close(self.user, view.id, everything=True)
                continue
            await self._confirm(Change(order.makes or place.id, order), view)

    async def _open(self, order: Order, stop: asyncio.Event) -> View | None:
        while not stop.is_set():
            answer = await self.sandbox.command(self.user, _CHANNEL, order.typed)
            if refused(answer.seen):
                await asyncio.sleep(_AGAIN)
                continue
            view = await self._ready(() if order.over else order.values)
            if view is not None and order.over:
                title = view.title  # the view itself is brought up to date in place
                await self.sandbox.action(self.user, order.over)
                view = await self._ready(order.values, title)
            if view is not None:
                return view
            if (front := self.sandbox.view_of(self.user)) is not None:
                await self.sandbox.close(self.user, front.id, everything=True)
            await asyncio.sleep(_AGAIN)
        return None

    async def _ready(self, fields: Iterable[str], before: str | None = None) -> View | None:
        """Wait for a form that can be submitted and has these fields; with another title than `before`."""

        def look() -> View | None:
            view = self.sandbox.view_of(self.user)
            usable = view is not None and view.callback_id == FORM and view.json().get("submit") is not None
            if not usable or view is None or view.title == before:
                return None
            return view if {*fields} <= {block.get("block_id") for block in view.blocks} else None

        try:
            return await self.sandbox.wait_for(look, _FILLED)
        except TimeoutError:
            return None

    async def _confirm(self, change: Change, view: View) -> None:
        values = self.sandbox.filled(view, change.order.values)
        # From the first click on it may be sent, whether or not that is ever answered.
        self.changes.append(change)
        wrong = pressed = 0
        while view.callback_id == FORM:
            result = await self.sandbox.submit(self.user, view.id, values)
            pressed += 1
            wrong += bool(result.errors)
            if "Nothing is changed" in str(result.errors) or wrong == _PATIENCE:
                if wrong == pressed:
                    self.changes.remove(change)
                break
            if view.callback_id == FORM:
                await asyncio.sleep(self.rng.uniform(_AGAIN / 2, _AGAIN))
        else:
            said = "\n".join(written(view.blocks))
            ref = REFERENCE.search(said)
            if refused(said):  # nothing that they pressed may be carried out
                self.changes.remove(change)
            change.ref, change.merged = ref and ref.group(1), "Your request was not sent" in said
        await self.sandbox.close(self.user, view.id, everything=True)


def arrivals(sandbox: Sandbox, people: Sequence[Changer]) -> Iterator[Arrival]:
    """Yield the writes that arrived, but for the creates of others, in their order."""
    before = {trunk for person in people for trunk in person.trunks}
    created = {post.trunk_id: post.body for post in sandbox.vobiz_posts if post.path == "trunks"}
    created |= {str(trunk["trunk_id"]): trunk for trunk in sandbox.trunks}
    names = {
        identity: f"{{{str(trunk['name']).casefold()}}}"
        for identity, trunk in created.items()
        if identity and identity not in before
    }
    for post in sandbox.vobiz_posts:
        if post.path == "trunks" and not kept(str(post.body.get("name"))):
            continue
        path = "/".join(names.get(part, part) for part in post.path.split("/"))
        made = post.trunk_id is not None or post.fault in _LATE
        yield Arrival(post.method, path, texts(post.body), made)


def texts(row: Json) -> frozenset[str]:
    """Return the texts of a body or a row, in small letters."""
    return frozenset(value.casefold() for value in row.values() if isinstance(value, str))
