"""The work of `python -m bot audit`: following the chain in a database, and writing events out."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TextIO

import sqlalchemy as sa

from bot.audit.export import Format, writer
from bot.runtime.errors import NoRecordError
from bot.store.chain import START, Broken, Intact, Missing, verify
from bot.store.database import open_engine, usable, version
from bot.store.search import Chronicle


async def follow_chain(url: str, head: str | None = None) -> Intact | Broken | Missing:
    """Follow the whole chain; Missing when it is whole but does not hold `head`, if one is given."""
    so_far = START
    known = head is None
    async with _chronicle(url) as chronicle:
        async for links in chronicle.batches():
            known = known or any(link.hash == head for link in links)
            step = verify(links, so_far)
            if isinstance(step, Broken):
                return step
            so_far = step
    return so_far if known else Missing(so_far.count)


async def write_out(url: str, style: Format, out: TextIO, since: int, until: int | None) -> None:
    """Write the events from `since` up to `until` (ms), in their order; memory does not grow with them."""
    async with _chronicle(url) as chronicle:
        write = writer(style, out)
        async for links in chronicle.batches(since, until):
            for link in links:
                write(link)


@asynccontextmanager
async def _chronicle(url: str) -> AsyncIterator[Chronicle]:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and not os.access(parsed.database or "", os.R_OK):
        # SQLite would make an empty one.
        raise NoRecordError(f"There is no database file {parsed.database} (DATABASE_URL) that can be read.")
    engine = open_engine(url)
    try:
        if not usable(await version(engine)):
            raise NoRecordError(
                "The database is not of this version: start the bot, which brings it up to date."
            )
        yield Chronicle(engine.execution_options(reading=True))
    finally:
        await engine.dispose()
