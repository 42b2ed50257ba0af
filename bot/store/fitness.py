"""What a database must be for the bot, whatever it answers: found out by doing, before anything is stored."""

from enum import Enum, auto
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

OLDEST: Final = 130000  # as `server_version_num` writes 13.0

_PID: Final = sa.text("SELECT pg_backend_pid()")


class Unfit(Enum):
    """Why a database that answers is none for the bot, and stays so until DATABASE_URL names another."""

    OLD = auto()
    ENCODING = auto()
    POOLED = auto()
    NO_FILE = auto()


def no_file(path: Path) -> bool:
    """Tell whether a folder or a device is there: SQLite opens a device too, and keeps nothing in it."""
    return path.exists() and not path.is_file()


async def unfit(engine: AsyncEngine) -> Unfit | None:
    """Say what keeps the bot from using a database, if anything does; or raise SQLAlchemyError."""
    if engine.dialect.name != "postgresql":
        return Unfit.NO_FILE if no_file(Path(engine.url.database or "")) else None
    async with engine.connect() as one, engine.connect() as other:
        # Where the bot's connections share the server's, in no transaction, a lock of one is anybody's.
        await one.execution_options(isolation_level="AUTOCOMMIT")
        own = await _asked(one, _PID)
        if await _asked(other, _PID) == own:  # which now is in a transaction, and keeps what it has
            return Unfit.POOLED
        for _ in range(3):
            if await _asked(one, _PID) != own:
                return Unfit.POOLED
        if int(await _asked(one, sa.text("SHOW server_version_num"))) < OLDEST:
            return Unfit.OLD
        if await _asked(one, sa.text("SHOW server_encoding")) != "UTF8":
            return Unfit.ENCODING
    return None


async def _asked(connection: AsyncConnection, question: sa.TextClause) -> str:
    return str((await connection.execute(question)).scalar_one())
