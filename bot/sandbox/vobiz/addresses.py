"""Allowed addresses (IP ACL entries): what one is made of, and what is refused. Pure.

Source: the pages on IP ACL entries: IPv4 or an IPv4 range, no IPv6, none of the ranges for documents.
"""

import ipaddress
import re
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.errors import Refusal, flat
from bot.sandbox.vobiz.listed import Listing, switched

_WRITTEN: Final = re.compile(r"\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?")
# RFC 5737, section 3.
_DOCUMENTS: Final = tuple(
    ipaddress.IPv4Network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)
_MALFORMED: Final = flat("Invalid IP address format", 400)


def _new(body: Json, _auth_id: str) -> Json:
    return {"description": "", **_fields(body)}


def _fields(body: Json) -> Json:
    given: Json = {"description": text(body["name"])} if "name" in body else {}
    return given | {key: body[key] for key in ("ip_address",) if key in body} | switched(body)


def _refused(body: Json, _rows: list[Json]) -> Refusal | None:
    return _wrong(body.get("ip_address"))


def _refused_later(body: Json) -> Refusal | None:
    return _wrong(body["ip_address"]) if "ip_address" in body else None


def _wrong(address: object) -> Refusal | None:
    if not isinstance(address, str) or not _WRITTEN.fullmatch(address):
        return _MALFORMED
    try:
        network = ipaddress.IPv4Network(address, strict=False)
    except ValueError:
        return _MALFORMED
    if any(network.subnet_of(reserved) for reserved in _DOCUMENTS):
        return flat("Addresses reserved for documentation (RFC 5737) are not allowed", 400)
    return None


ADDRESSES: Final = Listing(
    "ip-acl", "IP ACL", "address", "ip_address", "ip_address", _new, _fields, _refused, _refused_later
)
