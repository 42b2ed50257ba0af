"""What is the same for the kinds that route numbers to a trunk, or take them off it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.blockkit.report import Fact, Tone
from bot.blockkit.text import Code, Line, Piece, Said
from bot.commands.problems import Problem
from bot.domain.operation import Operation
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.base import Errors, Limits, Typed
from bot.kinds.numbers.assign import ASSIGN, UNASSIGN, AssignNumber, RoutingWords, UnassignNumber, rows_of
from bot.kinds.numbers.form import CHOSEN, TYPED, read_chosen, rows, typed_numbers, wanted_numbers
from bot.kinds.numbers.number import MOST, BadNumber, check_number, joined
from bot.kinds.numbers.seen import Numbers, Routed, numbers_kept, read_numbers, routed_now, same
from bot.kinds.stages import Stage, Staged, StagedWords
from bot.kinds.trunks.kind import OnTrunk, TrunkKind, fields, seen_id
from bot.kinds.trunks.lost import SHOWN
from bot.kinds.trunks.words import TrunkWords
from bot.kinds.wording import CONSOLE, Alert, Difference
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import UUID

STAGES: Final[Mapping[str, Stage]] = MappingProxyType({ASSIGN: AssignNumber(), UNASSIGN: UnassignNumber()})
_NAME: Final = 40  # characters of a trunk's name in a line


class PhoneNumber(BaseModel):
    """A number (E.164), and the trunk that it is on until then and is moved from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    e164: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    moved_from: Annotated[str | None, Field(pattern=f"^{UUID.pattern}$")] = None


class OnNumbers(OnTrunk):
    """What was confirmed: the trunk, and the numbers in the order of their steps."""

    phone_numbers: Annotated[tuple[PhoneNumber, ...], Field(min_length=1, max_length=MOST)]


class NumberWords(RoutingWords, StagedWords, TrunkWords):
    """How the bot speaks of the numbers of a trunk."""

    stages: ClassVar[Mapping[str, Stage]] = STAGES
    names: ClassVar[str] = "trunk"
    resumes: ClassVar[bool] = True

    @property
    def unlike(self) -> str:
        """End the headline of a result where a number is not listed where it should be: lists may lag."""
        return "has other numbers in Vobiz's list than requested, although Vobiz confirmed it"

    @property
    def mend(self) -> Line:
        """Say what to do about it."""
        return (
            "The list may lag. Look again in a minute; if it is still so, correct it in the ",
            CONSOLE,
            ".",
        )

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Name the numbers, and the trunk."""
        numbers: list[Piece] = []
        for row in rows_of(request):
            numbers += [", "] if numbers else []
            numbers.append(Code(str(row["e164"])))
            numbers += [" from trunk ", Code(str(row["moved_from"]))] if row.get("moved_from") else []
        label = "Phone number" if len(rows_of(request)) == 1 else "Phone numbers"
        return (Fact(label, tuple(numbers)), *TrunkWords.asked(self, request))

    def brief(self, request: Data) -> str:
        """Give the number, or how many there are."""
        numbers = rows_of(request)
        return str(numbers[0]["e164"]) if len(numbers) == 1 else f"{len(numbers)} numbers"

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """Say where a number is, if that is not where it should be."""
        return RoutingWords.differences(self, request, thing)

    def changed(self, thing: Thing) -> tuple[Line, ...]:
        """Say where a number is, if that is not as the form showed it."""
        rows = object_in(thing.data, "met").get("numbers")
        if not isinstance(rows, list | tuple):
            return TrunkWords.changed(self, thing)
        first: Line = (
            "I did not send this: right before, the numbers were not routed as the form showed it.",
        )
        return (first, *((Code(str(row[0])), " ", *_where(*row[1:])) for row in rows))

    def stranded(self, op: Operation) -> tuple[Line, ...]:
        """Say that a number which was taken off for another trunk is on none now."""
        stage, _, number = op.step.name.partition(" ")
        done = {step.name for step in op.steps[: op.step.number - 1]}
        if stage != ASSIGN or f"{UNASSIGN} {number}" not in done:
            return ()
        return ((Code(number), " is on no trunk as far as I know: nobody can call it now."),)


class NumbersKind(Staged, TrunkKind):
    """A kind that changes which numbers are routed to a trunk."""

    stages: ClassVar[Mapping[str, Stage]] = STAGES
    redraws = frozenset({CHOSEN})
    Request: ClassVar[type[BaseModel]] = OnNumbers

    @abstractmethod
    def complaint(self, number: str, seen: Data) -> str | None:
        """Say why a number cannot be asked for, as far as the form knows; None when it can."""

    @abstractmethod
    def expected(self, row: Mapping[str, object], request: Data) -> str | None:
        """Return the trunk that a number has to be on right before it is sent."""

    def parse(self, text: str, start: int, limits: Limits) -> Data | Problem:
        """Keep what was typed for the trunk and the number, which may have spaces in it."""
        known = super().parse(text, start, limits)
        if isinstance(known, Problem) or "typed" not in known:
            return known
        return {**known, "typed": joined(str(known["typed"]))}

    def line(self, known: Data) -> str:
        """Write the verb, the trunk, and a number."""
        numbers = wanted_numbers(known)[:1] if known.get("trunk_id") else ()
        return " ".join((super().line(known), *numbers)).strip()

    def with_rest(self, known: Data, rest: str) -> Data:
        """Take what follows the trunk as a number, whatever it is: what is wrong with it is told."""
        left = super().with_rest(known, "")
        return {**left, TYPED: rest} if rest else left

    def picked(self, known: Data, value: str) -> Data:
        """Take the trunk, and with it the numbers that a button offers, with commas between them."""
        trunk, _, numbers = value.partition(" ")
        left = super().picked(known, trunk)
        asked = [number for number in map(check_number, numbers.split(",")) if isinstance(number, str)]
        return {**left, CHOSEN: rows(asked, Numbers({}, whole=False))} if asked else left

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim the trunk and each number."""
        numbers = (f"number|{account}|{row['e164']}" for row in rows_of(request))
        return (*super().claims(account, request), *numbers)

    def read_for(self, trunk: str) -> Needs:
        """Read the trunk, the account's numbers, and what the trunks are called that have them."""
        return Needs(trunk=trunk, parts=frozenset({Part.NUMBERS}))

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep how the numbers are routed, first of all those that were asked for."""
        seen = super().seen(known, now, ceiling)
        if now is None or "trunk" not in seen:
            return seen
        return {**seen, "numbers": numbers_kept(now, seen_id(seen), wanted_numbers(known))}

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return the trunk, and the numbers that were chosen or typed."""
        known = typed_numbers(typed, numbers_of(seen))
        return {"trunk_id": seen_id(seen), "name": trunk_name(seen), **known}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form."""
        numbers = read_chosen(typed, lambda number: self.complaint(number, seen))
        if isinstance(numbers, Errors):
            return numbers
        request = {"trunk_id": seen_id(seen), "name": trunk_name(seen)}
        return OnNumbers.model_validate({**request, "phone_numbers": self.rows(numbers, seen)})

    @abstractmethod
    def rows(self, numbers: tuple[str, ...], seen: Data) -> list[Mapping[str, object]]:
        """Write numbers as the request has them."""

    def wanted(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Return the numbers that are asked for and can be."""
        return tuple(one for one in wanted_numbers(known) if self.complaint(one, seen) is None)

    def guards(self, request: Data) -> Needs:
        """Read the trunk, and look up each number."""
        numbers = tuple(str(row["e164"]) for row in rows_of(request))
        return Needs(trunks=False, trunk=str(request["trunk_id"]), numbers=numbers)

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, and where each number is routed to, with what the person saw."""
        if (there := super().guard(request, seen, now)) is not None:
            return there
        names = {one.trunk: one.name for one in numbers_of(seen).routed.values()}
        moved = []
        for row in rows_of(request):
            number = str(row["e164"])
            one = routed_now(now.numbers.get(number), now.account)
            if self.stands(one, self.expected(row, request)):
                continue
            moved.append([number, one.trunk, names.get((one.trunk or "").lower()), one.why])
        return {"numbers": moved} if moved else None

    def stands(self, one: Routed, expected: str | None) -> bool:
        """Tell whether a number is as the person saw it."""
        return same(one.trunk, expected) and one.why is None


def counted(request: Data) -> str:
    """Begin a headline with the number, or with how many there are."""
    numbers = rows_of(request)
    return f"Number {numbers[0]['e164']}" if len(numbers) == 1 else f"{len(numbers)} numbers"


def numbers_of(seen: Data) -> Numbers:
    """Return what a form knows of the account's numbers."""
    return read_numbers(seen.get("numbers"))


def trunk_name(seen: Data) -> str:
    """Return what the trunk was called when it was seen."""
    return str(fields(seen).get("name", seen_id(seen)))


def typed_alert(known: Data, complaint: str | None) -> tuple[Alert, ...]:
    """Say what is wrong with the number that was typed, if anything; `complaint` is the kind's."""
    text = str(known.get(TYPED) or "")
    number = check_number(text) if text else ""
    if isinstance(number, BadNumber):
        return (Alert(number.says),)
    return () if complaint is None else (Alert(complaint, tone=Tone.INFO),)


def named(name: object, trunk: object) -> Line:
    """Name a trunk: by its name, or by its id where that is all that is known."""
    return ("“", Said(str(name), _NAME), "”") if name else (Code(str(trunk)),)


def codes(numbers: Sequence[str]) -> Line:
    """List numbers: some, and how many more."""
    line: list[Piece] = []
    for number in numbers[:SHOWN]:
        line += [", "] if line else []
        line.append(Code(number))
    more = len(numbers) - SHOWN
    return (*line, f" and {more} more") if more > 0 else tuple(line)


def _where(trunk: object, name: object, why: object) -> Line:
    if why:
        return (f"{why}.",)
    return ("is on trunk ", *named(name, trunk), " now.") if trunk else ("is on no trunk now.",)
