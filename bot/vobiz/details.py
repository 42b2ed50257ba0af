"""One trunk with all that Vobiz says of it, in one spelling, so that two readings can be compared.

The documents disagree whether a PUT replaces what it does not name: only a comparison of every field shows
what else it changed. Fields that the bot does not know are kept under Vobiz's own name.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.operation import digest
from bot.domain.outcome import Data
from bot.vobiz.trunks import Trunk, usable_trunk

VALUE_MAX: Final = 500  # characters of one value that is kept as it is
_FIELDS_MAX: Final = 60  # of one trunk; 32 are documented
# Either not the trunk's (whose it is, when it was changed), or kept elsewhere.
_APART: Final = frozenset({"trunk_id", "id", "account_id", "created_at", "updated_at"})
_SECRET: Final = ("password", "passwd", "pwd", "passphrase", "secret", "token")
_KNOWN: Final = frozenset(
    {
        *("name", "trunk_domain", "sip_domain", "domain", "trunk_direction", "trunk_type", "direction"),
        *("concurrent_calls_limit", "max_concurrent_calls", "calls", "cps_limit", "cps", "transport"),
        *("secure", "trunk_status", "enabled", "status", "description"),
        *("credential_uuid", "ipacl_uuid", "primary_uri_uuid", "fallback_uri_uuid"),
        *("credential", "acl", "route", "fallback"),
    }
)


@dataclass(frozen=True, slots=True)
class Detail:
    """A trunk with what Vobiz says of it: texts, numbers, truths.

    `whole` says that it was read by itself, and `fields` are all. Of a row of the list only those that the
    bot knows were kept: that it lacks another one says nothing.
    """

    trunk: Trunk
    fields: Data
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that is not as it was; None where it was not stated."""

    field: str
    was: object
    now: object


def read_detail(body: Mapping[str, object] | None) -> Detail | None:
    """Read a trunk object, or None when it is none."""
    trunk = None if body is None else usable_trunk(body)
    if body is None or trunk is None:
        return None
    fields: dict[str, object] = trunk.model_dump(mode="json", exclude={"id", "created_at", "status"})
    fields["on"] = trunk.status if trunk.on is None else trunk.on
    for key in sorted(body.keys() - _KNOWN - _APART)[:_FIELDS_MAX]:
        if not _secret(key):
            fields[key[:64]] = _value(body[key])
    return Detail(trunk, {key: value for key, value in fields.items() if value not in (None, "")})


def listed(trunk: Trunk) -> Detail | None:
    """Return what a row of the list says of a trunk."""
    detail = read_detail(trunk.model_dump(mode="json"))
    return None if detail is None else replace(detail, whole=False)


def compare(before: Data, after: Data) -> tuple[Changed, ...]:
    """Name every field that is not as it was."""
    return tuple(
        Changed(key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    )


def _value(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)  # NaN is never as it was
    text = value if isinstance(value, str) else json.dumps(_open(value), sort_keys=True)
    if len(text) <= VALUE_MAX:
        return text
    # A difference after what is kept shows as well.
    return f"{text[:VALUE_MAX]}… {digest({'text': text})[:16]}"


def _open(value: object) -> object:
    """Return what is in an object or a list, without secrets."""
    if isinstance(value, list):
        return [_open(one) for one in value]
    if isinstance(value, dict):
        return {key: _open(one) for key, one in value.items() if not _secret(key)}
    return value


def _secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET)
