"""The chain of events: each carries the hash of the one before it, so that no later change goes unseen.

The hash is SHA-256 over a canonical JSON of the previous hash and of everything an event says. Row ids are
no part of it: they are the database's. Anyone can follow the chain, and anyone could write one: so with
TRUNK_AUDIT_KEY each hash is sealed as well (bot/store/keys.py). A seal stands for all events before its own,
whoever made those, as they were when it was made. What neither shows is that the newest events were cut
off; for that, write down the head that `audit verify` prints and give it to a later run.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from json.encoder import encode_basestring_ascii as _quote
from typing import Final, NamedTuple

from bot.store.keys import NO_KEYS, Keys

GENESIS: Final = "0" * 64  # what the first event names as the one before it
_SAID: Final = ("operation", "at", "actor", "kind", "state", "evidence", "rows")
_KEPT: Final = 20  # of what does not fit so many are kept, and all are counted
_encode: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Link(NamedTuple):
    """An event as the database holds it. `at` is in milliseconds; `evidence` is the stored JSON text.

    `rows` is the digest of the operation's rows as the event left them, see bot/store/rows_digest.py.
    """

    id: int
    operation: str
    at: int
    actor: str
    kind: str
    state: str | None
    evidence: str
    rows: str | None
    previous: str
    hash: str
    key: str | None = None
    seal: str | None = None


class Misfit(StrEnum):
    """What does not fit."""

    CONTENT = "content"  # the event is not what its hash was made from
    ORDER = "order"  # the event does not follow the one before it
    SEAL = "seal"  # its seal was not made with the key that it names
    UNSEALED = "unsealed"  # it has none, and events before it have
    FOREIGN = "foreign"  # it names a key that was not set when the events before it were sealed


@dataclass(frozen=True, slots=True)
class Broken:
    """An event that does not fit; `expected` is the hash that it should name or have, None for a seal."""

    link: Link
    misfit: Misfit
    expected: str | None = None


@dataclass(slots=True)
class Stretch:
    """The events that one key sealed, or none: the first one's id and time (ms), and how many there are."""

    first: int
    at: int
    count: int = 0


def said(previous: str, event: Mapping[str, object]) -> str:
    """Write what an event's hash is made from. `event` holds what it says under the columns' names."""
    return _encode({name: event[name] for name in _SAID} | {"previous": previous})


def hashed(previous: str, event: Mapping[str, object]) -> str:
    """Return an event's hash: 64 hex digits."""
    return hashlib.sha256(said(previous, event).encode()).hexdigest()


def said_by(link: Link) -> str:
    """Write what the hash of a stored event should be made from."""
    _, operation, at, actor, kind, state, evidence, rows, previous, *_ = link
    # As `_encode` writes it, in half the time: half a million events are checked at once.
    left = "null" if rows is None else _quote(rows)
    moved = "null" if state is None else _quote(state)
    return (
        f'{{"actor":{_quote(actor)},"at":{at},"evidence":{_quote(evidence)},"kind":{_quote(kind)},'
        f'"operation":{_quote(operation)},"previous":{_quote(previous)},"rows":{left},"state":{moved}}}'
    )


class Trail:
    """What following the events in their order shows. What does not fit is noted, and the rest followed on.

    `count` are the events, `head` the hash of the last one. `broken` holds the first that do not fit, and
    `misfits` counts them all. `stretches` has, by the key's id (None: not sealed), what each key sealed.
    `proven` are the events up to the last one whose seal was made with a known key: it stands for them all.
    """

    def __init__(self, keys: Keys = NO_KEYS) -> None:
        self._keys = keys
        self.count = 0
        self.head = GENESIS
        self.broken: list[Broken] = []
        self.misfits = 0
        self.stretches: dict[str | None, Stretch] = {}
        self.proven = 0
        self._set = ""  # the ids of the keys that were set when the last proven event was sealed
        self._key: str | None = None  # what the last event names
        self._stretch: Stretch | None = None

    def follow(self, links: Iterable[Link]) -> None:
        """Add the next events."""
        for link in links:
            broken = self._misfit(link)
            if broken is not None:
                self.misfits += 1
                if len(self.broken) < _KEPT:
                    self.broken.append(broken)
            self.count += 1
            self.head = link.hash
            if link.key != self._key or self._stretch is None:
                self._key = link.key
                key = None if link.key is None else link.key.partition(",")[0]
                self._stretch = self.stretches.setdefault(key, Stretch(link.id, link.at))
            self._stretch.count += 1

    def _misfit(self, link: Link) -> Broken | None:
        if link.previous != self.head:
            return Broken(link, Misfit.ORDER, self.head)
        expected = hashlib.sha256(said_by(link).encode()).hexdigest()
        if link.hash != expected:
            return Broken(link, Misfit.CONTENT, expected)
        misfit = self._unproven(link)
        return None if misfit is None else Broken(link, misfit)

    def _unproven(self, link: Link) -> Misfit | None:
        if link.key is None or link.seal is None:
            sealed_before = len(self.stretches) - (None in self.stretches)
            return Misfit.UNSEALED if sealed_before else None
        match self._keys.fits(link.key, link.hash, link.seal):
            case True:
                self.proven, self._set = self.count + 1, link.key
                return None
            case False:
                return Misfit.SEAL
            case None:  # of a key that is not set any more: what comes after it may stand for it
                known = not self.proven or link.key.split(",")[0] in self._set.split(",")
                return None if known else Misfit.FOREIGN
