"""Vobiz's answers as typed values; tolerant, because the vendor's own documents disagree.

Sources: the "Create a Trunk" page and the vendor's OpenAPI. Success bodies come as `trunk_id`,
`trunk_domain`, ... or as `id`, `sip_domain`, ...; unknown keys are ignored. A number or a truth value that
is written as a text is read; a field of any other type reads as None rather than spoiling the rest.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

TEXT_MAX: Final = 500  # upstream text that is kept, in characters; Slack sections hold 3000 in all

UUID: Final = re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# UUIDs are documented. Old samples have other words, and a path segment must be safe to build.
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BRACED: Final = re.compile(r"\{([^{}]+)\}")
_TOO_LARGE: Final = 10**9  # no count of ours has more than nine digits
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_TRUTH: Final = MappingProxyType({"true": True, "false": False})
_STATUS: Final = MappingProxyType(
    {"active": True, "enabled": True, "inactive": False, "disabled": False, **_TRUTH}
)


def _clean(text: str) -> str:
    return "".join(ch if ch.isprintable() else " " for ch in text[:TEXT_MAX]).strip()


def _text(value: object) -> str | None:
    return (_clean(value) or None) if isinstance(value, str) else None


def _domain(value: object) -> str | None:
    # “pending” and “N/A” are words for that there is none yet: a domain that calls can be sent to has a dot.
    text = _text(value)
    return text if text is not None and "." in text.strip(".") else None


def _name(value: object) -> str | None:
    # Kept to the character: a name is compared with what was asked for, and escaped where shown. Only half
    # surrogates and NUL go: JSON can carry them, and neither a database nor Slack takes them.
    if not isinstance(value, str):
        return None
    return value[:1000].encode(errors="replace").decode().replace("\0", "?")


def _identity(value: object) -> object:
    # The same id may come as a number, or in braces; what is in them is what paths and lists have.
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    return braced[1] if isinstance(value, str) and (braced := _BRACED.fullmatch(value)) else value


def read_id(value: object) -> str | None:
    """Read the id of a record: 1 to 64 letters, digits, dashes and underscores."""
    identity = _identity(value)
    return identity if isinstance(identity, str) and _ID.fullmatch(identity) else None


def read_integer(value: object) -> int | None:
    """Read a whole number of nine digits at most: also `"5"` and `5.0`, which can mean nothing else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < _TOO_LARGE else None


def _boolean(value: object) -> bool | None:
    if isinstance(value, str):
        return _TRUTH.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and value.isdecimal():
        value = int(value[:20])  # `fromisoformat` would read seconds as a date of the year 1764
    if isinstance(value, int) and not isinstance(value, bool):
        return _from_epoch(value)
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)  # without a zone where none is stated: it may be local time
    except ValueError:
        return None


def _from_epoch(value: int) -> datetime | None:
    """Read seconds or milliseconds since 1970, of the years 2001 to 2286."""
    for unit in (1, 1000):
        if 10**9 <= value / unit < 10**10:
            return datetime.fromtimestamp(value / unit, UTC)
    return None


def _status(value: object) -> str | None:
    # One schema says `enabled: true` where the page says `trunk_status: active`.
    if isinstance(value, bool):
        return "active" if value else "inactive"
    return _text(value)


def _lower(read: Callable[[object], str | None]) -> Callable[[object], str | None]:
    def lowered(value: object) -> str | None:
        text = read(value)
        return text.lower() if text else None

    return lowered


Text = Annotated[str | None, BeforeValidator(_text)]
Name = Annotated[str | None, BeforeValidator(_name)]
Domain = Annotated[str | None, BeforeValidator(_domain)]
Lower = Annotated[str | None, BeforeValidator(_lower(_text))]
Integer = Annotated[int | None, BeforeValidator(read_integer)]
Boolean = Annotated[bool | None, BeforeValidator(_boolean)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class Trunk(BaseModel):
    """A trunk as Vobiz described it; None means that Vobiz did not say."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    id: Annotated[
        Annotated[str, BeforeValidator(_identity)],
        Field(validation_alias=AliasChoices("trunk_id", "id"), min_length=1, max_length=64),
    ]
    name: Name = None
    domain: Annotated[
        Domain, Field(validation_alias=AliasChoices("trunk_domain", "sip_domain", "domain"))
    ] = None
    direction: Annotated[
        Lower, Field(validation_alias=AliasChoices("trunk_direction", "trunk_type", "direction"))
    ] = None
    calls: Annotated[
        Integer,
        Field(validation_alias=AliasChoices("concurrent_calls_limit", "max_concurrent_calls", "calls")),
    ] = None
    cps: Annotated[Integer, Field(validation_alias=AliasChoices("cps_limit", "cps"))] = None
    transport: Lower = None
    secure: Boolean = None
    status: Annotated[
        Annotated[str | None, BeforeValidator(_status)],
        Field(validation_alias=AliasChoices("trunk_status", "enabled", "status")),
    ] = None
    description: Text = None
    created_at: Moment = None
    # What it points to: records of the account, which other trunks may point to as well.
    credential: Annotated[Text, Field(validation_alias=AliasChoices("credential_uuid", "credential"))] = None
    acl: Annotated[Text, Field(validation_alias=AliasChoices("ipacl_uuid", "acl"))] = None
    route: Annotated[Text, Field(validation_alias=AliasChoices("primary_uri_uuid", "route"))] = None
    fallback: Annotated[Text, Field(validation_alias=AliasChoices("fallback_uri_uuid", "fallback"))] = None

    @property
    def on(self) -> bool | None:
        """Whether it takes calls; None when Vobiz did not say so in a word that is known."""
        return read_status(self.status)


def is_uuid(text: str) -> bool:
    """Tell whether a path may be built with an id: `GET trunks/credentials` is a list, not a trunk."""
    return UUID.fullmatch(text) is not None


def read_status(word: object) -> bool | None:
    """Read what the documents call active, enabled or true, and their opposites."""
    return _STATUS.get(str(word).strip().lower()) if isinstance(word, str | bool) else None


def usable_trunk(body: Mapping[str, object]) -> Trunk | None:
    """Read a trunk whose id is 1 to 64 letters, digits, dashes and underscores."""
    # One schema says `id` where the pages say `trunk_id`: an empty one must not hide the other.
    trunk = read_trunk({key: value for key, value in body.items() if value not in (None, "")})
    return trunk if trunk is not None and _ID.fullmatch(trunk.id) else None


def read_trunk(body: Mapping[str, object]) -> Trunk | None:
    """Read one trunk object, or None when it has no usable id."""
    try:
        return Trunk.model_validate(body)
    except ValueError:
        return None
