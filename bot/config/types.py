"""What one variable may hold: ids, times, addresses, secrets. A wrong secret is never quoted."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from bot.domain.policy import Members

_USER: Final = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP: Final = re.compile(r"S[A-Z0-9]{2,}")
_CHANNEL: Final = re.compile(r"[CGD][A-Z0-9]{2,}")
_DATABASE_FORM: Final = "must be sqlite:///file.db, or postgres://user:password@host/database"
_COMMAND: Final = re.compile(r"/[^\s/]{1,31}")  # the manifest schema allows 2 to 32 characters
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_TTL_MIN: Final = timedelta(minutes=1)
_TTL_MAX: Final = timedelta(days=30)  # the engine forgets after that
_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}


def _wrong(message: str) -> PydanticCustomError:
    # Custom errors carry no input, so a secret can not reach the report.
    return PydanticCustomError("setting", "{message}", {"message": message})


def listed(value: object) -> list[str]:
    """Split a list at its commas."""
    return [word for part in str(value).split(",") if (word := part.strip())]


def members(value: object) -> object:
    """Read user ids, user-group ids and `*`."""
    if isinstance(value, Members):
        return value
    words = listed(value)
    bad = [word for word in words if word != "*" and not (_USER.fullmatch(word) or _GROUP.fullmatch(word))]
    if bad:
        raise _wrong(
            f"{', '.join(bad)}: not a Slack id. Give user ids (U… or W…), user-group ids (S…) or *, "
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
        raise _wrong(
            f"{', '.join(bad)}: not a Slack channel id (C…). In Slack: channel name > About > Channel ID."
        )
    return frozenset(words)


def kinds(value: object) -> object:
    """Read names of kinds."""
    if isinstance(value, frozenset):
        return value
    return frozenset(listed(value))


def one_channel(value: str) -> str:
    """Take one channel id."""
    if not _CHANNEL.fullmatch(value):
        raise _wrong("must be one Slack channel id (C…)")
    return value


def duration(value: object) -> object:
    """Read a time such as 30m, 24h or 7d."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"\s*(\d{1,4})\s*([mhd])\s*", str(value))
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not _TTL_MIN <= length <= _TTL_MAX:
        raise _wrong("must be a time such as 30m, 24h or 7d, from 1m to 30d")
    return length


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise _wrong("must be an address such as https://example.com")
    return value.rstrip("/")


def starts(prefix: str, where: str) -> Callable[[SecretStr], SecretStr]:
    """Make the check that a secret starts with `prefix`; `where` is its page in the app's settings."""

    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix):
            raise _wrong(f"must start with {prefix} ({where})")
        return value

    return check


def signing_secret(value: SecretStr) -> SecretStr:
    """Take one secret, or two while it is rotated."""
    if not 1 <= len(listed(value.get_secret_value())) <= 2:
        raise _wrong("must be one secret, or two separated by a comma while you rotate it")
    return value


def _database(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _DRIVERS or not rest.strip("/"):
        raise _wrong(_DATABASE_FORM)
    if scheme == "sqlite" and (":memory:" in rest or "mode=memory" in rest):
        raise _wrong("must be a file: what was accepted has to outlive the process")
    url = f"{_DRIVERS[scheme]}://{rest}"
    if not scheme.startswith("sqlite"):
        from sqlalchemy import make_url  # noqa: PLC0415 - only then: it takes 0.1 s to load
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - same

        if rest.count("@") > 1:
            # What follows the first would be taken for the host, and said wherever hosts are.
            raise _wrong("has more than one @: write those in the user, the password and elsewhere as %40")
        try:
            make_url(url)
        except (SQLAlchemyError, ValueError):
            # Where the database is opened, the error would quote a part of the URL: the password's, perhaps.
            raise _wrong(_DATABASE_FORM) from None
    return SecretStr(url)


def one_word(value: SecretStr) -> SecretStr:
    """Take a secret that fits into a header."""
    # httpx would refuse a header with such characters, at the first call, with the token in its message.
    if not re.fullmatch(r"[\x21-\x7e]+", value.get_secret_value()):
        raise _wrong("must be printable ASCII without spaces")
    return value


def needed_for_http(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    """Refuse a signing secret that is not set, unless an app token is: Socket Mode needs none."""
    # A wrong app token is missing from `data`, and then it is not known which of the two is meant.
    if value is None and info.data.get("slack_app_token", ...) is None:
        raise PydanticCustomError("unset", "is not set, nor is SLACK_APP_TOKEN for Socket Mode")
    return value


def _slash_command(value: str) -> str:
    if not _COMMAND.fullmatch(value):
        raise _wrong("must start with / and have 2 to 32 characters without spaces")
    return value


Address = Annotated[str, AfterValidator(_web_address)]
CommandName = Annotated[str, AfterValidator(_slash_command)]
DatabaseUrl = Annotated[SecretStr, Field(validate_default=True), AfterValidator(_database)]
