"""`python -m tests.bench`: run the benchmark, print its tables; exit 1 only when it could not measure."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvloop

from tests.bench import history, rounds, stores, trunks
from tests.bench.page import write
from tests.bench.processes import Broken
from tests.bench.report import front
from tests.bench.stores_table import durable

_QUICK_HISTORY: Final = 2000  # operations


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run that proves that it runs")
    parser.add_argument(
        "--rounds", type=int, default=rounds.Plan().rounds, help="how often each front door is measured"
    )
    parser.add_argument(
        "--only", choices=list(_PARTS), action="append", help="run this part; may be repeated"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="also bring this page up to date")
    given = parser.parse_args()
    sections: dict[str, str] = {}
    for part in given.only or _PARTS:
        title, measure = _PARTS[part]
        try:
            sections[title] = measure(given)
        except Broken as problem:
            sys.exit(f"The benchmark means nothing: {problem}")
        sys.stdout.write(f"\n## {title}\n\n{sections[title]}\n")
    if given.write is not None:
        write(given.write, sections, [title for title, _ in _PARTS.values()])


def _front(given: argparse.Namespace) -> str:
    plan = rounds.QUICK if given.quick else rounds.Plan(rounds=given.rounds)
    return front(plan, uvloop.run(rounds.run(plan, _progress)))


def _durable(given: argparse.Namespace) -> str:
    plan = stores.QUICK_FLOWS if given.quick else stores.FlowPlan()
    return durable(plan, uvloop.run(stores.run(plan, _progress)))


def _history(given: argparse.Namespace) -> str:
    count = _QUICK_HISTORY if given.quick else history.OPERATIONS
    return history.table(asyncio.run(history.run(count, history.RUNS)), count)


def _trunks(given: argparse.Namespace) -> str:
    plan = trunks.QUICK_READS if given.quick else trunks.ReadPlan()
    return trunks.table(plan, uvloop.run(trunks.run(plan)))


_PARTS: Final[dict[str, tuple[str, Callable[[argparse.Namespace], str]]]] = {
    "front": ("The front door", _front),
    "durable": ("The durable half", _durable),
    "history": ("The record", _history),
    "trunks": ("Reading a large account", _trunks),
}


def _progress(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
