"""The app's Home tab, as each person sees it."""

import secrets
import time
from collections.abc import Callable, Mapping

from bot.sandbox.slack.views import View


class Homes:
    """What each person sees on the app's Home tab; it keeps its view id for good."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Start without any; the clock gives seconds since the epoch."""
        self._clock = clock
        self._homes: dict[str, View] = {}

    def of(self, owner: str) -> View | None:
        """Return a person's Home, or None before the bot published one."""
        return self._homes.get(owner)

    def find(self, view_id: str) -> View | None:
        """Find a Home by its view id."""
        return next((view for view in self._homes.values() if view.id == view_id), None)

    def external(self, external_id: str) -> View | None:
        """Find a Home by the bot's own id for it."""
        views = self._homes.values()
        return next((v for v in views if external_id and v.external_id == external_id), None)

    def publish(self, owner: str, spec: Mapping[str, object]) -> View:
        """Show a person a Home, in place of the one before."""
        view = self._homes.get(owner)
        if view is None:
            view_id = f"V{secrets.token_hex(5).upper()}"
            view = View(view_id, owner, {}, "", root=view_id, previous=None, values={})
            self._homes[owner] = view
        view.replace(spec, self._clock())
        return view
