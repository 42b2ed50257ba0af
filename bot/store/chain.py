"""The chain of events: each carries the hash of the one before it, so that no later change goes unseen.

The hash is SHA-256 over a canonical JSON of the previous hash and of everything an event says. Row ids are
no part of it: they are the database's. What the chain alone cannot show is that its newest events were
cut off; for that, write down the head that `audit verify` prints and give it to a later run.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GENESIS: Final = "0" * 64  # what the first event names as the one before it


@dataclass(frozen=True, slots=True)
class Link:
    """An event as the database holds it. `at` is in milliseconds; `evidence` is the stored JSON text."""

    id: int
    operation: str
    at: int
    actor: str
    kind: str
    state: str | None
    evidence: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Intact:
    """What was followed so far fits together: so many events, and the hash of the last one."""

    count: int
    head: str


class Misfit(StrEnum):
    """What does not fit."""

    CONTENT = "content"  # the event is not what its hash was made from
    ORDER = "order"  # the event does not follow the one before it


@dataclass(frozen=True, slots=True)
class Broken:
    """The first event that does not fit, with what it should have been; `after` is how many fit."""

    link: Link
    misfit: Misfit
    expected: str
    after: int


@dataclass(frozen=True, slots=True)
class Missing:
    """All `count` events fit together, and none of them has the hash that was looked for."""

    count: int


START: Final = Intact(0, GENESIS)


def seal(previous: str, event: Mapping[str, object]) -> str:
    """Return an event's hash: 64 hex digits. `event` holds what it says under the columns' names."""
    said = {name: event[name] for name in ("operation", "at", "actor", "kind", "state", "evidence")}
    text = json.dumps(said | {"previous": previous}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def follow(so_far: Intact, link: Link) -> Intact | Broken:
    """Add the next event to what was followed, or tell what does not fit."""
    if link.previous != so_far.head:
        return Broken(link, Misfit.ORDER, so_far.head, so_far.count)
    said = {
        "operation": link.operation,
        "at": link.at,
        "actor": link.actor,
        "kind": link.kind,
        "state": link.state,
        "evidence": link.evidence,
    }
    expected = seal(link.previous, said)
    if link.hash != expected:
        return Broken(link, Misfit.CONTENT, expected, so_far.count)
    return Intact(so_far.count + 1, link.hash)


def verify(links: Iterable[Link], so_far: Intact = START) -> Intact | Broken:
    """Follow events in their order from where `so_far` ends, up to the first that does not fit."""
    for link in links:
        step = follow(so_far, link)
        if isinstance(step, Broken):
            return step
        so_far = step
    return so_far
