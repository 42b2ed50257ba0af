"""The account's phone numbers as a form keeps them: which can be assigned, and how each is routed now.

What was seen travels in the form's metadata (3000 characters), so it is written small: of each way to be
routed the digits of its numbers in one text. The numbers that a person asked for are kept first, then those
that are free. What does not fit can be typed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.domain.outcome import Data
from bot.kinds.numbers.number import check_number
from bot.vobiz.lists import Item, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import is_uuid

_ROOM: Final = 1000  # bytes of numbers and of the names of their trunks
_NAME: Final = 40  # characters of a trunk's name
# Why a number cannot be assigned, in the words that end a sentence.
APPLICATION: Final = "application"
_NOT: Final = MappingProxyType(
    {
        APPLICATION: "is on a voice application. What moving it does is not known: use the Vobiz console",
        "account": "belongs to a sub-account",
        "blocked": "is blocked by Vobiz",
        "pending_release": "is being given back",
        "released": "was given back",
        "pending_purchase": "is not bought yet",
        "status": "is not active",
        "trunk": "is on a trunk whose ID cannot be used in a request",
    }
)


@dataclass(frozen=True, slots=True)
class Routed:
    """How one number is: on a `trunk` (with its `name` where that is known) or on none.

    `why` says why it cannot be assigned. `seen` is whether the form knows the number at all.
    """

    trunk: str | None = None
    name: str | None = None
    why: str | None = None
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a form knows of the account's numbers (E.164), in the order in which they are offered.

    Unless it is `whole` there may be others.
    """

    routed: Mapping[str, Routed]
    whole: bool

    def of(self, number: str) -> Routed:
        """Return how a number was when it was seen; of one that was not seen nothing is known."""
        return self.routed.get(number) or Routed(seen=False)

    def on(self, trunk: str) -> tuple[str, ...]:
        """Return the numbers that are routed to a trunk."""
        rows = self.routed.items()
        return tuple(number for number, one in rows if same(one.trunk, trunk) and trunk)

    def offered(self, trunk: str) -> tuple[str, ...]:
        """Return the numbers that can be assigned to a trunk: those that are free first."""
        can = [
            number for number, one in self.routed.items() if one.why is None and not same(one.trunk, trunk)
        ]
        return tuple(sorted(can, key=lambda number: self.routed[number].trunk is not None))


def numbers_kept(now: Snapshot, trunk: str = "", wanted: Iterable[str] = ()) -> Data:
    """Keep the account's numbers: of those that are `wanted` all, then as many as a form can carry.

    `trunk` is the one that the form is about, whose own numbers come before those of other ones.
    """
    listed, first = now.part(Part.NUMBERS), frozenset(wanted)
    names = {one.id.casefold(): (one.name or "")[:_NAME] for one in now.trunks}
    rows = [(item, _why(item, now.account)) for item in listed.items if check_number(item.text) == item.text]
    kept: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    room, whole = _ROOM, listed.whole
    for item, why in sorted(rows, key=lambda row: (row[0].text not in first, *_rank(row[0], row[1], trunk))):
        on = "" if item.trunk is None or why is not None else item.trunk.casefold()
        cost, name = len(item.text), names.get(on, "")
        if on and on not in places:
            cost += len(on) + len('["",""],')
            name = name if cost + len(name.encode()) <= room else ""
            cost += len(name.encode())
        if cost > room and item.text not in first:
            whole = False
            continue
        if on:
            places.setdefault(on, name)
        key = why or (str(list(places).index(on)) if on else "free")
        kept.setdefault(key, []).append(item.text.removeprefix("+"))
        room -= cost
    digits = {key: " ".join(numbers) for key, numbers in kept.items()}
    return {"rows": digits, "on": [list(one) for one in places.items()], "whole": whole}


def read_numbers(kept: object) -> Numbers:
    """Read what was kept."""
    known = kept if isinstance(kept, Mapping) else {}
    rows, on = known.get("rows"), known.get("on")
    trunks = [[str(one) for one in row] for row in on if len(row) == 2] if isinstance(on, Sequence) else []
    routed: dict[str, Routed] = {}
    for key, digits in (rows if isinstance(rows, Mapping) else {}).items():
        for one in str(digits).split():
            routed[f"+{one}"] = _routed(str(key), trunks)
    return Numbers(routed, known.get("whole") is True)


def routed_now(item: Item | None, account: str) -> Routed:
    """Return how a number is that was looked up by itself; None is: it is not the account's."""
    if item is None:
        return Routed(why="is not a number of this account")
    why = _why(item, account)
    return Routed(item.trunk, why=None if why is None else _NOT[why])


def same(one: str | None, other: str | None) -> bool:
    """Compare ids without case; no trunk is only no trunk."""
    return (one or "").casefold() == (other or "").casefold()


def _routed(key: str, trunks: list[list[str]]) -> Routed:
    if key in _NOT:
        return Routed(why=_NOT[key])
    if key.isdigit() and int(key) < len(trunks):
        trunk, name = trunks[int(key)]
        return Routed(trunk, name or None)
    return Routed()


def _why(item: Item, account: str) -> str | None:
    """Return why a number cannot be assigned, or taken off; None when it can."""
    if item.account is not None and item.account != account:
        return "account"
    if item.blocked:
        return "blocked"
    if item.status not in {None, "active"}:
        return item.status if item.status in _NOT else "status"
    if item.application is not None:
        return APPLICATION
    return "trunk" if item.trunk is not None and not is_uuid(item.trunk) else None


def _rank(item: Item, why: str | None, trunk: str) -> tuple[bool, bool, bool, str]:
    """Order what is kept: free, on this trunk, on another, and what cannot be assigned."""
    here = bool(trunk) and same(item.trunk, trunk)
    return why is not None, item.trunk is not None and not here, here, item.text
