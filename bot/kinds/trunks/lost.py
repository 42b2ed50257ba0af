"""What depends on a trunk: the numbers that are routed to it, and the records that it shares with others."""

from collections.abc import Iterable, Iterator, Mapping
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
TEXT: Final = 60  # characters of a name, and of what a record is known by, that a form keeps
_DIGEST: Final = 16  # hex digits of a digest in a form
# What a trunk points to, and where that is listed.
ATTACHED: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "credential": Part.CREDENTIALS,
        "acl": Part.ADDRESSES,
        "route": Part.ROUTES,
        "fallback": Part.ROUTES,
    }
)
_SHARED: Final = MappingProxyType(
    {"credential": "login", "acl": "address", "route": "primary route", "fallback": "fallback route"}
)


def kept(text: str) -> str:
    """Return what a record is known by in 60 characters at most, and never the same for two texts.

    A longer one is cut and ends with its digest: a URI that differs after what is shown is another URI.
    """
    if len(text) <= TEXT:
        return text
    return f"{text[: TEXT - _DIGEST - 1]}…{digest({'text': text})[:_DIGEST]}"


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
        row: Data = {"field": field, "id": identity, **shared_seen(identity, trunk.id, now)}
        rows.append(row if named is None else {**row, "named": kept(named)})
    return rows


def shared_seen(record: str, trunk: str, now: Snapshot) -> Data:
    """Keep which other trunks point to a record: the names of two, how many, and a digest of all."""
    others = [
        other
        for other in now.trunks
        if other.id.casefold() != trunk.casefold()
        and record.casefold() in {one.casefold() for one in attached_to(other).values()}
    ]
    return {
        "others": sorted((other.name or other.id)[:TEXT] for other in others)[:2],
        "count": len(others),
        "all": digest({"trunks": sorted(other.id.casefold() for other in others)})[:_DIGEST],
    }


def others_changed(before: Iterable[Data], after: Iterable[Data]) -> Data | None:
    """Return what to tell where other trunks use a record than those that were seen; None: the same do.

    Both are rows of what the trunk points to, of the same fields.
    """
    seen = {row.get("field"): row for row in before}
    for row in after:
        was = seen.get(row["field"], {})
        if was.get("all") != row["all"]:
            count, now = was.get("count"), row["count"]
            told = now if now != count else f"{now}, but not the same"
            return {"fields": [[f"other trunks that use the {_SHARED[str(row['field'])]}", count, told]]}
    return None


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
        known = (Code(str(row["named"])[:TEXT]), " (", *known, ")")
    others, count = row.get("others"), row.get("count")
    shared: list[Piece] = []
    if isinstance(others, list | tuple) and isinstance(count, int) and count:
        for number, name in enumerate(others):
            shared += [", " if number else "", "“", Said(str(name), TEXT), "”"]
        more = f" and {count - len(others)} more" if count > len(others) else ""
        return (
            f"{label(str(row.get('field')))}: ",
            *known,
            "; also used by ",
            *(piece for piece in shared if piece != ""),
            f"{more}.",
        )
    return (f"{label(str(row.get('field')))}: ", *known)
