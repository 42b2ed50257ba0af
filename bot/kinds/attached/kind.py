"""What is the same for all kinds that change what a trunk points to: what their forms read and keep."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from bot.blockkit.text import Line
from bot.domain.operation import canonical
from bot.domain.outcome import Data, Thing, object_in, rows_in
from bot.kinds.attached.fields import ASKED
from bot.kinds.base import Kind, Trace
from bot.kinds.stages import Staged, StagedWords
from bot.kinds.trunks.kind import OnTrunk, TrunkKind, fields, integer, seen_id
from bot.kinds.trunks.lost import attached_lines, attached_seen, kept
from bot.kinds.trunks.words import TrunkWords
from bot.kinds.wording import Alert, Difference
from bot.vobiz.lists import Item, Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import Trunk, is_uuid

_RECORDS: Final = 1200  # bytes of all of them: the form's metadata holds 3000 characters
_VALUES: Final = ("username", "ip", "uri")  # what records are known by, in a request
_SEEN: Final = 2400  # bytes of all that it keeps: compressed and in base64 that fits


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
        """Keep what the trunk points to, with who shares it."""
        listed = now.part(self.part)
        rows = [row for row in attached_seen(trunk, now) if row["field"] in self.points]
        return {"attached": rows, "listed": listed.whole, "all_seen": now.whole and listed.whole}

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep the account's records to choose from as well, those first that are meant."""
        seen = super().seen(known, now, ceiling)
        if now is None or not seen_id(seen):
            return seen
        ordered = sorted(
            now.part(self.part).items, key=lambda item: (not self.means(known, item), item.text.casefold())
        )
        room = min(_RECORDS, _SEEN - len(canonical(seen)))
        return {**seen, "records": list(_fitting(ordered, room))}

    def means(self, known: Data, item: Item) -> bool:
        """Tell whether a record of the account is what was asked for before: it is offered first."""
        del known, item
        return False

    def late(self, trace: Trace) -> tuple[Thing, ...]:
        """Return records that may be what an uncertain step made; how a trunk is later says nothing."""
        return () if self.makes(trace.step.name) is None else Kind.late(self, trace)


class AttachedWords(StagedWords, TrunkWords):
    """How such kinds speak. `alone` is the stage that may be the only step: what came of that it says."""

    alone: ClassVar[str]

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """Ask the only step."""
        return self.stages[self.alone].words.differences(request, thing)

    def also(self, request: Data, seen: Data, thing: Thing | None) -> tuple[Line, ...]:
        """Ask the only step."""
        return self.stages[self.alone].words.also(request, seen, thing)

    @property
    def busy(self) -> str:
        """Head the answer to who asks while another change of the trunk, or of the record, is under way."""
        return "Another change of this trunk, or of what it would point to, is in progress"

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


def misplaced(seen: Data, what: str, way: str) -> tuple[Alert, ...]:
    """Say that a trunk of the other direction may not use `what`, which is for calls of one `way`.

    That is what the console's pages say; the API's speak of routes for outbound calls, so it is not refused.
    """
    other = {"outbound": "inbound", "inbound": "outbound"}[way]
    if fields(seen).get("direction") != other:
        return ()
    said = f"Vobiz's console pages say that {what} is for {way} calls, so it may do nothing here."
    return (Alert(f"This trunk is {other}. {said}"),)


def attached_row(seen: Data, field: str) -> Data | None:
    """Return what was seen of the record in a field of the trunk: `id`, `named`, `others`, `count`."""
    return next((row for row in rows_in(seen, "attached") if row.get("field") == field), None)


def records_of(seen: Data) -> dict[str, str]:
    """Return the account's records that the form can offer: what they are known by, by id."""
    rows = seen.get("records")
    pairs = (row for row in (rows if isinstance(rows, list | tuple) else ()) if len(row) == 2)
    return {str(record): str(text) for record, text in pairs}


def record_claims(account: str, request: Data) -> tuple[str, ...]:
    """Claim the records that a request attaches, and the values that it makes records of."""
    claims: list[str] = []
    for asked, kind in ASKED.items():
        if wanted := object_in(request, asked):
            value = wanted.get("record") or next(wanted[key] for key in _VALUES if key in wanted)
            claims.append(record_claim(kind, account, value))
    return tuple(claims)


def record_claim(kind: str, account: str, value: object) -> str:
    """Claim a record of the account: by its id, or by what it is known by where that is unique or new."""
    return f"{kind}|{account}|{str(value).casefold()}"


def _fitting(items: Iterable[Item], room: int) -> Iterator[tuple[str, str]]:
    """Yield as many records as a form can keep, by what they are known by."""
    for item in items:
        if not is_uuid(item.id) or item.enabled is False:
            continue
        row = (item.id, kept(item.text))
        room -= len(canonical({"row": row}))
        if room < 0:
            return
        yield row
