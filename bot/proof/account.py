"""What Vobiz says of a trunk, and of all that it needs beside itself, as points of the checklist. Pure.

Sources: the vendor's console and guide pages. An outbound trunk needs a login or an allowed address; an
inbound one a route and a number that is on no voice application, which would win. `transport=tls` without
`secure` connects, is billed, and is silent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.proof.checklist import Finding, Point, Value
from bot.vobiz.balance import Balance
from bot.vobiz.details import Changed
from bot.vobiz.lists import Item, Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk

_NAMED: Final = 5  # phone numbers that are named


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of the account; None is what could not be read, or was not said.

    `changes` is how the trunk differs from what was asked for: None where the bot's record does not know
    of any. `destination` is what Vobiz calls `inbound_destination`.
    """

    now: Snapshot
    balance: Balance | None = None
    ceiling: int | None = None
    changes: tuple[Changed, ...] | None = None
    destination: str | None = None


def parts_of(trunk: Trunk) -> frozenset[Part]:
    """Say which lists of the account have to be read to judge a trunk."""
    attached = {
        Part.CREDENTIALS: trunk.credential,
        Part.ADDRESSES: trunk.acl,
        Part.ROUTES: trunk.route or trunk.fallback,
    }
    parts = {part for part, identity in attached.items() if identity}
    return frozenset(parts if trunk.direction == "outbound" else parts | {Part.NUMBERS})


def account_points(trunk: Trunk, reading: Reading) -> tuple[Point, ...]:
    """Judge a trunk by what was read."""
    points = [
        _status(trunk),
        *_asked(reading),
        *_encryption(trunk),
        _balance(reading),
        _limit(trunk, reading),
    ]
    out, into = _directions(trunk, reading)
    if out:
        points.append(_way_out(trunk, reading.now))
    if into:
        points += [_route(trunk, reading), _numbers(trunk, reading.now)]
    return tuple(points)


def numbers_of(trunk: Trunk, now: Snapshot) -> list[Item]:
    """Return the phone numbers that are assigned to a trunk, as far as they were read."""
    items = now.part(Part.NUMBERS).items
    mine = (item for item in items if (item.trunk or "").casefold() == trunk.id.casefold())
    return sorted(mine, key=lambda item: item.text)


def record_of(identity: str | None, part: Part, now: Snapshot) -> Item | None:
    """Find the record that a trunk points to."""
    wanted = (identity or "").casefold()
    return next((item for item in now.part(part).items if item.id.casefold() == wanted), None)


def _directions(trunk: Trunk, reading: Reading) -> tuple[bool, bool]:
    """Tell which directions have to work: where none is said, those for which something is set; or both."""
    if trunk.direction in {"outbound", "inbound"}:
        return trunk.direction == "outbound", trunk.direction == "inbound"
    out = trunk.credential is not None or trunk.acl is not None
    routed = trunk.route or trunk.fallback or reading.destination
    into = bool(routed or numbers_of(trunk, reading.now))
    return out or not into, into or not out


def _status(trunk: Trunk) -> Point:
    if trunk.on is None:
        return Point(Finding.STATUS_UNSAID, {"status": trunk.status or ""})
    return Point(Finding.ENABLED if trunk.on else Finding.DISABLED)


def _asked(reading: Reading) -> Iterator[Point]:
    if reading.changes is not None:
        fields = ", ".join(one.field for one in reading.changes)
        yield Point(Finding.NOT_AS_ASKED, {"fields": fields}) if fields else Point(Finding.AS_ASKED)


def _encryption(trunk: Trunk) -> Iterator[Point]:
    if trunk.transport == "tls":
        found = {True: Finding.ENCRYPTED, False: Finding.HALF_ENCRYPTED, None: Finding.ENCRYPTION_UNSAID}
        yield Point(found[trunk.secure])


def _balance(reading: Reading) -> Point:
    balance = reading.balance
    if balance is None:
        return Point(Finding.BALANCE_UNREAD)
    data = {"balance": f"{balance.available:.2f} {balance.currency}"}
    if balance.available > 0:
        return Point(Finding.FUNDED, data)
    return Point(Finding.ON_CREDIT if balance.credit else Finding.NO_FUNDS, data)


def _limit(trunk: Trunk, reading: Reading) -> Point:
    # Nothing says whether a limit of 0 means no calls or no limit.
    if not trunk.calls:
        return Point(Finding.LIMIT_UNSAID)
    if reading.ceiling is None:
        return Point(Finding.CEILING_UNREAD, {"calls": str(trunk.calls)})
    data = {"calls": str(trunk.calls), "ceiling": str(reading.ceiling)}
    return Point(Finding.WITHIN_CEILING if trunk.calls <= reading.ceiling else Finding.ABOVE_CEILING, data)


def _way_out(trunk: Trunk, now: Snapshot) -> Point:
    """Judge the login and the allowed address: one that works is enough."""
    points = [
        _record(trunk.credential, Part.CREDENTIALS, now, Finding.LOGIN),
        _record(trunk.acl, Part.ADDRESSES, now, Finding.ADDRESS),
    ]
    there = [point for point in points if point is not None]
    return _best(there) or Point(Finding.NO_WAY_OUT)


def _route(trunk: Trunk, reading: Reading) -> Point:
    points = [
        _record(identity, Part.ROUTES, reading.now, Finding.ROUTED)
        for identity in (trunk.route, trunk.fallback)
    ]
    there = [point for point in points if point is not None]
    best = _best(there)
    if best is not None or reading.destination is None:
        return best or Point(Finding.NO_ROUTE)
    # Taken with the prefix, and then no call arrives (reported by integrators).
    prefixed = reading.destination.lower().startswith(("sip:", "sips:"))
    found = Finding.ROUTE_PREFIXED if prefixed else Finding.ROUTED
    return Point(found, {"named": reading.destination})


def _numbers(trunk: Trunk, now: Snapshot) -> Point:
    numbers = numbers_of(trunk, now)
    taken = [number for number in numbers if number.application is not None]
    if taken:
        return Point(Finding.ON_APPLICATION, _named(taken))
    if numbers:
        return Point(Finding.NUMBERED, _named(numbers))
    listed = now.part(Part.NUMBERS)
    return Point(Finding.NO_NUMBER) if listed.whole else Point(Finding.NUMBERS_UNREAD, {"why": listed.why})


def _named(numbers: list[Item]) -> dict[str, str]:
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return {"numbers": ", ".join(number.text for number in numbers[:_NAMED]), "more": more}


_TROUBLE: Final = {
    Part.CREDENTIALS: (Finding.WAY_OUT_OFF, Finding.WAY_OUT_GONE, Finding.WAY_OUT_UNREAD),
    Part.ADDRESSES: (Finding.WAY_OUT_OFF, Finding.WAY_OUT_GONE, Finding.WAY_OUT_UNREAD),
    Part.ROUTES: (Finding.ROUTE_OFF, Finding.ROUTE_GONE, Finding.ROUTE_UNREAD),
}


def _record(identity: str | None, part: Part, now: Snapshot, well: Finding) -> Point | None:
    """Judge a record that the trunk points to; None where it points to none."""
    if not identity:
        return None
    off, gone, unread = _TROUBLE[part]
    item = record_of(identity, part, now)
    if item is None:
        listed = now.part(part)
        return Point(gone if listed.whole else unread, {"id": identity, "why": listed.why})
    data = {"id": identity, "named": item.text}
    return Point({True: well, False: off, None: unread}[item.enabled], data)


def _best(points: list[Point]) -> Point | None:
    gravity = list(Value)
    return max(points, key=lambda point: gravity.index(point.value), default=None)
