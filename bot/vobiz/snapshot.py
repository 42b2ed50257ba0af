"""A reading of the account: what was asked for, what was there, when, and whether that was everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.outcome import Data
from bot.vobiz.details import Detail
from bot.vobiz.lists import Item, Listed, Part
from bot.vobiz.trunks import Trunk


@dataclass(frozen=True, slots=True)
class Needs:
    """What of the account has to be read: the list of its trunks, one of them by itself, further lists.

    `numbers` are phone numbers (E.164) that are looked up one by one.
    """

    trunks: bool = True
    trunk: str | None = None
    parts: frozenset[Part] = frozenset()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one reading of the account showed.

    `taken_at` is when it began, by our clock (ms); `ahead` is Vobiz's clock minus ours (ms), None when Vobiz
    sent no `Date`. Nothing may be concluded from what is missing of `trunks` unless it is `whole`: every page
    was read, and nothing moved meanwhile. `detail` is the trunk that was read by itself, `gone` that Vobiz
    says that there is none of that id. `parts` are further lists, as far as they were asked for; `numbers`
    those that were looked up, None for one that is not the account's; a missing one was not read.
    """

    account: str
    taken_at: int
    trunks: tuple[Trunk, ...]
    whole: bool
    ahead: int | None = None
    detail: Detail | None = None
    gone: bool = False
    parts: Mapping[Part, Listed] = field(default_factory=dict)
    numbers: Mapping[str, Item | None] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all trunks, without case: Vobiz may write one in capitals here and not there."""
        return frozenset(trunk.id.casefold() for trunk in self.trunks)

    @property
    def listed(self) -> frozenset[str]:
        """The ids of all records of the further lists, without case."""
        return frozenset(item.id.casefold() for listed in self.parts.values() for item in listed.items)

    def part(self, part: Part) -> Listed:
        """Return a list; one that was not read is not whole."""
        return self.parts.get(part, Listed())

    def complete(self, needs: Needs) -> bool:
        """Tell whether everything that was asked for was read to its end."""
        one = needs.trunk is None or self.detail is not None or self.gone
        listed = all(self.part(one).whole for one in needs.parts) and self.numbers.keys() >= {*needs.numbers}
        return one and listed and (self.whole or not needs.trunks)


def dump_snapshot(snapshot: Snapshot) -> Data:
    """Write what a snapshot says of the account's trunks as JSON; when it was taken is stored beside it."""
    return {
        "trunks": [trunk.model_dump(mode="json", exclude_defaults=True) for trunk in snapshot.trunks],
        "whole": snapshot.whole,
    }


def read_snapshot(account: str, taken_at: int, ahead: int | None, content: Data) -> Snapshot:
    """Read a stored snapshot."""
    rows = content["trunks"]
    trunks = tuple(Trunk.model_validate(row) for row in rows) if isinstance(rows, list) else ()
    return Snapshot(account, taken_at, trunks, content["whole"] is True, ahead)
