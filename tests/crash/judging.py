"""Holds what arrived at Vobiz, and what was told, against what people confirmed, step by step. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.crash.orders import Order, Write

# Heads of messages about an end that is none of the order's own; each kind has its own words for “done”.
_NO_END: Final = (
    "Vobiz refused to",
    "Not sent:",
    "never confirmed",
    "” is still there",
    "although Vobiz confirmed it",  # where the lists lag
    # Of several steps the one that stopped it is named.
    "Vobiz refused step",
    "Closed as not done:",
)


@dataclass(slots=True)
class Change:
    """One confirmed order about one trunk, and the reference that the answer named, if it came."""

    trunk: str
    order: Order
    ref: str | None = None
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A write that arrived: `texts` are its body's, in small letters; `made` says that it was done."""

    method: str
    path: str
    texts: frozenset[str]
    made: bool

    def fits(self, write: Write) -> bool:
        """Tell whether it is this step of an order."""
        return (self.method, self.path) == (write.method, write.path) and (
            not write.mark or write.mark.casefold() in self.texts
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is left of a run.

    `arrivals` are in their order. `messages` are all of the bot's in Slack, `statuses` what `/trunk status`
    says at the end, by reference. `rows` are the texts, in small letters, of all that the account has, with
    the path where each is made. `resent` counts by reference how often a person said to send again.
    """

    changes: Sequence[Change]
    arrivals: Sequence[Arrival]
    messages: Sequence[str]
    statuses: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[tuple[str, frozenset[str]]] = ()
    resent: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Changed:
    """What went wrong, a line for each case; `made` are the orders that were accepted, `steps` what arrived.

    `kinds` counts the orders by what they are for.

    `twice`: more records than orders of it. `sent_twice`: a write more often than confirmed and decided.
    `unasked`: one that nobody confirmed, or that was begun before the one before it.
    """

    made: int = 0
    steps: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    twice: list[str] = field(default_factory=list)
    sent_twice: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)


def ended(words: str, order: Order) -> bool:
    """Tell whether a message says how an order ended."""
    return has(words, order.done) or any(has(words, head) for head in _NO_END)


def has(words: str, phrase: str) -> bool:
    """Tell whether words hold a phrase; between a text and a name the sandbox may break the line."""
    return "".join(phrase.split()) in "".join(words.split())


def count_changes(seen: Evidence) -> Changed:
    """Judge a run."""
    # Of several who confirm the same at once all are told one reference: it is one order.
    known = {change.ref: change for change in seen.changes if change.ref and not change.merged}
    unanswered = [change for change in seen.changes if not change.ref]
    orders = [*known.values(), *unanswered]
    kinds = Counter(change.order.kind for change in known.values())
    found = Changed(made=len(known), steps=len(seen.arrivals), kinds=kinds)
    _sent(orders, seen, found)
    _begun(orders, seen, found)
    for change in known.values():
        _told(change, seen, found)
    return found


def _sent(orders: Sequence[Change], seen: Evidence, found: Changed) -> None:
    """Each write at most once a confirmation, and once more for each decision to send it again."""
    wanted: Counter[Write] = Counter()
    again: Counter[Write] = Counter()
    trunks: dict[Write, set[str]] = {}
    for change in orders:
        for write in change.order.writes:
            wanted[write] += 1
            again[write] += seen.resent.get(change.ref or "", 0)
            trunks.setdefault(write, set()).add(change.trunk)
    arrived: Counter[Write] = Counter()
    for arrival in seen.arrivals:
        fitting = next((write for write in wanted if arrival.fits(write)), None)
        if fitting is None:
            found.unasked.append(f"{arrival.method} {arrival.path}")
        else:
            arrived[fitting] += 1
    for write, times in arrived.items():
        if times > wanted[write] + again[write]:
            found.sent_twice.append(f"{write}: {times} times, {wanted[write]} wanted, {again[write]} again")
        there = _there(write, seen)
        if write.method == "POST" and there > wanted[write]:
            found.twice.append(f"{write}: {there} there, {wanted[write]} wanted")
    # A decision is about one step: all steps about a trunk together have no more than that either.
    for trunk in {change.trunk for change in orders}:
        own = [change for change in orders if change.trunk == trunk]
        most = sum(len(change.order.writes) + seen.resent.get(change.ref or "", 0) for change in own)
        times = sum(arrived[write] for write in _alone(trunk, trunks))
        if times > most:
            found.sent_twice.append(f"{trunk}: {times} writes in all, {most} wanted")


def _alone(trunk: str, trunks: Mapping[Write, set[str]]) -> list[Write]:
    return [write for write, about in trunks.items() if about == {trunk}]


def _begun(orders: Sequence[Change], seen: Evidence, found: Changed) -> None:
    """No step before the one before it: judged by those steps that no other order has."""
    wanted = Counter(write for change in orders for write in change.order.writes)
    for change in orders:
        own = [write for write in change.order.writes if wanted[write] == 1]
        places = [_first(write, seen.arrivals) for write in own]
        for before, after, write in zip(places, places[1:], own[1:], strict=False):
            if after is not None and (before is None or before > after):
                found.unasked.append(f"{change.ref}: {write} before the step before it")


def _first(write: Write, arrivals: Sequence[Arrival]) -> int | None:
    return next((number for number, arrival in enumerate(arrivals) if arrival.fits(write)), None)


def _told(change: Change, seen: Evidence, found: Changed) -> None:
    order, ref = change.order, str(change.ref)
    name = f"{ref} {order.typed}"
    said = [words for words in seen.messages if ref in words and ended(words, order)]
    status = seen.statuses.get(ref)
    if not said:
        known = status is not None and ended(status, order)
        (found.silent if known else found.lost).append(name)
        return
    done = any(has(words, order.done) for words in said)
    if status is not None and has(status, order.done) is not done:
        found.untrue.append(f"{name}: told {'done' if done else 'not done'}, and status says otherwise")
    carried = {write: _carried_out(write, seen) for write in order.writes}
    if done and not all(carried.values()):
        found.untrue.append(f"{name}: told done, and not all of it is")
    alone = [write for write in order.writes if write.mark and carried[write]]
    if alone and not done and any(has(words, "Nothing was ") for words in said):
        found.untrue.append(f"{name}: told that nothing was done, and {alone[0]} is")


def _carried_out(write: Write, seen: Evidence) -> bool:
    if any(arrival.made and arrival.fits(write) for arrival in seen.arrivals):
        return True
    # What came late is there, and no answer said so.
    return bool(_there(write, seen))


def _there(write: Write, seen: Evidence) -> int:
    mark = write.mark.casefold()
    return sum(path == write.path and mark in row for path, row in seen.rows) if mark else 0
