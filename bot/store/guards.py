"""Whether the database itself refuses to change or remove events, as the migrations made it do.

A restore may leave triggers out, and who owns the tables may take them away. What is stored then is as well
proven as before, and mistakes are not refused any more.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import POSTGRES

ON_SQLITE: Final = (
    "SELECT count(*) = 3 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
    " AND name IN ('events_no_update', 'events_no_delete', 'events_no_replace')"
)
_ON_POSTGRES: Final = (
    "SELECT count(*) = 1 FROM pg_trigger WHERE tgrelid = to_regclass('events')"
    " AND tgname = 'events_append_only' AND tgenabled IN ('O', 'A')"
)


async def guarded(connection: AsyncConnection) -> bool:
    """Tell whether changes of events are refused."""
    query = _ON_POSTGRES if connection.dialect.name == POSTGRES else ON_SQLITE
    return bool((await connection.execute(sa.text(query))).scalar_one())
