"""20,000 mutated requests (3,000 in `make test`): no 5xx, no effect, flat memory.

`python -m tests.fuzz` runs more of them.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.durable.processes import ROOT

_REQUESTS = {
    "sqlite": 20_000,
    "postgres": 3_000,
}  # the second is for what SQLite stores and Postgres does not


@pytest.mark.parametrize("database", [pytest.param("sqlite", marks=pytest.mark.long), "postgres"])
async def test_mutated_requests_get_no_5xx_have_no_effect_and_leave_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = f"sqlite:///{tmp_path}/fuzz.db"
    if database == "postgres":
        server = request.getfixturevalue("postgres")
        server.psql("CREATE DATABASE fuzz")
        url = server.get_uri("fuzz")
    seed = secrets.randbelow(10**6)
    await passes("--requests", str(_REQUESTS[database]), "--seed", str(seed), "--database", url)


async def passes(*given: str) -> None:
    """Run `python -m tests.fuzz`, which exits with 1 when a promise was broken."""
    # A process of its own: pytest keeps each log line, and measuring coverage would take twice the time.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.fuzz", *given),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    sys.stdout.write(said.decode())
    assert process.returncode == 0
