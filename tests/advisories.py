"""`python -m tests.advisories`: known vulnerabilities in what is deployed; `make check` runs it.

Exit 1 when there is one. Where the index or its advisories can not be reached, or it has none to tell of (a
mirror), that is said and is no failure: a check must not depend on somebody else's server.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

_LOCKED: Final = "requirements.txt"
_WITHIN: Final = 60  # seconds
_ASK: Final = (
    *(sys.executable, "-m", "pip_audit", "--requirement", _LOCKED, "--require-hashes", "--disable-pip"),
    *("--vulnerability-service", "pypi", "--timeout", "10", "--format", "json", "--progress-spinner", "off"),
)


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


def main() -> None:
    """Ask, and say what came of it."""
    try:
        asked = subprocess.run(_ASK, capture_output=True, text=True, timeout=_WITHIN, check=False)
        audit = read(asked.stdout)
    except subprocess.TimeoutExpired:
        audit = None
    if audit is None or not audit.looked_up:
        sys.stdout.write("Dependencies were not audited: the index does not tell of vulnerabilities here.\n")
        return
    skipped = f", {audit.skipped} are not on the index" if audit.skipped else ""
    sys.stdout.write(
        f"{audit.looked_up} dependencies were audited{skipped}: {len(audit.known)} known vulnerabilities.\n"
    )
    sys.stdout.writelines(f"  {line}\n" for line in audit.known)
    sys.exit(bool(audit.known))


if __name__ == "__main__":
    main()
