"""Breaking the connections of a Postgres database from outside."""

import sqlalchemy as sa

from bot.store.database import open_engine


async def terminated(url: str, *, everything: bool = False) -> int:
    """End the connection that holds a slot, or all that a database has; returns how many there were."""
    engine = open_engine(url)
    slots = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND classid = :slots AND d.datname = current_database()"
    )
    all_of_them = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND :slots > 0"
    )
    async with engine.connect() as connection:
        query = sa.text(all_of_them if everything else slots)
        ended: int = (await connection.execute(query, {"slots": 0x7472756E})).scalar_one()
    await engine.dispose()
    return ended
