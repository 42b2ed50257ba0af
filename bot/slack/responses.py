"""What Slack answered, as values: a view, an identity, or the code of what went wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.records import Post

TROUBLE: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
# What updating a view fails with when the person was quicker: the modal is closed, or says something newer.
OVERTAKEN: Final = frozenset({"hash_conflict", "not_found"})
# Of the details only where: what a validator says of a value may quote it.
_POINTER: Final = re.compile(r"json-pointer:(/[\w/.-]*)")

_log = structlog.get_logger("bot.slackanswers")


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as Slack holds it now."""

    view_id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Failed:
    """What Slack (or the network) answered instead. `error` is Slack's code, or `unreachable`."""

    error: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is, from auth.test; `scopes` from the `x-oauth-scopes` header, `url` the workspace's."""

    team: str
    enterprise: str | None
    bot_id: str
    bot_user: str
    scopes: frozenset[str]
    url: str = ""

    def link(self, post: Post) -> str | None:
        """Make the link to a message, as Slack's “Copy link” does; None for direct messages."""
        if not self.url.startswith("https://") or post.channel.startswith("D"):
            return None
        return f"{self.url.rstrip('/')}/archives/{post.channel}/p{post.ts.replace('.', '')}"


RATE_LIMITED: Final = Failed("ratelimited")


def read_limit(error: Exception) -> float | None:
    """Return for how many seconds Slack wants no more such calls, if that is what it said."""
    response = error.response if isinstance(error, SlackApiError) else None
    if not isinstance(response, AsyncSlackResponse) or response.status_code != 429:
        return None
    return retry_after(response.headers)


def retry_after(headers: Mapping[str, str]) -> float:
    """Read `Retry-After`: Slack sends whole seconds with every 429 of its own; a proxy's may lack it."""
    given = headers.get("Retry-After", "")
    return float(given) if re.fullmatch(r"[1-9]\d{0,5}", given) else 1.0


def read_failure(method: str, error: Exception) -> Failed:
    """Say what an exception of a call, one of `TROUBLE`, means."""
    if not isinstance(error, SlackApiError):
        _log.warning("Slack could not be reached", method=method, error=type(error).__name__)
        return Failed("unreachable")
    response = error.response
    data = response.data if isinstance(response, AsyncSlackResponse) else None
    return read_refusal(method, data) if isinstance(data, dict) else Failed("unreadable")


def read_refusal(method: str, answer: Mapping[str, object]) -> Failed:
    """Read an answer that is not `ok`."""
    code = str(answer.get("error", "unreadable"))
    metadata = answer.get("response_metadata")
    if isinstance(metadata, dict) and (details := metadata.get("messages")):
        # For invalid_blocks and invalid_arguments Slack says here which block.
        where = _POINTER.findall(str(details))
        _log.error("Slack refused our arguments", method=method, error=code, where=where)
    return Failed(code)


def read_shown(answer: Mapping[str, object]) -> Shown | Failed:
    """Read the answer of views.open or views.update."""
    view = answer.get("view")
    return Shown(str(view["id"]), str(view["hash"])) if isinstance(view, dict) else Failed("unreadable")


def read_groups(answer: Mapping[str, object]) -> Mapping[str, frozenset[str] | None] | Failed:
    """Read the answer of usergroups.list: who is in each group that is in use, None where it does not say."""
    found = answer.get("usergroups")
    groups = [group for group in found if _is_group(group)] if isinstance(found, list) else []
    # What cannot be read may be one of ours, which is not gone therefore.
    if not isinstance(found, list) or len(groups) < len(found):
        return Failed("unreadable")
    # Without `include_disabled` Slack leaves those out; `date_delete` says it besides.
    return {group["id"]: _users(group) for group in groups if not group.get("date_delete")}


def _is_group(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def _users(group: Mapping[str, object]) -> frozenset[str] | None:
    users = group.get("users")
    if not isinstance(users, list) or not all(isinstance(user, str) for user in users):
        return None
    return frozenset(users)
