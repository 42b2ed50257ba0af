"""The delete of a trunk, for good: what it takes with it is listed before, and looked at again afterwards.

The documents disagree about what goes with a trunk (records that it points to and others may share), and
whether calls are cut or keep it from being deleted. So what is really gone is read afterwards, and a 409 is
told as what it says: busy, nothing deleted.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.blocks import Block, bullets, wording
from bot.blockkit.report import Act, Button, Fact
from bot.blockkit.text import Code, Line
from bot.domain.operation import Step
from bot.domain.outcome import Data, Outcome, Refusal, Rejected, Thing, Unknown, object_in, rows_in
from bot.kinds.base import At, CannotTell, Errors, Finding, Limits, NotThere, ThisOne, Trace, Typed
from bot.kinds.create_trunk.find import spelt
from bot.kinds.gone import GONE, read_gone
from bot.kinds.trunks.kind import OnTrunk, TrunkKind, fields, seen_id
from bot.kinds.trunks.lost import (
    ATTACHED,
    attached_lines,
    attached_seen,
    numbers_line,
    numbers_seen,
    others_changed,
)
from bot.kinds.trunks.record import label
from bot.kinds.trunks.words import TrunkWords
from bot.kinds.wording import CONSOLE, Alert, Difference, Words, first_up
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import Trunk
from bot.vobiz.writes import Write

TYPED: Final = "typed_name"  # block_id and action_id of the input
_BUSY: Final = 409


class DeleteWords(TrunkWords):
    """How the bot speaks of deleting."""

    verb, doing, done = "delete", "deleting", "deleted"
    nothing: ClassVar[str] = "Nothing was deleted."
    shows: ClassVar[bool] = False

    @property
    def missing(self) -> str:
        """Head the question when the trunk is still there."""
        return "the trunk is still there"

    def absent(self, within: str) -> str:
        """Say that it is."""
        return f"The trunk was still there{within}. It may still be deleted, or it never was."

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return "If Vobiz did delete the trunk, it stays deleted."

    @property
    def unlike(self) -> str:
        """Say that a trunk which Vobiz says it deleted can still be read."""
        return "is still there, although Vobiz confirmed its deletion"

    @property
    def mend(self) -> Line:
        """Say what to do about it."""
        return ("I did nothing more. Look at the trunk in the ", CONSOLE, " before you delete it again.")

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """List what will be lost."""
        lines = (numbers_line(seen, "loses its route", "lose their route"), *attached_lines(seen))
        text = "For good: its SIP domain ends, and calls through it may be cut. This cannot be undone."
        attached = "What it points to may be deleted with it: Vobiz's documents contradict each other here."
        more = (Alert(attached, tuple(attached_lines(seen))),) if seen.get("attached") else ()
        return (Alert(text, lines[:1] if lines[0] else ()), *more)

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say first that nobody can agree to lose what could not be read, if so."""
        told = super().alerts(known, seen)
        if seen.get("all_seen") is not False:
            return told
        text = "I could not read all that would be lost, so I cannot delete it now. Close this and try again."
        return (Alert(text), *told)

    def result(self, request: Data, thing: Thing) -> tuple[Fact, ...]:
        """Say what is really gone."""
        return (*self.asked(request), *_left(thing))

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """Tell the same."""
        still = thing.data.get("there") is True
        return (Difference("trunk", "deleted", "still there"),) if still else ()

    def also(self, request: Data, seen: Data, thing: Thing | None) -> tuple[Line, ...]:
        """Say where it is not known whether the trunk is gone."""
        if thing is not None and isinstance(thing.data.get("there"), bool):
            return ()
        return (("I could not read the account afterwards, so I do not know what else is gone.",),)

    def advice(self, refusal: Refusal) -> Line:
        """Say what busy means."""
        if refusal.status == _BUSY:
            return (
                "The trunk has calls. Disable it instead: it then rejects new calls and keeps its settings.",
            )
        return super().advice(refusal)

    def instead(self, request: Data, refusal: Refusal) -> tuple[Button, ...]:
        """Offer to disable what cannot be deleted now."""
        if refusal.status != _BUSY:
            return ()
        return (
            Button(f"{Act.CHANGE}.disable", "Disable it instead", f"disable_trunk {request['trunk_id']}"),
        )

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return ((f'{verb} "Sales"', "lists what will be lost, and asks for the name"),)


class DeleteTrunk(TrunkKind):
    """Delete a trunk."""

    name, verb, grave = "delete_trunk", "delete", True
    synonyms = frozenset({"remove", "destroy", "drop", "rm"})
    Request: ClassVar[type[BaseModel]] = OnTrunk
    words: ClassVar[Words] = DeleteWords()

    def read_for(self, trunk: str) -> Needs:
        """Read everything: the numbers that lose their route, and who shares what it points to."""
        return Needs(trunk=trunk, parts=frozenset(Part))

    def depends(self, trunk: Trunk, now: Snapshot) -> Data:
        """Keep what will be lost."""
        return {
            "numbers": numbers_seen(trunk.id, now),
            "attached": attached_seen(trunk, now),
            "all_seen": now.whole and now.part(Part.NUMBERS).whole,
        }

    def ready(self, seen: Data) -> bool:
        """Tell whether all that will be lost could be read: without that nobody can agree to it."""
        return super().ready(seen) and seen.get("all_seen") is True

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Ask for the name, as it is written above the input."""
        name = str(fields(seen).get("name", seen_id(seen)))
        return [
            bullets((("Name: ", Code(name)), ("ID: ", Code(seen_id(seen))))),
            {
                "type": "input",
                "block_id": TYPED,
                "label": wording("Type the trunk's name to delete it"),
                "hint": wording("Upper and lower case do not matter. The ID is taken too."),
                "element": {"type": "plain_text_input", "action_id": TYPED, "max_length": 1000},
            },
        ]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return the trunk: what is typed only confirms."""
        return {"trunk_id": seen_id(seen)}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form: without the name nothing is deleted."""
        identity = seen_id(seen)
        name = str(fields(seen).get("name", identity))
        if spelt(typed(TYPED) or "") not in {spelt(name), spelt(identity)}:
            return Errors({TYPED: "This is not the trunk's name. Nothing was deleted."})
        return OnTrunk(trunk_id=identity, name=name)

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the DELETE."""
        return Write("delete", "DELETE", f"trunks/{at.request['trunk_id']}")

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Take any success: the documents have 204, and 200 with a text."""
        return None

    def read_refusal(self, step: Step, outcome: Rejected | Unknown, refusal: Refusal) -> Outcome:
        """Read a 404 as gone, and a 409 as busy: nothing was deleted."""
        if refusal.status == GONE:
            return read_gone(step, refusal, "trunk")
        return Rejected(refusal) if refusal.status == _BUSY else outcome

    def guards(self, request: Data) -> Needs:
        """Read the trunk, its numbers, and the others: what will be lost has to be what was seen."""
        return Needs(trunk=str(request["trunk_id"]), parts=frozenset({Part.NUMBERS}))

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, the numbers that lose their route, and who shares what it points to."""
        if (there := super().guard(request, seen, now)) is not None or now.detail is None:
            return there
        trunk = now.detail.trunk
        numbers, before = numbers_seen(trunk.id, now), object_in(seen, "numbers")
        if numbers["all"] != before.get("all"):
            return {"fields": [["phone numbers", before.get("count"), numbers["count"]]]}
        return others_changed(rows_in(seen, "attached"), attached_seen(trunk, now))

    def afterwards(self, at: At) -> Needs | None:
        """Read the trunk, and the lists of what it pointed to."""
        used = {ATTACHED[str(row["field"])] for row in rows_in(at.seen, "attached")}
        return Needs(trunks=False, trunk=str(at.request["trunk_id"]), parts=frozenset(used))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Keep what is gone and what is still there."""
        identity = str(at.request["trunk_id"])
        if now is None:
            return Thing(id=identity)
        left = [
            {"field": row["field"], "id": row["id"], "there": _there(row, now)}
            for row in rows_in(at.seen, "attached")
        ]
        return Thing(id=identity, data={"there": not now.gone, "left": left})

    def find(self, trace: Trace) -> Finding:
        """Conclude from whether it is there: gone is done."""
        if trace.now.gone:
            thing = self.read_back(trace, None, trace.now)
            return ThisOne(thing, "the trunk is gone")
        return CannotTell() if trace.now.detail is None else NotThere()


def _there(row: Data, now: Snapshot) -> bool | None:
    listed = now.part(ATTACHED[str(row["field"])])
    found = any(item.id.casefold() == str(row["id"]).casefold() for item in listed.items)
    return found if found or listed.whole else None


def _left(thing: Thing) -> tuple[Fact, ...]:
    words: Mapping[object, str] = {True: "is still there", False: "is gone too", None: "could not be read"}
    return tuple(
        Fact(first_up(label(str(row["field"]))), (Code(str(row["id"])), f" {words[row.get('there')]}"))
        for row in rows_in(thing.data, "left")
    )
