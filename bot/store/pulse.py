"""Whether the database would take a write now: what readiness asks."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.runtime.clock import Clock
from bot.store.schema import metadata
from bot.store.trouble import in_words

# Seconds after a write during which another one is not made for the purpose. Each costs a few kilobytes of
# log and one write to the disk, and a standing server of a host's would not be idle any more.
_SURE: Final = 30.0
_AGAIN: Final = 2.0  # seconds between tries while writes fail

# The one row that every database of ours has; writing it changes nothing.
WRITE: Final = sa.text("UPDATE alembic_version SET version_num = version_num")
# Fails where a table or a column is missing, and reads no row.
EVERYTHING: Final = sa.select(
    *(sa.exists(sa.select(*table.c).where(sa.false())) for table in metadata.sorted_tables)
)


async def prove_tables(connection: AsyncConnection) -> None:
    """Read all tables and columns, no row of them; raises SQLAlchemyError when one is not there."""
    await connection.execute(EVERYTHING)


async def prove_write(connection: AsyncConnection) -> None:
    """Write what changes nothing; raises SQLAlchemyError when that may not be."""
    await connection.execute(WRITE)


class Pulse:
    """What the last write said. A full disk shows in the commit only, and only in one that is made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrote_at = float("-inf")
        self._failed_at = float("-inf")
        self.trouble: str | None = None

    def wrote(self) -> None:
        """Note that something was committed."""
        self.trouble = None
        self._wrote_at = self._clock.now()

    def failed(self, error: Exception) -> None:
        """Note that nothing could be written."""
        self.trouble = in_words(error)
        self._failed_at = self._clock.now()

    @property
    def unsure(self) -> bool:
        """Whether it is time to try a write."""
        now = self._clock.now()
        if self.trouble is not None:
            return abs(now - self._failed_at) >= _AGAIN
        return abs(now - self._wrote_at) >= _SURE
