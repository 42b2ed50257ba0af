"""A trunk as a form keeps it and as a person is told of it: all of its fields, small, under plain names."""

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.blockkit.text import Code, Line, Piece, Said
from bot.domain.operation import Operation, State, canonical, digest
from bot.domain.outcome import Data, Thing
from bot.vobiz.details import Changed, compare, read_detail

# Bytes. What was seen travels sealed in the form's metadata (3000 characters); a name may take 1020 alone.
_LONG: Final = 80  # of a value that nobody edits
_DESCRIPTION: Final = 500
_UNKNOWN: Final = 500  # of all fields together that the bot does not know
_DIGEST: Final = "#"
_SHOWN: Final = 120  # characters of a value in a line

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "name",
        "domain": "SIP domain",
        "direction": "direction",
        "calls": "concurrent calls",
        "cps": "new calls per second (CPS)",
        "transport": "transport",
        "secure": "TLS/SRTP (secure)",
        "on": "status",
        "description": "description",
        "credential": "SIP login",
        "acl": "allowed addresses (IP ACL)",
        "route": "primary route",
        "fallback": "fallback route",
    }
)
_VERBATIM: Final = frozenset({"name", "description", "direction"})


def compact(fields: Data) -> Data:
    """Keep every field so that any change of it still shows, in as few bytes as a form can carry."""
    small = {key: _small(key, value) for key, value in fields.items()}
    others = {key: value for key, value in small.items() if key not in LABELS}
    if len(canonical(others)) > _UNKNOWN:
        return {key: small[key] for key in small.keys() & LABELS.keys()} | {
            "others": _DIGEST + digest(others)
        }
    return small


def whole(value: object) -> bool:
    """Tell whether a value was kept itself, and not only its digest."""
    return not (isinstance(value, str) and value.startswith(_DIGEST) and len(value) == len(_DIGEST) + 16)


def _small(key: str, value: object) -> object:
    if not isinstance(value, str) or key == "name":
        return value
    data = value.encode(errors="replace")
    most = _DESCRIPTION if key == "description" else _LONG
    return value if len(data) <= most else _DIGEST + hashlib.sha256(data).hexdigest()[:16]


def left_by(op: Operation) -> Data | None:
    """Return a trunk's fields as an operation left them, where that is known; None where it is not."""
    things = [step.thing for step in op.steps if step.thing is not None]
    if op.state is not State.DONE or not things:
        return None
    return fields_of(things[-1])


def fields_of(thing: Thing) -> Data | None:
    """Return what a record says of a trunk: all of it, or what the answer to a create had."""
    fields = thing.data.get("fields")
    if isinstance(fields, dict):
        return fields
    detail = read_detail({**thing.data, "id": thing.id})
    return None if detail is None or detail.trunk.name is None else compact(detail.fields)


def read_changed(body: Data | None) -> Thing | str:
    """Read the answer to a PUT of a trunk: the trunk as it is then, or in a word why it is none."""
    detail = read_detail(body)
    if detail is None:
        return "unreadable" if body is None else "no_id"
    if detail.trunk.name is None:
        return "incomplete"  # an id alone may be that of a job, or of the request
    return Thing(id=detail.trunk.id, data={"fields": compact(detail.fields)})


def outside(left: Data, now: Data, *, whole: bool = True) -> tuple[Changed, ...]:
    """Name what is not as it was left. What the record does not know (an attachment, say) is no change.

    Unless `now` is the `whole` trunk only the fields that the bot knows are compared.
    """
    return tuple(one for one in compare(left, now) if one.field in left and (whole or one.field in LABELS))


def label(field: str) -> str:
    """Name a field; one that the bot does not know by Vobiz's own name."""
    return LABELS.get(field, field)


def valued(field: str, value: object) -> Piece:
    """Write a value of a field."""
    match value:
        case None | "":
            return "not set"
        case bool():
            words = ("active", "inactive") if field == "on" else ("on", "off")
            return words[0] if value else words[1]
        case str():
            return _text(field, value)
    return str(value)


def _text(field: str, value: str) -> Piece:
    if not whole(value):
        return "another text"
    if field in _VERBATIM:
        return Said(value, _SHOWN)
    return Said(value.upper(), _SHOWN) if field == "transport" else Code(value[:_SHOWN])


def calls(count: object) -> str:
    """Write a limit of calls."""
    return f"{count} {'call' if count == 1 else 'calls'}"


def told(changes: tuple[Changed, ...]) -> Iterator[Line]:
    """Say of each field what it was and is."""
    for one in changes:
        yield (
            Said(label(one.field), 80),
            ": was ",
            valued(one.field, one.was),
            ", is ",
            valued(one.field, one.now),
        )


def read_changes(rows: object) -> tuple[Changed, ...]:
    """Read changes that were stored as `[[field, was, now], ...]`."""
    listed = rows if isinstance(rows, list | tuple) else ()
    triples = (row for row in listed if isinstance(row, list | tuple) and len(row) == 3)
    return tuple(Changed(str(field), was, now) for field, was, now in triples)


def dump_changes(changes: tuple[Changed, ...]) -> list[list[object]]:
    """Write changes as JSON."""
    return [[one.field, one.was, one.now] for one in changes]
