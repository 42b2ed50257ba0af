"""App Home, kept fresh for the people who have opened it: published on opening and after changes."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.policy import Allowed, Decision, Person, Unverified
from bot.runtime.clock import Clock, milliseconds
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed
from bot.store.overview import Overviews
from bot.words.home import home_view

_DEBOUNCE: Final = 1.0  # seconds that changes are gathered; views.publish is Tier 4, 100 a minute
_LOOK: Final = 3.0  # seconds between looks for what other instances changed
_KEPT: Final = 100  # people whose home is kept fresh; others get it when they open it again

_log = structlog.get_logger("bot.homes")


class Homes:
    """Publishes homes in the background."""

    def __init__(
        self,
        slack: SlackWeb,
        overviews: Overviews,
        may: Callable[[Person], Decision | Unverified],
        clock: Clock,
        *,
        command: str,
    ) -> None:
        self._command = command
        self._slack = slack
        self._overviews = overviews
        self._may = may
        self._clock = clock
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._stale: set[str] = set()
        self._published: dict[str, int] = {}
        self._wanted = asyncio.Event()

    def opened(self, person: Person) -> None:
        """Publish a person's home soon, and keep it fresh from now on.

        A team that is not known (an event names none) does not replace one that is.
        """
        known = self._people.get(person.user)
        self._people[person.user] = known if known and person.team is None else person
        self._published.pop(person.user, None)
        self._people.move_to_end(person.user)
        while len(self._people) > _KEPT:
            self._published.pop(self._people.popitem(last=False)[0], None)
        self._stale.add(person.user)
        self._wanted.set()

    def changed(self) -> None:
        """Publish all homes soon: an operation moved."""
        self._stale.update(self._people)
        if self._stale:
            self._wanted.set()

    async def keep_fresh(self) -> None:
        """Publish what is stale, for ever; run it as a task and cancel it."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            stale, self._stale = self._stale, set()
            for user in stale:
                # Whoever was pushed out of the kept ones meanwhile gets it when they open it again.
                if (person := self._people.get(user)) is not None:
                    await self._try_to_publish(person)
            await self._clock.sleep(_DEBOUNCE)

    async def _try_to_publish(self, person: Person) -> None:
        try:
            await self._publish(person)
        except Exception as error:  # noqa: BLE001 - the other homes must be kept fresh all the same
            _log.error("a home could not be published", error=type(error).__name__)

    async def look_around(self) -> None:
        """Notice what other instances change, for ever; run it as a task and cancel it."""
        seen: int | None = None
        while True:
            await self._clock.sleep(_LOOK)
            if not self._people:
                continue
            try:
                newest = await self._overviews.newest()
            except SQLAlchemyError as error:
                _log.warning("a home could not be read", error=type(error).__name__)
                continue
            # Own changes are among them: homes that come out as they were are not published again.
            if newest != seen:
                seen = newest
                self.changed()

    async def _publish(self, person: Person) -> None:
        decision = self._may(person)
        try:
            seen = await self._overviews.of(
                person.user, milliseconds(self._clock), all_of_them=isinstance(decision, Allowed)
            )
        except SQLAlchemyError as error:
            _log.warning("a home could not be read", error=type(error).__name__)
            return
        view = home_view(
            person.user,
            seen.waiting,
            seen.mine,
            seen.unknown,
            seen.last,
            ended=seen.ended,
            decision=decision,
            command=self._command,
        )
        what = hash(json.dumps(view))
        if self._published.get(person.user) == what:
            return
        published = await self._slack.publish_home(person.user, view)
        if isinstance(published, Failed):
            _log.warning("a home could not be published", error=published.error)
        else:
            self._published[person.user] = what
