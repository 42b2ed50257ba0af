"""Routing a number to a trunk, and taking it off one: one request each, which moving needs both of.

Sources: the pages on assigning and unassigning a number; the answer is 204, or 200 with a text.
`DELETE numbers/{e164}` without `/assign` would give the number back for a fee: no path of here is without it.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final

from bot.blockkit.text import Code, Line
from bot.domain.operation import Step
from bot.domain.outcome import Data, Outcome, Refusal, Rejected, Thing, Unknown, rows_in
from bot.kinds.attached.attach import trunk_of
from bot.kinds.base import At, CannotTell, Finding, NotThere, Several, ThisOne, Trace
from bot.kinds.gone import GONE, read_gone
from bot.kinds.numbers.seen import same
from bot.kinds.stages import Stage
from bot.kinds.wording import Difference, Words
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.writes import Write

ASSIGN: Final = "assign_number"  # stages; the name of a step has the number behind it
UNASSIGN: Final = "unassign_number"


class RoutingWords(Words):
    """What is said of one number whose routing changes."""

    noun: ClassVar[str] = "number"
    record: ClassVar[str] = "number"

    @property
    def missing(self) -> str:
        """Head the question when the number is routed as before."""
        return "the number is where it was before"

    def absent(self, within: str) -> str:
        """Say that it is."""
        before = f"The number was still where it was before{within}."
        return f"{before} The change may still come, or it was never made."

    def which(self, count: int) -> str:
        """Ask whether a number that is neither here nor there is the result."""
        del count
        return "is this the result?"

    def matching(self, count: int) -> str:
        """Say that it is neither."""
        del count
        return "The number is not where it was before, and not where it should be."

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return f"Nothing is undone: if the number was {self.done}, that stays."

    def describe(self, thing: Thing) -> Line:
        """Say where a number is routed to."""
        return (Code(thing.id), " ", *place(thing.data))

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """Say where the number is, if that is not where it should be."""
        on, wanted = thing.data.get("on"), thing.data.get("wanted")
        if thing.data.get("read") is not True or same(_text(on), _text(wanted)):
            return ()
        return (Difference(thing.id, _on(wanted), _on(on)),)

    def also(self, request: Data, seen: Data, thing: Thing | None) -> tuple[Line, ...]:
        """Say where it could not be read afterwards."""
        if thing is None or thing.data.get("read") is True:
            return ()
        return (("I could not read afterwards where ", Code(thing.id), " is routed to."),)

    def advice(self, refusal: Refusal) -> Line:
        """Say what a 404 means for what was there a moment ago."""
        gone = "Vobiz says that there is no such number or trunk any more."
        return (gone,) if refusal.status == GONE else ()


class AssignWords(RoutingWords):
    """What is said while it is not known whether a number was assigned."""

    verb, doing, done = "assign", "assigning", "assigned"


class UnassignWords(RoutingWords):
    """The same for taking a number off its trunk."""

    verb, doing, done = "unassign", "unassigning", "unassigned"


class _Routing(Stage):
    """One number, from where it is to where it shall be."""

    @abstractmethod
    def wanted(self, at: At) -> str | None:
        """Return the trunk that it shall be on; None is on none."""

    @abstractmethod
    def before(self, at: At) -> str | None:
        """Return the trunk that it is on until then."""

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Take any success: the documents have 204, and 200 with a text."""
        return None

    def afterwards(self, at: At) -> Needs | None:
        """Look the number up."""
        return Needs(trunks=False, numbers=(number_of(at.step.name),))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Return the number with where it is, and where it should be."""
        number = number_of(at.step.name)
        data: dict[str, object] = {"wanted": self.wanted(at), "read": False}
        item = None if now is None else now.numbers.get(number)
        if item is not None:
            data |= {"read": True, "on": item.trunk}
        return Thing(id=number, data=data)

    def find(self, trace: Trace) -> Finding:
        """Conclude from where it is: as asked is done, as before is not, and elsewhere only a person can say.

        One that the account does not have (any more), or that could not be read, says nothing.
        """
        item = trace.now.numbers.get(number_of(trace.step.name))
        if item is None:
            return CannotTell()
        thing = self.read_back(trace, None, trace.now)
        if thing is not None and same(item.trunk, self.wanted(trace)):
            return ThisOne(thing, "the number was looked up, and is where it should be")
        if same(item.trunk, self.before(trace)) and item.application is None:
            return NotThere()
        return CannotTell() if thing is None else Several((thing,))


class AssignNumber(_Routing):
    """Have a number that is on no trunk ring on one: that of the request, or that was created before it."""

    words: Words = AssignWords()

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return f"Assign {rest}"

    def wanted(self, at: At) -> str | None:
        """Return the trunk of the request."""
        return str(trunk_of(at)["trunk_id"])

    def before(self, at: At) -> str | None:
        """Return none: it was free, or was taken off the step before."""
        return None

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the POST."""
        path = f"numbers/{number_of(at.step.name)}/assign"
        return Write("assign", "POST", path, {"trunk_group_id": self.wanted(at)})


class UnassignNumber(_Routing):
    """Take a number off the trunk that it is on: it has no route then."""

    words: Words = UnassignWords()

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return f"Take {rest} off its trunk"

    def wanted(self, at: At) -> str | None:
        """Return none."""
        return None

    def before(self, at: At) -> str | None:
        """Return the trunk that it is moved from, or else that of the request."""
        number = number_of(at.step.name)
        row = next((row for row in rows_of(at.request) if row.get("e164") == number), {})
        return str(row.get("moved_from") or at.request.get("trunk_id"))

    def rechecks(self, at: At) -> Needs | None:
        """Look the number up."""
        return Needs(trunks=False, numbers=(number_of(at.step.name),))

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        """Say where it is by now, if not where it was: it would be taken off there, and nobody meant that."""
        number = number_of(at.step.name)
        item = now.numbers.get(number)
        if item is not None and same(item.trunk, self.before(at)):
            return None
        return {"numbers": [[number, None if item is None else item.trunk, None, None]]}

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the DELETE."""
        return Write("unassign", "DELETE", f"numbers/{number_of(at.step.name)}/assign")

    def read_refusal(self, step: Step, outcome: Rejected | Unknown, refusal: Refusal) -> Outcome:
        """Read a 404 as: it is off already, or it is not there at all."""
        if refusal.status == GONE:
            return read_gone(step, refusal, "number not found", "phone number")
        return outcome


def steps_of(rows: Data) -> tuple[str, ...]:
    """Name the steps that a request's numbers take, in their order: one that moves is taken off first."""
    names: list[str] = []
    for row in rows_of(rows):
        names += [f"{UNASSIGN} {row['e164']}"] if row.get("moved_from") else []
        names.append(f"{ASSIGN} {row['e164']}")
    return tuple(names)


def rows_of(known: Data) -> tuple[Mapping[str, object], ...]:
    """Return what a request says of its numbers: `e164`, and `moved_from`, the trunk that each is on."""
    return tuple(row for row in rows_in(known, "phone_numbers") if isinstance(row.get("e164"), str))


def number_of(step: str) -> str:
    """Return the number that a step is about."""
    return step.partition(" ")[2]


def place(data: Data) -> Line:
    """Say where a number is, as it was looked up."""
    if data.get("read") is not True:
        return ("could not be read",)
    on = data.get("on")
    return ("on trunk ", Code(str(on))) if on else ("on no trunk",)


def _on(trunk: object) -> str:
    return f"on trunk {trunk}" if trunk else "on no trunk"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
