"""What taking a login, an address or a route off a trunk shares: detached, and if that is chosen deleted.

A record may be in use by other trunks: deleting it takes it from them too. So who else uses it is compared
again right before.
"""

from abc import abstractmethod
from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.blocks import Block
from bot.blockkit.report import Tone
from bot.blockkit.text import Code, Line
from bot.domain.operation import Operation, StepState
from bot.domain.outcome import Data, object_in, rows_in
from bot.kinds.attached.kind import AttachedKind, AttachedWords, OnRecords, trunk_as_seen
from bot.kinds.attached.place import Former
from bot.kinds.base import Errors, Limits, Typed
from bot.kinds.trunks.inputs import radio_input, trunk_block
from bot.kinds.trunks.kind import integer, seen_id
from bot.kinds.trunks.lost import attached_seen, others_changed
from bot.kinds.trunks.record import label
from bot.kinds.wording import Alert, first_up
from bot.vobiz.snapshot import Needs, Snapshot

DETACH: Final = "detach"  # the name of the first step, and a choice
DELETE: Final = "delete"
_FIELD: Final = "removal_of"  # block_ids and action_ids
_HOW: Final = "removal"


class Removal(OnRecords):
    """What was confirmed: the fields that shall point to nothing, and whether what they had is deleted."""

    detaching: tuple[str, ...]
    deleting: bool
    taken_off: Former


class RemovalWords(AttachedWords):
    """How such a kind speaks. `one` is what a record is called, `short` the same in a button.

    `none` is said where there is nothing to remove, and `lost` (at most 200 characters) of what there is.
    """

    alone: ClassVar[str] = DETACH
    one: ClassVar[str]
    short: ClassVar[str]
    none: ClassVar[str]
    lost: ClassVar[str]
    asks: ClassVar[str] = "How"
    only_detach: ClassVar[str] = "Detach it"
    delete_too: ClassVar[str] = "Detach it, and delete it from the account"

    @property
    def act(self) -> str:
        """Name what it does, in front of the trunk's name."""
        return f"Remove {self.one} of trunk"

    @property
    def title(self) -> str:
        """Title the form."""
        return self.submit

    @property
    def submit(self) -> str:
        """Label its button."""
        return f"Remove {self.short}"

    @property
    def now(self) -> str:
        """Label it where no approval is waited for."""
        return f"{self.submit} now"

    @property
    def offer(self) -> str:
        """Label the button in the form of another kind."""
        return f"{self.submit}…"

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what is there and who else uses it, and what deleting it does to them."""
        rows = rows_in(seen, "attached")
        if not rows:
            return (Alert(self.none, tone=Tone.INFO),)
        alerts = [Alert(self.lost, self.shared(seen))]
        if known.get("deleting"):
            record = object_in(known, "taken_off").get("id")
            if others := max((_count(row) for row in rows if row["id"] == record), default=0):
                trunks = "1 other trunk" if others == 1 else f"{others} other trunks"
                text = f"Deleting takes it from {trunks} too, and cannot be undone."
                alerts.append(Alert(text, must_see=True))
        if seen.get("all_seen") is not True:
            text = "I could not read who else uses it. So it can be detached now, and not deleted."
            alerts.append(Alert(text))
        return tuple(alerts)

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
    words: ClassVar[RemovalWords]
    Request: ClassVar[type[BaseModel]] = Removal

    def line(self, known: Data) -> str:
        """Write what leads to the form that has the button."""
        return f"{self.way} {known.get('trunk_id') or known.get('typed') or ''}".strip()

    def ready(self, seen: Data) -> bool:
        """Tell whether there is something to remove."""
        return super().ready(seen) and bool(rows_in(seen, "attached"))

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim the trunk, and the record where it is deleted."""
        trunk = super().claims(account, request)
        return (*trunk, self.claim(account, request)) if request.get("deleting") else trunk

    @abstractmethod
    def claim(self, account: str, request: Data) -> str:
        """Claim the record as those do that attach it."""

    def steps(self, request: Data) -> tuple[str, ...]:
        """Detach it, and delete it if that was chosen."""
        return (DETACH, f"delete_{self.kind}") if request.get("deleting") else (DETACH,)

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Ask which one where there are two, and whether it is deleted as well."""
        rows = rows_in(seen, "attached")
        which = radio_input(
            _FIELD, "Which one", {str(row["field"]): _row_option(row) for row in rows}, _chosen(known, rows)
        )
        how = {DETACH: (self.words.only_detach, "It stays in the account, and can be attached again")}
        if seen.get("all_seen") is True:
            used = max(map(_count, rows), default=0)
            about = (
                f"For good; also taken from other trunks that use it (up to {used})" if used else "For good"
            )
            how[DELETE] = (self.words.delete_too, about)
        asked = DELETE if known.get("deleting") and DELETE in how else DETACH
        asks = radio_input(_HOW, self.words.asks, how, asked)
        return [trunk_block(seen), *((which,) if len(rows) > 1 else ()), asks]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""
        read = self.read(typed, limits, seen)
        return {"trunk_id": seen_id(seen)} if isinstance(read, Errors) else read.model_dump(mode="json")

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form; without a choice nothing is removed."""
        rows, field, how = rows_in(seen, "attached"), typed(_FIELD), typed(_HOW)
        row = next((one for one in rows if one["field"] == field), rows[0] if len(rows) == 1 else None)
        if row is None:
            return Errors({_FIELD: "Choose one."})
        if how not in {DETACH, DELETE}:
            return Errors({_HOW: "Choose what happens to it."})
        deleting = how == DELETE
        if deleting and seen.get("all_seen") is not True:
            return Errors({_HOW: "I could not read who else uses it, so it cannot be deleted now."})
        # What is deleted is taken off wherever the trunk points to it.
        same = [one["field"] for one in rows if one is row or (deleting and one["id"] == row["id"])]
        off = {"id": row["id"], "text": str(row.get("named", row["id"]))}
        more = {"detaching": same, "deleting": deleting, "taken_off": off}
        return Removal.model_validate(trunk_as_seen(seen) | more)

    def guards(self, request: Data) -> Needs:
        """Read the trunk; where a record is deleted also who else uses it."""
        trunk = str(request["trunk_id"])
        if not request.get("deleting"):
            return Needs(trunks=False, trunk=trunk)
        return Needs(trunk=trunk, parts=frozenset({self.part}))

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, and the other trunks that a deletion takes it from."""
        there = super().guard(request, seen, now)
        if there is not None or now.detail is None or not request.get("deleting"):
            return there
        rows = (row for row in attached_seen(now.detail.trunk, now) if row["field"] in self.points)
        return others_changed(rows_in(seen, "attached"), rows)


def _count(row: Data) -> int:
    return integer(row.get("count")) or 0


def _row_option(row: Data) -> tuple[str, str]:
    return first_up(label(str(row["field"]))), str(row.get("named", row["id"]))


def _chosen(known: Data, rows: list[Data]) -> str:
    names = known.get("detaching")
    field = names[0] if isinstance(names, list | tuple) and names else rows[0]["field"]
    return str(field)
