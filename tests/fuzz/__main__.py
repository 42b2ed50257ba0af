"""`python -m tests.fuzz`: mutated requests into the front door, or an attack on it; exit 1 when it broke."""

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Final

from bot.runtime.log import configure
from tests.fuzz import attack
from tests.fuzz.firing import Run, fire

# In the second half of a run: 800 bytes a request. Below 20,000 requests caches are still filling.
GROWTH_MAX: Final = 8_000_000
_JUDGED_FROM: Final = 20_000


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=None, help="default: a new one, which is printed")
    parser.add_argument("--database", help="a DATABASE_URL of an empty database; default: a SQLite file")
    parser.add_argument("--attack", action="store_true", help="hostile clients beside people, instead")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the attack")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the attack's section of this page")
    given = parser.parse_args()
    if given.attack:
        sys.exit(_attack(given.minutes, given.write))
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    configure("WARNING", "json")
    with tempfile.TemporaryDirectory(prefix="trunk-fuzz-") as folder:
        url = given.database or f"sqlite:///{folder}/fuzz.db"
        run = asyncio.run(fire(url, Path(folder), given.requests, seed))
    sys.stdout.write(report(run))
    sys.exit(bool(problems(run)))


def _attack(minutes: float, page: Path | None) -> bool:
    with tempfile.TemporaryDirectory(prefix="trunk-attack-") as folder:
        run = asyncio.run(attack.attack(Path(folder), minutes))
    text = attack.section(run)
    sys.stdout.write(f"{text}\n")
    if page is not None:
        attack.write(page, text)
    found = attack.problems(run)
    sys.stdout.write("".join(f"BROKEN: {problem}\n" for problem in found))
    return bool(found)


def problems(run: Run) -> list[str]:
    """Say what should not have been."""
    found = []
    if run.failures:
        found.append(f"{run.failures} answers with 5xx or an exception, shots {run.raised[:10]}")
    if run.before != run.after:
        found.append(f"an effect: {run.before} became {run.after}")
    if run.said:
        found.append(f"said to everyone in a channel: {run.said[:10]}")
    if run.requests >= _JUDGED_FROM and run.grown > GROWTH_MAX:
        found.append(f"the second half grew by {run.grown / 1e6:.1f} MB")
    if odd := [line for line in run.lines if line.startswith("a listener failed")]:
        found.append(f"listeners failed: {odd}")
    return found


def report(run: Run) -> str:
    """Return what happened, in lines."""
    lines = [
        f"seed {run.seed}, {run.requests} requests in {run.seconds:.1f} s",
        f"statuses {json.dumps(dict(sorted(run.statuses.items())))}",
        f"memory {run.half / 1e6:.1f} MB at half, {run.end / 1e6:.1f} MB at the end",
        *(f"{count:6} {line}" for line, count in run.lines.most_common()),
        *(f"BROKEN: {problem}" for problem in problems(run)),
    ]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()
