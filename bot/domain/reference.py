"""How operations are named: the id that machines use, and the short reference that people read out."""

import base64
import re
import secrets
from typing import Final

_ID: Final = re.compile(r"[0-9a-f]{32}")

# Crockford's alphabet: no I, L, O, U, so nothing is misheard or misread (crockford.com/base32.html).
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
_REFERENCE_LENGTH: Final = 8
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_operation_id() -> str:
    """Mint an operation id: 32 hex digits, 128 random bits."""
    return secrets.token_hex(16)


def is_operation_id(text: str) -> bool:
    """Tell whether a text can be an operation id."""
    return _ID.fullmatch(text) is not None


def reference(operation_id: str) -> str:
    """Derive the short reference, `XXXX-XXXX`, from the first 40 bits of an operation id."""
    text = base64.b32encode(bytes.fromhex(operation_id)[:5]).decode().translate(_CROCKFORD)
    return f"{text[:4]}-{text[4:]}"


def meant_as_reference(typed: str) -> bool:
    """Tell whether a text that can be read as a reference was hardly typed as anything else.

    “last week” and “Overflow” have eight letters too. References have none of I, L, O and U, and all but one
    in twenty have a digit.
    """
    text = "".join(ch for ch in typed.upper() if ch.isalnum())
    return set(text) <= set(_ALPHABET) and ("-" in typed or any(ch.isdigit() for ch in text))


def normal_reference(typed: str) -> str | None:
    """Read a reference as a person typed it, or None when it cannot be one.

    Case, spaces, dashes and backticks do not matter, and I, L, O are read as 1, 1, 0.
    """
    text = "".join(ch for ch in typed.upper() if ch.isalnum()).translate(_MISREAD)
    if len(text) != _REFERENCE_LENGTH or not set(text) <= set(_ALPHABET):
        return None
    return f"{text[:4]}-{text[4:]}"
