"""Messages of the bot in Slack: posted, brought up to date, each answer of Slack's written to the record."""

from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.blockkit.layout import Message
from bot.domain.observer import Tried
from bot.domain.operation import Operation
from bot.domain.records import Post
from bot.slack.client import SlackWeb
from bot.slack.rate_limit import PATIENCE
from bot.slack.responses import Failed
from bot.store.events import BOT
from bot.store.ledger import Ledger

# What time may cure. `internal_error` and `fatal_error` may have posted: a repeat says that it can be one,
# and a result that shows twice is better than one that never shows.
PASSING: Final = frozenset(
    {"unreachable", "unreadable", "internal_error", "fatal_error", "service_unavailable", "ratelimited"}
)
_UNFIT: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})

_log = structlog.get_logger("bot.delivery")


class Poster:
    """Posts and replaces messages about operations."""

    def __init__(self, slack: SlackWeb, ledger: Ledger, tried: Tried) -> None:
        self._slack = slack
        self._ledger = ledger
        self._tried = tried
        self._failing: set[Post] = set()

    async def post(
        self, operation: Operation, route: str, to: str, message: Message, patience: float = PATIENCE
    ) -> Post | Failed:
        """Post to a channel or a person; `route` is what the record calls this way to people.

        `patience` is for how many seconds Slack's limits may hold it back.
        """
        answer = await self._slack.post(to, message, patience=patience)
        if isinstance(answer, Failed) and answer.error in _UNFIT:
            answer = await self._slack.post(to, Message(message.text, ()))
        await self.note(operation, route, answer)
        return answer

    async def respond(
        self, operation: Operation, route: str, url: str, message: Message, *, in_channel: bool
    ) -> bool:
        """Answer through a response URL; says whether Slack took it."""
        failed = await self._slack.respond(url, message, in_channel=in_channel)
        await self.note(operation, route, failed)
        return failed is None

    async def replace(self, operation: Operation, route: str, post: Post, message: Message) -> bool:
        """Bring a message up to date, with one try; False when it failed and time may cure that.

        Of several tries that fail for a while the record has the first.
        """
        failed = await self._slack.replace(post, message)
        done = failed is None or failed.error not in PASSING
        if done or post not in self._failing:
            await self.note(operation, route, failed)
        (self._failing.discard if done else self._failing.add)(post)
        return done

    async def note(self, operation: Operation, route: str, answer: Post | Failed | None) -> None:
        """Write to the record which way to people was tried, and what came of it."""
        error = answer.error if isinstance(answer, Failed) else None
        self._tried(route, error)
        try:
            await self._ledger.note(operation.id, BOT, "delivery", {"route": route, "error": error})
        except SQLAlchemyError as trouble:
            # The next route must be tried all the same: people come before the note.
            _log.warning("a delivery was not noted", ref=operation.ref, error=type(trouble).__name__)
