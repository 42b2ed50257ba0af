"""Houses with every kind that the bot has and the toy, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from tests.durable.conftest import fleet, postgres_url, sqlite_url, url
from tests.durable.houses import housed
from tests.flow.conftest import House, logged
from tests.kinds.examples import WITH_TOY

__all__ = ["fleet", "house", "logged", "postgres_url", "sqlite_url", "url"]

# Seconds that a bot waits for Vobiz: nothing that answers is given up because the machine is busy.
_PATIENCE: Final = 5.0


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with housed(url, tmp_path, patience=_PATIENCE) as built:
        built.kinds = WITH_TOY
        yield built
