"""The account's other lists: credentials, IP ACL entries, origination URIs, phone numbers.

They page in two ways (facts of the API): the first three by `limit` and `offset`, the numbers by `page`.
A list that could not be read, or not to its end, says so: it is not empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.vobiz.listing import PAGE, find_rows, read_total
from bot.vobiz.trunks import TEXT_MAX, read_id

PAGES_MAX: Final = 25
_LISTS: Final = ("objects", "items", "results")


class Part(StrEnum):
    """A list of the account; the value is what metrics call reading it."""

    CREDENTIALS = "credentials"
    ADDRESSES = "ip_acl"
    ROUTES = "origination_uris"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Item:
    """One record: what people know it by (user name, address, URI, number), and whether it is enabled.

    Of a number also the `trunk` and the voice `application` that it is routed to, its `status`, whether it is
    `blocked`, and whose `account` it is: a main account sees its sub-accounts' too. Of a login its `realm`.
    """

    id: str
    text: str
    enabled: bool | None = None
    trunk: str | None = None
    application: str | None = None
    realm: str | None = None
    status: str | None = None
    blocked: bool | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What was read of a list; unless it is `whole`, `why` says in a word what kept the rest."""

    items: tuple[Item, ...] = ()
    whole: bool = False
    why: str = "unread"


_PATHS: Final[Mapping[Part, str]] = MappingProxyType(
    {
        Part.CREDENTIALS: "trunks/credentials",
        Part.ADDRESSES: "trunks/ip-acl",
        Part.ROUTES: "trunks/origination-uris",
        Part.NUMBERS: "numbers",
    }
)
_NAMED: Final[Mapping[Part, str]] = MappingProxyType(
    {
        Part.CREDENTIALS: "username",
        Part.ADDRESSES: "ip_address",
        Part.ROUTES: "uri",
        Part.NUMBERS: "e164",
    }
)


def path(part: Part, page: int) -> str:
    """Return the path below the account's of a page, counted from 0."""
    if part is Part.NUMBERS:
        return f"{_PATHS[part]}?page={page + 1}&per_page={PAGE}"
    return f"{_PATHS[part]}?limit={PAGE}&offset={page * PAGE}"


def search_path(number: str) -> str:
    """Return the path of the numbers that contain the digits of one; `+` would be a space in a query."""
    return f"{_PATHS[Part.NUMBERS]}?page=1&per_page={PAGE}&search={number.removeprefix('+')}"


def read_rows(part: Part, body: Mapping[str, object] | None) -> tuple[list[Item | None], int | None] | None:
    """Read a page: its rows, None for one that cannot be read, and how many there are, if it says so."""
    if (found := find_rows(body, _LISTS)) is None:
        return None
    rows, layer = found
    return [_item(part, row) for row in rows], read_total(layer)


def _item(part: Part, row: object) -> Item | None:
    if not isinstance(row, dict):
        return None
    text = row.get(_NAMED[part])
    identity = text if part is Part.NUMBERS and not row.get("id") else read_id(row.get("id"))
    if not isinstance(identity, str) or not isinstance(text, str):
        return None
    enabled, blocked = row.get("enabled"), row.get("is_blocked")
    return Item(
        identity[:64],
        text[:TEXT_MAX],
        enabled if isinstance(enabled, bool) else None,
        _word(row.get("trunk_group_id")),
        _word(row.get("application_id")),
        _word(row.get("realm")),
        _word(row.get("status")),
        blocked if isinstance(blocked, bool) else None,
        _word(row.get("account_id")) or _word(row.get("auth_id")),
    )


def _word(value: object) -> str | None:
    return value[:TEXT_MAX] if isinstance(value, str) and value else None
