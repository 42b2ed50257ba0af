"""What credentials, IP ACL entries and origination URIs have in common: records that trunks point to. Pure.

They belong to the account. Each list has its own paths: one that lists, and one below which its records are
made, changed and deleted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.sandbox.shape import Json
from bot.sandbox.vobiz.errors import Refusal

# What a trunk points to, and the list in which that is.
ATTACHED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "credential_uuid": "credentials",
        "ipacl_uuid": "ip-acl",
        "primary_uri_uuid": "origination-uris",
        "fallback_uri_uuid": "origination-uris",
    }
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the account. `name` is the last segment of its paths, `one` what Vobiz calls a record of it.

    `new` makes the fields of a record from the body of a POST and the account's id, `later` those that a PUT
    changes. `refused` and `refused_later` say why not; they are given the body and the rows that there are.
    `named` is the field that people know a record by, `refusable` the one that the fault `refuse` refuses.
    In some lists the owner is empty (`nameless`).
    """

    name: str
    one: str
    call: str
    named: str
    refusable: str
    new: Callable[[Json, str], Json]
    later: Callable[[Json], Json]
    refused: Callable[[Json, list[Json]], Refusal | None]
    refused_later: Callable[[Json], Refusal | None]
    nameless: bool = True

    def shown(self, rows: list[Json]) -> list[Json]:
        """Return the rows as the list shows them."""
        return [{**row, "account_id": ""} for row in rows] if self.nameless else rows


def switched(body: Json) -> Json:
    """Return what a body says of `enabled`; what is no truth is not taken."""
    return {"enabled": body["enabled"]} if isinstance(body.get("enabled"), bool) else {}


def users(trunks: list[Json], record: str) -> list[tuple[Json, str]]:
    """Return the trunks that point to a record, with the field that does."""
    return [(trunk, key) for trunk in trunks for key in ATTACHED if trunk.get(key) == record]
