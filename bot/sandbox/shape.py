"""Reading JSON of unknown shape: a value of the wrong type reads as an empty one."""

import json

Json = dict[str, object]


def mapping(value: object) -> Json:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """Return a JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return a string, or the empty one for anything else."""
    return value if isinstance(value, str) else ""


def parsed(body: bytes | str) -> object:
    """Read JSON, or return None for what is not JSON (and for `null`)."""
    try:
        value: object = json.loads(body)
    except ValueError:
        return None
    return value
