"""What pip-audit answers is read for what it is: an audit that looked nothing up is none."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.advisories import Audit, judge, read

ROOT: Final = Path(__file__).parent.parent
CLEAN = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI"}
BROKEN = {
    "name": "c",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"], "description": "x"}],
}


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        ([], Audit(0, 0, ())),
        ([SKIPPED], Audit(0, 1, ())),
        ([CLEAN, SKIPPED], Audit(1, 1, ())),
        ([CLEAN, BROKEN], Audit(2, 0, ("c 2: PYSEC-1 (fixed in 3)",))),
    ],
    ids=["nothing", "a mirror", "clean", "a vulnerability"],
)
def test_an_answer_is_read(packages: list[object], expected: Audit) -> None:
    assert read(json.dumps({"dependencies": packages, "fixes": []})) == expected


@pytest.mark.parametrize("answer", ["", "Traceback", "[]", "{}"])
def test_no_answer_is_no_audit(answer: str) -> None:
    assert read(answer) is None


def packages(*found: object) -> str:
    return json.dumps({"dependencies": found, "fixes": []})


@pytest.mark.parametrize(
    ("answer", "errors", "code", "passes", "words"),
    [
        (
            packages(CLEAN, SKIPPED),
            "",
            0,
            True,
            "1 dependencies were audited, 1 are not on the index: 0 known",
        ),
        (packages(CLEAN, BROKEN), "Found 1 known", 1, False, "\n  c 2: PYSEC-1 (fixed in 3)\n"),
        (packages(SKIPPED), "", 0, True, "not audited: the index does not tell"),
        ("", "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed", 1, True, "does not tell"),
        ("", "Traceback\nrequests.exceptions.ProxyError: HTTPSConnectionPool", 1, True, "does not tell"),
        ("", "requests.exceptions.HTTPError: 503 Server Error: x\n\nServiceError", 1, True, "does not tell"),
        (
            "",
            "requests.exceptions.HTTPError: 401 Client Error: x\n\nServiceError",
            1,
            False,
            "401 Client Error",
        ),
        (packages(), "No known vulnerabilities found", 0, False, "No known vulnerabilities found"),
        (packages(CLEAN), "fell over later", 1, False, "fell over later"),
        ("", "ERROR:pip_audit._cli:requirement a==1 does not contain a hash", 1, False, "contain a hash"),
        ("", "No module named pip_audit", 1, False, "No module named pip_audit"),
    ],
    ids=[
        *(
            "clean",
            "a vulnerability",
            "a mirror",
            "no connection",
            "no proxy",
            "the index is broken",
            "no right",
        ),
        *("nothing to audit", "an odd end", "no hash", "no pip-audit"),
    ],
)
def test_only_an_index_that_is_away_or_knows_nothing_is_no_failure(
    *, answer: str, errors: str, code: int, passes: bool, words: str
) -> None:
    passed, told = judge(answer, errors, code)
    assert passed is passes
    assert words in told


@pytest.mark.parametrize(
    ("text", "why"), [(None, "invalid requirements input"), ("no ][ requirement\n", "invalid specifier")]
)
def test_a_file_that_can_not_be_read_fails_and_says_why(tmp_path: Path, text: str | None, why: str) -> None:
    locked = tmp_path / "locked.txt"
    if text is not None:
        locked.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "tests.advisories", str(locked)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert why in done.stdout
