"""Settings from the environment and `.env`; every problem is reported at once, in a deployer's words."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.config.cleaning import sound, without_empty
from bot.config.surroundings import Slips, slips
from bot.config.types import (
    Address,
    CommandName,
    DatabaseUrl,
    Host,
    Lower,
    Upper,
    audit_key,
    channels,
    duration,
    kinds,
    listed,
    loopback_server,
    members,
    needed_for_http,
    one_channel,
    one_word,
    signing_secret,
    starts,
)
from bot.domain.policy import Members, Policy

T = TypeVar("T")


_FILE: Final = ".env"
logging.getLogger("dotenv.main").disabled = True  # what it cannot read we tell in our words
_DATABASE: Final = SecretStr("sqlite:///trunk-bot.db")
AuditKey = Annotated[SecretStr, AfterValidator(audit_key)] | None


class _Variables(BaseSettings):
    """How every variable is read: from the environment or `.env`, and cleaned before anything looks at it."""

    model_config = SettingsConfigDict(
        env_file=_FILE,
        env_file_encoding="utf-8-sig",  # some editors begin a file with a byte order mark
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, given: dict[str, object]) -> dict[str, object]:
        return without_empty(given)

    @field_validator("*", mode="before")
    @classmethod
    def _sound(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str) or info.field_name is None:
            return value
        return sound(
            value, info.field_name.upper(), frozenset(name.upper() for name in Settings.model_fields)
        )


class Settings(_Variables):
    """Everything a deployer decides. Names are the environment variables, in lower case."""

    slack_bot_token: Annotated[SecretStr, AfterValidator(starts("xoxb-", "OAuth & Permissions"))]
    # Set: Socket Mode, where nothing is signed.
    slack_app_token: (
        Annotated[SecretStr, AfterValidator(starts("xapp-", "Basic Information > App-Level Tokens"))] | None
    ) = None
    slack_signing_secret: Annotated[
        Annotated[SecretStr, AfterValidator(signing_secret)] | None,
        Field(validate_default=True),
        AfterValidator(needed_for_http),
    ] = None
    slack_api_url: Address = "https://slack.com/api"
    vobiz_auth_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    vobiz_auth_token: Annotated[SecretStr, AfterValidator(one_word)]
    vobiz_api_url: Address = "https://api.vobiz.ai"
    vobiz_timeout: Annotated[float, Field(gt=0, le=120)] = 10
    vobiz_settle: Annotated[float, Field(gt=0, le=3600)] = 60
    vobiz_tag_trunks: bool = False
    database_url: DatabaseUrl = _DATABASE
    host: Host = ""  # all addresses
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Upper] = "INFO"
    log_format: Annotated[Literal["text", "json"] | None, Lower] = None
    trunk_command: CommandName = "/trunk"
    trunk_operators: Annotated[Members, NoDecode, BeforeValidator(members)] = Members()
    trunk_requesters: Annotated[Members, NoDecode, BeforeValidator(members)] = Members()
    trunk_approval_above: Annotated[int, Field(ge=1)] | None = None
    # Names of kinds. Which there are is compared at the start (bot.start): this layer knows none.
    trunk_approval_for: Annotated[frozenset[str], NoDecode, BeforeValidator(kinds)] = frozenset()
    trunk_approvals_channel: Annotated[str, AfterValidator(one_channel)] | None = None
    trunk_approval_ttl: Annotated[timedelta, BeforeValidator(duration)] = timedelta(hours=24)
    trunk_break_glass: bool = True
    trunk_channels: Annotated[frozenset[str], NoDecode, BeforeValidator(channels)] = frozenset()
    trunk_probe: bool = False
    trunk_watch_calls: bool = True
    trunk_probe_sandbox: Annotated[str, AfterValidator(loopback_server)] | None = None
    trunk_max_calls: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    trunk_audit_key: AuditKey = None

    @property
    def signing_secrets(self) -> tuple[bytes, ...]:
        """One signing secret, or the two that are valid while it is rotated; none in Socket Mode."""
        return _secrets(self.slack_signing_secret)

    @property
    def audit_keys(self) -> tuple[bytes, ...]:
        """The key that seals the record, and the one before it while it is rotated; none: not sealed."""
        return _secrets(self.trunk_audit_key)

    @property
    def sandbox_dns(self) -> tuple[str, int] | None:
        """The sandbox's DNS server, if the bot is in one."""
        host, _, port = (self.trunk_probe_sandbox or "").rpartition(":")
        return (host.strip("[]"), int(port)) if port else None

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
            approval_for=self.trunk_approval_for,
        )


class DatabaseSettings(_Variables):
    """All that a command needs which only reads the record."""

    database_url: DatabaseUrl = _DATABASE
    trunk_audit_key: AuditKey = None

    @property
    def audit_keys(self) -> tuple[bytes, ...]:
        """The keys that seal the record, as the bot has them."""
        return _secrets(self.trunk_audit_key)


class CommandSettings(_Variables):
    """All that the manifest needs."""

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
    return _looked_around(Settings, lambda: _load(**given))


def _load(**given: object) -> Settings | Problems:
    return _read(lambda: Settings(**given))  # type: ignore[arg-type]  # pydantic checks what mypy cannot see


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
    beside = _beside(Settings)
    if isinstance(beside, Problems):
        # It is `.env` that cannot be read: of no setting is it known what it should be.
        rest = _load_right(_env_file=None, **given).settings
        return Partial(rest, frozenset(Settings.model_fields), beside.lines)
    known = _load_right(**given)
    return Partial(known.settings, known.wrong | beside.names, (*beside.lines, *known.problems))


def _load_right(**given: object) -> Partial:
    found = _load(**given)
    if isinstance(found, Settings):
        return Partial(found)
    lines, wrong = found.lines, found.names
    while isinstance(found := _load(**(given | {name: _stand_in(name) for name in wrong})), Problems):
        if found.names <= wrong:
            raise AssertionError("unreachable: a stand-in is right")
        wrong |= found.names
    return Partial(found, wrong, lines)


def _stand_in(name: str) -> object:
    return _STAND_INS.get(name) or Settings.model_fields[name].default


def load_database() -> DatabaseSettings | Problems:
    """Read what the record needs: where it is, and the keys that seal it."""
    return _looked_around(DatabaseSettings, lambda: _read(DatabaseSettings))


def load_command() -> CommandSettings | Problems:
    """Read the one setting that names the command."""
    return _looked_around(CommandSettings, lambda: _read(CommandSettings))


def _secrets(value: SecretStr | None) -> tuple[bytes, ...]:
    return () if value is None else tuple(word.encode() for word in listed(value.get_secret_value()))


def _looked_around(model: type[_Variables], read: Callable[[], T | Problems]) -> T | Problems:
    beside = _beside(model)
    if isinstance(beside, Problems):
        return beside
    found = read()
    if not beside.lines:
        return found
    more = found if isinstance(found, Problems) else Problems(())
    return Problems((*beside.lines, *more.lines), beside.names | more.names)


def _beside(model: type[_Variables]) -> Slips | Problems:
    names, known = (frozenset(name.upper() for name in of.model_fields) for of in (model, Settings))
    try:
        found = slips(Path(_FILE), names, known, os.environ)
    except UnicodeDecodeError as error:
        return Problems((f"{_FILE} is not UTF-8 (byte {error.start + 1}): save it as that",))
    except OSError as error:
        return Problems((f"{_FILE} cannot be read ({error.strerror})",))
    return Slips(found.lines, frozenset(map(str.lower, found.names)))


def _read(settings: Callable[[], T]) -> T | Problems:
    try:
        return settings()
    except ValidationError as error:
        return _problems(error)


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
