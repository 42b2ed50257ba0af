"""Taking phone numbers off a trunk: they stay the account's, and have no route."""

from collections.abc import Mapping
from typing import ClassVar

from bot.blockkit.blocks import Block
from bot.blockkit.report import Tone
from bot.blockkit.text import Line, Said
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.kinds.base import Limits
from bot.kinds.numbers.assign import ASSIGN, UNASSIGN, rows_of
from bot.kinds.numbers.form import TYPED, number_inputs, wanted_numbers
from bot.kinds.numbers.kind import NumbersKind, NumberWords, counted, numbers_of, typed_alert
from bot.kinds.numbers.seen import Numbers, Routed, same
from bot.kinds.trunks.inputs import trunk_block
from bot.kinds.trunks.kind import fields, seen_id
from bot.kinds.wording import Alert, Words


class UnassignWords(NumberWords):
    """How the bot speaks of taking numbers off."""

    verb, doing, done = "unassign", "taking numbers off", "unassigned"
    undo: ClassVar[str] = "Assign again"

    @property
    def act(self) -> str:
        """Name what it does, in front of the trunk."""
        return "Take numbers off trunk"

    @property
    def title(self) -> str:
        """Title the form."""
        return "Take numbers off"

    @property
    def submit(self) -> str:
        """Label its button."""
        return "Take off"

    @property
    def now(self) -> str:
        """Label it where no approval is waited for."""
        return "Take off now"

    def headline(self, subject: Said, request: Data) -> Line:
        """Head the result."""
        return (f"{counted(request)} taken off trunk “", subject, "”")

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say that they lose their route, and whether the trunk loses its last number."""
        numbers, trunk = numbers_of(seen), seen_id(seen)
        if numbers.whole and not numbers.on(trunk):
            return (Alert("No phone number is on this trunk. There is nothing to take off.", tone=Tone.INFO),)
        complaints = [_complaint(one, numbers, trunk) for one in wanted_numbers(known)]
        left = {*numbers.on(trunk)} - {*wanted_numbers(known)}
        last = numbers.whole and not left and fields(seen).get("direction") != "outbound"
        text = "Nobody can call a number that is on no trunk. It stays in the account."
        return (
            *typed_alert(known, next((why for why in complaints if why is not None), None)),
            Alert(text),
            *(
                (Alert("These are its last numbers: no call will come in on this trunk.", must_see=True),)
                if last
                else ()
            ),
        )


class UnassignNumbers(NumbersKind):
    """Take phone numbers off a trunk."""

    name = "unassign_number"
    words: ClassVar[Words] = UnassignWords()

    def ready(self, seen: Data) -> bool:
        """Tell whether there is a number to take off, or may be."""
        numbers = numbers_of(seen)
        return super().ready(seen) and (not numbers.whole or bool(numbers.on(seen_id(seen))))

    def complaint(self, number: str, seen: Data) -> str | None:
        """Say why a number cannot be taken off the trunk."""
        return _complaint(number, numbers_of(seen), seen_id(seen))

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Offer the trunk's numbers."""
        numbers = numbers_of(seen)
        offered = [(one, one) for one in numbers.on(seen_id(seen))]
        wanted, typed = self.wanted(known, seen), str(known.get(TYPED) or "")
        made = number_inputs("Phone numbers", offered, wanted, whole=numbers.whole, typed=typed)
        return [trunk_block(seen), *made]

    def rows(self, numbers: tuple[str, ...], seen: Data) -> list[Mapping[str, object]]:
        """Write numbers: none of them is moved."""
        return [{"e164": number, "moved_from": None} for number in numbers]

    def steps(self, request: Data) -> tuple[str, ...]:
        """Take each off in turn."""
        return tuple(f"{UNASSIGN} {row['e164']}" for row in rows_of(request))

    def expected(self, row: Mapping[str, object], request: Data) -> str | None:
        """Return the trunk."""
        return str(request["trunk_id"])

    def stands(self, one: Routed, expected: str | None) -> bool:
        """Tell whether it is on the trunk, whatever else is true of it."""
        return same(one.trunk, expected)

    def inverse(self, op: Operation) -> tuple[str, Data] | None:
        """Return assigning them again."""
        return ASSIGN, {"trunk_id": op.request["trunk_id"], "phone_numbers": op.request["phone_numbers"]}


def _complaint(number: str, numbers: Numbers, trunk: str) -> str | None:
    one = numbers.of(number)
    on_it = same(one.trunk, trunk) if one.seen else not numbers.whole
    return None if on_it else f"{number} is not on this trunk."
