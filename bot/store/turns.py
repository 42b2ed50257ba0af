"""Whose turn it is to do what all instances together do at most so often."""

from bot.store.schema import insert_new, turns
from bot.store.writer import Writer


class Turns:
    """Turns by name. The write is the right: of several processes that ask at once one gets it."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def take(self, name: str, every: int) -> bool:
        """Take a turn, unless somebody took it less than `every` milliseconds ago."""
        now = self._writer.now
        over = (turns.c.name == name, turns.c.taken_at <= now - every)
        async with self._writer.writing() as connection:
            taken = await connection.execute(turns.update().where(*over).values(taken_at=now))
            if taken.rowcount == 1:
                return True
            return await insert_new(connection, turns, {"name": name, "taken_at": now})
