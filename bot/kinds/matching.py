"""Which trunks on the account can be the one that an uncertain create made. Pure."""

from dataclasses import dataclass
from typing import Final

from bot.domain.operation import TrunkRequest
from bot.domain.records import Baseline
from bot.domain.resources import Trunk

# `Date` has whole seconds and our clock is read before the request leaves.
SKEW: Final = 2000  # milliseconds
# What dates a trunk need not be what writes `Date`, and clocks are set: 5 s made a trunk of ours look old,
# and people were told that there was none. From 300 s on Slack's requests would be stale, and nothing be
# confirmed. What is older than that was there before: people may send again beside it.
LEEWAY: Final = 300_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of a create whose outcome is not: when it was first sent, and what was there before.

    `sent_at` is by our clock and `ahead` (Vobiz's clock minus ours) in milliseconds. `owned` are ids
    that the ledger gives to other operations, `tag` the description that was sent, if any.
    """

    request: TrunkRequest
    baseline: Baseline
    sent_at: int
    ahead: int
    owned: frozenset[str]
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Fits:
    """Trunks that fit exactly, and those of the right name that differ otherwise, or are a little too old.

    The second kind exists because Vobiz's page shows a trunk asked for as OUTBOUND coming back as
    `both`, and because clocks differ: such a trunk may be ours, and only a person can say so.
    """

    exact: tuple[Trunk, ...]
    near: tuple[Trunk, ...]


def fits(trace: Trace, listed: tuple[Trunk, ...]) -> Fits:
    """Sort the account's trunks into those that can be the operation's; the rest is left out."""
    if trace.tag is not None and (tagged := tuple(t for t in listed if t.description == trace.tag)):
        return Fits(exact=tagged, near=())
    possible = [trunk for trunk in listed if _possible(trace, trunk)]
    exact = tuple(trunk for trunk in possible if _same(trace, trunk))
    return Fits(exact, near=tuple(trunk for trunk in possible if trunk not in exact))


def _possible(trace: Trace, trunk: Trunk) -> bool:
    if trunk.name != trace.request.name or trunk.id in trace.owned or trunk.id in trace.baseline.known:
        return False
    age = _age(trace, trunk)
    return age is None or age <= LEEWAY


def _same(trace: Trace, trunk: Trunk) -> bool:
    # A trunk without a creation time may be old: it never fits exactly.
    age, request = _age(trace, trunk), trace.request
    return (
        trunk.direction == request.direction
        and trunk.calls == request.calls
        and age is not None
        and age <= SKEW
    )


def _age(trace: Trace, trunk: Trunk) -> float | None:
    """Return how old a trunk was when the create was sent, in milliseconds; None when it has no date."""
    if trunk.created_at is None:
        return None
    return trace.sent_at + trace.ahead - trunk.created_at.timestamp() * 1000
