"""SIP passwords: made by the bot, never typed."""

import secrets
import string
from typing import Final

_LENGTH: Final = 20
_SPECIAL: Final = "~!@#$%^&*()_+"
_NEEDED: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


def new_password() -> str:
    """Make a password of 20 characters: small and capital letters, digits, and one special character."""
    while True:
        letters = [secrets.choice("".join(_NEEDED)) for _ in range(_LENGTH - 1)]
        if all(any(one in needed for one in letters) for needed in _NEEDED):
            letters.insert(secrets.randbelow(_LENGTH), secrets.choice(_SPECIAL))
            return "".join(letters)
