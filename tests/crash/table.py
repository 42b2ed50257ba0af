"""The table of the crash test, and the page that keeps the newest row of each variant."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.crash.rig import Tally

_HEAD: Final = (
    "variant",
    "kills",
    "requests",
    "merged",
    "POSTs",
    "trunks",
    "changes",
    "their steps",
    "made twice",
    "sent unasked",
    "lost",
    "silent",
    "posted twice unsaid",
    "untrue",
    "orphans",
    "secrets found",
    "done without a right",
    "refusals",
    "group away",
    "database away",
    "repeats said so",
    "human asked",
    "killed while sending",
    "takeovers",
    "left over",
    "ERROR lines",
    "seconds",
)
_RUNS: Final = ("variant", "command", "seed", "date", "versions")
_PACKAGES: Final = ("dbos", "sqlalchemy", "slack-bolt", "httpx")

_INTRODUCTION: Final = """\
# The crash test

The bot is killed (`kill -9`) after 0 to 4 seconds of life, again and again, and restarted at once, while
people order trunks: 40 % click three times at once and click until they are answered, 20 % ask for what
somebody else asked for just before. Half of the creates go wrong at Vobiz, some of Slack's calls too; shares
and delays are in `tests/crash/plan.py`. A person on call answers the bot's questions by what the account
really shows. A quarter of the requests take a second person, who denies a quarter
of them. Beside them four people change trunks of their own; of those changes every step is counted. The count
is made at the sandbox, which is never killed and knows what the bot does not. `make crash` runs it.

Four people, one of them of another workspace of the organisation, have their right by a user group only. It
is away again and again: deleted, disabled, not to be read any more, or Slack answers an error. Two people who
never have a right type and press the same buttons: a guest of another company, whom the settings name all the
same, and somebody of the organisation whom they do not. The database is away for 1 to 4 seconds, again and
again, and once more after the last kill: SQLite's file is locked; Postgres hangs, or dies and is started.

- **made twice**: more trunks of a name, or records, than requests that may have one. **Sent unasked**: more
  POSTs, or a step of a change more often, than confirmations and decisions to send again; a step that nobody
  confirmed, or that was begun before the one before it.
- **lost**: accepted, and in the end neither a message nor `/trunk status` says how it ended. **Silent**: no
  message says it.
- **posted twice unsaid**: a second final message that does not say that it may be a repeat.
- **untrue**: a message or modal that named a wrong trunk, or said that nothing was created beside a trunk, or
  differed from `/trunk status`; or a message that the bot can edit and that still said, at
  the end, that a request was open.
- **orphans**: trunks that no message names. **Secrets found**: places (logs, database, messages, calls)
  with a password that Vobiz was given. **Left over**: operations and workflows not at their end.
- **done without a right**: what the record or Vobiz has of somebody who had none, where every process that
  was alive began when the group was away already, or the time was over for which [policy.md](policy.md) keeps
  what was read; what was carried out although its requester was told that they may not; forms that were shown
  to those who never have a right. **Refusals**: answers that somebody has no right.
- **killed while sending**: operations whose process died between the written intent and the recorded outcome.
  **Takeovers**: workflows that another process continued, and operations that the sweep picked up.

The control is a bot as tutorials write it (answer first, a task in memory, two more tries): the rig can fail.

"""


def row(tally: Tally) -> str:
    """Write one row."""
    faults = tally.faults
    changes = tally.changes
    lists = (
        faults.twice + changes.twice,
        faults.sent_twice + changes.sent_twice + changes.unasked,
        faults.lost + changes.lost,
        faults.silent + changes.silent,
        faults.said_twice,
        faults.untrue + changes.untrue,
    )
    values = (
        tally.plan.label,
        tally.kills,
        tally.requests,
        tally.merged,
        tally.posts,
        tally.trunks,
        changes.made,
        changes.steps,
        *(len(cases) for cases in lists),
        len(faults.orphans),
        len(tally.secrets),
        len(tally.unallowed),
        tally.refusals,
        tally.absences,
        tally.outages,
        tally.repeats,
        tally.asked,
        tally.interrupted,
        tally.takeovers,
        tally.left + tally.workflows,
        tally.errors,
        round(tally.seconds),
    )
    return _line([str(value) for value in values])


def table(tallies: Sequence[Tally]) -> str:
    """Write the table of some runs."""
    return "\n".join([_line(_HEAD), _rule(_HEAD), *(row(tally) for tally in tallies)]) + "\n"


def write(page: Path, tally: Tally, command: str) -> None:
    """Put a run's row into the page, in place of the same variant's."""
    before = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    versions = f"Python {platform.python_version()}, {versions}"
    today = datetime.now(UTC).date().isoformat()
    run = _line((tally.plan.label, f"`{command}`", str(tally.plan.seed), today, versions))
    counts = _kept(before, len(_HEAD), row(tally))
    runs = _kept(before, len(_RUNS), run)
    tables = [[_line(_HEAD), _rule(_HEAD), *counts], [_line(_RUNS), _rule(_RUNS), *runs]]
    text = "\n\n".join("\n".join(lines) for lines in tables)
    page.write_text(f"{_INTRODUCTION}{text}\n", encoding="utf-8")


def _kept(lines: Sequence[str], columns: int, new: str) -> list[str]:
    rows = {line.split("|")[1]: line for line in lines if line.count("|") == columns + 1}
    rows = {variant: line for variant, line in rows.items() if variant.strip() not in {"variant", "---"}}
    return list((rows | {new.split("|")[1]: new}).values())


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(cells: Sequence[str]) -> str:
    return _line(["---"] * len(cells))
