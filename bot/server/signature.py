"""Slack's request signatures: constant time, two secrets during rotation, five minutes, once. No I/O.

Source: docs.slack.dev/authentication/verifying-requests-from-slack.
"""

import hashlib
import hmac
import re
from collections import OrderedDict
from typing import Final

from bot.domain.observer import Signature

WINDOW: Final = 300  # seconds, to either side
_FORM: Final = re.compile(rb"v0=[0-9a-f]{64}")


def preview(timestamp: bytes | None, signature: bytes | None, now: float) -> Signature | None:
    """Refuse what no body can make good, before one is read; None when it takes the body to tell."""
    if not timestamp or not signature:
        return Signature.UNSIGNED
    if not timestamp.isdigit() or len(timestamp) > 12 or not _FORM.fullmatch(signature):
        return Signature.WRONG
    return Signature.STALE if abs(now - int(timestamp)) > WINDOW else None


class Signatures:
    """Verifies signatures over raw bytes and remembers the good ones, so that none works twice."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        self._secrets = secrets
        self._seen: OrderedDict[str, float] = OrderedDict()

    def verify(self, body: bytes, timestamp: bytes | None, signature: bytes | None, now: float) -> Signature:
        """Judge one request; `now` is in seconds since the epoch. A good one is good once."""
        if (verdict := preview(timestamp, signature, now)) is not None:
            return verdict
        if timestamp is None or signature is None:
            raise AssertionError("unreachable: it was previewed")
        base = b"v0:" + timestamp + b":" + body
        good = False
        for secret in self._secrets:
            expected = b"v0=" + hmac.digest(secret, base, hashlib.sha256).hex().encode()
            good |= hmac.compare_digest(expected, signature)
        if not good:
            return Signature.WRONG
        return self._once(signature.decode(), now)

    def _once(self, signature: str, now: float) -> Signature:
        # Only verified requests get here, so a stranger cannot fill this.
        while self._seen and next(iter(self._seen.values())) < now - 2 * WINDOW:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return Signature.REPLAYED
        self._seen[signature] = now
        return Signature.GOOD
