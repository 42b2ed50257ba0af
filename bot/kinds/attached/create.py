"""Making a record of the account that is not unique: an IP ACL record, an origination URI.

Two of them may have the same value. So nothing but a reading from right before tells one that was made from
one that was there.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Final

from bot.blockkit.text import Code, Line
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.fields import PATHS
from bot.kinds.base import At, CannotTell, Finding, NotThere, Several, ThisOne, Trace, answered
from bot.kinds.stages import Stage
from bot.kinds.wording import Difference, MakingWords
from bot.vobiz.lists import Item, Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import read_id
from bot.vobiz.writes import Write

_VALUE: Final = "value"  # what a record is known by, as Vobiz has it: an address, a URI


class CreateWords(MakingWords):
    """What is said while it is not known whether the record was created."""

    value: ClassVar[str]  # what a record is known by: “address”
    asked_as: ClassVar[tuple[str, str]]  # where a request has that

    @property
    def found(self) -> str:
        """Say how it is known."""
        return f"I found the {self.noun} in the account: there was none of this {self.value} before."

    def matching(self, count: int) -> str:
        """Say how many could be it."""
        one, several = f"One {self.record} has", f"{count} {self.record}s have"
        return f"{one if count == 1 else several} this {self.value}. Somebody else may have made one."

    def describe(self, thing: Thing) -> Line:
        """Describe a record in one line."""
        known = thing.data.get(_VALUE)
        return (Code(thing.id), *((" ", Code(str(known))) if known else ()))

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """Say where Vobiz made something else of it, or did not enable it."""
        wanted, got = str(self.wanted(request).get(self.asked_as[1])), thing.data.get(_VALUE)
        told = [] if not got or self.same(wanted, str(got)) else [Difference(self.value, wanted, str(got))]
        if thing.data.get("enabled") is False:
            told.append(Difference(self.noun, "enabled", "disabled"))
        return tuple(told)

    def wanted(self, request: Data) -> Mapping[str, object]:
        """Return what a request asks for."""
        return object_in(request, self.asked_as[0])

    @abstractmethod
    def same(self, one: str, other: str) -> bool:
        """Tell whether two values are the same, however they are written."""


class CreateRecord(Stage):
    """Make a record. `named` is what an answer calls its value.

    With `guarded` the account's whole list was read right before the first sending, and had none of the same
    value. Only then one that turns up is this one.
    """

    part: ClassVar[Part]
    named: ClassVar[str]
    makes: ClassVar[str]
    words: CreateWords

    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded

    @abstractmethod
    def body(self, wanted: Mapping[str, object]) -> Data:
        """Build the body of the POST."""

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return f"Create the {self.words.noun}"

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the POST."""
        return Write(
            f"create_{self.makes}", "POST", PATHS[self.makes], self.body(self.words.wanted(at.request))
        )

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read the record: its id and what it is known by."""
        if body is None:
            return "unreadable"
        identity, known, enabled = read_id(body.get("id")), body.get(self.named), body.get("enabled")
        if identity is None:
            return "no_id"
        if not isinstance(known, str) or not known:
            return "incomplete"  # an id alone may be that of a job, or of the request
        return _thing(identity, known, enabled if isinstance(enabled, bool) else None)

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether it has another value: it may be one that was there before."""
        return not self.words.same(self._value(at), str(thing.data.get(_VALUE)))

    def afterwards(self, at: At) -> Needs | None:
        """Read the account's list."""
        return Needs(trunks=False, parts=frozenset({self.part}))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Return it as the list has it, if it does."""
        items = () if now is None or thing is None else now.part(self.part).items
        listed = next((one for one in items if thing and one.id.casefold() == thing.id.casefold()), None)
        return thing if listed is None else _thing_of(listed)

    def find(self, trace: Trace) -> Finding:
        """Look for one of the same value that no other operation made."""
        listed, value = trace.now.part(self.part), self._value(trace)
        found = fitting(trace, listed.items, lambda text: self.words.same(text, value))
        if not found:
            return NotThere() if listed.whole else CannotTell()
        if len(found) == 1 and listed.whole and self._guarded and self.words.same(found[0].text, value):
            thing = _thing_of(found[0])
            return ThisOne(thing, "the only one of this value, and right before there was none")
        return Several(tuple(map(_thing_of, found)))

    def _value(self, at: At) -> str:
        return str(self.words.wanted(at.request).get(self.words.asked_as[1]))


def fitting(trace: Trace, items: Iterable[Item], same: Callable[[str], bool]) -> list[Item]:
    """Return those that no other operation made and that are the `same`, or that a success named."""
    named = answered(trace.step)
    return [
        item
        for item in items
        if (same(item.text) or item.id.casefold() == named) and item.id.casefold() not in trace.owned
    ]


def _thing_of(item: Item) -> Thing:
    return _thing(item.id, item.text, item.enabled)


def _thing(identity: str, value: str, enabled: bool | None) -> Thing:
    return Thing(id=identity, data={_VALUE: value} | ({} if enabled is None else {"enabled": enabled}))
