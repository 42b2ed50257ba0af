"""A reading of the account: what was there, when, and whether that was everything."""

from dataclasses import dataclass

from bot.domain.outcome import Data
from bot.vobiz.trunks import Trunk


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one reading of the account showed.

    `taken_at` is when it began, by our clock (ms); `ahead` is Vobiz's clock minus ours (ms), None when Vobiz
    sent no `Date`. Nothing may be concluded from what is missing unless it is `whole`: every page was read,
    and nothing moved meanwhile.
    """

    account: str
    taken_at: int
    trunks: tuple[Trunk, ...]
    whole: bool
    ahead: int | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all trunks, without case: Vobiz may write one in capitals here and not there."""
        return frozenset(trunk.id.casefold() for trunk in self.trunks)


def dump_snapshot(snapshot: Snapshot) -> Data:
    """Write what a snapshot says of the account as JSON; when it was taken is stored beside it."""
    return {
        "trunks": [trunk.model_dump(mode="json", exclude_defaults=True) for trunk in snapshot.trunks],
        "whole": snapshot.whole,
    }


def read_snapshot(account: str, taken_at: int, ahead: int | None, content: Data) -> Snapshot:
    """Read a stored snapshot."""
    rows = content["trunks"]
    trunks = tuple(Trunk.model_validate(row) for row in rows) if isinstance(rows, list) else ()
    return Snapshot(account, taken_at, trunks, content["whole"] is True, ahead)
