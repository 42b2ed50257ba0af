"""`python -m tests.advisories`: known vulnerabilities in what is deployed; `make check` runs it.

Exit 1 when there is one, or when the audit itself went wrong. Where the index or its advisories cannot be
reached, or it has none to tell of (a mirror), that is said and is no failure: a check must not depend on
somebody else's server.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

_LOCKED: Final = "requirements.txt"
_WITHIN: Final = 60  # seconds
_ASK: Final = (
    *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"),
    *("--vulnerability-service", "pypi", "--timeout", "10", "--format", "json", "--progress-spinner", "off"),
)
# How pip-audit ends when the index is away: two errors of its own, and requests' that it does not catch.
_AWAY: Final = re.compile(
    r"^(?:ERROR:pip_audit\._cli:(?:Could not connect to PyPI|PyPI is not redirecting properly)"
    r"|requests\.exceptions\.(?:ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|ChunkedEncodingError)\b"
    r"|requests\.exceptions\.HTTPError: (?:429|5\d\d) )",
    re.MULTILINE,
)
_UNTOLD: Final = "Dependencies were not audited: the index does not tell of vulnerabilities here.\n"


@dataclass(frozen=True, slots=True)
class Audit:
    """How many packages were looked up, how many not, and what is known about the former, a line each."""

    looked_up: int
    skipped: int
    known: tuple[str, ...]


def read(answer: str) -> Audit | None:
    """Read pip-audit's JSON; None when it is none, which is what it prints when it could not ask."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    skipped = [package for package in packages if "skip_reason" in package]
    known = tuple(
        f"{package['name']} {package['version']}: {found['id']}"
        f" (fixed in {', '.join(found['fix_versions']) or 'no version yet'})"
        for package in packages
        for found in package.get("vulns", ())
    )
    return Audit(len(packages) - len(skipped), len(skipped), known)


def judge(answer: str, errors: str, code: int) -> tuple[bool, str]:
    """Tell from pip-audit's output, errors and exit code whether this passes, and what to say."""
    audit = read(answer)
    if audit is not None and audit.looked_up and code == bool(audit.known):
        skipped = f", {audit.skipped} are not on the index" if audit.skipped else ""
        told = (
            f"{audit.looked_up} dependencies were audited{skipped}: {len(audit.known)} known vulnerabilities."
        )
        return not audit.known, "\n  ".join((told, *audit.known)) + "\n"
    nothing_known = audit is not None and audit.skipped and not audit.looked_up and code == 0
    if nothing_known or _AWAY.search(errors):
        return True, _UNTOLD
    return False, f"Dependencies were not audited: pip-audit failed (exit {code}).\n{errors or answer}"


def main(locked: str) -> None:
    """Ask about a file of locked requirements, and say what came of it."""
    try:
        asked = subprocess.run(
            (*_ASK, "--requirement", locked), capture_output=True, text=True, timeout=_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        passes, words = True, _UNTOLD
    else:
        passes, words = judge(asked.stdout, asked.stderr, asked.returncode)
    sys.stdout.write(words)
    sys.exit(not passes)


if __name__ == "__main__":
    main(*sys.argv[1:] or [_LOCKED])
