"""Having phone numbers ring on a trunk: a request each, or two for one that is on another trunk.

Vobiz refuses to assign a number that is on a trunk (400), so it is taken off first, and has no route until
the second request was done. What the person saw of each number is looked up again right before the first.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from bot.blockkit.blocks import Block, paragraph
from bot.blockkit.text import Code, Line, Said
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.kinds.attached.kind import misplaced
from bot.kinds.base import Limits
from bot.kinds.numbers.assign import UNASSIGN, rows_of, steps_of
from bot.kinds.numbers.form import TYPED, number_inputs, option, rows, wanted_numbers, why_not_assigned
from bot.kinds.numbers.kind import (
    NumbersKind,
    NumberWords,
    codes,
    counted,
    named,
    numbers_of,
    trunk_name,
    typed_alert,
)
from bot.kinds.trunks.inputs import trunk_block
from bot.kinds.trunks.kind import seen_id
from bot.kinds.wording import Alert, Words

_MOVES: Final = (
    "Moving a number takes two steps. Between them it is on no trunk, and it stays on none if the second"
    " fails. In this order:"
)
_UNSEEN: Final = "I could not list all numbers. These are assigned only if they are on no trunk:"


class AssignWords(NumberWords):
    """How the bot speaks of assigning."""

    verb, doing, done = "assign", "assigning numbers to", "assigned"
    button: ClassVar[str] = "Numbers"
    undo: ClassVar[str] = "Take off again"

    @property
    def act(self) -> str:
        """Name what it does, in front of the trunk."""
        return "Assign numbers to trunk"

    @property
    def title(self) -> str:
        """Title the form."""
        return "Assign phone numbers"

    @property
    def submit(self) -> str:
        """Label its button."""
        return "Assign"

    @property
    def now(self) -> str:
        """Label it where no approval is waited for."""
        return "Assign now"

    def headline(self, subject: Said, request: Data) -> Line:
        """Head the result."""
        return (f"{counted(request)} assigned to trunk “", subject, "”")

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what moving does, in the order of its steps, and what is wrong with a typed number."""
        trunk, numbers = seen_id(seen), numbers_of(seen)
        complaints = {one: why_not_assigned(one, numbers, trunk) for one in wanted_numbers(known)}
        wrong = next((why for why in complaints.values() if why is not None), None)
        wanted = tuple(one for one, why in complaints.items() if why is None)
        unseen = tuple((Code(one),) for one in wanted if not numbers.of(one).seen)
        request = {"phone_numbers": rows(wanted, numbers)}
        steps = tuple(_told(request, seen))
        moves = any(row["moved_from"] for row in rows_of(request))
        return (
            *typed_alert(known, wrong),
            *misplaced(seen, "a phone number", "inbound"),
            *((Alert(_MOVES, steps, must_see=True),) if moves else ()),
            *((Alert(_UNSEEN, unseen, must_see=True),) if unseen else ()),
        )

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Have somebody call it."""
        return (("Call ", Code(str(rows_of(request)[0]["e164"])), " to hear whether it arrives."),)

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return ((f'{verb} "Sales" +14155550100', "assigns phone numbers to a trunk, or takes them off it"),)


class AssignNumbers(NumbersKind):
    """Route phone numbers to a trunk."""

    name, verb, proves = "assign_number", "number", True
    synonyms = frozenset({"numbers", "assign", "phone", "did"})
    words: ClassVar[Words] = AssignWords()

    def offered(self, fields: Data) -> bool:
        """Offer it where calls come in."""
        return fields.get("direction") != "outbound"

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Offer to take numbers off, where there are any."""
        return (UNASSIGN,) if numbers_of(seen).on(seen_id(seen)) else ()

    def complaint(self, number: str, seen: Data) -> str | None:
        """Say why a number cannot be assigned to the trunk."""
        return why_not_assigned(number, numbers_of(seen), seen_id(seen))

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Offer the numbers that can be assigned: those that are free first, then those of other trunks."""
        numbers, trunk = numbers_of(seen), seen_id(seen)
        offered = [(one, option(one, numbers.of(one))) for one in numbers.offered(trunk)]
        wanted, typed = self.wanted(known, seen), str(known.get(TYPED) or "")
        shut = sum(one.why is not None for one in numbers.routed.values())
        not_offered = (
            f"{shut} {'number is' if shut == 1 else 'numbers are'} not offered: blocked or not active, of"
        )
        more = f"{not_offered} a sub-account, or on a voice application. See the Vobiz console."
        here = numbers.on(trunk)
        return [
            trunk_block(seen),
            *((paragraph((("On this trunk already: ", *codes(here)),)),) if here else ()),
            *number_inputs("Phone numbers", offered, wanted, whole=numbers.whole, typed=typed),
            *((paragraph(((more,),)),) if shut else ()),
        ]

    def rows(self, numbers: tuple[str, ...], seen: Data) -> list[Mapping[str, object]]:
        """Write numbers with the trunks that they are moved from."""
        return rows(numbers, numbers_of(seen))

    def steps(self, request: Data) -> tuple[str, ...]:
        """Assign each in turn, and take it off another trunk right before."""
        return steps_of(request)

    def expected(self, row: Mapping[str, object], request: Data) -> str | None:
        """Return the trunk that it was seen on."""
        return str(row["moved_from"]) if row.get("moved_from") else None

    def inverse(self, op: Operation) -> tuple[str, Data] | None:
        """Return taking them off again; where they were before is not gone back to."""
        taken = [{"e164": row["e164"]} for row in rows_of(op.request)]
        return UNASSIGN, {"trunk_id": op.request["trunk_id"], "phone_numbers": taken}


def _told(request: Data, seen: Data) -> Iterator[Line]:
    """Say what is done with each number, with the names of the trunks."""
    numbers = numbers_of(seen)
    to: Line = (" to trunk ", *named(trunk_name(seen), None))
    for row in rows_of(request):
        number = str(row["e164"])
        one = numbers.of(number)
        if one.trunk is None:
            yield ("Assign ", Code(number), *to)
        else:
            yield ("Take ", Code(number), " off trunk ", *named(one.name, one.trunk), ", then assign it", *to)
