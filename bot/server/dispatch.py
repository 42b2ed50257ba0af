"""From a request of Slack's to Bolt's answer, whichever way it came: HTTP or Socket Mode."""

import json
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from pydantic_core import PydanticSerializationError, to_json
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.server.request import is_a
from bot.words.command_help import starting_message

_log = structlog.get_logger("bot.dispatching")

_JSON: Final[dict[str, str | Sequence[str]]] = {"content-type": "application/json"}

UNREADABLE: Final = BoltResponse(status=400, body="unreadable")  # told apart by being this one


class Dispatch(Protocol):
    """Where verified requests go: Bolt."""

    async def __call__(self, req: AsyncBoltRequest) -> BoltResponse:
        """Run the listener for a request and return its answer."""
        ...


async def respond(dispatch: Dispatch | None, request: AsyncBoltRequest) -> BoltResponse:
    """Return Bolt's answer, UNREADABLE for what it cannot read, or, without `dispatch`, that it starts."""
    is_a("command" if "command" in request.body else str(request.body.get("type", "unknown")))
    if dispatch is None:
        return _starting(request)
    # Listeners let nothing out, so what fails in here is Bolt's own reading of an odd payload.
    try:
        response = await dispatch(request)
    except Exception as error:  # noqa: BLE001 - Bolt raises as it comes
        _log.warning("request unreadable", error=type(error).__name__)
        return UNREADABLE
    if response.status >= 500:
        _log.warning("request unreadable", status=response.status)
        return UNREADABLE
    return response


def readable(body: object) -> bool:
    """Whether this is a request as Slack makes them.

    Every kind says who acts: commands in `user_id`, interactions in `user`, events in `event`; and Slack's
    own checks (ssl_check, url_verification) are known by name.
    """
    if not isinstance(body, dict):
        return False
    try:
        to_json(body)  # half of a character (a lone surrogate) can be neither stored nor sent on
    except PydanticSerializationError:
        return False
    user = body.get("user")
    known = (
        isinstance(body.get("command"), str) and isinstance(body.get("user_id"), str),
        isinstance(body.get("type"), str) and isinstance(user, dict) and isinstance(user.get("id"), str),
        isinstance(body.get("event"), dict),
        body.get("type") == "url_verification",
        "ssl_check" in body,
    )
    return any(known)


def _starting(request: AsyncBoltRequest) -> BoltResponse:
    # Only a slash command can be answered with words before the bot knows itself.
    if "command" not in request.body:
        return BoltResponse(status=503, body="starting")
    message = {"response_type": "ephemeral", "text": starting_message().text}
    return BoltResponse(status=200, body=json.dumps(message), headers=_JSON)
