"""`python -m tests.bench`: run the benchmark and print its table; exit 1 only when it could not measure."""

import argparse
import sys
from pathlib import Path

import uvloop

from tests.bench.processes import Broken
from tests.bench.report import markdown
from tests.bench.rounds import QUICK, Plan, run


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run that proves that it runs")
    parser.add_argument(
        "--rounds", type=int, default=Plan().rounds, help="how often each subject is measured"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the table to this file")
    given = parser.parse_args()
    plan = QUICK if given.quick else Plan(rounds=given.rounds)
    try:
        results = uvloop.run(run(plan, _progress))
    except Broken as problem:
        sys.exit(f"The benchmark means nothing: {problem}")
    text = markdown(plan, results, "make bench")
    sys.stdout.write(text)
    if given.write is not None:
        given.write.write_text(text, encoding="utf-8")


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
