"""A sandbox with a ledger, on whichever database, and no bot yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from bot.runtime.clock import SystemClock
from bot.sandbox.run import settings_for
from bot.sandbox.server import Sandbox
from bot.store.database import migrate, open_engine
from bot.store.ledger import Ledger
from tests.flow.conftest import SETTLE, TIMEOUT, House

# For what does not depend on the database: other tests show that it is so on the other one, too.
on_sqlite: Final = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
on_postgres: Final = pytest.mark.parametrize("url", ["postgres"], indirect=True)


@asynccontextmanager
async def housed(
    url: str, folder: Path, *, patience: float = TIMEOUT, settle: float = SETTLE
) -> AsyncIterator[House]:
    """Start a sandbox; `patience` and `settle` (seconds) are the bot's with Vobiz."""
    sandbox = Sandbox()
    sandbox.settings.post_burst = None
    await sandbox.start()
    settings = settings_for(
        sandbox, folder / "unused.db", database_url=url, vobiz_timeout=patience, vobiz_settle=settle
    )
    engine = open_engine(settings.database_url.get_secret_value())
    await migrate(engine)
    try:
        yield House(sandbox, settings, Ledger(engine, SystemClock()))
    finally:
        await engine.dispose()
        await sandbox.stop()
