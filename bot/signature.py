"""Slack's request signatures: constant time, two secrets during rotation, five minutes, once. No I/O.

Source: docs.slack.dev/authentication/verifying-requests-from-slack.
"""

import hashlib
import hmac
import re
from collections import OrderedDict
from enum import StrEnum
from typing import Final

WINDOW: Final = 300  # seconds, to either side
_FORM: Final = re.compile(rb"v0=[0-9a-f]{64}")


class Verdict(StrEnum):
    """What became of a signature."""

    GOOD = "good"
    UNSIGNED = "unsigned"
    STALE = "stale"
    WRONG = "wrong"
    REPLAYED = "replayed"


def preview(timestamp: bytes | None, signature: bytes | None, now: float) -> Verdict | None:
    """Refuse what no body can make good, before one is read; None when it takes the body to tell."""
    if not timestamp or not signature:
        return Verdict.UNSIGNED
    if not timestamp.isdigit() or len(timestamp) > 12 or not _FORM.fullmatch(signature):
        return Verdict.WRONG
    return Verdict.STALE if abs(now - int(timestamp)) > WINDOW else None


class Signatures:
    """Verifies signatures over raw bytes and remembers the good ones, so that none works twice."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        self._secrets = secrets
        self._seen: OrderedDict[str, float] = OrderedDict()

    def verify(self, body: bytes, timestamp: bytes | None, signature: bytes | None, now: float) -> Verdict:
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
            return Verdict.WRONG
        return self._once(signature.decode(), now)

    def _once(self, signature: str, now: float) -> Verdict:
        # Only verified requests get here, so a stranger can not fill this.
        while self._seen and next(iter(self._seen.values())) < now - 2 * WINDOW:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return Verdict.REPLAYED
        self._seen[signature] = now
        return Verdict.GOOD
