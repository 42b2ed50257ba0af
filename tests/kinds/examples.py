"""What to type for an operation of each kind, and how to bring one about and wait for it."""

import asyncio
from typing import Final

from bot.commands.history_query import Everything
from bot.domain.operation import Operation, State
from bot.domain.records import Record
from bot.kinds.registry import KINDS, Kinds
from tests.flow.conftest import ASHA, VOICE, House
from tests.kinds.toy import PrintBadge

WITH_TOY: Final = Kinds((*KINDS, PrintBadge()))
# `{}` is a word that tells one operation from another.
EXAMPLES: Final = {
    "create_trunk": ('create "{}" outbound 10',),
    "print_badge": ("badge {} 1", "badge {} 3"),
}
COMMANDS: Final = [command for commands in EXAMPLES.values() for command in commands]
_PATIENCE: Final = 15.0  # seconds


async def opened(house: House, command: str, user: str = ASHA) -> None:
    """Type the command, and wait until the form shows what the account has."""
    reads = seen(house)
    await house.sandbox.command(user, VOICE, command.format("Sales"))
    await house.sandbox.wait_for(lambda: seen(house) > reads)
    # The reading is kept before anybody could rest on it.
    async with asyncio.timeout(_PATIENCE):
        while await house.ledger.snapshots.newest(house.settings.vobiz_auth_id) is None:  # noqa: ASYNC110 - the database wakes nobody
            await asyncio.sleep(0.01)


def seen(house: House) -> int:
    """Return how often the account's trunks were read."""
    return sum(call.what == "GET trunks" and call.status == 200 for call in house.sandbox.deliveries)


async def confirmed(house: House, command: str, user: str = ASHA) -> Record:
    """Type the command and confirm the form; returns what was stored."""
    await opened(house, command, user)
    assert (await house.sandbox.submit_form(user)).ok
    return await newest(house)


async def newest(house: House) -> Record:
    """Return what was stored last."""
    page = await house.ledger.chronicle.page(Everything())
    record = await house.ledger.get(page.operations[0].id)
    assert record is not None
    return record


async def stands(house: House, record: Record, *states: State, asking: bool = False) -> Operation:
    """Wait until an operation stands so."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            now = await house.ledger.get(record.operation.id)
            assert now is not None
            if now.operation.state in states and now.operation.asking == asking:
                return now.operation
            await asyncio.sleep(0.02)


def posts(house: House) -> int:
    """Return how many writes arrived at Vobiz."""
    return len(house.sandbox.vobiz_posts)
