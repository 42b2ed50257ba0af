"""The kinds that the bot has, and what it makes of operations of kinds that it does not know (yet)."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.commands.parse import BUILT_IN
from bot.domain.operation import LIVE, Operation
from bot.domain.proof import Pending
from bot.kinds.add_credential import AddCredential
from bot.kinds.add_route import AddRoute
from bot.kinds.allow_address import AllowAddress
from bot.kinds.assign_number import AssignNumbers
from bot.kinds.base import Kind
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.delete_trunk import DeleteTrunk
from bot.kinds.disable_trunk import DisableTrunk
from bot.kinds.edit_trunk import EditTrunk
from bot.kinds.enable_trunk import EnableTrunk
from bot.kinds.remove_address import RemoveAddress
from bot.kinds.remove_credential import RemoveCredential
from bot.kinds.remove_route import RemoveRoute
from bot.kinds.rotate_credential import RotateCredential
from bot.kinds.set_up_trunk import SetUpTrunk
from bot.kinds.unassign_number import UnassignNumbers
from bot.kinds.wording import UnknownWords, Words

_UNKNOWN: Final = UnknownWords()


class Kinds:
    """Kinds of operations by name and by verb; no two share one."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds = tuple(kinds)
        self._by_name = {kind.name: kind for kind in self._kinds}
        self._by_verb = MappingProxyType({kind.verb: kind for kind in self._kinds if kind.verb})
        actions = {kind.action for kind in self._kinds}
        shared = len(self._by_name) < len(self._kinds) or len(actions) < len(self._kinds)
        if shared or not self._by_verb.keys().isdisjoint(BUILT_IN):
            raise AssertionError(
                "unreachable: two kinds share a name or a verb, or have one of the bot's own"
            )

    def __iter__(self) -> Iterator[Kind]:
        """Go through them in the order of the forms that are offered."""
        return iter(self._kinds)

    @property
    def verbs(self) -> Mapping[str, Kind]:
        """The kinds by the word after the command, where there is one."""
        return self._by_verb

    def of(self, name: str) -> Kind | None:
        """Return the kind of that name, if this version has it."""
        return self._by_name.get(name)

    def knows(self, op: Operation) -> bool:
        """Tell whether this version can read the request: another instance may run a newer one."""
        kind = self.of(op.kind)
        return kind is not None and op.version <= kind.version

    def makes(self, kind: str, step: str) -> str | None:
        """Return the type of the record that a step makes; None where it makes none, or is not known here."""
        found = self.of(kind)
        return None if found is None else found.makes(step)

    def target(self, op: Operation) -> str | None:
        """Return the id of the record at Vobiz that an operation made or changed, as far as that is known."""
        kind = self.of(op.kind)
        about = "" if kind is None or not self.knows(op) else kind.about(op.request, op.seen)
        made = next((step.thing.id for step in op.steps if step.thing is not None), None)
        return about or made

    def pending(self, ops: Iterable[Operation]) -> tuple[Pending, ...]:
        """Return those that have not ended, with the verbs of all that each does, as far as it is known."""
        return tuple(Pending(ref=op.ref, verbs=self._verbs_of(op)) for op in ops if op.state in LIVE)

    def _verbs_of(self, op: Operation) -> tuple[str, ...]:
        kind = self.of(op.kind)
        if kind is None or not self.knows(op):
            return ()
        names = (kind.name, *kind.facts(op.request, op.seen).also)
        return tuple(one.verb for name in names if (one := self.of(name)) is not None and one.verb)

    def words(self, op: Operation) -> Words:
        """Return how an operation is spoken of; of one that is not known only what is true of any."""
        kind = self.of(op.kind)
        return kind.words if kind is not None and self.knows(op) else _UNKNOWN


KINDS: Final = Kinds(
    (
        CreateTrunk(),
        SetUpTrunk(),
        EditTrunk(),
        EnableTrunk(),
        DisableTrunk(),
        AddCredential(),
        RotateCredential(),
        RemoveCredential(),
        AllowAddress(),
        RemoveAddress(),
        AddRoute(),
        RemoveRoute(),
        AssignNumbers(),
        UnassignNumbers(),
        DeleteTrunk(),
    )
)
