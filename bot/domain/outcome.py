"""What is known of a step once it was sent: done, refused, not sent, or not known. Values, no exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Data = Mapping[str, object]  # a JSON object: what a kind keeps of a request, of an answer, of what was seen


def object_in(data: Data, key: str) -> Data:
    """Return the JSON object under a key; an empty one where there is none."""
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}


def rows_in(data: Data, key: str) -> list[Data]:
    """Return the JSON objects of the list under a key; none where there is no list."""
    found = data.get(key)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list | tuple) else []


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


class Thing(BaseModel):
    """A record at Vobiz (a trunk, a credential, ...): its id, and what the kind keeps of it, as JSON.

    `awaited` names, in the kind's words, what people need of it and Vobiz has not stated yet: it is read
    again for that, a few times. Empty when all is stated, and when the bot does not wait for it any more.
    """

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=64)]
    data: Data = {}
    awaited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """It was carried out. `thing` is the record that it made or changed, as Vobiz described it."""

    thing: Thing | None
    status: int
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Vobiz refused: nothing was changed."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing left this process: nothing was changed. `reason` is a word for logs and for picking words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been carried out or not. `reason` is a word for logs and for picking words.

    `refusal` are Vobiz's words against it, where it spoke of a refusal that does not settle it.
    """

    reason: str
    request_id: str | None = None
    refusal: Refusal | None = None


Outcome = Done | Rejected | NotSent | Unknown
