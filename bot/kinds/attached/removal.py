"""What taking an address and a route off a trunk share: detached, and if that is chosen deleted.

A record may be in use by other trunks: deleting it takes it from them too. So who else uses it is compared
again right before.
"""

from abc import abstractmethod
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from bot.blockkit.blocks import Block
from bot.blockkit.report import Fact, Tone
from bot.blockkit.text import Code, Line, Said
from bot.domain.operation import Operation, StepState
from bot.domain.outcome import Data, object_in, rows_in
from bot.kinds.attached.fields import PATHS
from bot.kinds.attached.kind import (
    TEXT,
    AttachedKind,
    AttachedWords,
    OnRecords,
    record_claims,
    trunk_as_seen,
)
from bot.kinds.attached.place import Former
from bot.kinds.base import Errors, Limits, Typed
from bot.kinds.trunks.inputs import radio_input, trunk_block
from bot.kinds.trunks.kind import seen_id
from bot.kinds.trunks.lost import attached_seen
from bot.kinds.trunks.record import label
from bot.kinds.wording import Alert, first_up
from bot.vobiz.snapshot import Needs, Snapshot

DETACH: Final = "detach"  # the name of the first step, and a choice
DELETE: Final = "delete"
_FIELD: Final = "removal_of"  # block_ids and action_ids
_HOW: Final = "removal"
_NAMES: Final = MappingProxyType({"acl": "allowed address"})


class Deleting(BaseModel):
    """A record that is deleted for good: `path` is below the account's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    record: str


class Removal(OnRecords):
    """What was confirmed: the fields that shall point to nothing, and the record that is deleted, if any."""

    detaching: tuple[str, ...]
    deleting: Deleting | None
    taken_off: Former


class RemovalWords(AttachedWords):
    """How such a kind speaks. `one` is what a record is called."""

    verb, doing, done = "change", "changing", "changed"
    alone: ClassVar[str] = DETACH
    one: ClassVar[str]
    short: ClassVar[str]  # the same in a button: “the address”
    none: ClassVar[str]  # said where there is nothing to remove

    @property
    def act(self) -> str:
        """Name what it does, in front of the trunk's name."""
        return f"Remove {self.one} of trunk"

    @property
    def title(self) -> str:
        """Title the form."""
        return f"Remove {self.short}"

    @property
    def submit(self) -> str:
        """Label its button."""
        return f"Remove {self.short}"

    @property
    def now(self) -> str:
        """Label it where no approval is waited for."""
        return f"Remove {self.short} now"

    @property
    def offer(self) -> str:
        """Label the button in the form of another kind."""
        return f"Remove {self.short}…"

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Say what is taken off, and whether it is deleted."""
        off = object_in(request, "taken_off")
        end = (
            ", detached and deleted for good"
            if request.get("deleting")
            else ", detached; it stays in the account"
        )
        value: Line = (Code(str(off.get("text"))), " (", Code(str(off.get("id"))), ")", end)
        return (*super().asked(request), Fact(first_up(self.called(request)), value))

    def called(self, request: Data) -> str:
        """Name what is taken off."""
        names = request.get("detaching")
        fields = names if isinstance(names, list | tuple) else ()
        return " and ".join(_NAMES.get(str(field), label(str(field))) for field in fields)

    def headline(self, subject: Said, request: Data) -> Line:
        """Head a result that is as it was requested."""
        value = str(object_in(request, "taken_off").get("text")).removeprefix("sip:")
        end = ", and deleted" if request.get("deleting") else ""
        return (
            f"{first_up(self.called(request))} ",
            Said(value, TEXT),
            " taken off trunk “",
            subject,
            f"”{end}",
        )

    def brief(self, request: Data) -> str:
        """Say the same in a few words."""
        gone = "removed and deleted" if request.get("deleting") else "removed"
        value = str(object_in(request, "taken_off").get("text")).removeprefix("sip:")
        known = f" {value}" if not set(value) & set("*_~`&<>") else ""
        return f"{self.called(request)}{known} {gone}"

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what is there and who else uses it, and what deleting it does to them."""
        rows = seen.get("attached")
        if not rows:
            return (Alert(f"{self.none} There is nothing to remove.", tone=Tone.INFO),)
        alerts = [Alert(self.lost, self.shared(seen))]
        if deleting := object_in(known, "deleting"):
            others = max(
                (_count(row) for row in rows_in(seen, "attached") if row["id"] == deleting["record"]),
                default=0,
            )
            if others:
                text = f"Deleting takes it from {_trunks(others)} too, and cannot be undone."
                alerts.append(Alert(text, must_see=True))
        if seen.get("all_seen") is not True:
            text = "I could not read who else uses it. So it can be detached now, and not deleted."
            alerts.append(Alert(text))
        return tuple(alerts)

    @property
    @abstractmethod
    def lost(self) -> str:
        """Say what the trunk loses, in at most 200 characters."""

    def stranded(self, op: Operation) -> tuple[Line, ...]:
        """Say that the record is still there."""
        unsure = op.step.state is StepState.NOT_DONE or op.step.sendings > 1
        still = "may still be" if unsure else "is still"
        off = object_in(op.request, "taken_off")
        return ((Code(str(off.get("text"))), f" is detached from the trunk, and {still} in the account."),)


class RemovalKind(AttachedKind):
    """A kind that takes a record off a trunk. `kind` is its type, `way` the verb that leads here."""

    kind: ClassVar[str]
    way: ClassVar[str]
    Request: ClassVar[type[BaseModel]] = Removal

    def line(self, known: Data) -> str:
        """Write what leads to the form that has the button."""
        return f"{self.way} {known.get('trunk_id') or known.get('typed') or ''}".strip()

    def ready(self, seen: Data) -> bool:
        """Tell whether there is something to remove."""
        return super().ready(seen) and bool(rows_in(seen, "attached"))

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim the trunk, and the record where it is deleted."""
        return (*super().claims(account, request), *record_claims(account, request))

    def steps(self, request: Data) -> tuple[str, ...]:
        """Detach it, and delete it if that was chosen."""
        return (DETACH, f"delete_{self.kind}") if request.get("deleting") else (DETACH,)

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Ask which one where there are two, and whether it is deleted as well."""
        rows = rows_in(seen, "attached")
        which = radio_input(
            _FIELD, "Which one", {str(row["field"]): _row_option(row) for row in rows}, _chosen(known, rows)
        )
        how = {DETACH: ("Detach it", "It stays in the account, and can be attached again")}
        if seen.get("all_seen") is True:
            used = max(map(_count, rows), default=0)
            about = (
                f"For good; also taken from other trunks that use it (up to {used})" if used else "For good"
            )
            how[DELETE] = ("Detach it, and delete it from the account", about)
        asked = DELETE if known.get("deleting") and DELETE in how else DETACH
        return [trunk_block(seen), *((which,) if len(rows) > 1 else ()), radio_input(_HOW, "How", how, asked)]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""
        read = self.read(typed, limits, seen)
        return {"trunk_id": seen_id(seen)} if isinstance(read, Errors) else read.model_dump(mode="json")

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form."""
        rows, field = rows_in(seen, "attached"), typed(_FIELD)
        row = next((one for one in rows if one["field"] == field), rows[0] if len(rows) == 1 else None)
        if row is None:
            return Errors({_FIELD: "Choose one."})
        deleting = typed(_HOW) == DELETE
        if deleting and seen.get("all_seen") is not True:
            return Errors({_HOW: "I could not read who else uses it, so it cannot be deleted now."})
        # What is deleted is taken off wherever the trunk points to it.
        same = [str(one["field"]) for one in rows if deleting and one["id"] == row["id"]] or [
            str(row["field"])
        ]
        more = {
            "detaching": same,
            "deleting": {"path": PATHS[self.kind], "record": row["id"]} if deleting else None,
            "taken_off": {"id": row["id"], "text": str(row.get("named", row["id"]))},
        }
        return Removal.model_validate(trunk_as_seen(seen) | more)

    def guards(self, request: Data) -> Needs:
        """Read the trunk; where a record is deleted also who else uses it."""
        trunk = str(request["trunk_id"])
        if not request.get("deleting"):
            return Needs(trunks=False, trunk=trunk)
        return Needs(trunk=trunk, parts=frozenset({self.part}))

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, and the other trunks that a deletion takes it from."""
        if (there := super().guard(request, seen, now)) is not None or now.detail is None:
            return there
        if not request.get("deleting"):
            return None
        others = [_others(row) for row in attached_seen(now.detail.trunk, now) if row["field"] in self.points]
        before = [_others(row) for row in rows_in(seen, "attached")]
        return None if others == before else {"fields": [["trunks that use it", "other ones", "seen now"]]}


def _others(row: Data) -> list[object]:
    names = row.get("others")
    return [row["field"], list(names) if isinstance(names, list | tuple) else [], _count(row)]


def _count(row: Data) -> int:
    count = row.get("count")
    return count if isinstance(count, int) else 0


def _trunks(count: int) -> str:
    return "1 other trunk" if count == 1 else f"{count} other trunks"


def _row_option(row: Data) -> tuple[str, str]:
    return first_up(label(str(row["field"]))), str(row.get("named", row["id"]))


def _chosen(known: Data, rows: list[Data]) -> str:
    names = known.get("detaching")
    field = names[0] if isinstance(names, list | tuple) and names else rows[0]["field"]
    return str(field)
