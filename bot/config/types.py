"""What one variable may hold: ids, times, addresses, secrets. A wrong secret is never quoted."""

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from bot.config.cleaning import wrong
from bot.domain.policy import Members

_USER: Final = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP: Final = re.compile(r"S[A-Z0-9]{2,}")
_CHANNEL: Final = re.compile(r"[CGD][A-Z0-9]{2,}")
_DATABASE_FORM: Final = "must be sqlite:///file.db, or postgres://user:password@host/database"
_COMMAND: Final = re.compile(r"/[^\s/]{1,31}")  # the manifest schema allows 2 to 32 characters
_KEY_MIN: Final = 32  # characters; in hex, 128 bits
_SIGNS_MIN: Final = 10  # different ones: of 32 random hex digits one in 10,000 has fewer
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_TTL_MIN: Final = timedelta(minutes=1)
_TTL_MAX: Final = timedelta(days=30)  # the engine forgets after that
_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}


# What is quoted must be no secret that stands in the wrong place: those are longer, or begin so.
_QUOTABLE: Final = re.compile(r"(?!xox|xapp)[@#]?\w[\w.-]{0,19}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEX: Final = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
_HOST: Final = re.compile(r"[A-Za-z0-9._:%-]{0,253}|\[[0-9A-Fa-f:.%a-z]+\]")


def listed(value: object) -> list[str]:
    """Split a list at its commas."""
    return [word for part in str(value).split(",") if (word := part.strip())]


def _quoted(words: list[str]) -> str:
    """Name what is wrong, unless it may be a secret that somebody put into the wrong line."""
    if all(_QUOTABLE.fullmatch(word) and not _HEX.fullmatch(word) for word in words):
        return ", ".join(words)
    return "it holds something"


def members(value: object) -> object:
    """Read user ids, user-group ids and `*`."""
    if isinstance(value, Members):
        return value
    words = listed(value)
    bad = [word for word in words if word != "*" and not (_USER.fullmatch(word) or _GROUP.fullmatch(word))]
    if bad:
        raise wrong(
            f"{_quoted(bad)}: not a Slack id. Give user ids (U… or W…), user-group ids (S…) or *, "
            "separated by commas. In Slack: profile > ⋮ > Copy member ID."
        )
    return Members(
        users=frozenset(word for word in words if _USER.fullmatch(word)),
        groups=frozenset(word for word in words if _GROUP.fullmatch(word)),
        everyone="*" in words,
    )


def channels(value: object) -> object:
    """Read channel ids."""
    if isinstance(value, frozenset):
        return value
    words = listed(value)
    bad = [word for word in words if not _CHANNEL.fullmatch(word)]
    if bad:
        raise wrong(
            f"{_quoted(bad)}: not a Slack channel id (C…). In Slack: channel name > About > Channel ID."
        )
    return frozenset(words)


def kinds(value: object) -> object:
    """Read names of kinds."""
    if isinstance(value, frozenset):
        return value
    words = listed(value)
    if not all(_KIND.fullmatch(word) for word in words):
        raise wrong("must be names of kinds such as create_trunk, separated by commas")
    return frozenset(words)


def one_channel(value: str) -> str:
    """Take one channel id."""
    if not _CHANNEL.fullmatch(value):
        raise wrong("must be one Slack channel id (C…)")
    return value


def duration(value: object) -> object:
    """Read a time such as 30m, 24h or 7d."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"\s*(\d{1,4})\s*([mhd])\s*", str(value))
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not _TTL_MIN <= length <= _TTL_MAX:
        raise wrong("must be a time such as 30m, 24h or 7d, from 1m to 30d")
    return length


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value) or not _to_a_host(value):
        raise wrong("must be an address such as https://example.com")
    return value.rstrip("/")


def _to_a_host(value: str) -> bool:
    """Tell whether an address names a host, perhaps with a port, and no user; clients fall over the rest."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
        named = ":" in host or (re.fullmatch(r"[\w.-]+", host) is not None and bool(host.encode("idna")))
    except ValueError:  # no IPv6 address, no port, or no name that DNS could have
        return False
    return named and port != 0 and "@" not in parts.netloc


def starts(prefix: str, where: str) -> Callable[[SecretStr], SecretStr]:
    """Make the check that a secret starts with `prefix`; `where` is its page in the app's settings."""

    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix):
            raise wrong(f"must start with {prefix} ({where})")
        return one_word(value)

    return check


def signing_secret(value: SecretStr) -> SecretStr:
    """Take one secret, or two while it is rotated."""
    secrets = listed(value.get_secret_value())
    if not 1 <= len(secrets) <= 2:
        raise wrong("must be one secret, or two separated by a comma while you rotate it")
    for secret in secrets:
        one_word(SecretStr(secret))
    return value


def audit_key(value: SecretStr) -> SecretStr:
    """Take one key, or two while it is rotated, none of which can be guessed."""
    keys = listed(value.get_secret_value())
    if not 1 <= len(keys) <= 2 or len(set(keys)) < len(keys):
        raise wrong(
            "must be one key, or the new one and the old one with a comma between while you rotate it"
        )
    if not all(_random(key) for key in keys):
        raise wrong(f"must be {_KEY_MIN} random characters or more: make one with `openssl rand -hex 32`")
    return value


def _random(key: str) -> bool:
    """Tell what a generator may have made from a word, a row of one sign, and a word said again."""
    again = key in (key + key)[1:-1]
    return (
        re.fullmatch(f"[!-~]{{{_KEY_MIN},}}", key) is not None and len(set(key)) >= _SIGNS_MIN and not again
    )


def _database(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _DRIVERS or not rest.strip("/"):
        raise wrong(_DATABASE_FORM)
    if scheme == "sqlite":
        _sqlite_file(rest)
    url = f"{_DRIVERS[scheme]}://{rest}"
    if not scheme.startswith("sqlite"):
        from sqlalchemy import make_url  # noqa: PLC0415 - only then: it takes 0.1 s to load
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - same

        if rest.count("@") > 1:
            # What follows the first would be taken for the host, and said wherever hosts are.
            raise wrong("has more than one @: write those in the user, the password and elsewhere as %40")
        try:
            make_url(url)
        except (SQLAlchemyError, ValueError):
            # Where the database is opened, the error would quote a part of the URL: the password's, perhaps.
            raise wrong(_DATABASE_FORM) from None
    return SecretStr(url)


def _sqlite_file(rest: str) -> None:
    if ":memory:" in rest or "mode=memory" in rest:
        raise wrong("must be a file: what was accepted has to outlive the process")
    if not rest.startswith("/"):
        raise wrong("needs three slashes before a path from here, and four before one from the root")
    if "?" in rest:
        raise wrong("has a ? in it: a file takes no options, and its path must do without")
    if rest.startswith("/~"):
        raise wrong("begins with ~, which only a shell reads: write the whole path")


def one_word(value: SecretStr) -> SecretStr:
    """Take a secret that fits into a header."""
    text = value.get_secret_value()
    # httpx would refuse a header with such characters, at the first call, with the token in its message.
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        comment = ": does a comment follow the value?" if " #" in text else ""
        raise wrong(f"must be printable ASCII without spaces{comment}")
    return value


def host(value: str) -> str:
    """Take a name or an address to listen on; `::` is every address there is, as an empty one."""
    if not _HOST.fullmatch(value):
        raise wrong("must be an address such as 127.0.0.1 or ::1; without it all addresses are listened on")
    value = value.strip("[]")
    return "" if value == "::" else value


def upper(value: object) -> object:
    """Write a word in capitals."""
    return value.upper() if isinstance(value, str) else value


def lower(value: object) -> object:
    """Write a word in small letters."""
    return value.lower() if isinstance(value, str) else value


def loopback_server(value: str) -> str:
    """Take the address and port of a server on this machine's loopback, such as 127.0.0.1:5300."""
    host, _, port = value.rpartition(":")
    try:
        there = ipaddress.ip_address(host.strip("[]")).is_loopback and 0 < int(port) < 65536
    except ValueError:
        there = False
    if not there:
        raise wrong("must be an address of this machine's loopback and a port, and is for the sandbox only")
    return value


def needed_for_http(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    """Refuse a signing secret that is not set, unless an app token is: Socket Mode needs none."""
    # A wrong app token is missing from `data`, and then it is not known which of the two is meant.
    if value is None and info.data.get("slack_app_token", ...) is None:
        raise PydanticCustomError("unset", "is not set, nor is SLACK_APP_TOKEN for Socket Mode")
    return value


def _slash_command(value: str) -> str:
    if not _COMMAND.fullmatch(value):
        raise wrong("must start with / and have 2 to 32 characters without spaces")
    return value


Host = Annotated[str, AfterValidator(host)]
Upper = BeforeValidator(upper)
Lower = BeforeValidator(lower)
Address = Annotated[str, AfterValidator(_web_address)]
CommandName = Annotated[str, AfterValidator(_slash_command)]
DatabaseUrl = Annotated[SecretStr, Field(validate_default=True), AfterValidator(_database)]
