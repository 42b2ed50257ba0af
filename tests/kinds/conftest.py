"""Houses with every kind that the bot has and the toy, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.durable.conftest import fleet, postgres_url, sqlite_url, url
from tests.durable.houses import housed
from tests.flow.conftest import House, logged
from tests.kinds.examples import WITH_TOY

__all__ = ["fleet", "house", "logged", "postgres_url", "sqlite_url", "url"]


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with housed(url, tmp_path) as built:
        built.kinds = WITH_TOY
        yield built
