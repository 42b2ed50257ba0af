"""The sandbox as one object: people act in it, and what happened shows.

Tests use it directly, the page through the control API.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from bot.sandbox.blockkit.validation import parts
from bot.sandbox.hosting import Host
from bot.sandbox.log import Delivery
from bot.sandbox.shape import Json
from bot.sandbox.slack import forms
from bot.sandbox.slack.acks import Answer
from bot.sandbox.slack.client import ActionResult, SubmitResult
from bot.sandbox.slack.composer import CommandResult
from bot.sandbox.slack.entrances import EventResult, ShortcutResult
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.payloads import interaction_body
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import SlackCall
from bot.sandbox.vobiz.account import VobizPost

T = TypeVar("T")
PATIENCE: Final = 5.0


class Sandbox(Host):
    """A Slack workspace and a Vobiz account, with people in it."""

    async def command(self, user: str, channel: str, text: str) -> CommandResult:
        """Type the slash command (with or without its name) as a person, and wait for the answer."""
        return await self.composer.command(user, channel, text)

    async def open_home(self, user: str, tab: str = "home") -> EventResult:
        """Open the app's Home tab (or its `messages` tab) as a person, and wait until the bot took it."""
        return await self.entrances.open_home(user, tab)

    async def shortcut(self, user: str, callback_id: str, channel: str | None = None) -> ShortcutResult:
        """Choose a global shortcut as a person who is viewing a channel, and wait for the answer."""
        return await self.entrances.shortcut(user, callback_id, channel)

    async def submit(self, user: str, view_id: str, values: forms.Values) -> SubmitResult:
        """Submit the view in front of a person with exactly these `state.values`, unchecked."""
        return await self.client.submit(user, view_id, values)

    async def submit_form(self, user: str, **changes: object) -> SubmitResult:
        """Submit the view in front of a person as it is, with changes by block_id (text, option value).

        What is chosen is told to the bot first where the form asks for that (`dispatch_action`).
        """
        view = self._front(user)
        view.values = self.filled(view, changes)
        for block_id, value in changes.items():
            action_id = forms.dispatches(view.blocks, block_id)
            if action_id is not None:
                chosen = [str(one) for one in value] if isinstance(value, list | tuple) else str(value)
                await self.client.press(user, view, block_id, action_id, chosen)
        return await self.submit(user, view.id, view.values)

    def fill(self, user: str, **changes: object) -> None:
        """Type into the view in front of a person without submitting it."""
        view = self._front(user)
        view.values = self.filled(view, changes)
        self.changes.note()

    def refusals(self, user: str) -> dict[str, str]:
        """Return what Slack's client would write under the inputs instead of sending them."""
        view = self._front(user)
        return forms.refusals(view.blocks, view.values)

    async def close(self, user: str, view_id: str | None = None, *, everything: bool = False) -> None:
        """Press Cancel on the view in front of a person, or with `everything` its x."""
        await self.client.close(user, view_id or self._front(user).id, everything=everything)

    async def action(
        self,
        user: str,
        action_id: str,
        *,
        block_id: str = "",
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        value: str | list[str] | None = None,
        home: bool = False,
    ) -> ActionResult:
        """Press a button or choose an option.

        Without a place it is the one in the person's open view, else in the newest message that has it; with
        `home` it is the one on the Home tab. `value` replaces the button's own, or names what is chosen.
        Raises LookupError when the person sees no such button.
        """
        view = None
        if home:
            view = self.home_of(user)
        elif ts is None and channel is None:
            view = self.space.view(user, view_id) if view_id else self.view_of(user)
        if view is not None and (view_id or home or _has(view.blocks, action_id)):
            return await self.client.press(user, view, block_id, action_id, value)
        for message in reversed(self.space.messages.all if not (home or view_id) else []):
            if (ts is None or message.ts == ts) and (channel is None or message.channel == channel):
                seen = user in self.space.channels[message.channel].people and message.visible(user)
                if seen and _has(message.blocks, action_id):
                    given = value if isinstance(value, str) else None
                    return await self.client.press_in(user, message, block_id, action_id, given)
        words = f"{user} sees no {action_id!r}"
        raise LookupError(words)

    async def raw(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post bytes as they are to the bot: unsigned, stale, broken."""
        return await self.courier.post(body, headers)

    async def interaction(self, payload: Json) -> Answer:
        """Send an interaction of any shape."""
        return await self.courier.carry(interaction_body(payload))

    def sign(self, body: bytes, timestamp: float | None = None) -> dict[str, str]:
        """Return the headers of a signed form; `timestamp` (seconds) defaults to the clock."""
        return self.courier.sign(body, timestamp)

    def messages(self, channel: str, as_user: str | None = None) -> list[Message]:
        """Return a channel's messages, oldest first; with a person, what that person sees."""
        return self.space.messages.of(channel, as_user)

    def view_of(self, user: str) -> View | None:
        """Return the view in front of a person."""
        return self.space.views.top(user)

    def home_of(self, user: str) -> View | None:
        """Return what a person sees on the app's Home tab, or None before the bot published it."""
        return self.space.homes.of(user)

    def views_of(self, user: str) -> list[View]:
        """Return a person's open views, bottom first."""
        return list(self.space.views.stack(user))

    @property
    def trunks(self) -> list[Json]:
        """The account's trunks as Vobiz shows them, newest first."""
        return self.vobiz.account.trunks

    def add_trunk(self, name: str, direction: str = "outbound", calls: int = 10) -> Json:
        """Put a trunk into the account, as if someone had made it in Vobiz's console."""
        trunk = self.vobiz.account.create(name, direction, calls)
        self.changes.note()
        return trunk

    @property
    def vobiz_posts(self) -> list[VobizPost]:
        """The writes of all kinds that Vobiz received, whatever became of them, oldest first."""
        return self.vobiz.account.posts

    @property
    def released(self) -> list[str]:
        """The numbers that were given back to Vobiz for a fee, which no bot may ever do."""
        return self.vobiz.account.released

    @property
    def slack_calls(self) -> list[SlackCall]:
        """The bot's Web API calls, oldest first."""
        return self.space.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """The log, newest first."""
        return list(self.space.log.entries)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = PATIENCE) -> T:  # noqa: ASYNC109
        """Wait until the predicate is true, looked at after each change; TimeoutError after `timeout` s."""
        return await self.changes.wait_for(predicate, timeout)

    def filled(self, view: View, changes: Mapping[str, object]) -> forms.Values:
        """Return what stands in a view after something was typed into it."""
        return forms.filled(view.blocks, view.values, changes, self.space.conversations(view.owner))

    def _front(self, user: str) -> View:
        view = self.view_of(user)
        if view is None:
            words = f"{user} has no view open"
            raise LookupError(words)
        return view


def _has(blocks: list[Json], action_id: str) -> bool:
    return any(element.get("action_id") == action_id for _, element in parts(blocks))
