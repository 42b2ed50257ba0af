"""`python -m bot audit`, as an auditor types it: it proves, names the first break, and exports."""

import csv
import hashlib
import hmac
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.audit.export import harmless
from bot.domain.records import Entry
from bot.store.chain import GENESIS
from bot.store.keys import key_id
from bot.store.ledger import Ledger
from tests.conftest import TurnedClock
from tests.test_tampering import unlocked

ROOT = Path(__file__).parent.parent
FEB, MARCH = (datetime(2026, month, 1, tzinfo=UTC).timestamp() for month in (2, 3))

Audit = Callable[..., Result]


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Run the command with DATABASE_URL in its environment, and TRUNK_AUDIT_KEY if given.

    In this process, where it costs a hundredth of one of its own; in a thread, as a loop runs in this one.
    """
    monkeypatch.chdir(tmp_path)

    def run(url: str, *arguments: str, key: str = "") -> Result:
        environment = {"DATABASE_URL": url, "COLUMNS": "200", "TRUNK_AUDIT_KEY": key}
        with ThreadPoolExecutor(1) as other:
            runner = CliRunner(env=environment)
            return other.submit(runner.invoke, cli, ["audit", *arguments], catch_exceptions=False).result()

    return run


@pytest.fixture
async def url(database: AsyncEngine, clock: TurnedClock) -> str:
    """A record with events in January, February and March."""
    ledger = Ledger(database, clock)
    for number, now in enumerate((FEB - 0.001, FEB, MARCH - 0.001, MARCH)):
        clock.time = now
        await ledger.note("a" * 32, Entry("bot", f"kind_{number}", {"words": '=1+1, "x"\n<y>'}))
    await ledger.refused("=HYPERLINK()", "create", "not_operator", "C1")
    plain = database.url.set(drivername=database.url.get_backend_name())
    return plain.render_as_string(hide_password=False)


async def test_a_whole_record_is_proven_with_its_count_and_head(
    audit: Audit, url: str, database: AsyncEngine
) -> None:
    done = audit(url, "verify")
    async with database.connect() as connection:
        head = (
            (await connection.execute(sa.text("SELECT hash FROM events ORDER BY id DESC"))).scalars().first()
        )
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"The record is whole: 5 events, head {head}"
    assert audit(url, "verify", "--head", str(head)).exit_code == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_that_is_kept_as_evidence_stays_as_it_is(audit: Audit, url: str, tmp_path: Path) -> None:
    if not url.startswith("sqlite"):
        return
    (tmp_path / "kept %").mkdir()
    copy = tmp_path / "kept %" / "copy #1.db"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        database.execute("VACUUM INTO ?", [str(copy)])
    copy.chmod(0o400)
    copy.parent.chmod(0o500)
    before = copy.read_bytes()
    done = audit(f"sqlite:///{copy}", "verify")
    assert done.stdout.startswith("The record is whole: 5 events, head ")
    assert audit(f"sqlite:///{copy}", "export", "--since", "2026-01-01").exit_code == 0
    assert (list(copy.parent.iterdir()), copy.read_bytes()) == ([copy], before)


def test_it_needs_nothing_else_in_its_environment(url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "audit", "verify"],
        cwd=tmp_path,
        env={"DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The record is whole: 5 events, head ")


async def test_each_break_is_named(audit: Audit, url: str, database: AsyncEngine) -> None:
    await unlocked(database, "UPDATE events SET actor = 'U2' WHERE id IN (2, 4)")
    done = audit(url, "verify")
    assert (done.exit_code, done.stdout) == (1, "")
    first, expected, found, second, *_, last = done.stderr.splitlines()
    assert first.startswith(
        f"The record is broken at event 2 (kind_1, of operation {'a' * 32}). It does not fit"
    )
    assert (expected[:11], found[:11]) == ("  expected ", "  found    ")
    assert second.startswith("The record is broken at event 4 (kind_3,")
    assert last.startswith("The database does not refuse to change events any more")


async def test_a_key_is_taken_from_the_settings_and_another_takes_its_place_when_it_is_lost(
    audit: Audit, url: str
) -> None:
    first, second = "0123456789abcdef" * 4, "fedcba9876543210" * 2 + "0" * 32
    without = audit(url, "rekey")
    assert (without.exit_code, "Set TRUNK_AUDIT_KEY" in without.stderr) == (2, True)
    assert audit(url, "verify", key=second).exit_code == 1
    done = audit(url, "rekey", key=second)
    assert done.stdout == f"The record goes on with the key {key_id(second.encode())}.\n"
    whole = audit(url, "verify", key=second)
    assert (whole.exit_code, whole.stderr) == (0, "")
    assert "Its first 5 events are not sealed" in whole.stdout
    weak = audit(url, "verify", key=first)
    assert (weak.exit_code, first in weak.stderr) == (2, False)
    assert "TRUNK_AUDIT_KEY: must be 32 random characters or more" in weak.stderr
    unchecked = audit(url, "verify")
    assert unchecked.exit_code == 2
    assert "The record's 6 events fit together" in unchecked.stderr


async def test_a_head_that_was_never_there_is_not_said_to_be_cut_off(audit: Audit, url: str) -> None:
    head = audit(url, "verify").stdout.splitlines()[0].split()[-1]
    assert audit(url, "verify", "--head", f" {head.upper()} ").exit_code == 0
    foreign = audit(url, "verify", "--head", "f" * 64)
    assert foreign.exit_code == 1
    assert f"None of the 5 events has the hash {'f' * 64}" in foreign.stderr
    assert "or it is the head of another record" in foreign.stderr
    mistyped = audit(url, "verify", "--head", head[:-1])
    assert mistyped.exit_code == 2
    assert "64 hex digits" in mistyped.stderr
    assert "cut off" not in mistyped.stderr


async def test_csv_holds_the_events_of_a_time_and_no_formula(audit: Audit, url: str) -> None:
    done = audit(url, "export", "--since", "2026-02-01", "--until", "2026-03-01", "--format", "csv")
    assert done.exit_code == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["kind"] for row in rows] == ["kind_1", "kind_2"]
    assert rows[0]["at"] == "2026-02-01T00:00:00.000+00:00"
    assert json.loads(rows[0]["evidence"]) == {"words": '=1+1, "x"\n<y>'}
    everything = audit(url, "export", "--since", "2026-01-01")
    actors = [row["actor"] for row in csv.DictReader(io.StringIO(everything.stdout))]
    assert actors == ["bot"] * 4 + ["'=HYPERLINK()"]


async def test_an_export_proves_itself_to_who_has_only_hash_and_key(audit: Audit, url: str) -> None:
    key = "0123456789abcdef" * 3 + "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    audit(url, "rekey", key=key)
    done = audit(url, "export", "--since", "2026-01-01", "--format", "jsonl")
    head, sealed = GENESIS, 0
    for line in done.stdout.splitlines():
        event = json.loads(line)
        assert hashlib.sha256(event["said"].encode()).hexdigest() == event["hash"]
        said = json.loads(event["said"])
        assert said["previous"] == event["previous"] == head
        at = round(datetime.fromisoformat(event["at"]).timestamp() * 1000)
        assert (said["at"], said["actor"], said["kind"]) == (at, event["actor"], event["kind"])
        assert json.loads(said["evidence"]) == event["evidence"]
        head = event["hash"]
        if event["key"] is not None:
            text = f"{event['key']}:{event['hash']}".encode()
            assert hmac.new(key.encode(), text, "sha256").hexdigest() == event["seal"]
            sealed += 1
    assert sealed == 1
    assert head in audit(url, "verify", key=key).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "yesterday"], "'yesterday' is not a date such as 2026-01-01"),
        (["--since", "2026-02-30"], "'2026-02-30' is not a date"),
        (["--since", "2026-01-01", "--until", "=1"], "'=1' is not a date"),
        (["--since", "2026-02-01", "--until", "2026-02-01"], "is not after"),
        (["--since", "2026-01-01", "--format", "xml"], "xml"),
        ([], "--since"),
    ],
    ids=["word", "no such day", "until", "nothing between", "format", "no date"],
)
def test_a_wrong_option_is_said_and_exits_2(audit: Audit, arguments: list[str], words: str) -> None:
    done = audit("sqlite:///none.db", "export", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("mysql://x/y", 2, "DATABASE_URL: must be sqlite:///file.db"),
        ("sqlite:///none.db", 2, "no database file none.db"),
        ("sqlite:////dev", 2, "no database file /dev"),
        ("postgres://u:secret@127.0.0.1:1/x", 2, "cannot be used"),
    ],
    ids=["kind", "no file", "a folder", "no server"],
)
def test_a_database_that_is_none_is_said(
    audit: Audit, tmp_path: Path, url: str, code: int, words: str
) -> None:
    done = audit(url, "verify")
    assert done.exit_code == code
    assert words in done.stderr
    assert "secret" not in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_an_empty_database_is_said_to_need_a_start(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    done = audit("sqlite:///empty.db", "verify")
    assert done.exit_code == 2
    assert "start the bot" in done.stderr


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_formula_becomes_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Sales", "a=1", "{}", "1-1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
