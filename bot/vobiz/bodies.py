"""The bodies of Vobiz's answers: one JSON object, alone, as the only one of a list, or in an envelope."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

LAYERS_MAX: Final = 4  # envelopes in envelopes that are opened
# Not documented for a trunk; the older site and integrators show records below one of these.
_ENVELOPES: Final = ("data", "result", "response", "payload", "trunk", "object")


def read_object(body: bytes) -> dict[str, object] | None:
    """Read a body that should be one JSON object, in UTF-8 (RFC 8259, 8.1), with or without its mark.

    `json.loads` would guess UTF-16 and UTF-32 too, in which nothing finds our token. What is no UTF-8 is read
    as Latin-1, in which all that is ASCII is the same. An object that says two things under one key says
    nothing.
    """
    try:
        text = body.decode("utf-8-sig", "surrogatepass")
    except ValueError:
        text = body.decode("latin-1")
    try:
        return _only_object(json.loads(text, object_pairs_hook=_unambiguous))
    except (ValueError, RecursionError):
        return None


def layers(body: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    """Return an object and what is in its envelopes, the outermost first."""
    opened = [body]
    while len(opened) < LAYERS_MAX:
        inside = [_only_object(opened[-1].get(key)) for key in _ENVELOPES]
        objects = [one for one in inside if one is not None]
        if len(objects) != 1:
            break
        opened.append(objects[0])
    return opened


def _only_object(value: object) -> dict[str, object] | None:
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    return value if isinstance(value, dict) else None


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) < len(pairs) and any(read[key] != value for key, value in pairs):
        raise ValueError("one key with two values")
    return read
