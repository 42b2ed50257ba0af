"""Writing as the bot writes, into every table, with rows that are nobody's: the caller takes them back.

Whether a right, a key, a sequence or a function is missing shows in the writing only. A bot that finds it out
after Vobiz did what was asked can tell nobody: so a start and the doctor find it out before.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import (
    approvals,
    claims,
    events,
    insert_new,
    metadata,
    notices,
    operations,
    secrets,
    snapshots,
    steps,
    turns,
)
from bot.store.trouble import DamagedDatabaseError, in_words

_NOBODYS: Final = "-"  # fits into every column of text, and is no id of anything
_NUMBERED: Final = frozenset({notices, events})  # their ids come from sequences
_OTHERWISE: Final = {
    operations.c.state: "accepted",
    steps.c.state: "waiting",
    events.c.key: None,
    events.c.seal: None,
}
# What is done with rows beside reading and adding them, see the modules of this folder.
_CHANGED: Final = (operations, steps, approvals, notices, snapshots, secrets, turns)
_REMOVED: Final = (claims, secrets, snapshots)
_TAKEN: Final = "the numbers of new rows of {} are taken: its sequence is behind, or its ids were changed"


async def try_writing(connection: AsyncConnection) -> None:
    """Write into every table of a Postgres in the transaction that is open, which must not be committed.

    Raises DamagedDatabaseError where a key or a sequence is not as it was made, or SQLAlchemyError.
    """
    for table in metadata.sorted_tables:
        if table is events:
            continue
        try:
            added = await insert_new(connection, table, _row(table))
            again = await insert_new(connection, table, _row(table))
        except IntegrityError as error:
            raise DamagedDatabaseError(f"no row can be added to {table.name}: {in_words(error)}") from error
        if not added:
            raise DamagedDatabaseError(_TAKEN.format(table.name))
        if again:
            raise DamagedDatabaseError(f"{table.name} has lost a key: one row could be there twice")
    for table in _CHANGED:
        column = next(iter(table.c.values()))
        await connection.execute(table.update().where(_first(table) == _NOBODYS).values({column: column}))
    for table in _REMOVED:
        await connection.execute(table.delete().where(_first(table) == _NOBODYS))
    # Last, as the bot does: from here to the end of the transaction nobody else adds an event.
    await connection.execute(sa.select("*").select_from(sa.func.events_head()))
    try:
        await connection.execute(events.insert().inline(), _row(events))
    except IntegrityError as error:
        raise DamagedDatabaseError(_TAKEN.format(events.name)) from error


def _first(table: sa.Table) -> sa.Column[str]:
    return next(column for column in table.c if isinstance(column.type, sa.String))


def _row(table: sa.Table) -> dict[str, object]:
    columns = (column for column in table.c if column.name != "id" or table not in _NUMBERED)
    return {column.name: _OTHERWISE.get(column, _value(column)) for column in columns}


def _value(column: sa.Column[object]) -> object:
    if isinstance(column.type, sa.Boolean):
        return False
    return 1 if isinstance(column.type, sa.Integer) else _NOBODYS
