"""How the kinds speak that have a trunk point to an address or a URI, new or one of the account's."""

from abc import abstractmethod
from typing import ClassVar, Final

from bot.blockkit.report import Act, Button, Fact
from bot.blockkit.text import Code, Line, Said
from bot.domain.operation import Operation, Step, StepState
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.create import CreateWords
from bot.kinds.attached.kind import AttachedWords
from bot.kinds.trunks.lost import TEXT
from bot.kinds.wording import CONSOLE, first_up
from bot.vobiz.trunks import is_uuid

ATTACH: Final = "attach"  # the name of the last step
FORMATS: Final = frozenset("*_~`&<>")  # what Slack may format, or take for markup
_UNSURE: Final = frozenset({StepState.UNKNOWN, StepState.NOT_DONE})


class PlaceWords(AttachedWords):
    """How such a kind speaks. `opens` is the action of the button that opens its form."""

    verb, doing, done = "change", "changing", "changed"
    undo: ClassVar[str] = "Undo"
    alone: ClassVar[str] = ATTACH
    made: ClassVar[CreateWords]
    opens: ClassVar[str]
    short: ClassVar[str]  # what is attached, in a button: “address”

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Say what the trunk shall point to, whether that exists already, and what it replaces."""
        wanted, former = self.made.wanted(request), object_in(request, "in_place_of")
        value: Line = (Code(str(wanted[self.made.asked_as[1]])),)
        if wanted.get("record"):
            value = (*value, f" ({self.made.noun} of the account, ", Code(str(wanted["record"])), ")")
        if former:
            value = (*value, ", in place of ", Code(str(former["text"])))
        return (*super().asked(request), Fact(first_up(self.called(request)), value))

    @abstractmethod
    def called(self, request: Data) -> str:
        """Name what the trunk points to with it: “primary route”."""

    def headline(self, subject: Said, request: Data) -> Line:
        """Head a result that is as it was requested."""
        return ("Trunk “", subject, f"” {self.now_does(request)} ", Said(self._value(request), TEXT))

    @abstractmethod
    def now_does(self, request: Data) -> str:
        """Say what the trunk does now, in front of the address or the URI: “now takes calls from”."""

    def brief(self, request: Data) -> str:
        """Say the same in a few words; what could format is left out."""
        named, value = self.called(request), self._value(request)
        return named if FORMATS & set(value) else f"{named} {value}"

    def _value(self, request: Data) -> str:
        return str(self.made.wanted(request)[self.made.asked_as[1]]).removeprefix("sip:")

    def changed(self, thing: Thing) -> tuple[Line, ...]:
        """Say what is not as the person saw it, also of the account's records."""
        there = object_in(thing.data, "met")
        noun, value = self.made.noun, self.made.value
        if same := there.get("same"):
            found: Line = (
                f"An {noun} of this {value} exists: ",
                Code(str(same)),
                ". I did not make another one.",
            )
            if there.get("off"):
                return (found, ("It is disabled: enable it or delete it in the ", CONSOLE, "."))
            return (found, ("Open the form again to attach this one.",))
        if there.get("record"):
            return ((f"The {noun} that you chose is not there any more as you saw it.",),)
        return super().changed(thing)

    def stranded(self, op: Operation) -> tuple[Line, ...]:
        """Say that a record was made, and is not attached."""
        made = _unattached(op)
        if made is None or made.thing is None:
            return ()
        last = op.steps[-1]
        perhaps = "may not be attached" if last.state in _UNSURE or last.sendings > 1 else "is not attached"
        return ((f"The {self.made.noun} ", Code(made.thing.id), f" exists, and {perhaps} to the trunk."),)

    def left(self, op: Operation) -> tuple[Button, ...]:
        """Offer to attach it."""
        made = _unattached(op)
        if made is None or made.thing is None or not is_uuid(made.thing.id):
            return ()
        value = f"{op.kind} {op.request['trunk_id']} {made.thing.id}"
        return (Button(f"{Act.CHANGE}.{self.opens}", f"Attach the {self.short}…", value),)


def _unattached(op: Operation) -> Step | None:
    """Return the step that made a record which was not attached, for all that is known."""
    made = op.steps[0]
    return made if made.name != ATTACH and made.state is StepState.DONE else None
