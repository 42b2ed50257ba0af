"""The modals that people have before them, a stack of at most three each, and what a view is.

Each update changes the hash of a view; what was typed into it stays.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.shape import Json, items, mapping, text
from bot.sandbox.slack import forms
from bot.sandbox.slack.messages import with_ids
from bot.sandbox.slack.people import APP_ID, BOT_ID, TEAM, Channel

STACK_MAX: Final = 3  # docs.slack.dev/surfaces/modals
TROUBLE: Final = "We had some trouble connecting. Try again?"


@dataclass(slots=True)
class View:
    """One open modal or a Home; `spec` is what the bot sent, `values` what the person typed so far.

    `place` is the conversation that the person was viewing when the modal opened.
    """

    id: str
    owner: str
    spec: Json
    hash: str
    root: str
    previous: str | None
    values: forms.Values
    errors: dict[str, str] = field(default_factory=dict)
    pending: bool = False
    trouble: str | None = None
    place: Channel | None = None

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks, each with its block_id."""
        return [mapping(block) for block in items(self.spec.get("blocks"))]

    @property
    def title(self) -> str:
        """The title as text."""
        return text(mapping(self.spec.get("title")).get("text"))

    @property
    def callback_id(self) -> str:
        """Which form it is."""
        return text(self.spec.get("callback_id"))

    @property
    def external_id(self) -> str:
        """The bot's own id for it."""
        return text(self.spec.get("external_id"))

    @property
    def private_metadata(self) -> str:
        """What the bot hid in it."""
        return text(self.spec.get("private_metadata"))

    def payload(self) -> Json:
        """Return the view as Slack's API and interaction payloads carry it."""
        return {
            "id": self.id,
            "team_id": TEAM,
            "type": self.spec.get("type"),
            "blocks": self.blocks,
            "private_metadata": self.private_metadata,
            "callback_id": self.callback_id,
            "state": {"values": self.values},
            "hash": self.hash,
            "title": self.spec.get("title"),
            "clear_on_close": bool(self.spec.get("clear_on_close")),
            "notify_on_close": bool(self.spec.get("notify_on_close")),
            "close": self.spec.get("close"),
            "submit": self.spec.get("submit"),
            "previous_view_id": self.previous,
            "root_view_id": self.root,
            "app_id": APP_ID,
            "external_id": self.external_id,
            "app_installed_team_id": TEAM,
            "bot_id": BOT_ID,
        }

    def json(self) -> Json:
        """Return what the page shows."""
        return {
            "id": self.id,
            "hash": self.hash,
            "callback_id": self.callback_id,
            "title": self.spec.get("title"),
            "submit": self.spec.get("submit"),
            "close": self.spec.get("close"),
            "blocks": self.blocks,
            "state": {"values": self.values},
            "errors": self.errors,
            "pending": self.pending,
            "trouble": self.trouble,
        }

    def replace(self, spec: Mapping[str, object], at: float) -> None:
        """Show another spec; typed values stay where block_id and action_id stay the same."""
        self.spec = _whole(spec)
        self.values = forms.kept(self.values, self.blocks, self.place)
        self.hash = _hash(at)
        self.errors, self.trouble = {}, None


class ViewStacks:
    """Every person's stack of open modals; the last one is on top."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Start without any; the clock gives seconds since the epoch."""
        self._clock = clock
        self._stacks: dict[str, list[View]] = {}

    def stack(self, owner: str) -> list[View]:
        """Return a person's open modals, bottom first."""
        return self._stacks.setdefault(owner, [])

    def top(self, owner: str) -> View | None:
        """Return what a person has in front of them."""
        stack = self.stack(owner)
        return stack[-1] if stack else None

    def find(self, view_id: str) -> View | None:
        """Find an open view by its id."""
        return next((v for stack in self._stacks.values() for v in stack if v.id == view_id), None)

    def external(self, external_id: str) -> View | None:
        """Find an open view by the bot's own id for it, unique in a team."""
        views = (view for stack in self._stacks.values() for view in stack)
        return next((v for v in views if external_id and v.external_id == external_id), None)

    def open(self, owner: str, spec: Mapping[str, object], place: Channel | None = None) -> View:
        """Open a view as the only one of its person, who is viewing `place`."""
        self._stacks[owner] = []
        return self.push(owner, spec, place)

    def push(self, owner: str, spec: Mapping[str, object], place: Channel | None = None) -> View:
        """Put a view on top; the caller has looked at the limit."""
        stack = self.stack(owner)
        view_id = f"V{secrets.token_hex(5).upper()}"
        made = _whole(spec)
        blocks = [mapping(block) for block in items(made["blocks"])]
        view = View(
            id=view_id,
            owner=owner,
            spec=made,
            hash=_hash(self._clock()),
            root=stack[0].id if stack else view_id,
            previous=stack[-1].id if stack else None,
            values=forms.initial(blocks, place),
            place=place,
        )
        stack.append(view)
        return view

    def update(self, view: View, spec: Mapping[str, object]) -> None:
        """Replace what a view shows."""
        view.replace(spec, self._clock())

    def close(self, view: View) -> None:
        """Close a view and everything above it."""
        stack = self.stack(view.owner)
        if view in stack:
            del stack[stack.index(view) :]


def _hash(at: float) -> str:
    return f"{int(at)}.{secrets.token_urlsafe(6)[:8]}"


def _whole(spec: Mapping[str, object]) -> Json:
    blocks = [mapping(block) for block in items(spec.get("blocks"))]
    return {**spec, "blocks": with_ids(blocks)}
