"""By which names a trunk and the account's lists speak of what a trunk points to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# The trunk object's own names (the vendor's OpenAPI), by those that `bot.kinds.trunks.record` tells of.
UUIDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "credential": "credential_uuid",
        "acl": "ipacl_uuid",
        "route": "primary_uri_uuid",
        "fallback": "fallback_uri_uuid",
    }
)
# The types of the records, as the ledger keeps whose they are.
LOGIN: Final = "credential"
ADDRESS: Final = "ip_acl"
ROUTE: Final = "origination_uri"
# Where each is created, changed and deleted, below the account's path; they are listed elsewhere.
PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {LOGIN: "credentials", ADDRESS: "ip-acl", ROUTE: "origination-uris"}
)
# What a request calls a record that it attaches, and of which type that is.
ASKED: Final[Mapping[str, str]] = MappingProxyType(
    {"sip_login": LOGIN, "ip_acl": ADDRESS, "sip_route": ROUTE}
)
_FIELDS: Final = MappingProxyType({"sip_login": "credential", "ip_acl": "acl"})


def field_of(asked: str, wanted: Mapping[str, object]) -> str:
    """Return the trunk's field that a wanted record is for; of a route it is one of two."""
    if asked in _FIELDS:
        return _FIELDS[asked]
    return "fallback" if wanted.get("fallback") is True else "route"
