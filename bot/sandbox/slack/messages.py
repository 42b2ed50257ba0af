"""The messages of the workspace, and who sees them."""

import copy
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.sandbox.blockkit.elements import INTERACTIVE
from bot.sandbox.blockkit.validation import parts
from bot.sandbox.shape import Json, mapping
from bot.sandbox.slack.people import BOT_ID, BOT_USER

_INLINE: Final = frozenset({"text", "link", "user", "emoji", "date"})

Visibility = Literal["message", "ephemeral", "system"]


@dataclass(slots=True)
class Message:
    """A message; `to` is the only person who sees it, or None for everyone in the channel."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    kind: Visibility = "message"
    to: str | None = None
    edited: bool = False
    thread_ts: str | None = None

    @property
    def bot(self) -> bool:
        """Whether the bot wrote it."""
        return self.user == BOT_USER

    @property
    def words(self) -> str:
        """Everything that is written in the blocks (or in the text, without blocks), a line each."""
        return "\n".join(written(self.blocks)) if self.blocks else self.text

    def visible(self, person: str) -> bool:
        """Whether a member of the channel sees it."""
        return self.to is None or self.to == person

    def json(self, name: str) -> Json:
        """Return what the page shows."""
        return {
            "ts": self.ts,
            "channel": self.channel,
            "user": self.user,
            "name": name,
            "bot": self.bot,
            "kind": self.kind,
            "text": self.text,
            "blocks": self.blocks,
            "edited": self.edited,
            "thread_ts": self.thread_ts,
        }

    def payload(self) -> Json:
        """Return the message as Slack's API and interaction payloads carry it."""
        made: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        if self.bot:
            made["bot_id"] = BOT_ID
        if self.blocks:
            made["blocks"] = self.blocks
        if self.thread_ts:
            made["thread_ts"] = self.thread_ts
        return made


class MessageLog:
    """All messages, oldest first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start empty; the clock gives seconds since the epoch."""
        self._clock = clock
        self._last = 0
        self.all: list[Message] = []

    def add(
        self,
        channel: str,
        user: str,
        text: str,
        blocks: list[Json] | None = None,
        *,
        kind: Visibility = "message",
        to: str | None = None,
        thread_ts: str | None = None,
    ) -> Message:
        """Put a message at the end of a channel."""
        # A ts identifies a message in its channel, so two in one microsecond still differ.
        self._last = max(self._last + 1, int(self._clock() * 1_000_000))
        ts = f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"
        message = Message(ts, channel, user, text, with_ids(blocks or []), kind, to, thread_ts=thread_ts)
        self.all.append(message)
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        """Find a message by its channel and ts."""
        return next((m for m in self.all if m.channel == channel and m.ts == ts), None)

    def remove(self, message: Message) -> None:
        """Delete a message."""
        self.all.remove(message)

    def of(self, channel: str, person: str | None = None) -> list[Message]:
        """Return a channel's messages, oldest first; with a person, only what that person sees."""
        return [m for m in self.all if m.channel == channel and (person is None or m.visible(person))]


def with_ids(blocks: list[Json]) -> list[Json]:
    """Give a block_id and action_id to each block and element without one, as Slack does."""
    made = copy.deepcopy(blocks)
    for block in made:
        block["block_id"] = block.get("block_id") or _id()
    for _, part in parts(made):
        if part.get("type") in INTERACTIVE:
            part.setdefault("action_id", _id())
    return made


def _id() -> str:
    return secrets.token_urlsafe(4)[:5]


def written(value: object) -> Iterator[str]:
    """Yield the words in blocks, a piece each."""
    if isinstance(value, list):
        if value and all(mapping(item).get("type") in _INLINE for item in value):
            yield "".join(
                str(item.get("text") or item.get("fallback") or item.get("url") or "") for item in value
            )
        else:
            for item in value:
                yield from written(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in {"text", "alt_text", "title"} and isinstance(item, str):
                yield item
            elif isinstance(item, dict | list):
                yield from written(item)
