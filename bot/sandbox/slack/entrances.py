"""The ways into the app that need no channel: its Home tab and its global shortcuts.

Sources: docs.slack.dev/surfaces/app-home and /interactivity/implementing-shortcuts.
"""

from dataclasses import dataclass
from typing import Final

from bot.sandbox.slack import payloads
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.workspace import Workspace

SORRY: Final = "Sorry, that hasn't worked. Try again?"  # slackapi/bolt-python#705


@dataclass(frozen=True, slots=True)
class EventResult:
    """How an event went: the last HTTP status (None: no answer in time), its milliseconds, how many tries."""

    status: int | None
    ms: float
    tries: int


@dataclass(frozen=True, slots=True)
class ShortcutResult:
    """How a shortcut went: `seen` is the client's own complaint.

    `opened_ms` is when the bot's views.open had opened a modal, in milliseconds after the sending.
    """

    status: int | None
    ms: float
    seen: str | None
    opened_ms: float | None

    @property
    def ok(self) -> bool:
        """Whether the bot took it."""
        return self.seen is None


class Entrances:
    """What people open from anywhere in the workspace. Ids that do not exist raise LookupError."""

    def __init__(self, space: Workspace, courier: Courier) -> None:
        """Act in one workspace."""
        self._space = space
        self._courier = courier

    async def open_home(self, user: str, tab: str = "home") -> EventResult:
        """Open the app's Home (or `messages`) tab; the bot hears of it and may publish."""
        person = self._space.people[user]
        if not self._space.settings.home:
            message = "the app's Home tab is not enabled"
            raise LookupError(message)
        body = payloads.home_opened(person, tab, self._space.homes.of(user), self._space.clock())
        answers = await self._courier.event(f"app_home_opened {tab}", body)
        return EventResult(answers[-1].status, answers[-1].ms, len(answers))

    async def shortcut(self, user: str, callback_id: str, channel: str | None = None) -> ShortcutResult:
        """Choose a global shortcut while viewing a channel, or none; Slack does not send which."""
        person, space = self._space.people[user], self._space
        if callback_id not in {known.callback_id for known in space.settings.shortcuts}:
            message = f"the app has no shortcut {callback_id!r}"
            raise LookupError(message)
        place = space.channels[channel] if channel else None
        entry = space.log.add("Slack", "Bot", f"shortcut {callback_id}")
        trigger = space.triggers.issue(user, place if place and user in place.people else None)
        payload = payloads.shortcut(person, callback_id, trigger.id, space.clock())
        answer = await self._courier.deliver(
            entry, payloads.interaction_body(payload, self._space.enterprise(user))
        )
        if trigger.opened_ms is not None:
            entry.note = f"views.open after {trigger.opened_ms:.1f} ms {entry.note}".strip()
            space.changes.note()
        return ShortcutResult(answer.status, answer.ms, None if answer.ok else SORRY, trigger.opened_ms)
