"""What a body travels in: a signature over HTTP, an envelope over a socket. Pure.

Source: docs.slack.dev/authentication/verifying-requests-from-slack.
"""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl

from bot.sandbox.shape import Json, mapping, parsed


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a raw body as Slack does: `v0=` and HMAC-SHA256 of `v0:<timestamp>:<body>` in hex."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Enveloped:
    """A request as Socket Mode carries it; `retry` is the reason that an event is sent again with."""

    type: str
    payload: Json
    retry: str = ""

    def frame(self) -> Json:
        """Return the frame without its envelope_id."""
        # As in the frames recorded in slack_sdk's tests: a shortcut's envelope takes no payload.
        takes = self.type == "slash_commands" or self.payload.get("type") == "view_submission"
        frame: Json = {"type": self.type, "payload": self.payload, "accepts_response_payload": takes}
        if self.type == "events_api":
            frame |= {"retry_attempt": 1 if self.retry else 0, "retry_reason": self.retry}
        return frame


def enveloped(body: bytes, retry: str = "") -> Enveloped:
    """Return what Socket Mode sends in place of a body over HTTP."""
    if body.startswith(b"{"):
        return Enveloped("events_api", mapping(parsed(body)), retry)
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    if "payload" in form:
        return Enveloped("interactive", mapping(parsed(form["payload"])))
    return Enveloped("slash_commands", dict(form))
