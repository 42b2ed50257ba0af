"""What pip-audit answers is read for what it is: an audit that looked nothing up is none."""

import json

import pytest

from tests.advisories import Audit, read

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
