"""The state of the Slack workspace: who may see, post and open what."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.faults import ONE_A_SECOND, SLACK, FaultSwitch
from bot.sandbox.log import Log
from bot.sandbox.settings import Settings
from bot.sandbox.shape import Json
from bot.sandbox.signal import Changes
from bot.sandbox.slack import people
from bot.sandbox.slack.grants import ResponseUrl, ResponseUrls, Triggers
from bot.sandbox.slack.homes import Homes
from bot.sandbox.slack.messages import Message, MessageLog
from bot.sandbox.slack.people import Channel, Person
from bot.sandbox.slack.views import View, ViewStacks

_MINUTE: Final = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class SlackCall:
    """A Web API call of the bot, without its token and trigger; `error` is None when it was carried out."""

    method: str
    args: Json
    at: float
    error: str | None


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Workspace:
    """Everything that the workspace knows; `token_error` is answered to every call when it is set."""

    settings: Settings
    changes: Changes
    clock: Callable[[], float] = time.time
    people: dict[str, Person] = field(default_factory=lambda: {p.id: p for p in people.PEOPLE})
    token_error: str | None = None
    base_url: str = ""
    log: Log = field(init=False)
    faults: FaultSwitch = field(init=False)
    channels: dict[str, Channel] = field(init=False)
    groups: dict[str, list[str]] = field(init=False)
    messages: MessageLog = field(init=False)
    views: ViewStacks = field(init=False)
    homes: Homes = field(init=False)
    triggers: Triggers = field(init=False)
    urls: ResponseUrls = field(init=False)
    calls: list[SlackCall] = field(init=False)
    keyboard: str = field(init=False)
    _buckets: dict[str, _Bucket] = field(init=False)
    _lately: dict[str, list[float]] = field(init=False)

    def __post_init__(self) -> None:
        """Fill it as after a reset."""
        self.reset()

    def reset(self) -> None:
        """Forget all that happened."""
        self.log = Log(self.clock)
        self.faults = FaultSwitch(SLACK, self.changes.note)
        self.channels = people.channels()
        self.groups = people.groups()
        self.messages = MessageLog(self.clock)
        self.views = ViewStacks(self.clock)
        self.homes = Homes(self.clock)
        self.triggers = Triggers(self.clock)
        self.urls = ResponseUrls(self.clock)
        self.calls = []
        self.keyboard = "plain"
        self._buckets = {}
        self._lately = {}
        self.changes.note()

    def enterprise(self, user: str) -> str | None:
        """Return the organisation that a person's workspace is of, if it is of one."""
        organised = self.faults.current == "organisation" and self.people[user].team in people.ORGANISED
        return people.ENTERPRISE if organised else None

    def name(self, user: str) -> str:
        """Return how a user is shown."""
        if user in self.people:
            return self.people[user].name
        return {people.BOT_USER: people.BOT_NAME, people.SLACKBOT: "Slackbot"}.get(user, user)

    def view(self, user: str, view_id: str) -> View | None:
        """Return the modal or the Home with this id, if this person has it before them."""
        view = self.views.find(view_id) or self.homes.find(view_id)
        return view if view is not None and view.owner == user else None

    def conversations(self, user: str) -> list[Channel]:
        """Return the conversations that a person can choose: theirs, without the archived ones."""
        return [place for place in self.channels.values() if user in place.people and not place.archived]

    def response_url(self, user: str, channel: str, origin: str | None = None) -> tuple[str, ResponseUrl]:
        """Hand out a response URL and its address."""
        url = self.urls.issue(user, channel, origin)
        return f"{self.base_url}/slack/response/{url.secret}", url

    def target(self, channel: str) -> Channel | str:
        """Return where the bot may post, or Slack's error; a person's id means the DM."""
        if channel in self.people:
            channel = self.people[channel].dm
        place = self.channels.get(channel)
        if place is None:
            return "channel_not_found"
        if place.kind == "private" and not place.bot:
            return "channel_not_found"
        if place.archived:
            return "is_archived"
        if not place.bot and "chat:write.public" not in self.settings.scopes:
            return "not_in_channel"
        return place

    def too_fast(self, channel: str) -> bool:
        """Count a post; true when the channel's burst is used up (1 message a second refills it)."""
        burst = 1 if self.faults.current == ONE_A_SECOND else self.settings.post_burst
        if burst is None:
            return False
        now = self.clock()
        bucket = self._buckets.setdefault(channel, _Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + now - bucket.at)
        bucket.at = now
        if bucket.tokens < 1:
            return True
        bucket.tokens -= 1
        return False

    def seconds_to_wait(self, method: str, most: int) -> int:
        """Count a call; say how long to wait when there were `most` of that method in the last minute."""
        now = self.clock()
        lately = [at for at in self._lately.get(method, []) if now - at < _MINUTE]
        full = len(lately) >= most
        self._lately[method] = lately if full else [*lately, now]
        return math.ceil(_MINUTE - (now - lately[0])) if full else 0

    def tell(self, user: str, channel: str, text: str) -> Message:
        """Show a person what Slack itself says, below the composer."""
        message = self.messages.add(channel, people.SLACKBOT, text, kind="system", to=user)
        self.changes.note()
        return message
