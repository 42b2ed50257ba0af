"""What a driver or the system says of trouble with the database, in words that hold nothing of a password."""

import errno
import re
import sqlite3
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.check import quoted
from bot.runtime.errors import BotError

# The database is away, locked or full: waiting helps. Anything else is a defect, and the sweep looks.
PASSING: Final = (OperationalError, InterfaceError, PoolTimeoutError)
# Of SQLite's codes (sqlite.org/rescode.html): busy, locked, an error of the disk, full.
_PASSING_CODES: Final = frozenset({5, 6, 10, 13})
# Of Postgres' own words none is quoted: they repeat parts of the URL, and the password could be one of them.
_SIGNS: Final = tuple(
    (re.compile(sign, re.IGNORECASE), words)
    for sign, words in (
        ("password authentication failed|no password supplied", "the user or the password is wrong"),
        ("no pg_hba.conf entry", "the server does not let this user in from here, or only with TLS"),
        ("(database|role) .*does not exist", r"there is no such \1"),
        ("(relation|column|function) .*does not exist", r"a \1 that the bot needs is missing"),
        (
            "permission denied for (database|schema)",
            r"the user may not create anything in this \1, or not use it",
        ),
        ("permission denied", "the user may not read and write all tables of the bot, with their sequences"),
        ("row-level security", "row-level security keeps rows of the bot's own tables from the user"),
        ("must be owner", "the tables belong to another user, and only that one may change them"),
        ("no schema has been selected", "the search_path of the user names no schema that is there"),
        ("read-only transaction", "the server may only be read: it is a copy, or set so"),
        ("transaction blocks not allowed", "a pooler in statement mode is between"),
        ("unsupported startup parameter", "a pooler is between that does not take the options of the URL"),
        ("no space left|disk full|could not extend", "the disk of the server is full"),
        ("statement timeout", "the server gives up what takes longer than its statement_timeout"),
        ("idle-in-transaction", "the server ends transactions after its idle_in_transaction_session_timeout"),
        ("lock timeout", "somebody else holds a lock for longer than the server's lock_timeout"),
        ("invalid port", "the port in the URL is none"),
        ("definition of service", "the URL names a service that is not defined here"),
        (r"(invalid|bad) .*value", "an option in the URL has a value that Postgres does not take"),
        ("on socket .*No such file", "no server listens at this socket"),
        ("refused", "nothing listens at this host and port: the connection was refused"),
        ("resolve|translate host name", "there is no such host"),
        ("time(d)? ?out", "no answer came in time"),
        ("invalid connection option|unrecognized", "an option in the URL is none of Postgres'"),
        ("too many (clients|connections)|connection slots", "the server takes no more connections"),
        ("starting up|shutting down", "the server is starting or stopping"),
        (r"\b(ssl|tls|certificate)\b", "it was not agreed on TLS: see sslmode"),
    )
)


class DamagedDatabaseError(BotError, SQLAlchemyError):
    """Tables, keys or sequences are not as the bot made them; the message says which."""


# What somebody can mend at a Postgres while a bot waits: a right, a schema, a setting of the server's.
_CURES: Final = {
    "42501": "Let the bot's user create: GRANT CREATE ON DATABASE … and ON SCHEMA public TO ….",
    "57014": "Give the bot's user more time: ALTER ROLE … SET statement_timeout = 0.",
    "3F000": "Let the search_path of the bot's user name a schema in which it may create.",
    "25006": "Name the primary server in DATABASE_URL.",
    "53100": "Make room on the server's disk.",
}
_MISWRITTEN: Final = re.compile("invalid port|definition of service|(invalid|bad) .*value", re.IGNORECASE)
_FORBIDDEN: Final = "42501"
_GONE: Final = frozenset({"42P01", "42703", "42883"})  # a table, a column or a function
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL: Final = "Make room on the disk."
_CURE: Final = "Check DATABASE_URL, and whether the database runs."
_GRANT: Final = (
    "Let the bot's user own its tables, or GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES, USAGE ON ALL "
    "SEQUENCES and EXECUTE ON ALL FUNCTIONS IN SCHEMA public, dbos TO …."
)
_TO_CREATE: Final = re.compile("permission denied for (database|schema)")
_WHOLE: Final = (
    "Restore a backup as a whole, tables with their keys, sequences, functions and triggers; or name another "
    "database in DATABASE_URL."
)


def cure(error: BaseException) -> str:
    """Say what to do about it."""
    cause = getattr(error, "orig", None) or error
    if primary_code(cause) == sqlite3.SQLITE_FULL or getattr(cause, "errno", None) in _NO_ROOM:
        return _FULL
    if isinstance(error, DamagedDatabaseError):
        return _WHOLE
    state = getattr(cause, "sqlstate", None)
    if state in _GONE:
        return _WHOLE
    if state == _FORBIDDEN and not _TO_CREATE.search(str(cause)):
        return _GRANT
    return _CURES.get(state or "", _CURE)


def waiting_helps(error: BaseException) -> bool:
    """Tell whether a database that cannot be opened may be opened later, with the settings as they are."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return primary_code(cause) in _PASSING_CODES
    if _MISWRITTEN.search(str(cause)):
        return False
    return isinstance(error, PASSING) or getattr(cause, "sqlstate", None) in _CURES


def primary_code(error: BaseException) -> int | None:
    """Return SQLite's code of an error without its details, None where there is none."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def in_words(error: Exception) -> str:
    """Say in one line what was wrong: the system's and SQLite's words, and of Postgres' what they mean."""
    cause = getattr(error, "orig", None) or error
    if isinstance(error, BotError):
        return str(error)
    if isinstance(cause, OSError | sqlite3.Error):
        line = next(iter(str(cause).splitlines()), "")
        return quoted(line, 200) or type(cause).__name__
    for sign, words in _SIGNS:
        if (found := sign.search(str(cause))) is not None:
            return found.expand(words)
    state = getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__}, SQLSTATE {state}" if state else type(cause).__name__
