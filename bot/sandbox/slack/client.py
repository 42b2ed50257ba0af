"""Slack's client in a person's hands: submitting and closing modals, pressing buttons.

A person sees what the real client shows when the bot is late, gone or answers nonsense.
"""

from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.blockkit.validation import parts
from bot.sandbox.shape import Json
from bot.sandbox.slack import acks, forms, payloads, pickers
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.grants import Trigger
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.views import STACK_MAX, TROUBLE, View
from bot.sandbox.slack.workspace import Workspace

BADGE: Final = "⚠ The app did not respond."


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """How a submission went: `errors` are under the inputs, `seen` is the client's own complaint."""

    status: int | None
    ms: float
    errors: dict[str, str] = field(default_factory=dict)
    seen: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the bot accepted it."""
        return not self.errors and self.seen is None


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How a pressed button went: `seen` is the client's warning."""

    status: int | None
    ms: float
    seen: str | None = None


class Client:
    """What people do with what the bot shows them. Ids that do not exist raise LookupError."""

    def __init__(self, space: Workspace, courier: Courier) -> None:
        """Act in one workspace."""
        self._space = space
        self._courier = courier

    def _view(self, user: str, view_id: str) -> View:
        view = self._space.views.top(user)
        if view is None or view.id != view_id:
            message = f"{user} has no view {view_id} in front of them"
            raise LookupError(message)
        return view

    async def submit(self, user: str, view_id: str, values: forms.Values) -> SubmitResult:
        """Press the submit button of the view in front, with these values as `state.values`."""
        view = self._view(user, view_id)
        view.values, view.pending, view.errors, view.trouble = values, True, {}, None
        self._space.changes.note()
        entry = self._space.log.add("Slack", "Bot", f"view_submission {view.callback_id}")
        trigger = self._space.triggers.issue(user, view.place)
        urls = self._response_urls(view)
        payload = payloads.view_submission(self._space.people[user], view, trigger.id, urls)
        answer = await self._courier.deliver(
            entry, payloads.interaction_body(payload, self._space.enterprise(user))
        )
        view.pending = False
        outcome = acks.submission(answer, view.blocks)
        match outcome:
            case acks.Close(everything=everything):
                stack = self._space.views.stack(user)
                self._space.views.close(stack[0] if everything and stack else view)
            case acks.Errors(errors=errors):
                view.errors = errors
            case acks.Show(view=spec, push=push):
                self._replace(view, spec, push=push)
            case acks.Broken(why=why):
                view.trouble, entry.note = TROUBLE, why
        self._space.changes.note()
        return SubmitResult(answer.status, answer.ms, view.errors, view.trouble)

    def _response_urls(self, view: View) -> list[Json]:
        made: list[Json] = []
        for block_id, action_id, channel in pickers.response_channels(view.blocks, view.values):
            address, _ = self._space.response_url(view.owner, channel)
            made.append(
                {
                    "block_id": block_id,
                    "action_id": action_id,
                    "channel_id": channel,
                    "response_url": address,
                }
            )
        return made

    def _replace(self, view: View, spec: Json, *, push: bool) -> None:
        if not push:
            self._space.views.update(view, spec)
        elif len(self._space.views.stack(view.owner)) >= STACK_MAX:
            view.trouble = TROUBLE
        else:
            self._space.views.push(view.owner, spec, view.place)

    async def close(self, user: str, view_id: str, *, everything: bool = False) -> None:
        """Press Cancel on the view in front, or with `everything` its x, which closes the stack."""
        view = self._view(user, view_id)
        closed = self._space.views.stack(user)[0] if everything else view
        self._space.views.close(closed)
        self._space.changes.note()
        if closed.spec.get("notify_on_close"):
            entry = self._space.log.add("Slack", "Bot", f"view_closed {closed.callback_id}")
            payload = payloads.view_closed(self._space.people[user], closed, cleared=everything)
            body = payloads.interaction_body(payload, self._space.enterprise(user))
            await self._courier.deliver(entry, body)

    async def press(
        self, user: str, view: View, block_id: str, action_id: str, value: str | list[str] | None
    ) -> ActionResult:
        """Press a button of a modal or of the Home tab, or choose in an input that tells of it."""
        element, block = _element(view.blocks, block_id, action_id)
        trigger = self._space.triggers.issue(user, view.place)
        if forms.dispatches(view.blocks, block) is not None:
            view.values = forms.filled(view.blocks, view.values, {block: value})
            action = payloads.choice(element, block, view.values[block][action_id], self._space.clock())
        else:
            action = payloads.action(
                element, block, value if isinstance(value, str) else None, self._space.clock()
            )
        payload = payloads.view_action(self._space.people[user], view, action, trigger.id)
        result = await self._act(user, action_id, payload, trigger)
        view.trouble = result.seen
        self._space.changes.note()
        return result

    async def press_in(
        self, user: str, message: Message, block_id: str, action_id: str, value: str | None
    ) -> ActionResult:
        """Press a button in a message."""
        element, block = _element(message.blocks, block_id, action_id)
        person, place = self._space.people[user], self._space.channels[message.channel]
        trigger = self._space.triggers.issue(user, place)
        address, _ = self._space.response_url(user, place.id, message.ts)
        action = payloads.action(element, block, value, self._space.clock())
        pressed = payloads.Pressed(person, place, message, action, trigger.id, address)
        result = await self._act(user, action_id, payloads.message_action(pressed), trigger)
        if result.seen:
            self._space.tell(user, place.id, result.seen)
        return result

    async def _act(self, user: str, action_id: str, payload: Json, trigger: Trigger) -> ActionResult:
        entry = self._space.log.add("Slack", "Bot", f"block_actions {action_id}")
        answer = await self._courier.deliver(
            entry, payloads.interaction_body(payload, self._space.enterprise(user))
        )
        if trigger.opened_ms is not None:
            entry.note = f"view opened after {trigger.opened_ms:.1f} ms {entry.note}".strip()
        return ActionResult(answer.status, answer.ms, None if answer.ok else BADGE)


def _element(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, str]:
    for block, element in parts(blocks):
        if element.get("action_id") == action_id and block_id in {"", block}:
            return element, block
    message = f"there is no element {action_id!r} in block {block_id!r}"
    raise LookupError(message)
