"""The work of `python -m bot audit`: following the chain in a database, comparing operations, writing out."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.audit.compare import Makes, as_left, differences, misheld, misowned, named
from bot.audit.export import Format, writer
from bot.domain.observer import uncounted
from bot.domain.transitions.moves import BOT
from bot.kinds.registry import KINDS
from bot.runtime.clock import SystemClock
from bot.runtime.errors import NoRecordError
from bot.store.chain import GENESIS, Trail
from bot.store.database import open_copy, open_engine, usable, version
from bot.store.guards import guarded
from bot.store.inspection import Inspection
from bot.store.keys import NO_KEYS, Keys
from bot.store.search import Chronicle
from bot.store.writer import Writer

_KEPT: Final = 20  # of the operations that differ so many are named, and all are counted
_TABLES: Final = {
    "events": "events tell of operations that are not there",
    "steps": "there are steps of operations that are not there",
    "approvals": "there are approvals of operations that are not there",
    "claims": "there are claims of operations that are not there",
    "resources": "there are records at Vobiz of operations that are not there",
}


@dataclass(slots=True)
class Findings:
    """What a look at the whole record shows.

    `trail` is of its events. `known` says whether the head that was looked for is among them. Of the
    `operations` (how many there are) `different` do not fit their events: the first of them are in `told`,
    a line each. `guarded` tells whether the database refuses to change events.
    """

    trail: Trail
    known: bool
    operations: int = 0
    different: int = 0
    guarded: bool = True
    told: list[str] = field(default_factory=list)

    def tell(self, words: str) -> None:
        """Count a difference, and keep what is said of it unless there are too many."""
        self.different += 1
        if len(self.told) < _KEPT:
            self.told.append(words)


async def inspect(
    url: str, keys: Keys = NO_KEYS, head: str | None = None, makes: Makes = KINDS.makes
) -> Findings:
    """Follow the whole chain, looking for `head`, then compare each operation with its events.

    It takes memory for some hundred rows at a time, and no long transaction.
    """
    findings = Findings(Trail(keys), head is None or head == GENESIS)
    async with _opened(url) as engine:
        reader = engine.execution_options(reading=True)
        async for links in Chronicle(reader).batches():
            findings.known = findings.known or any(link.hash == head for link in links)
            findings.trail.follow(links)
        async with reader.connect() as connection:
            findings.guarded = await guarded(connection)
        await _compare(Inspection(reader), findings, makes)
    return findings


async def _compare(inspection: Inspection, findings: Findings, makes: Makes) -> None:
    async for page in inspection.rows():
        findings.operations += len(page)
        for rows in page:
            if as_left(rows):
                continue
            told = len(findings.told) < _KEPT
            events = await inspection.story(rows.id) if told else ()
            said = "; ".join(differences(rows, events)) if told else ""
            findings.tell(f"{named(rows.id)}: {said}")
    await _compare_beside(inspection, findings, makes)


async def _compare_beside(inspection: Inspection, findings: Findings, makes: Makes) -> None:
    for table, ids in (await inspection.without_operation()).items():
        for id_ in ids:
            findings.tell(f"{named(id_)}: {_TABLES[table]}")
    for id_, stored, flies, held in await inspection.claims():
        if (wrong := misheld(stored, held, flies=flies)) is not None:
            findings.tell(f"{named(id_)}: {wrong}")
    async for owner in inspection.owners():
        # Which answers were late is asked where something does not fit without them.
        if any(misowned(owner, makes, frozenset())):
            late = await inspection.late(owner.operation)
            for wrong in misowned(owner, makes, late):
                findings.tell(f"{named(owner.operation)}: {wrong}")


async def rekey(url: str, keys: Keys) -> None:
    """Have the record say that the key before is lost, and that another one seals from here on."""
    async with _opened(url, writes=True) as engine:
        await Writer(engine, SystemClock(), BOT, uncounted, keys).take_up(lost=True)


async def write_out(url: str, style: Format, out: TextIO, since: int, until: int | None) -> None:
    """Write the events from `since` up to `until` (ms), in their order; memory does not grow with them."""
    async with _opened(url) as engine:
        write = writer(style, out)
        async for links in Chronicle(engine.execution_options(reading=True)).batches(since, until):
            for link in links:
                write(link)


@asynccontextmanager
async def _opened(url: str, *, writes: bool = False) -> AsyncIterator[AsyncEngine]:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and not _readable(Path(parsed.database or "")):
        # SQLite would make an empty one.
        raise NoRecordError(f"There is no database file {parsed.database} (DATABASE_URL) that can be read.")
    engine = open_engine(url) if writes else open_copy(url)
    try:
        if not usable(await version(engine)):
            raise NoRecordError(
                "The database is not of this version: start the bot, which brings it up to date."
            )
        yield engine
    finally:
        await engine.dispose()


def _readable(file: Path) -> bool:
    return file.is_file() and os.access(file, os.R_OK)
