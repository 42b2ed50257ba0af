"""What to type for an operation of each kind, and how to bring one about and wait for it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.commands.history_query import Everything
from bot.domain.operation import Operation, State
from bot.domain.records import Record
from bot.kinds.base import Kind
from bot.kinds.registry import KINDS, Kinds
from bot.sandbox.shape import Json
from bot.sandbox.slack.client import SubmitResult
from bot.sandbox.vobiz.changes import changed
from tests.flow.conftest import ASHA, House
from tests.kinds.toy import PrintBadge

WITH_TOY: Final = Kinds((*KINDS, PrintBadge()))
NAME: Final = "Sales"
LOGIN: Final[Mapping[str, Json]] = {"credential_uuid": {"username": "desk", "password": "old-password"}}
_PATIENCE: Final = 15.0  # seconds


@dataclass(frozen=True)
class Example:
    """An operation to bring about: what is typed, what else is put into the form, how the trunk is before.

    `existing` is the status of the trunk that it is about; None where it makes its own. `points` are records
    that the trunk has, by the field that points to them. With `over` the form is reached from that which is
    typed. `silent` are faults that are none for it; with `unseen` no look at the account shows what it did.
    `numbers` are the account's, each with the name of the trunk that it is on.
    """

    kind: str
    typed: str
    steps: int = 1
    existing: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    points: Mapping[str, Json] = field(default_factory=dict)
    over: bool = False
    unseen: bool = False
    numbers: Mapping[str, str | None] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.typed}: {self.kind}" if self.over else self.typed


EXAMPLES: Final = (
    Example("create_trunk", f'create "{NAME}" outbound 10'),
    Example("print_badge", f"badge {NAME} 3", steps=3),
    Example("edit_trunk", f'edit "{NAME}" 50', existing="active"),
    Example("enable_trunk", f"enable {NAME}", existing="inactive"),
    Example("disable_trunk", f"disable {NAME}", existing="active"),
    Example("add_credential", f"credential {NAME}", steps=2, existing="active"),
    # Any success is one, and only Vobiz knows the password.
    Example(
        "rotate_credential",
        f"credential {NAME}",
        existing="active",
        points=LOGIN,
        over=True,
        silent=frozenset({"empty_2xx"}),
        unseen=True,
    ),
    Example(
        "remove_credential",
        f"credential {NAME}",
        steps=2,
        existing="active",
        points=LOGIN,
        over=True,
        values={"removal": "delete"},
    ),
    # Without a body is how a DELETE is answered.
    Example(
        "delete_trunk",
        f"delete {NAME}",
        existing="active",
        values={"typed_name": NAME},
        silent=frozenset({"empty_2xx"}),
    ),
    Example(
        "assign_number",
        f"number {NAME} +14155550101",
        steps=2,
        existing="active",
        silent=frozenset({"empty_2xx"}),
        numbers={"+14155550101": "Support"},
    ),
    Example(
        "assign_number",
        f"number {NAME} +14155550100",
        existing="active",
        silent=frozenset({"empty_2xx"}),
        numbers={"+14155550100": None},
    ),
    Example(
        "unassign_number",
        f"number {NAME}",
        existing="active",
        over=True,
        values={"phone_numbers": ["+14155550102"]},
        silent=frozenset({"empty_2xx"}),
        numbers={"+14155550102": NAME, "+14155550103": NAME},
    ),
    Example("add_route", f"route {NAME} sip:pbx.example.com", steps=2, existing="active"),
    Example(
        "remove_route",
        f"route {NAME}",
        steps=2,
        existing="active",
        points={"primary_uri_uuid": {"uri": "sip:old.example.com"}},
        over=True,
        values={"removal": "delete"},
    ),
    Example("allow_address", f"allow {NAME} 203.0.114.5", steps=2, existing="active"),
    Example(
        "remove_address",
        f"allow {NAME}",
        steps=2,
        existing="active",
        over=True,
        points={"ipacl_uuid": {"ip_address": "203.0.114.7"}},
        values={"removal": "delete"},
    ),
    Example(
        "set_up_trunk",
        f'create "{NAME}" outbound 10',
        steps=4,
        over=True,
        values={"username": "salespbx", "address": "203.0.114.5"},
    ),
    Example(
        "set_up_trunk",
        f'create "{NAME}" inbound 10',
        steps=5,
        over=True,
        values={"route": "sip:pbx.example.com", "phone_numbers": ["+14155550104", "+14155550105"]},
        numbers={"+14155550104": None, "+14155550105": None},
    ),
)

PLAIN: Final = EXAMPLES[0]
SEVERAL: Final = next(example for example in EXAMPLES if example.steps > 1)
# What a database does differently does not depend on the kind, nor does a fault's way through the engine: so
# Postgres is tried with a kind of one step and one of several, and so is what is the engine's alone.
BOTH: Final = [(url, example) for url in ("sqlite", "postgres") for example in (PLAIN, SEVERAL)]
# Where a kind's own code has a say (what it finds, compares, claims, words) every other kind is tried too.
_FURTHER: Final = [example for example in EXAMPLES if example not in (PLAIN, SEVERAL)]
_KINDS: Final = {example.kind: example for example in reversed(_FURTHER)}
OTHERS: Final = [("sqlite", example) for example in _FURTHER if _KINDS[example.kind] is example]
# And a second example of a kind where answers are read, its record is found, and it is told.
SECOND: Final = [("sqlite", example) for example in _FURTHER if _KINDS[example.kind] is not example]


def kind_of(example: Example) -> Kind:
    kind = WITH_TOY.of(example.kind)
    assert kind is not None
    return kind


def trunk_of(house: House) -> Json:
    """Return the trunk that an operation is about."""
    return next(trunk for trunk in house.sandbox.trunks if trunk["name"] == NAME)


def prepare(house: House, example: Example) -> None:
    """Put the trunk into the account that an operation is about, if it is about one."""
    account = house.sandbox.vobiz.account
    if house.sandbox.trunks or account.numbers:
        return
    if example.existing is not None:
        trunk = house.sandbox.add_trunk(NAME)
        trunk["trunk_status"] = example.existing
        for key, row in example.points.items():
            account.attach(trunk, key, dict(row))
    for number, name in example.numbers.items():
        there = next((one for one in account.trunks if one["name"] == name), None)
        account.add_number(number, there if name is None else there or house.sandbox.add_trunk(name))


async def opened(house: House, example: Example, user: str = ASHA) -> None:
    """Type the command, and wait until the form shows what the account has."""
    prepare(house, example)
    reads, kind = seen(house), kind_of(example)
    await house.opened(example.typed, user)
    if kind.guarded:
        await house.sandbox.wait_for(lambda: submits(house, user))
    if example.over:
        await house.sandbox.action(user, f"form.over.{kind.name}")
        await house.sandbox.wait_for(lambda: submits(house, user, kind.words.title))
        await house.sandbox.wait_for(lambda: complete(house, example, user))
    if kind.resource is None:
        return
    await house.sandbox.wait_for(lambda: seen(house) > reads)
    # The reading is kept before anybody could rest on it.
    async with asyncio.timeout(_PATIENCE):
        while await house.ledger.snapshots.newest(house.settings.vobiz_auth_id) is None:  # noqa: ASYNC110 - the database wakes nobody
            await asyncio.sleep(0.01)


def submits(house: House, user: str = ASHA, title: str = "") -> bool:
    """Tell whether the form in front of a person, of that title if it matters, can be submitted."""
    view = house.sandbox.view_of(user)
    return view is not None and view.json().get("submit") is not None and title in {"", view.title}


def complete(house: House, example: Example, user: str = ASHA) -> bool:
    """Tell whether a form has every input that is filled in, also those whose choices are read first."""
    view = house.sandbox.view_of(user)
    blocks = () if view is None else view.blocks
    return {block.get("block_id") for block in blocks} >= example.values.keys()


async def submitted(house: House, example: Example, user: str = ASHA) -> SubmitResult:
    """Confirm the form."""
    return await house.sandbox.submit_form(user, **example.values)


def seen(house: House) -> int:
    """Return how often the account's trunks were read."""
    return sum(call.what == "GET trunks" and call.status == 200 for call in house.sandbox.deliveries)


async def confirmed(house: House, example: Example, user: str = ASHA) -> Record:
    """Type the command and confirm the form; returns what was stored."""
    await opened(house, example, user)
    assert (await submitted(house, example, user)).ok
    return await newest(house)


def happen(house: House) -> None:
    """Have what was sent first, and was lost, happen after all."""
    sent, account = house.sandbox.vobiz_posts[0], house.sandbox.vobiz.account
    name = sent.path.partition("/")[0]
    if name == "numbers":
        number = next(one for one in account.numbers if one["e164"] == sent.about)
        if sent.method == "POST":
            account.assign(number, str(sent.body["trunk_group_id"]))
        else:
            account.unassign(number)
        return
    row = None if name == "trunks" else account.record(name, sent.about)
    match sent.method, row:
        case "POST", _ if name == "trunks":
            account.create(str(sent.body["name"]), str(sent.body["trunk_type"]).lower(), 10)
        case "POST", _:
            account.add(name, sent.body)
        case "PUT", None:
            trunk = trunk_of(house)
            account.change(trunk, changed(trunk, sent.body, replaces=False))
        case "DELETE", None:
            account.delete(trunk_of(house))
        case _:
            raise AssertionError(sent)


def interfere(house: House, example: Example) -> None:
    """Change what an operation is about, as if somebody had in the console."""
    if example.existing is None:
        house.sandbox.add_trunk("Somebody else's")
    else:
        trunk_of(house)["cps_limit"] = 77


async def newest(house: House) -> Record:
    """Return what was stored last."""
    page = await house.ledger.chronicle.page(Everything())
    record = await house.ledger.get(page.operations[0].id)
    assert record is not None
    return record


async def stands(house: House, record: Record, *states: State, asking: bool = False) -> Operation:
    """Wait until an operation stands so."""
    return await _once(house, record, lambda now: now.state in states and now.asking == asking)


async def rests(house: House, record: Record) -> Operation:
    """Wait until an operation is done, or asks."""
    return await _once(house, record, lambda now: now.state is State.DONE or now.asking)


async def _once(house: House, record: Record, true: Callable[[Operation], bool]) -> Operation:
    async with asyncio.timeout(_PATIENCE):
        while True:
            now = await house.ledger.get(record.operation.id)
            assert now is not None
            if true(now.operation):
                return now.operation
            await asyncio.sleep(0.02)


def posts(house: House) -> int:
    """Return how many writes arrived at Vobiz."""
    return len(house.sandbox.vobiz_posts)


def done(house: House) -> int:
    """Return how many writes Vobiz carried out."""
    return sum(post.trunk_id is not None for post in house.sandbox.vobiz_posts)
