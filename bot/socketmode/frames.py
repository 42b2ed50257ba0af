"""What Slack says over the websocket, and how it is answered. Pure.

Source: docs.slack.dev/apis/events-api/using-socket-mode.
"""

from dataclasses import dataclass, field
from typing import Final

from pydantic_core import from_json, to_json
from slack_bolt.response import BoltResponse

_REASON_MAX: Final = 50  # characters; reasons are words of Slack's that reach logs


@dataclass(frozen=True, slots=True)
class Hello:
    """The connection is open; `connections` are all of this app, other processes' included."""

    connections: int


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Slack will close this connection: `warning`, `refresh_requested`, `link_disabled` or the like."""

    reason: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request in an envelope; it is answered by its id. `takes_answer` allows the answer a payload."""

    id: str
    takes_answer: bool
    payload: dict[str, object] = field(repr=False)


def read(text: str) -> Hello | Disconnect | Envelope | None:
    """Read a frame; None for what is none that we know."""
    try:
        frame = from_json(text)
    except ValueError:
        return None
    if not isinstance(frame, dict):
        return None
    match frame:
        case {"type": "hello"}:
            counted = frame.get("num_connections")
            return Hello(counted if isinstance(counted, int) else 1)
        case {"type": "disconnect"}:
            return Disconnect(str(frame.get("reason"))[:_REASON_MAX])
        case {"envelope_id": str(id_), "payload": dict(payload)}:
            return Envelope(id_, frame.get("accepts_response_payload") is True, payload)
        case _:
            return None


def acknowledgement(envelope: Envelope, response: BoltResponse) -> str | None:
    """Return what acknowledges an envelope; None where HTTP would have answered with an error.

    Slack then does what it does over HTTP: it shows the person its own error, and sends an event again, at
    most three times. An acknowledgement would show the person nothing.
    """
    if response.status != 200:
        return None
    answer: dict[str, object] = {"envelope_id": envelope.id}
    if envelope.takes_answer and response.body:
        kind = response.headers.get("content-type", [""])[0]
        json = kind.startswith("application/json")
        answer["payload"] = from_json(response.body) if json else {"text": response.body}
    return to_json(answer).decode()
