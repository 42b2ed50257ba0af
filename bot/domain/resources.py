"""Vobiz's answers as typed values; tolerant, because the vendor's own documents disagree.

Sources: the "Create a Trunk" page and the vendor's OpenAPI. Success bodies come as `trunk_id`,
`trunk_domain`, ... or as `id`, `sip_domain`, ...; unknown keys are ignored and a field of an
unexpected type reads as None rather than spoiling the rest.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

TEXT_MAX = 500  # upstream text that is kept, in characters; Slack sections hold 3000 in all


def _clean(text: str) -> str:
    return "".join(ch if ch.isprintable() else " " for ch in text[:TEXT_MAX]).strip()


def _text(value: object) -> str | None:
    return (_clean(value) or None) if isinstance(value, str) else None


def _name(value: object) -> str | None:
    # Kept to the character: a name is compared with what was asked for, and escaped where shown. Only half
    # surrogates go: JSON can carry them, and neither a database nor Slack takes them.
    return value[:1000].encode(errors="replace").decode() if isinstance(value, str) else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
Lower = Annotated[str | None, BeforeValidator(_lower(_text))]
Integer = Annotated[int | None, BeforeValidator(_integer)]
Boolean = Annotated[bool | None, BeforeValidator(_boolean)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class Trunk(BaseModel):
    """A trunk as Vobiz described it; None means that Vobiz did not say."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    id: Annotated[str, Field(validation_alias=AliasChoices("trunk_id", "id"), min_length=1, max_length=64)]
    name: Name = None
    domain: Annotated[Text, Field(validation_alias=AliasChoices("trunk_domain", "sip_domain", "domain"))] = (
        None
    )
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


class FieldError(BaseModel):
    """One field that Vobiz refused. The echoed value is dropped: it can be a password."""

    model_config = ConfigDict(frozen=True)

    field: str
    message: str


class Refusal(BaseModel):
    """Vobiz's own words about a request that it did not carry out.

    `retry_after` is in seconds. `request_id` is what Vobiz's support asks for.
    """

    model_config = ConfigDict(frozen=True)

    status: int
    message: str
    code: str | None = None
    fields: tuple[FieldError, ...] = ()
    request_id: str | None = None
    retry_after: int | None = None


def read_trunk(body: Mapping[str, object]) -> Trunk | None:
    """Read one trunk object, or None when it has no usable id."""
    try:
        return Trunk.model_validate(body)
    except ValueError:
        return None
