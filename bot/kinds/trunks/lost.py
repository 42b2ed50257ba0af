"""What depends on a trunk: the numbers that are routed to it, and the records that it shares with others."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.blockkit.text import Code, Line, Piece, Said
from bot.domain.operation import digest
from bot.domain.outcome import Data, object_in, rows_in
from bot.kinds.trunks.record import label
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk

SHOWN: Final = 5  # numbers, and trunks that share a record, which are named
_NAMED: Final = 60  # characters of a name
# What a trunk points to, and where that is listed.
ATTACHED: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "credential": Part.CREDENTIALS,
        "acl": Part.ADDRESSES,
        "route": Part.ROUTES,
        "fallback": Part.ROUTES,
    }
)


def attached_to(trunk: Trunk) -> dict[str, str]:
    """Return the ids of the records that a trunk points to, by field."""
    ids = ((field, getattr(trunk, field)) for field in ATTACHED)
    return {field: str(one) for field, one in ids if one}


def numbers_of(trunk: str, now: Snapshot) -> list[str]:
    """Return the phone numbers that are routed to a trunk, as far as they could be read."""
    numbers = now.part(Part.NUMBERS).items
    return sorted(item.text for item in numbers if (item.trunk or "").casefold() == trunk.casefold())


def numbers_seen(trunk: str, now: Snapshot) -> Data:
    """Keep which numbers lose their route: some, how many, and a digest of all."""
    numbers = numbers_of(trunk, now)
    return {
        "some": numbers[:SHOWN],
        "count": len(numbers),
        "all": digest({"numbers": numbers}),
        "whole": now.part(Part.NUMBERS).whole,
    }


def attached_seen(trunk: Trunk, now: Snapshot) -> list[Data]:
    """Keep what a trunk points to: what it is called, and which other trunks point to it too."""
    rows: list[Data] = []
    for field, identity in attached_to(trunk).items():
        items = now.part(ATTACHED[field]).items
        named = next((one.text for one in items if one.id.casefold() == identity.casefold()), None)
        others = sorted(
            (other.name or other.id)[:_NAMED]
            for other in now.trunks
            if other.id.casefold() != trunk.id.casefold()
            and identity.casefold() in {one.casefold() for one in attached_to(other).values()}
        )
        row = {"field": field, "id": identity, "others": others[:2], "count": len(others)}
        rows.append(row if named is None else row | {"named": named[:_NAMED]})
    return rows


def numbers_line(seen: Data, one: str, many: str) -> Line:
    """Say which numbers are affected; `one` says how of one number, and `many` of several."""
    numbers = object_in(seen, "numbers")
    some, count = numbers.get("some"), numbers.get("count")
    if not isinstance(some, list | tuple) or not isinstance(count, int):
        return ()
    if numbers.get("whole") is not True:
        start = f"{count} or more numbers" if count else "It is not known which numbers"
        return (f"{start} {many}: the list of numbers could not be read to its end.",)
    if not count:
        return ("No phone number is routed to it.",)
    listed = [piece for number in some for piece in (" ", Code(str(number)))]
    more = f" and {count - len(some)} more" if count > len(some) else ""
    said = f"1 number {one}:" if count == 1 else f"{count} numbers {many}:"
    return (said, *listed, f"{more}.")


def attached_lines(seen: Data) -> Iterator[Line]:
    """Name what it points to, and who else uses that."""
    return map(_attached, rows_in(seen, "attached"))


def _attached(row: Data) -> Line:
    known: Line = (Code(str(row.get("id"))),)
    if row.get("named"):
        known = (Code(str(row["named"])[:_NAMED]), " (", *known, ")")
    others, count = row.get("others"), row.get("count")
    shared: list[Piece] = []
    if isinstance(others, list | tuple) and isinstance(count, int) and count:
        for number, name in enumerate(others):
            shared += [", " if number else "", "“", Said(str(name), _NAMED), "”"]
        more = f" and {count - len(others)} more" if count > len(others) else ""
        return (
            f"{label(str(row.get('field')))}: ",
            *known,
            "; also used by ",
            *(piece for piece in shared if piece != ""),
            f"{more}.",
        )
    return (f"{label(str(row.get('field')))}: ", *known)
