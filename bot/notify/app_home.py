"""App Home, kept fresh for the people who have opened it: published on opening and after changes."""

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.policy import Allowed, Decision, Person, Unverified
from bot.kinds.registry import Kinds
from bot.runtime.clock import Clock, milliseconds
from bot.slack.client import SlackWeb
from bot.slack.codes import TOO_FAST, UNFIT
from bot.store.overview import Overviews
from bot.words.home import Manner, home_view

_DEBOUNCE: Final = 1.0  # seconds that changes are gathered
_A_MINUTE: Final = 50  # homes that are published again; views.publish is Tier 4, about 100 a minute
_OPENED_TOO: Final = 80  # with those that were just opened
_LOOK: Final = 3.0  # seconds between looks for what other instances changed
_KEPT: Final = 100  # people whose home is kept fresh; others get it when they open it again

_UNTAKEN: Final = UNFIT | {"invalid_arguments"}  # how Slack refuses the blocks of a view

_log = structlog.get_logger("bot.homes")


class AppHome:
    """Publishes homes in the background, those that were opened last first."""

    def __init__(
        self,
        slack: SlackWeb,
        overviews: Overviews,
        may: Callable[[Person], Decision | Unverified],
        clock: Clock,
        *,
        kinds: Kinds,
        manner: Manner,
    ) -> None:
        self._manner = manner
        self._kinds = kinds
        self._slack = slack
        self._overviews = overviews
        self._may = may
        self._clock = clock
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._stale: set[str] = set()
        self._published: dict[str, int] = {}  # a digest of what each has; none when it was just opened
        self._lately: deque[float] = deque(maxlen=_OPENED_TOO)  # when homes were published
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
            # Anybody who was pushed out of the kept ones meanwhile gets it when they open it again.
            self._stale.intersection_update(self._people)
            for user in reversed(tuple(self._people)):
                if user in self._stale and self._has_room(user):
                    self._stale.discard(user)
                    if not await self._try_to_publish(self._people[user]):
                        break
            if self._stale:
                self._wanted.set()
            await self._clock.sleep(_DEBOUNCE)

    def _has_room(self, user: str) -> bool:
        now = self._clock.now()
        lately = sum(0 <= now - at < 60 for at in self._lately)
        return lately < (_A_MINUTE if user in self._published else _OPENED_TOO)

    async def _try_to_publish(self, person: Person) -> bool:
        """Publish a home; False when Slack wants no more of them now."""
        try:
            return await self._publish(person)
        except SQLAlchemyError as error:
            _log.warning("a home could not be read", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the other homes must be kept fresh all the same
            _log.error("a home could not be published", error=type(error).__name__)
        return True

    async def look_around(self) -> None:
        """Notice what other instances change, for ever; run it as a task and cancel it."""
        seen: int | None = None
        while True:
            await self._clock.sleep(_LOOK)
            if not self._people:
                continue
            try:
                newest = await self._overviews.newest()
            except Exception as error:  # noqa: BLE001 - whatever fails, the next look has to come
                _log.warning("a home could not be read", error=type(error).__name__)
                continue
            # Own changes are among them: homes that come out as they were are not published again.
            if newest != seen:
                seen = newest
                self.changed()

    async def _publish(self, person: Person) -> bool:
        decision = self._may(person)
        seen = await self._overviews.of(
            person.user, milliseconds(self._clock), all_of_them=isinstance(decision, Allowed)
        )
        view = home_view(person.user, seen, decision=decision, kinds=self._kinds, manner=self._manner)
        what = hash(json.dumps(view))
        if self._published.get(person.user) == what:
            return True
        self._lately.append(self._clock.now())
        failed = await self._slack.publish_home(person.user, view)
        if failed is None:
            self._published[person.user] = what
            return True
        if failed.error in _UNTAKEN and self._manner.tables:
            # This Slack takes no tables there: from now on there are lists.
            self._manner = replace(self._manner, tables=False)
            return await self._publish(person)
        _log.warning("a home could not be published", error=failed.error)
        if failed.error not in TOO_FAST:
            return True
        self._stale.add(person.user)
        return False
