"""What is the same for all kinds that change what a trunk points to: what their forms read and keep."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from bot.blockkit.text import Line
from bot.domain.operation import canonical
from bot.domain.outcome import Data
from bot.kinds.stages import Staged, StagedWords
from bot.kinds.trunks.kind import OnTrunk, TrunkKind, fields, integer, seen_id
from bot.kinds.trunks.lost import attached_lines, attached_seen
from bot.kinds.trunks.words import TrunkWords
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import Trunk, is_uuid

_RECORDS: Final = 1200  # bytes of the account's records that a form keeps: its metadata holds 3000
_TEXT: Final = 60  # characters of one


class OnRecords(OnTrunk):
    """A request that repeats the trunk in its PUT: `capacity` and `switched_on` None where not stated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    capacity: int | None
    switched_on: bool | None


class AttachedKind(Staged, TrunkKind):
    """A kind that changes what a trunk points to: `part` lists the records, `points` are its fields."""

    part: ClassVar[Part]
    points: ClassVar[tuple[str, ...]]
    Request: ClassVar[type[BaseModel]]

    def read_for(self, trunk: str) -> Needs:
        """Read the trunk, the account's records of the type, and who else points to them."""
        return Needs(trunk=trunk, parts=frozenset({self.part}))

    def depends(self, trunk: Trunk, now: Snapshot) -> Data:
        """Keep what the trunk points to, with who shares it, and the account's records to choose from."""
        listed = now.part(self.part)
        rows = [row for row in attached_seen(trunk, now) if row["field"] in self.points]
        known = {"records": list(_records(self.part, now)), "listed": listed.whole}
        return {"attached": rows, **known, "all_seen": now.whole and listed.whole}


class AttachedWords(StagedWords, TrunkWords):
    """How such kinds speak."""

    def shared(self, seen: Data) -> tuple[Line, ...]:
        """Name what the trunk points to now, and who else uses that."""
        return tuple(attached_lines(seen))


def trunk_as_seen(seen: Data) -> dict[str, object]:
    """Return what a request says of the trunk: its id, and what a PUT repeats as it was seen."""
    now = fields(seen)
    on = now.get("on")
    return {
        "trunk_id": seen_id(seen),
        "name": str(now.get("name", seen_id(seen))),
        "capacity": integer(now.get("calls")),
        "switched_on": on if isinstance(on, bool) else None,
    }


def attached_row(seen: Data, field: str) -> Mapping[str, object] | None:
    """Return what was seen of the record in a field of the trunk: `id`, `named`, `others`, `count`."""
    rows = seen.get("attached")
    listed = rows if isinstance(rows, list | tuple) else ()
    return next((row for row in listed if isinstance(row, Mapping) and row.get("field") == field), None)


def records_of(seen: Data) -> dict[str, str]:
    """Return the account's records that the form can offer: what they are known by, by id."""
    rows = seen.get("records")
    pairs = (row for row in (rows if isinstance(rows, list | tuple) else ()) if len(row) == 2)
    return {str(record): str(text) for record, text in pairs}


def _records(part: Part, now: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield as many records as a form can keep, by what they are known by."""
    room = _RECORDS
    for item in sorted(now.part(part).items, key=lambda item: item.text.casefold()):
        if not is_uuid(item.id) or item.enabled is False:
            continue
        row = (item.id, item.text[:_TEXT])
        room -= len(canonical({"row": row}))
        if room < 0:
            return
        yield row
