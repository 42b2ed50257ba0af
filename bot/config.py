"""Settings from the environment and `.env`; every problem is reported at once, in a deployer's words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.policy import Members, Policy

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

T = TypeVar("T")


def _wrong(message: str) -> PydanticCustomError:
    # Custom errors carry no input, so a secret can not reach the report.
    return PydanticCustomError("setting", "{message}", {"message": message})


def _words(value: object) -> list[str]:
    return [word for part in str(value).split(",") if (word := part.strip())]


def _members(value: object) -> object:
    if isinstance(value, Members):
        return value
    words = _words(value)
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


def _channels(value: object) -> object:
    if isinstance(value, frozenset):
        return value
    words = _words(value)
    bad = [word for word in words if not _CHANNEL.fullmatch(word)]
    if bad:
        raise _wrong(
            f"{', '.join(bad)}: not a Slack channel id (C…). In Slack: channel name > About > Channel ID."
        )
    return frozenset(words)


def _one_channel(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        raise _wrong("must be one Slack channel id (C…)")
    return value


def _duration(value: object) -> object:
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


def _starts(prefix: str, where: str) -> Callable[[SecretStr], SecretStr]:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix):
            raise _wrong(f"must start with {prefix} ({where})")
        return value

    return check


def _signing_secret(value: SecretStr) -> SecretStr:
    if not 1 <= len(_words(value.get_secret_value())) <= 2:
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


def _one_word(value: SecretStr) -> SecretStr:
    # httpx would refuse a header with such characters, at the first call, with the token in its message.
    if not re.fullmatch(r"[\x21-\x7e]+", value.get_secret_value()):
        raise _wrong("must be printable ASCII without spaces")
    return value


def _needed_for_http(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
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
_DATABASE: Final = SecretStr("sqlite:///trunk-bot.db")


class Settings(BaseSettings):
    """Everything a deployer decides. Names are the environment variables, in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    slack_bot_token: Annotated[SecretStr, AfterValidator(_starts("xoxb-", "OAuth & Permissions"))]
    # Set: Socket Mode, where nothing is signed.
    slack_app_token: (
        Annotated[SecretStr, AfterValidator(_starts("xapp-", "Basic Information > App-Level Tokens"))] | None
    ) = None
    slack_signing_secret: Annotated[
        Annotated[SecretStr, AfterValidator(_signing_secret)] | None,
        Field(validate_default=True),
        AfterValidator(_needed_for_http),
    ] = None
    slack_api_url: Address = "https://slack.com/api"
    vobiz_auth_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    vobiz_auth_token: Annotated[SecretStr, AfterValidator(_one_word)]
    vobiz_api_url: Address = "https://api.vobiz.ai"
    vobiz_timeout: Annotated[float, Field(gt=0, le=120)] = 10
    vobiz_settle: Annotated[float, Field(gt=0, le=3600)] = 60
    vobiz_tag_trunks: bool = False
    database_url: DatabaseUrl = _DATABASE
    host: str = "0.0.0.0"  # noqa: S104 - a Procfile host routes to the container's address
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] | None = None
    trunk_command: CommandName = "/trunk"
    trunk_operators: Annotated[Members, NoDecode, BeforeValidator(_members)] = Members()
    trunk_requesters: Annotated[Members, NoDecode, BeforeValidator(_members)] = Members()
    trunk_approval_above: Annotated[int, Field(ge=1)] | None = None
    trunk_approvals_channel: Annotated[str, AfterValidator(_one_channel)] | None = None
    trunk_approval_ttl: Annotated[timedelta, BeforeValidator(_duration)] = timedelta(hours=24)
    trunk_break_glass: bool = True
    trunk_channels: Annotated[frozenset[str], NoDecode, BeforeValidator(_channels)] = frozenset()
    trunk_max_calls: Annotated[int, Field(ge=1, le=1_000_000)] = 1000

    @property
    def signing_secrets(self) -> tuple[bytes, ...]:
        """One signing secret, or the two that are valid while it is rotated; none in Socket Mode."""
        secret = self.slack_signing_secret
        return tuple(word.encode() for word in _words(secret.get_secret_value())) if secret else ()

    @property
    def policy(self) -> Policy:
        """The deployer's rules about people, channels and amounts."""
        return Policy(
            operators=self.trunk_operators,
            channels=self.trunk_channels,
            max_calls=self.trunk_max_calls,
            requesters=self.trunk_requesters,
            approval_above=self.trunk_approval_above,
            break_glass=self.trunk_break_glass,
        )


class DatabaseSettings(BaseSettings):
    """All that a command needs which only reads the record."""

    model_config = Settings.model_config

    database_url: DatabaseUrl = _DATABASE


class CommandSettings(BaseSettings):
    """All that the manifest needs."""

    model_config = Settings.model_config

    trunk_command: CommandName = "/trunk"


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with the configuration, one line a variable; `names` are those of the settings."""

    lines: tuple[str, ...]
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Partial:
    """The settings as far as they are right. Those in `wrong` hold stand-ins, which must not be used."""

    settings: Settings
    wrong: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def load(**given: object) -> Settings | Problems:
    """Read the settings; `given` values win over the environment and `.env`."""
    return _read(lambda: Settings(**given))  # type: ignore[arg-type]  # pydantic checks what mypy can not see


# For required settings, so that the others can be read without them. A wrong app token still means Socket
# Mode, which needs no signing secret.
_STAND_INS: Final = {
    "slack_bot_token": "xoxb-",
    "slack_app_token": "xapp-",
    "slack_signing_secret": "-",
    "vobiz_auth_id": "-",
    "vobiz_auth_token": "-",
}


def load_partly(**given: object) -> Partial:
    """Read the settings as `load` does; what is missing or wrong does not hide the rest."""
    found = load(**given)
    if isinstance(found, Settings):
        return Partial(found)
    if not found.names:
        # It is `.env` that can not be read: of no setting is it known what it should be.
        rest = load_partly(_env_file=None, **given).settings
        return Partial(rest, frozenset(Settings.model_fields), found.lines)
    lines, wrong = found.lines, found.names
    while isinstance(found := load(**(given | {name: _stand_in(name) for name in wrong})), Problems):
        if found.names <= wrong:
            raise AssertionError("unreachable: a stand-in is right")
        wrong |= found.names
    return Partial(found, wrong, lines)


def _stand_in(name: str) -> object:
    return _STAND_INS.get(name) or Settings.model_fields[name].default


def load_database() -> DatabaseSettings | Problems:
    """Read the one setting that names the database."""
    return _read(DatabaseSettings)


def load_command() -> CommandSettings | Problems:
    """Read the one setting that names the command."""
    return _read(CommandSettings)


def _read(settings: Callable[[], T]) -> T | Problems:
    try:
        return settings()
    except ValidationError as error:
        return _problems(error)
    except UnicodeDecodeError as error:
        return Problems((f".env is not UTF-8 (byte {error.start + 1}): save it as that",))
    except OSError as error:
        return Problems((f".env can not be read ({error.strerror})",))


def _problems(error: ValidationError) -> Problems:
    return Problems(
        tuple(_line(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()),
        frozenset(str(problem["loc"][0]) for problem in error.errors() if problem["loc"]),
    )


# What pydantic says in its own jargon.
_WORDS: Final = {
    "string_pattern_mismatch": "must be letters, digits, _ or -",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
}


def _line(location: tuple[int | str, ...], kind: str, message: str) -> str:
    if not location:
        return message
    variable = str(location[0]).upper()
    if kind == "missing":
        return f"{variable} is not set"
    if kind == "unset":
        return f"{variable} {message}"
    message = _WORDS.get(kind, message)
    return f"{variable}: {message[:1].lower()}{message[1:]}"
