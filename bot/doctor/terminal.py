"""`python -m bot doctor`: each check is one line; exit 1 when one failed."""

import asyncio
import json
import sys
from collections.abc import Iterable
from types import MappingProxyType
from typing import Annotated, Final

import typer

from bot.config.settings import load_partly
from bot.domain.check import Check, Verdict, failed
from bot.runtime.log import configure

_WORDS: Final = MappingProxyType(
    {
        Verdict.FAILURE: "FAILED",
        Verdict.WARNING: "warning",
        Verdict.UNKNOWN: "unknown",
        Verdict.OK: "ok",
    }
)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Check configuration, database, Slack, clock, Vobiz and policy. Exit 1: something failed."""
    from bot.doctor.examination import examine  # noqa: PLC0415
    from bot.doctor.machine import address_checks  # noqa: PLC0415
    from bot.runtime.clock import SystemClock  # noqa: PLC0415 - serving loads these in its own order

    configure("CRITICAL", None)  # the lines say all there is to say
    known = load_partly()
    checks = asyncio.run(examine(known, SystemClock()))
    if not known.wrong & {"host", "port"}:
        checks += address_checks(known.settings.host, known.settings.port)
    sys.stdout.write(as_json_text(checks) if as_json else as_lines(checks))
    if failed(checks):
        raise typer.Exit(1)


def as_lines(checks: Iterable[Check]) -> str:
    """Write each check as a line: how it stands, what, what is true, what to do."""
    return "".join(
        f"{_WORDS[check.verdict]:<8} {check.name}: {check.found}{f' -> {check.todo}' if check.todo else ''}\n"
        for check in checks
    )


def as_json_text(checks: tuple[Check, ...]) -> str:
    """Write the checks as one JSON object: `ok`, and `checks` with `name`, `verdict`, `found`, `todo`."""
    rows = [
        {"name": check.name, "verdict": check.verdict.value, "found": check.found, "todo": check.todo}
        for check in checks
    ]
    return json.dumps({"ok": not failed(checks), "checks": rows}, indent=2) + "\n"
