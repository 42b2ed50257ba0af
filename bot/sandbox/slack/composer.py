"""Slack's message composer in a person's hands: plain messages and slash commands, as keyboards type them.

A person sees what the real client shows when the bot is late, gone or answers nonsense.
"""

from dataclasses import dataclass
from typing import Final

from bot.sandbox.slack import acks, payloads, people
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.grants import ResponseUrl
from bot.sandbox.slack.people import Channel, Person
from bot.sandbox.slack.workspace import Workspace

ARCHIVED: Final = "You can't send messages in an archived channel."
NOT_MEMBER: Final = "You are not in this channel."
# What the client shows in place of the composer where the manifest has `messages_tab_read_only_enabled`.
READ_ONLY: Final = "Sending messages to this app has been turned off."

# What a phone's keyboard makes of what is typed (iOS "smart punctuation").
_DASHES: Final = "--", "\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command went: the bot's HTTP status (None: no answer in time), its milliseconds, what was seen.

    `failed` says that Slack, not the bot, speaks in `seen`. `opened_ms` is when the bot's views.open had
    opened a modal, in milliseconds after the sending.
    """

    status: int | None
    ms: float
    seen: str | None
    opened_ms: float | None = None
    failed: bool = False


class Composer:
    """What people type in the workspace. Ids that do not exist raise LookupError."""

    def __init__(self, space: Workspace, courier: Courier) -> None:
        """Act in one workspace."""
        self._space = space
        self._courier = courier

    def _member(self, user: str, channel: str) -> tuple[Person, Channel]:
        return self._space.people[user], self._space.channels[channel]

    def _refusal(self, person: Person, place: Channel) -> str | None:
        if person.id not in place.people:
            return NOT_MEMBER
        if place.kind == "dm" and self._space.settings.messages_read_only:
            return READ_ONLY
        return ARCHIVED if place.archived else None

    def say(self, user: str, channel: str, text: str) -> str | None:
        """Post a plain message as a person; returns what refuses it."""
        person, place = self._member(user, channel)
        refusal = self._refusal(person, place)
        if refusal is None:
            self._space.messages.add(channel, user, escaped(self.typed(text)))
            self._space.changes.note()
        return refusal

    def typed(self, text: str) -> str:
        """Return what the keyboard in use makes of a text."""
        return on_phone(text) if self._space.keyboard == "phone" else text

    async def command(self, user: str, channel: str, text: str) -> CommandResult:
        """Type the slash command, with or without its name, and wait for the answer."""
        person, place = self._member(user, channel)
        refusal = self._refusal(person, place)
        if refusal is not None:
            return CommandResult(None, 0.0, refusal, failed=True)
        name = self._space.settings.command
        said = self.typed(text.strip())
        said = said[len(name) :].strip() if said == name or said.startswith(f"{name} ") else said
        address, url = self._space.response_url(user, channel)
        entry = self._space.log.add("Slack", "Bot", f"slash command {name}")
        trigger = self._space.triggers.issue(user, place)
        sent = escaped(said) if self._space.settings.escape_commands else said
        command = payloads.Command(
            person, place, name, sent, address, trigger.id, self._space.enterprise(user)
        )
        body = payloads.command_body(command)
        answer = await self._courier.deliver(entry, body)
        if trigger.opened_ms is not None:
            entry.note = f"views.open after {trigger.opened_ms:.1f} ms {entry.note}".strip()
        reply = acks.command(answer)
        seen = self._show_reply(reply, person, url, f"{name} {said}".strip())
        failed = isinstance(reply, acks.Broken)
        return CommandResult(answer.status, answer.ms, seen, trigger.opened_ms, failed)

    def _show_reply(
        self, reply: acks.Reply | acks.Broken | None, person: Person, url: ResponseUrl, typed: str
    ) -> str | None:
        if reply is None:
            return None
        if isinstance(reply, acks.Broken):
            words = f'{self._space.settings.command} failed with the error "{reply.why}"'
            self._space.tell(person.id, url.channel, words)
            return words
        add = self._space.messages.add
        if reply.in_channel:
            add(url.channel, person.id, escaped(typed))
            message = add(url.channel, people.BOT_USER, reply.text, reply.blocks)
        else:
            message = add(
                url.channel, people.BOT_USER, reply.text, reply.blocks, kind="ephemeral", to=person.id
            )
        url.origin = url.origin or message.ts
        self._space.changes.note()
        return message.words


def escaped(text: str) -> str:
    """Escape the three characters that Slack's messages escape."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def on_phone(text: str) -> str:
    """Return what a phone's keyboard makes of a text: curly quotes and em dashes."""
    made, opening = "", True
    for letter in text.replace(*_DASHES):
        if letter == '"':
            made += "\N{LEFT DOUBLE QUOTATION MARK}" if opening else "\N{RIGHT DOUBLE QUOTATION MARK}"
        elif letter == "'":
            made += "\N{LEFT SINGLE QUOTATION MARK}" if opening else "\N{RIGHT SINGLE QUOTATION MARK}"
        else:
            made += letter
        opening = letter.isspace()
    return made
