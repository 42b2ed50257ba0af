"""From an envelope to its acknowledgement: the way of a signed request through the front door."""

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.server.dispatch import Dispatch, readable, respond
from bot.socketmode.frames import Envelope, acknowledgement

_log = structlog.get_logger("bot.socketmode")


async def answer(dispatch: Dispatch | None, envelope: Envelope) -> str | None:
    """Have the listener run for an envelope; returns what acknowledges it, or None where nothing should."""
    request = _request(envelope)
    if request is None:
        _log.warning("request unreadable")
        return None
    return acknowledgement(envelope, await respond(dispatch, request))


def _request(envelope: Envelope) -> AsyncBoltRequest | None:
    if not readable(envelope.payload):
        return None
    try:
        return AsyncBoltRequest(mode="socket_mode", body=envelope.payload)
    except Exception:  # noqa: BLE001 - not the shape that Bolt expects somewhere: it raises as it comes
        return None
