"""What a PUT of a trunk changes, in either of Vobiz's two dialects, and what a write is refused for. Pure.

Sources: the "Create a Trunk" page, the update page (`name`, `max_concurrent_calls`, `enabled`: "all three")
and the vendor's OpenAPI (any field of the trunk object). They disagree whether what is left out stays: both
can be played.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.sandbox.shape import Json
from bot.sandbox.vobiz.account import LISTINGS
from bot.sandbox.vobiz.errors import FieldProblem, Refusal, flat
from bot.sandbox.vobiz.listed import ATTACHED

NAME_MAX: Final = 255
DESCRIPTION_MAX: Final = 500
CALLS_MAX: Final = 1000  # the vendor's OpenAPI, `concurrent_calls_limit`; the page names no limit
CPS_MAX: Final = 100  # the vendor's OpenAPI, `cps_limit`
_TRANSPORTS: Final = ("udp", "tcp", "tls")
_STATUS: Final[Mapping[object, str]] = MappingProxyType(
    {True: "active", False: "inactive", "enabled": "active", "disabled": "inactive"}
)
# What a trunk comes with, for a PUT that replaces all that it does not name.
_DEFAULTS: Final[Json] = {
    "secure": False,
    "cps_limit": 2,
    "description": "",
    "transport": "udp",
    "recording": False,
    "enable_transcription": False,
    "pii_redaction": False,
    "webhook_method": "POST",
    "recording_webhook_enabled": False,
}
_TAKEN: Final = frozenset({*_DEFAULTS, *ATTACHED, "inbound_destination", "webhook_url"})


def changed(trunk: Json, body: Json, *, replaces: bool) -> Json:
    """Return the trunk as a PUT leaves it; with `replaces` what the body does not name is as when new."""
    after = dict(trunk)
    if replaces:
        after |= _DEFAULTS
        for key in ATTACHED:
            after.pop(key, None)
    after |= {key: value for key, value in body.items() if key in _TAKEN}
    if "name" in body:
        after["name"] = body["name"]
    for key in ("max_concurrent_calls", "concurrent_calls_limit"):
        if key in body:
            after["concurrent_calls_limit"] = body[key]
    for key in ("enabled", "trunk_status"):
        if body.get(key) in _STATUS:
            after["trunk_status"] = _STATUS[body[key]]
    # What takes a record off a trunk is not documented: null and an empty text are both understood.
    return {
        key: value for key, value in after.items() if value is not None and (key not in ATTACHED or value)
    }


def unknown(body: Json, lists: Mapping[str, list[Json]]) -> Refusal | None:
    """Refuse to have a trunk point to a record that the account does not have."""
    for key, name in ATTACHED.items():
        wanted = body.get(key)
        if wanted and all(row["id"] != wanted for row in lists[name]):
            return flat(f"{LISTINGS[name].one} not found", 400)
    return None


def invalid(body: Json) -> list[FieldProblem]:
    """Name what Vobiz refuses in the body of a create; fields that it does not know are ignored."""
    found: list[FieldProblem] = []
    for name, most in (("name", NAME_MAX), ("description", DESCRIPTION_MAX)):
        value = body.get(name)
        if name not in body and name == "description":
            continue
        if value is None or value == "":
            if name == "name":
                found.append(FieldProblem(name, "Name is required", "REQUIRED", value))
        elif not isinstance(value, str):
            found.append(FieldProblem(name, "Must be a string", "INVALID_TYPE", value))
        elif len(value) > most:
            found.append(FieldProblem(name, f"Must be at most {most} characters", "MAX_LENGTH", value))
    direction = body.get("trunk_type")
    if direction not in {"INBOUND", "OUTBOUND"}:
        found.append(FieldProblem("trunk_type", "Must be INBOUND or OUTBOUND", "INVALID_ENUM", direction))
    calls = body.get("max_concurrent_calls")
    if not isinstance(calls, int) or isinstance(calls, bool):
        found.append(FieldProblem("max_concurrent_calls", "Must be an integer", "INVALID_TYPE", calls))
    elif not 0 <= calls <= CALLS_MAX:
        words = f"Must be between 0 and {CALLS_MAX}"
        found.append(FieldProblem("max_concurrent_calls", words, "OUT_OF_RANGE", calls))
    return found


def invalid_change(body: Json) -> list[FieldProblem]:
    """Name what Vobiz refuses in the body of an update; fields that it does not know are ignored."""
    return [*_texts(body), *_numbers(body), *_choices(body)]


def _texts(body: Json) -> Iterator[FieldProblem]:
    for name, most in (("name", NAME_MAX), ("description", DESCRIPTION_MAX)):
        value = body.get(name)
        if name == "name" and name in body and value in {None, ""}:
            yield FieldProblem(name, "Name is required", "REQUIRED", value)
        elif value is not None and not isinstance(value, str):
            yield FieldProblem(name, "Must be a string", "INVALID_TYPE", value)
        elif isinstance(value, str) and len(value) > most:
            yield FieldProblem(name, f"Must be at most {most} characters", "MAX_LENGTH", value)


def _numbers(body: Json) -> Iterator[FieldProblem]:
    for name, most in (
        ("max_concurrent_calls", CALLS_MAX),
        ("concurrent_calls_limit", CALLS_MAX),
        ("cps_limit", CPS_MAX),
    ):
        value = body.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool):
            yield FieldProblem(name, "Must be an integer", "INVALID_TYPE", value)
        elif not 0 <= value <= most:
            yield FieldProblem(name, f"Must be between 0 and {most}", "OUT_OF_RANGE", value)


def _choices(body: Json) -> Iterator[FieldProblem]:
    # The vendor's OpenAPI stresses: not `active`.
    for name, options in (("transport", _TRANSPORTS), ("trunk_status", ("enabled", "disabled"))):
        if body.get(name, options[0]) not in options:
            yield FieldProblem(name, f"Must be one of {', '.join(options)}", "INVALID_ENUM", body[name])
    for name in ("enabled", "secure"):
        if not isinstance(body.get(name, True), bool):
            yield FieldProblem(name, "Must be a boolean", "INVALID_TYPE", body[name])
