"""Certificates of the sandbox, made at each start: no private key is kept anywhere.

X.509 by hand (RFC 5280, and RFC 8410 for Ed25519) because it takes sixty lines, and the library that could
do it is larger than all others of the sandbox together.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from nacl.signing import SigningKey

_ED25519: Final = bytes.fromhex("300506032b6570")  # the algorithm's identifier
_COMMON_NAME: Final = bytes.fromhex("0603550403")
_CRITICAL: Final = b"\x01\x01\xff"
_BASIC_CONSTRAINTS: Final = bytes.fromhex("0603551d13")
_KEY_USAGE: Final = bytes.fromhex("0603551d0f")
_SUBJECT_KEY: Final = bytes.fromhex("0603551d0e")
_NAMES: Final = bytes.fromhex("0603551d11")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that vouches for itself, and its key, as PEM."""

    certificate: str
    key: str


def make_certificate(name: str, begins: datetime, ends: datetime) -> Certificate:
    """Make a certificate for a host name, which may begin with `*.`."""
    key = SigningKey.generate()
    public = _der(0x30, _ED25519, _bits(bytes(key.verify_key)))
    # Each is called otherwise: OpenSSL looks for an issuer by its name, and takes the first one.
    own = f"Trunk sandbox {secrets.token_hex(4)}"
    called = _der(0x30, _der(0x31, _der(0x30, _COMMON_NAME, _der(0x0C, own.encode()))))
    extensions = _der(
        0x30,
        # It is its own authority; the key may sign handshakes (bit 0) and certificates (bit 5).
        _der(0x30, _BASIC_CONSTRAINTS, _CRITICAL, _der(0x04, _der(0x30, b"\x01\x01\xff"))),
        _der(0x30, _KEY_USAGE, _CRITICAL, _der(0x04, b"\x03\x02\x02\x84")),
        _der(0x30, _SUBJECT_KEY, _der(0x04, _der(0x04, hashlib.sha256(public).digest()[:20]))),
        _der(0x30, _NAMES, _der(0x04, _der(0x30, _der(0x82, name.encode())))),
    )
    content = _der(
        0x30,
        _der(0xA0, b"\x02\x01\x02"),  # version 3
        _der(0x02, b"\x01" + secrets.token_bytes(15)),
        _ED25519,
        called,
        _der(0x30, _time(begins), _time(ends)),
        called,
        public,
        _der(0xA3, extensions),
    )
    signed = _der(0x30, content, _ED25519, _bits(key.sign(content).signature))
    private = _der(0x30, b"\x02\x01\x00", _ED25519, _der(0x04, _der(0x04, bytes(key))))
    return Certificate(_pem("CERTIFICATE", signed), _pem("PRIVATE KEY", private))


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _bits(content: bytes) -> bytes:
    return _der(0x03, b"\x00", content)


def _time(moment: datetime) -> bytes:
    return _der(0x18, f"{moment.astimezone(UTC):%Y%m%d%H%M%SZ}".encode())


def _pem(label: str, content: bytes) -> str:
    text = base64.encodebytes(content).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n"
