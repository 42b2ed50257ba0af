"""What a driver or the system says of trouble, in words that hold nothing of a password."""

import re
import sqlite3
from typing import Final

from bot.domain.check import quoted

# Of Postgres' own words none is quoted: they repeat parts of the URL, and the password could be one of them.
_SIGNS: Final = tuple(
    (re.compile(sign, re.IGNORECASE), words)
    for sign, words in (
        ("password authentication failed|no password supplied", "the user or the password is wrong"),
        ("no pg_hba.conf entry", "the server does not let this user in from here, or only with TLS"),
        ("(database|role) .*does not exist", r"there is no such \1"),
        ("refused", "nothing listens at this host and port: the connection was refused"),
        ("resolve|translate host name", "there is no such host"),
        ("time(d)? ?out", "no answer came in time"),
        ("invalid connection option|unrecognized", "an option in the URL is none of Postgres'"),
        ("too many (clients|connections)|connection slots", "the server takes no more connections"),
        ("starting up|shutting down", "the server is starting or stopping"),
        (r"\b(ssl|tls|certificate)\b", "it was not agreed on TLS: see sslmode"),
    )
)


def in_words(error: Exception) -> str:
    """Say in one line what was wrong: the system's and SQLite's words, and of Postgres' what they mean."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError | sqlite3.Error):
        line = next(iter(str(cause).splitlines()), "")
        return quoted(line, 200) or type(cause).__name__
    for sign, words in _SIGNS:
        if (found := sign.search(str(cause))) is not None:
            return found.expand(words)
    state = getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__}, SQLSTATE {state}" if state else type(cause).__name__
