"""Slack's signature: over raw bytes, five minutes, two secrets, and each good once."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.observer import Signature
from bot.server.signature import Signatures

NOW = 1_800_000_000
BODY = b"command=%2Ftrunk"


def signed(secret: bytes, body: bytes = BODY, at: int = NOW) -> tuple[bytes, bytes]:
    stamp = str(at).encode()
    return stamp, b"v0=" + hmac.new(secret, b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest().encode()


@pytest.mark.parametrize("secret", [b"old", b"new"])
def test_both_secrets_count_during_rotation(secret: bytes) -> None:
    assert Signatures((b"old", b"new")).verify(BODY, *signed(secret), NOW) is Signature.GOOD


@pytest.mark.parametrize(
    ("skew", "verdict"),
    [
        (0, Signature.GOOD),
        (300, Signature.GOOD),
        (-300, Signature.GOOD),
        (301, Signature.STALE),
        (-301, Signature.STALE),
    ],
)
def test_five_minutes_to_either_side(skew: int, verdict: Signature) -> None:
    assert Signatures((b"s",)).verify(BODY, *signed(b"s", at=NOW + skew), NOW) is verdict


@pytest.mark.parametrize(
    ("stamp", "signature", "verdict"),
    [
        (None, b"v0=1", Signature.UNSIGNED),
        (b"1800000000", None, Signature.UNSIGNED),
        (b"", b"", Signature.UNSIGNED),
        (b"soon", b"v0=1", Signature.WRONG),
        (b"-1", b"v0=1", Signature.WRONG),
        (b"1" * 5000, b"v0=1", Signature.WRONG),
        (b"1800000000", b"v0=\xff\xfe", Signature.WRONG),
        (b"1800000000", signed(b"other")[1], Signature.WRONG),
    ],
)
def test_everything_else_is_refused(stamp: bytes | None, signature: bytes | None, verdict: Signature) -> None:
    assert Signatures((b"s",)).verify(BODY, stamp, signature, NOW) is verdict


def test_another_body_is_refused() -> None:
    assert Signatures((b"s",)).verify(BODY + b" ", *signed(b"s"), NOW) is Signature.WRONG


def test_a_good_request_is_good_once_for_as_long_as_its_signature_lives() -> None:
    signatures = Signatures((b"s",))
    stamp, signature = signed(b"s", at=NOW + 300)
    assert signatures.verify(BODY, stamp, signature, NOW) is Signature.GOOD
    assert signatures.verify(BODY, stamp, signature, NOW + 1) is Signature.REPLAYED
    assert signatures.verify(BODY, stamp, signature, NOW + 600) is Signature.REPLAYED


def test_what_was_seen_is_forgotten_when_it_can_not_come_again() -> None:
    signatures = Signatures((b"s",))
    for minute in range(0, 7200, 60):
        signatures.verify(BODY, *signed(b"s", at=NOW + minute), NOW + minute)
    assert len(signatures._seen) <= 12


@given(st.binary(), st.binary(), st.binary())
def test_nothing_raises_and_nothing_random_passes(body: bytes, stamp: bytes, signature: bytes) -> None:
    assert Signatures((b"s",)).verify(body, stamp, signature, NOW) is not Signature.GOOD
