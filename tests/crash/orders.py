"""What a person can confirm about a trunk of their own, and the writes that one confirmation stands for.

A kind of change joins the crash test with one function here: from the trunk as it is to an `Order`, or None
where there is nothing to order now; and with its line in `ORDERS`.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.account import Account
from tests.crash.plan import KEPT

_SET_UP: Final = "form.over.set_up_trunk"
_POINTS: Final = (
    *("credential_uuid", "ipacl_uuid", "primary_uri_uuid", "fallback_uri_uuid"),
    *("trunk_status", "concurrent_calls_limit"),
)


@dataclass(frozen=True, slots=True)
class Write:
    """One step: method, path below the account's, and a text that the body of no other order's write has.

    `{name}` in a path is the trunk that an order makes, by its name in small letters. Without a `mark` it is
    any body.
    """

    method: str
    path: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to confirm: what is typed, what is put into the form, and its writes in their order.

    `done` is in the first line of the message that says that it was done. `over` is the button of the form
    that leads to the form which is meant, if it is not the first one. With `secret` a password is made, which
    the person can see afterwards. `makes` is the name of the trunk that it makes.
    """

    typed: str
    done: str
    writes: tuple[Write, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    over: str = ""
    secret: bool = False
    makes: str = ""

    @property
    def kind(self) -> str:
        """What it is for, in words of the bot."""
        return " ".join((self.typed.split()[0], self.over.rpartition(".")[2])).strip()


@dataclass(frozen=True, slots=True)
class Place:
    """What a person has: one of their trunks as it is at Vobiz now, and phone numbers of their own."""

    account: Account
    trunk: Json
    numbers: Sequence[str]

    @property
    def id(self) -> str:
        """The trunk's id."""
        return str(self.trunk["trunk_id"])

    @property
    def login(self) -> str | None:
        """The login that the trunk points to."""
        return text(self.trunk.get("credential_uuid")) or None

    @property
    def sight(self) -> tuple[object, ...]:
        """What the writes of an order follow from, and what must still be so when its form is there."""
        points = tuple(self.trunk.get(field) for field in _POINTS)
        numbers = ((row["e164"], row.get("trunk_group_id")) for row in self.account.numbers)
        return (*points, *(pair for pair in numbers if pair[0] in self.numbers))

    @property
    def address(self) -> str | None:
        """The allowed address that the trunk points to."""
        return text(self.trunk.get("ipacl_uuid")) or None

    def routed(self, trunk: str | None) -> list[str]:
        """Return the person's numbers that are on a trunk, or on none."""
        return [
            text(row["e164"])
            for row in self.account.numbers
            if row["e164"] in self.numbers and (row.get("trunk_group_id") or None) == trunk
        ]


Make = Callable[[Place, random.Random], Order | None]


def edit(at: Place, rng: random.Random) -> Order:
    """Another limit."""
    return Order(f"edit {at.id} {rng.randint(11, 90)}", "” changed", (Write("PUT", f"trunks/{at.id}"),))


def switch(at: Place, _rng: random.Random) -> Order:
    """Off, or on again."""
    verb = "disable" if at.trunk["trunk_status"] == "active" else "enable"
    return Order(f"{verb} {at.id}", f"” {verb}d", (Write("PUT", f"trunks/{at.id}"),))


def delete(at: Place, _rng: random.Random) -> Order:
    """For good."""
    typed = {"typed_name": at.trunk["name"]}
    return Order(f"delete {at.id}", "” deleted", (Write("DELETE", f"trunks/{at.id}"),), typed)


def add_login(at: Place, rng: random.Random) -> Order:
    """A new login, which takes the place of one that is there."""
    name = f"kept{rng.getrandbits(40):010x}"
    steps = (Write("POST", "credentials", name), Write("PUT", f"trunks/{at.id}"))
    return Order(f"credential {at.id}", "” set", steps, {"username": name}, secret=True)


def renew_password(at: Place, _rng: random.Random) -> Order | None:
    """Another password for the login that is there."""
    if at.login is None:
        return None
    step = Write("PUT", f"credentials/{at.login}")
    over = "form.over.rotate_credential"
    return Order(f"credential {at.id}", "” changed", (step,), over=over, secret=True)


def remove_login(at: Place, _rng: random.Random) -> Order | None:
    """No login any more, and deleted."""
    if at.login is None:
        return None
    steps = (Write("PUT", f"trunks/{at.id}"), Write("DELETE", f"credentials/{at.login}"))
    over = "form.over.remove_credential"
    return Order(f"credential {at.id}", "” removed", steps, {"removal": "delete"}, over)


def assign(at: Place, rng: random.Random) -> Order | None:
    """A number that is on no trunk."""
    if not (free := at.routed(None)):
        return None
    number = rng.choice(free)
    step = Write("POST", f"numbers/{number}/assign")
    return Order(f"number {at.id} {number}", "assigned to trunk “", (step,))


def move(at: Place, rng: random.Random) -> Order | None:
    """A number that is on another trunk: taken off there, and assigned here."""
    others = [number for number in at.numbers if number not in {*at.routed(None), *at.routed(at.id)}]
    if not others:
        return None
    path = f"numbers/{rng.choice(others)}/assign"
    number = path.split("/")[1]
    steps = (Write("DELETE", path), Write("POST", path))
    return Order(f"number {at.id} {number}", "assigned to trunk “", steps)


def unassign(at: Place, rng: random.Random) -> Order | None:
    """A number of the trunk, which is on none then."""
    if not (own := at.routed(at.id)):
        return None
    number = rng.choice(own)
    step, over = Write("DELETE", f"numbers/{number}/assign"), "form.over.unassign_number"
    return Order(f"number {at.id}", "taken off trunk “", (step,), {"phone_numbers": [number]}, over)


def allow(at: Place, rng: random.Random) -> Order:
    """An address that the account does not have, which takes the place of one that is there."""
    address = f"8.{rng.randint(1, 250)}.{rng.randint(1, 250)}.{rng.randint(1, 250)}"
    steps = (Write("POST", "ip-acl", address), Write("PUT", f"trunks/{at.id}"))
    return Order(f"allow {at.id} {address}", "” now takes calls from ", steps)


def remove_address(at: Place, _rng: random.Random) -> Order | None:
    """No allowed address any more, and deleted."""
    if at.address is None:
        return None
    steps = (Write("PUT", f"trunks/{at.id}"), Write("DELETE", f"ip-acl/{at.address}"))
    over = "form.over.remove_address"
    return Order(f"allow {at.id}", " taken off trunk “", steps, {"removal": "delete"}, over)


def route(at: Place, rng: random.Random) -> Order:
    """Another place where calls go: the primary one, or the fallback where that is free."""
    uri = f"sip:kept{rng.getrandbits(40):010x}.example.com"
    steps = (Write("POST", "origination-uris", uri), Write("PUT", f"trunks/{at.id}"))
    return Order(f"route {at.id} {uri}", "” now ", steps)


def remove_route(at: Place, _rng: random.Random) -> Order | None:
    """The only route taken off, and deleted."""
    routes = [text(at.trunk.get(field)) for field in ("primary_uri_uuid", "fallback_uri_uuid")]
    own = [route for route in routes if route]
    if len(own) != 1:
        return None
    steps = (Write("PUT", f"trunks/{at.id}"), Write("DELETE", f"origination-uris/{own[0]}"))
    over = "form.over.remove_route"
    return Order(f"route {at.id}", " taken off trunk “", steps, {"removal": "delete"}, over)


def set_up_outbound(at: Place, rng: random.Random) -> Order:
    """A trunk with a login and an address: four steps."""
    made = allow(at, rng).writes[0]
    name = f"{KEPT}set up {rng.getrandbits(40):010x}"
    login = Write("POST", "credentials", name.rpartition(" ")[2])
    steps = (Write("POST", "trunks", name), login, made, _attach(name))
    typed = {"username": login.mark, "address": made.mark}
    command = f'create "{name}" outbound {rng.randint(1, 90)}'
    return Order(command, "” set up", steps, typed, _SET_UP, secret=True, makes=name)


def set_up_inbound(at: Place, rng: random.Random) -> Order | None:
    """A trunk with a route and two numbers: five steps."""
    if len(free := at.routed(None)) < 2:
        return None
    made = route(at, rng).writes[0]
    name = f"{KEPT}set up {rng.getrandbits(40):010x}"
    numbers = [Write("POST", f"numbers/{number}/assign") for number in free[:2]]
    steps = (Write("POST", "trunks", name), made, _attach(name), *numbers)
    typed = {"route": made.mark, "phone_numbers": free[:2]}
    command = f'create "{name}" inbound {rng.randint(1, 90)}'
    return Order(command, "” set up", steps, typed, _SET_UP, makes=name)


def _attach(name: str) -> Write:
    return Write("PUT", f"trunks/{{{name.casefold()}}}")


# How often each is drawn, beside the others.
ORDERS: Final[tuple[tuple[Make, int], ...]] = (
    (edit, 4),
    (switch, 3),
    (delete, 1),
    (add_login, 5),
    (renew_password, 4),
    (remove_login, 3),
    (assign, 5),
    (move, 3),
    (unassign, 3),
    (allow, 4),
    (remove_address, 3),
    (route, 4),
    (remove_route, 3),
    (set_up_outbound, 6),
    (set_up_inbound, 6),
)


def draw(at: Place, rng: random.Random) -> Order:
    """Make up what a person does next with a trunk."""
    while True:
        (make,) = rng.choices([make for make, _ in ORDERS], [weight for _, weight in ORDERS])
        if (order := make(at, rng)) is not None:
            return order
