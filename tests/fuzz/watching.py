"""What is looked at while shots are fired: log lines, memory, effects."""

import ctypes
import gc
import logging
from collections import Counter

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.sandbox.server import Sandbox
from bot.store.schema import approvals, operations
from tests.flow.conftest import House

_OPERATION = ("id", "state", "standing", "round", "decision", "requester", "subject", "request")
_DECIDED = [operations.c[name] for name in _OPERATION] + [approvals.c.decided_by, approvals.c.denial]


class Lines(logging.Handler):
    """Counts our log lines by what they say, with the kind of error, and keeps nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        said = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
        where = said.get("where") or [""]
        words = (said.get("event"), said.get("error") or said.get("verdict"), where[-1])
        self.seen[" | ".join(str(word) for word in words if word)] += 1


def resident() -> int:
    """Return this process's memory in bytes, after a collection, without what glibc keeps for later.

    It kept up to 44 MB after one shot that was nested deep: a step at a random place, and no growth.
    """
    gc.collect()
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
    return int(psutil.Process().memory_info().rss)


async def effects(house: House, database: AsyncEngine) -> dict[str, object]:
    """Return everything that no shot may change: what Vobiz got, and what was decided about operations."""
    async with database.connect() as connection:
        of_it = approvals.c.operation == operations.c.id
        query = sa.select(*_DECIDED).select_from(operations.outerjoin(approvals, of_it))
        rows = (await connection.execute(query.order_by(operations.c.id))).all()
    sandbox = house.sandbox
    return {"posts": len(sandbox.vobiz_posts), "trunks": len(sandbox.trunks), "operations": rows}


def forget(sandbox: Sandbox) -> list[str]:
    """Empty the sandbox's own memory: it keeps all that happens, and it is not what is measured.

    Returns what was said there to everyone in a channel: an answer goes to one person alone.
    """
    channels = sandbox.space.channels
    said = [
        message.text
        for message in sandbox.space.messages.all
        if message.bot and message.to is None and channels[message.channel].kind != "dm"
    ]
    sandbox.space.calls.clear()
    sandbox.space.messages.all.clear()
    sandbox.space.log.entries.clear()
    return said
