"""The page of the soak: what was asked of the newest run, and what came of it."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from tests.soak.plan import DEADLINE, GROWTH, LONG
from tests.soak.rig import Tally
from tests.soak.watching import Sample, growth, share

_SAMPLES = 40  # looks at the memory a minute, at least

_HEAD = """\
# The soak

People type at a steady pace, whatever comes back: a fifth of it are trunks that they confirm (some with
three clicks, some for what somebody else just asked for), some are requests that an operator approves or
denies, the rest is bad input, `help`, `history` and `status`. Meanwhile calls fail: Slack answers 429, 500, a
web page, too late or not at all; Vobiz refuses, answers 5xx, nothing, too late, HTML, or resets after it made
the trunk. Three times the user group is away that gives a fifth of the people their right (deleted, not to be
read any more, an error of Slack's), and four times the database is away for some seconds (it hangs, or
dies and is started again). Some who type have no right at all: a guest of another company, and somebody of
another workspace of the organisation. A person on call decides what is asked by what the account shows.
Shares are in `tests/soak/plan.py`; the count is the crash test's ([crash-test.md](crash-test.md)), made at
the sandbox, in another process than the bot. `make soak` runs it.

"""


def broken(tally: Tally) -> list[str]:
    """Return what was not as it must be; a run shorter than LONG minutes says nothing about memory."""
    faults, heard = tally.faults, tally.heard
    must = {
        "made twice": faults.twice,
        "sent unasked": faults.sent_twice,
        "lost": faults.lost,
        "silent": faults.silent,
        "posted twice unsaid": faults.said_twice,
        "untrue": faults.untrue,
        "orphans": faults.orphans,
        "confirmed and never answered": tally.unanswered,
        "done without a right": tally.unallowed,
        "said by Slack instead of the bot": heard.complaints,
    }
    found = [f"{words}: {case}" for words, cases in must.items() for case in cases]
    found += [f"left over: {tally.left}"] * bool(tally.left)
    grown = growth(tally.watch.samples)
    if tally.plan.minutes >= LONG and grown > GROWTH:
        found.append(f"memory grows by {grown:.1f} MB a minute")
    if len(tally.watch.samples) < tally.plan.minutes * _SAMPLES:
        found.append(f"memory was seen {len(tally.watch.samples)} times only")
    late = {"commands answered": heard.answers, "modal open": heard.opened}
    late["answered without the database"] = heard.away
    found += [f"{what} too late: p99" for what, times in late.items() if share(times, 0.99) >= DEADLINE]
    return found


def page(tally: Tally, command: str) -> str:
    """Write the page."""
    lines = ["| what | asked | found |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {asked} | {found} |" for what, asked, found in _rows(tally)]
    hits = ", ".join(f"{name} {number}" for name, number in sorted(tally.hit.items()))
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("dbos", "sqlalchemy", "slack-bolt", "httpx", "aiohttp")
    )
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    versions = f"Python {platform.python_version()}, {versions}"
    when = datetime.now(UTC).date().isoformat()
    return (
        f"{_HEAD}{chr(10).join(lines)}\n\nFaults that struck: {hits}.\n\n"
        f"`{command}`, seed {tally.plan.seed}, {when}, {machine}, {versions}.\n"
    )


def _rows(tally: Tally) -> list[tuple[str, str, str]]:
    faults, heard, watch = tally.faults, tally.heard, tally.watch
    begun = sum(heard.begun.values())
    memory = [sample.memory for sample in watch.samples]
    start, end = share(memory[: len(memory) // 10], 0.5), share(memory[-len(memory) // 10 :], 0.5)
    kinds = ", ".join(f"{name} {number}" for name, number in heard.begun.items())
    flat = f"≤ {GROWTH:.0f} MB" if tally.plan.minutes >= LONG else "(too short)"
    return [
        (
            f"things begun in {tally.plan.minutes:g} minutes ({kinds})",
            f"{tally.plan.rate:g} a second",
            str(begun),
        ),
        ("operations; merged with another's", "", f"{tally.requests}; {tally.merged}"),
        ("POSTs; trunks", "", f"{tally.posts}; {tally.trunks}"),
        ("calls to Slack", "", str(tally.calls)),
        ("decided by the person on call; requests decided", "", f"{tally.asked}; {tally.decided}"),
        ("lost, silent", "0", f"{len(faults.lost)}, {len(faults.silent)}"),
        ("made twice, sent unasked", "0", f"{len(faults.twice)}, {len(faults.sent_twice)}"),
        ("posted twice unsaid, untrue", "0", f"{len(faults.said_twice)}, {len(faults.untrue)}"),
        (
            "orphans, left over, never answered",
            "0",
            f"{len(faults.orphans)}, {tally.left}, {len(tally.unanswered)}",
        ),
        ("done without a right", "0", str(len(tally.unallowed))),
        (
            "refused; the user group was away, the database was away",
            "",
            f"{heard.refused}; {tally.absences} times, {tally.outages} times",
        ),
        ("said by Slack instead of the bot", "0", str(len(heard.complaints))),
        ("ERROR lines; those of a press that could not be stored", "", f"{tally.errors}; {tally.unstored}"),
        ("resident memory after the first and in the last tenth", "", f"{start:.0f}, {end:.0f} MB"),
        ("resident memory at the end of each minute, in MB", "", ", ".join(_minutes(watch.samples))),
        ("growth a minute in the second half", flat, f"{growth(watch.samples):+.2f} MB"),
        ("processor", "", f"{100 * watch.processor:.0f} % of one core"),
        ("`/healthz` answers (the event loop's lag): p50, p99", "", _two(watch.lags)),
        ("commands answered: p50, p99", f"< {DEADLINE:.0f} ms", _two(heard.answers)),
        ("the same while the database was away", f"< {DEADLINE:.0f} ms", _two(heard.away)),
        ("modal open at Slack: p50, p99", f"< {DEADLINE:.0f} ms", _two(heard.opened)),
    ]


def _minutes(samples: Sequence[Sample]) -> list[str]:
    last = {int(sample.at // 60): sample.memory for sample in samples}
    return [f"{memory:.0f}" for _, memory in sorted(last.items())]


def _two(values: list[float]) -> str:
    return f"{share(values, 0.5):.1f}, {share(values, 0.99):.1f} ms"
