"""Deleting a record of the account that a trunk points to, for good."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from bot.blockkit.text import Line
from bot.domain.operation import Step
from bot.domain.outcome import Data, Outcome, Refusal, Rejected, Thing, Unknown, object_in, rows_in
from bot.kinds.attached.fields import ADDRESS, LOGIN, PATHS, ROUTE
from bot.kinds.base import At, CannotTell, Finding, NotThere, ThisOne, Trace
from bot.kinds.gone import GONE, read_gone
from bot.kinds.stages import Stage
from bot.kinds.trunks.lost import attached_to, others_changed, shared_seen
from bot.kinds.wording import Difference, Words
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.writes import Write

_BUSY: Final = 409
# What Vobiz's pages call the records in a 404.
_CALLED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {LOGIN: ("credential", "login"), ADDRESS: ("acl",), ROUTE: ("origination uri",)}
)


class DeleteWords(Words):
    """What is said while it is not known whether the record was deleted."""

    noun: ClassVar[str] = "record"
    verb, doing, done = "delete", "deleting", "deleted"
    nothing: ClassVar[str] = "It was not deleted."

    @property
    def missing(self) -> str:
        """Head the question when the record is still there."""
        return f"the {self.noun} is still there"

    def absent(self, within: str) -> str:
        """Say that it is."""
        return f"The {self.noun} was still there{within}. It may still be deleted, or it never was."

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """Say so where the account's list has it still."""
        still = thing.data.get("there") is True
        return (Difference(self.noun, "deleted", "still there"),) if still else ()

    def also(self, request: Data, seen: Data, thing: Thing | None) -> tuple[Line, ...]:
        """Say where it is not known whether it is gone."""
        if thing is not None and isinstance(thing.data.get("there"), bool):
            return ()
        return ((f"I could not read afterwards whether the {self.noun} is gone.",),)

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return f"If Vobiz did delete the {self.noun}, it stays deleted."


class DeleteRecord(Stage):
    """Delete the record that the request names under `taken_off`, of one type.

    The documents say nothing of whether a record that trunks point to can be deleted: afterwards it is read
    whether it is gone.
    """

    def __init__(self, kind: str, part: Part, words: Words) -> None:
        self._kind = kind
        self._part = part
        self.words = words

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return f"Delete the {self.words.noun}"

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the DELETE."""
        return Write(f"delete_{self._kind}", "DELETE", f"{PATHS[self._kind]}/{_record(at)}")

    def rechecks(self, at: At) -> Needs | None:
        """Read the trunk, and the others: nobody may use the record but those that the person saw."""
        return Needs(trunk=str(at.request["trunk_id"]))

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        """Say where the trunk points to the record still, or another one does by now."""
        record, trunk = _record(at).casefold(), str(at.request["trunk_id"])
        own = {} if now.detail is None else attached_to(now.detail.trunk)
        if field := next((field for field, one in own.items() if one.casefold() == record), None):
            return {"fields": [[field, None, _record(at)]]}
        seen = [row for row in rows_in(at.seen, "attached") if str(row.get("id")).casefold() == record]
        return others_changed(seen, [{**row, **shared_seen(record, trunk, now)} for row in seen])

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Take any success: the documents have 204, and 200 with a text."""
        return None

    def read_refusal(self, step: Step, outcome: Rejected | Unknown, refusal: Refusal) -> Outcome:
        """Read a 404 as gone, and a 409 as busy."""
        if refusal.status == GONE:
            return read_gone(step, refusal, *_CALLED[self._kind])
        return Rejected(refusal) if refusal.status == _BUSY else outcome

    def afterwards(self, at: At) -> Needs | None:
        """Read the list that it was in."""
        return Needs(trunks=False, parts=frozenset({self._part}))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Keep whether it is gone."""
        there = None if now is None else _there(_record(at), self._part, now)
        return Thing(id=_record(at), data={} if there is None else {"there": there})

    def find(self, trace: Trace) -> Finding:
        """Conclude from whether it is listed: gone is done."""
        there = _there(_record(trace), self._part, trace.now)
        if there is None:
            return CannotTell()
        if there:
            return NotThere()
        return ThisOne(self.read_back(trace, None, trace.now), f"the {self.words.noun} is gone")


def _there(record: str, part: Part, now: Snapshot) -> bool | None:
    listed = now.part(part)
    found = any(item.id.casefold() == record.casefold() for item in listed.items)
    return found if found or listed.whole else None


def _record(at: At) -> str:
    return str(object_in(at.request, "taken_off")["id"])
