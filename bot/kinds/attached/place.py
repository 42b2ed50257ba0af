"""What allowing an address and setting a route share: a record is chosen or made, and the trunk points to it.

What the account has already is attached and not made again: two records of one value cannot be told apart.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from bot.blockkit.blocks import Block, alert, wording
from bot.blockkit.report import Tone
from bot.blockkit.text import plain
from bot.domain.outcome import Data
from bot.kinds.attached.create import CreateWords
from bot.kinds.attached.kind import (
    AttachedKind,
    OnRecords,
    attached_row,
    record_claims,
    records_of,
)
from bot.kinds.attached.place_words import ATTACH
from bot.kinds.base import Errors, Limits, Typed
from bot.kinds.trunks.inputs import text_input, trunk_block
from bot.kinds.trunks.kind import fields, seen_id
from bot.kinds.trunks.lost import kept
from bot.kinds.wording import first_up
from bot.vobiz.lists import Item
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import is_uuid

NEW: Final = "new"  # the choice of a value that is typed
_OPTIONS: Final = 100  # of a menu
_OPTION: Final = 75  # characters of one
_LABEL: Final = 100  # characters of what Vobiz shows beside a new record


class Former(BaseModel):
    """The record that the trunk pointed to before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str


class OnPlace(OnRecords):
    """A request that attaches a record: `in_place_of` is what the trunk pointed to in its place."""

    in_place_of: Former | None


class PlaceKind(AttachedKind):
    """A kind that has a trunk point to an address or a URI, new or one of the account's."""

    made: ClassVar[CreateWords]
    asked: ClassVar[type[BaseModel]]
    hint: ClassVar[str]
    most: ClassVar[int]  # characters of what is typed

    @abstractmethod
    def check(self, text: str) -> tuple[str, str]:
        """Return a typed value, and what is wrong with it, if anything."""

    @abstractmethod
    def field(self, wanted: Mapping[str, object]) -> str:
        """Name the trunk's field that shall point to it."""

    @property
    def _key(self) -> str:
        return self.made.asked_as[1]

    def with_rest(self, known: Data, rest: str) -> Data:
        """Take what follows the trunk as the value."""
        left = super().with_rest(known, "")
        return {**left, self.made.asked_as[0]: {self._key: rest}} if rest else left

    def picked(self, known: Data, value: str) -> Data:
        """Take the trunk, and with it the record that a button offers to attach."""
        trunk, _, record = value.partition(" ")
        left = super().picked(known, trunk)
        return {**left, self.made.asked_as[0]: {"record": record}} if is_uuid(record) else left

    def means(self, known: Data, item: Item) -> bool:
        """Offer first what was named or typed."""
        wanted = self.made.wanted(known)
        named = item.id.casefold() == str(wanted.get("record") or "").casefold()
        return named or self.made.same(item.text, str(wanted.get(self._key) or ""))

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim the trunk, and what it shall point to."""
        return (*super().claims(account, request), *record_claims(account, request))

    def steps(self, request: Data) -> tuple[str, ...]:
        """Make the record where it is new, and attach it."""
        new = not self.made.wanted(request).get("record")
        return (f"create_{self._makes}", ATTACH) if new else (ATTACH,)

    @property
    def _makes(self) -> str:
        return next(stage.makes for stage in self.stages.values() if stage.makes is not None)

    # The form

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Offer the account's records, and an input for a new value."""
        wanted, offered = self.made.wanted(known), self._offered(seen)
        record = wanted.get("record") if wanted.get("record") in offered else None
        typed = "" if record else str(wanted.get(self._key) or "")
        label = f"New {self.made.value}" if offered else self.made.value
        text = text_input(self._key, first_up(label), self.hint, typed, self.most)
        wrong = self._wrong(typed, seen)
        below = [alert(wrong, Tone.ERROR)] if wrong else []
        if not offered:
            return [trunk_block(seen), text, *below]
        menu = _menu(self._menu, self.made, offered, record)
        return [trunk_block(seen), menu, text | {"optional": True}, *below]

    def _wrong(self, typed: str, seen: Data) -> str:
        """Say what is wrong with a value that came with the command, before it is submitted."""
        if not typed:
            return ""
        value, wrong = self.check(typed)
        return wrong or self.already({self._key: value, "record": None}, seen)

    @property
    def _menu(self) -> str:
        return f"{self._key}_record"

    def _offered(self, seen: Data) -> dict[str, str]:
        """Return the records that can be chosen: those that the trunk does not point to."""
        there = {str(row["id"]) for field in self.points if (row := attached_row(seen, field))}
        return {record: text for record, text in records_of(seen).items() if record not in there}

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""
        record = typed(self._menu)
        wanted = {"record": record} if record in self._offered(seen) else {self._key: typed(self._key) or ""}
        return {"trunk_id": seen_id(seen), self.made.asked_as[0]: wanted | self.chosen(typed, seen)}

    def chosen(self, typed: Typed, seen: Data) -> dict[str, object]:
        """Return what else was chosen."""
        del typed, seen
        return {}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form: one of the account's records, or a value that is new or one of theirs."""
        offered, record, text = (
            self._offered(seen),
            typed(self._menu) or NEW,
            (typed(self._key) or "").strip(),
        )
        if record == NEW:
            value, wrong = self.check(text)
            records = records_of(seen).items()
            # What is attached is spoken of as the account has it.
            same = ((one, known) for one, known in records if self._same(known, value))
            found, value = next(same, (None, value))
        else:
            value, found = offered.get(record, ""), record
            wrong = f"Empty this, or choose “{_new(self.made)}” above." if text else ""
            if record not in offered:
                return Errors({self._menu: "Choose another one: this one is not there any more."})
        if wrong:
            return Errors({self._key: wrong})
        wanted = {self._key: value, "record": found, "label": _label(seen), **self.chosen(typed, seen)}
        if already := self.already(wanted, seen):
            return Errors({self._key if record == NEW else self._menu: already})
        return self.request(wanted, seen)

    def already(self, wanted: Mapping[str, object], seen: Data) -> str:
        """Say that the trunk points to it already, if so."""
        for field in self.points:
            row = attached_row(seen, field)
            same = row is not None and self._same(str(row.get("named", "")), str(wanted[self._key]))
            if row is not None and (same or row["id"] == wanted["record"]):
                return f"The trunk has this {self.made.value} already."
        return ""

    def _same(self, known: str, value: str) -> bool:
        """Tell whether what the form keeps of a record is a value that was typed, which may be longer."""
        return known == kept(value) or self.made.same(known, value)

    @abstractmethod
    def request(self, wanted: Mapping[str, object], seen: Data) -> BaseModel:
        """Build the request."""

    def former(self, wanted: Mapping[str, object], seen: Data) -> dict[str, str] | None:
        """Return what the trunk points to in its place."""
        row = attached_row(seen, self.field(wanted))
        return None if row is None else {"id": str(row["id"]), "text": str(row.get("named", row["id"]))}

    # Sending

    def guards(self, request: Data) -> Needs:
        """Read the trunk, and the account's whole list: nothing is made that is there already."""
        return Needs(trunks=False, trunk=str(request["trunk_id"]), parts=frozenset({self.part}))

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, and look whether the record is there as chosen, or the value is still new."""
        if (there := super().guard(request, seen, now)) is not None:
            return there
        wanted, items = self.made.wanted(request), now.part(self.part).items
        value = str(wanted[self._key])
        if record := wanted.get("record"):
            found = next((item for item in items if item.id.casefold() == str(record).casefold()), None)
            as_seen = found is not None and found.enabled is not False and kept(found.text) == value
            return None if as_seen else {"record": "changed"}
        same = next((item for item in items if self.made.same(item.text, value)), None)
        return None if same is None else {"same": same.id, "off": same.enabled is False}


def _label(seen: Data) -> str:
    return str(fields(seen).get("name") or seen_id(seen))[:_LABEL]


def _new(made: CreateWords) -> str:
    return f"A new {made.value}, typed below"


def _menu(name: str, made: CreateWords, offered: Mapping[str, str], record: object) -> Block:
    new: Block = {"text": wording(_new(made)), "value": NEW}
    options = [new]
    for identity, text in list(offered.items())[: _OPTIONS - 1]:
        # Values are not unique: the id says which.
        about = wording(plain(identity, _OPTION))
        options.append({"text": wording(plain(text, _OPTION)), "value": identity, "description": about})
    chosen = next((option for option in options if option["value"] == record), new)
    return {
        "type": "input",
        "block_id": name,
        "label": wording(first_up(made.value)),
        "hint": wording(
            f"One that the account has, or a new one. An {made.noun} that exists is not made again."
        ),
        "element": {
            "type": "static_select",
            "action_id": name,
            "options": options,
            "initial_option": chosen,
        },
    }
