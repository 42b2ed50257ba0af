"""What a person can confirm about a trunk of their own, and the writes that one confirmation stands for.

A kind of change joins the crash test with one function here: from the trunk as it is to an `Order`, or None
where there is nothing to order now; and with its line in `ORDERS`.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.shape import Json


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
    that leads to the form which is meant, if it is not the first one.
    """

    typed: str
    done: str
    writes: tuple[Write, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    over: str = ""


Make = Callable[[Json, random.Random], Order | None]


def edit(trunk: Json, rng: random.Random) -> Order:
    """Another limit."""
    identity = str(trunk["trunk_id"])
    return Order(f"edit {identity} {rng.randint(11, 90)}", "” changed", (Write("PUT", f"trunks/{identity}"),))


def switch(trunk: Json, _rng: random.Random) -> Order:
    """Off, or on again."""
    identity, verb = str(trunk["trunk_id"]), "disable" if trunk["trunk_status"] == "active" else "enable"
    return Order(f"{verb} {identity}", f"” {verb}d", (Write("PUT", f"trunks/{identity}"),))


def delete(trunk: Json, _rng: random.Random) -> Order:
    """For good."""
    identity = str(trunk["trunk_id"])
    return Order(
        f"delete {identity}",
        "” deleted",
        (Write("DELETE", f"trunks/{identity}"),),
        {"typed_name": trunk["name"]},
    )


# How often each is drawn, beside the others.
ORDERS: Final[tuple[tuple[Make, int], ...]] = ((edit, 6), (switch, 4), (delete, 1))


def draw(trunk: Json, rng: random.Random) -> Order:
    """Make up what a person does next with a trunk."""
    while True:
        (make,) = rng.choices([make for make, _ in ORDERS], [weight for _, weight in ORDERS])
        if (order := make(trunk, rng)) is not None:
            return order
