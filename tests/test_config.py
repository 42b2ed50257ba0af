"""Settings: all problems at once, in words, and no secret in them."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config.settings import Problems, Settings, load, load_command, load_database, load_partly
from bot.config.types import audit_key
from bot.domain.policy import Members

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-secret-1",
    "SLACK_SIGNING_SECRET": "secret-2",
    "VOBIZ_AUTH_ID": "MA_1",
    "VOBIZ_AUTH_TOKEN": "secret-3",
}
# One value of each variable, as it is plain.
_SAMPLES = {
    "slack_bot_token": "xoxb-sample",
    "slack_app_token": "xapp-sample",
    "slack_signing_secret": "sample,other",
    "slack_api_url": "https://slack.example/api",
    "vobiz_auth_id": "MA_SAMPLE",
    "vobiz_auth_token": "sample-token",
    "vobiz_api_url": "https://vobiz.example",
    "vobiz_timeout": "12",
    "vobiz_settle": "45.5",
    "vobiz_tag_trunks": "true",
    "database_url": "sqlite:////data/sample.db",
    "host": "127.0.0.1",
    "port": "8080",
    "log_level": "warning",
    "log_format": "JSON",
    "trunk_audit_key": "0123456789-abcdefghijklmnopqrstuvw",
    "trunk_command": "/sample",
    "trunk_operators": "U123, S456",
    "trunk_requesters": "*",
    "trunk_approval_above": "20",
    "trunk_approval_for": "create_trunk",
    "trunk_approvals_channel": "C0SAMPLE",
    "trunk_approval_ttl": "48h",
    "trunk_break_glass": "false",
    "trunk_channels": "C0SAMPLE,C0OTHER",
    "trunk_max_calls": "77",
    "trunk_probe": "true",
    "trunk_watch_calls": "false",
    "trunk_probe_sandbox": "127.0.0.1:5300",
}
UNREADABLE = "cannot be read: write NAME=value, and close each quote"
VARIABLES = [name.upper() for name in Settings.model_fields]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with nothing of ours, in a folder without a `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def loaded(environment: pytest.MonkeyPatch, **variables: str) -> Settings | Problems:
    for name, value in (GOOD | variables).items():
        environment.setenv(name, value)
    return load()


def test_four_variables_are_enough(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment)
    assert isinstance(settings, Settings)
    assert settings.policy.operators == Members()
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:///trunk-bot.db"
    assert settings.signing_secrets == (b"secret-2",)


def test_everything_missing_is_told_at_once(environment: pytest.MonkeyPatch) -> None:
    del environment
    problems = load()
    assert isinstance(problems, Problems)
    other = ", nor is SLACK_APP_TOKEN for Socket Mode"
    assert problems.lines == tuple(
        f"{name} is not set{other if name == 'SLACK_SIGNING_SECRET' else ''}" for name in GOOD
    )


def test_with_an_app_token_no_signing_secret_is_needed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_APP_TOKEN", "xapp-secret-9")
    settings = loaded(environment, SLACK_SIGNING_SECRET="")
    assert isinstance(settings, Settings)
    assert settings.signing_secrets == ()


def test_a_wrong_app_token_is_the_only_problem_when_no_signing_secret_is_there(
    environment: pytest.MonkeyPatch,
) -> None:
    problems = loaded(environment, SLACK_SIGNING_SECRET="", SLACK_APP_TOKEN="secret")
    assert isinstance(problems, Problems)
    assert [line.partition(":")[0] for line in problems.lines] == ["SLACK_APP_TOKEN"]


def test_a_dotenv_file_is_read(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    del environment
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in GOOD.items()) + "PORT=\n")
    settings = load()
    assert isinstance(settings, Settings)
    assert settings.port == 3000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'TRUNK_APPROVAL_ABOVE="5\nPORT=1\n',
            f".env, line 1 {UNREADABLE}",
        ),
        (
            "PORT=1\nTRUNK_APPROVAL_ABOVE: 5\n",
            f".env, line 2 {UNREADABLE}",
        ),
        ("TRUNK_BREAK_GLASS\n", ".env, line 1: TRUNK_BREAK_GLASS has no = and no value"),
        ("TRUNK_APPROVAL_ABVOE=5\n", "TRUNK_APPROVAL_ABVOE is no setting: is TRUNK_APPROVAL_ABOVE meant?"),
        (
            "\u200bTRUNK_OPERATORS=U1\n",
            "TRUNK_OPERATORS has a character before or after its name that cannot be seen: type it again",
        ),
        (
            "TRUNK_OPERATORS=U123\nTRUNK_OPERATORS=U456\n",
            "TRUNK_OPERATORS stands in .env twice, with different values",
        ),
        ("PORT=1\n".encode("utf-16-le").decode(), ".env is not UTF-8: save it as that"),
    ],
)
def test_a_rule_that_would_be_passed_over_is_told(
    environment: pytest.MonkeyPatch, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / ".env").write_text(text)
    problems = loaded(environment)
    assert isinstance(problems, Problems)
    assert problems.lines == (told,)
    assert load_partly().problems == (told,)


def test_names_of_others_are_left_alone(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    others = "POSTGRES_PASSWORD='x\nif true; then\nTRUNK_OPERATORS=\nTRUNK_OPERATORS=U123\n"
    (tmp_path / ".env").write_text(others)
    for name in (
        "TRUNK_SERVICE_HOST",
        "TRUNK_PORT",
        "DATABASE_URL_2",
        "DATABASE_URL3",
        "HOSTS",
        "LOGLEVEL",
        "VOBIZ_API_TOKEN",
        "DATABASE_URI",  # as some hosts give it beside DATABASE_URL
    ):
        environment.setenv(name, "x")
    environment.setenv("DATABASE_URL", "sqlite:///mine.db")
    settings = loaded(environment)
    assert isinstance(settings, Settings)
    assert settings.trunk_operators.users == {"U123"}


def test_a_misspelt_name_in_the_environment_is_told_and_the_rest_is_read(
    environment: pytest.MonkeyPatch,
) -> None:
    problems = loaded(environment, TRUNK_OPERATOR="U123", PORT="x", DATABASE_URI="postgres://u:secret@h/d")
    assert isinstance(problems, Problems)
    assert problems.lines == (
        "DATABASE_URI is no setting: is DATABASE_URL meant?",
        "TRUNK_OPERATOR is no setting: is TRUNK_OPERATORS meant?",
        "PORT: must be a whole number",
    )
    assert load_partly().wrong == {"database_url", "trunk_operators", "port"}
    assert load_database() == Problems(problems.lines[:1], frozenset({"database_url"}))


@pytest.mark.parametrize("read", [load, load_database, load_command])
def test_a_dotenv_file_in_another_encoding_is_a_problem_of_its_own(
    environment: pytest.MonkeyPatch, tmp_path: Path, read: Callable[[], object]
) -> None:
    del environment
    (tmp_path / ".env").write_bytes("# für den Bot\nPORT=1\nVOBIZ_AUTH_TOKEN=secret-3".encode("latin-1"))
    assert read() == Problems((".env is not UTF-8 (byte 4): save it as that",))


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("SLACK_BOT_TOKEN", "xapp-secret-1", "xoxb-"),
        ("SLACK_SIGNING_SECRET", "secret-a,secret-b,secret-c", "two"),
        ("SLACK_SIGNING_SECRET", " , ", "one"),
        ("SLACK_APP_TOKEN", "xoxb-secret-9", "xapp-"),
        ("SLACK_API_URL", "slack.com", "address"),
        ("SLACK_API_URL", "http://[::1", "address"),
        ("SLACK_API_URL", "http://localhost:99999", "address"),
        ("SLACK_API_URL", "https://slack..com", "address"),
        ("VOBIZ_API_URL", "https://secret:secret@vobiz.example", "address"),
        ("VOBIZ_AUTH_ID", "MA 1/../x", "letters"),
        ("VOBIZ_AUTH_TOKEN", "secret-3\u00e9", "ASCII"),
        ("VOBIZ_TIMEOUT", "0", "greater than 0"),
        ("TRUNK_PROBE", "maybe", "true or false"),
        ("TRUNK_PROBE_SANDBOX", "10.0.0.1:5300", "loopback"),
        ("TRUNK_PROBE_SANDBOX", "localhost:5300", "loopback"),
        ("TRUNK_PROBE_SANDBOX", "127.0.0.1", "loopback"),
        ("TRUNK_PROBE_SANDBOX", "127.0.0.1:0", "loopback"),
        ("VOBIZ_TIMEOUT", "soon", "number"),
        ("DATABASE_URL", "mysql://u:secret-4@h/d", "postgres://"),
        ("DATABASE_URL", "postgres://u:secret@secret@127.0.0.1:1/db", "%40"),
        ("DATABASE_URL", "postgres://u:secret@sec/secret@127.0.0.1/db", "%40"),
        ("DATABASE_URL", "postgres://u:secret@sec?secret@127.0.0.1/db", "%40"),
        ("DATABASE_URL", "sqlite:///:memory:", "file"),
        ("DATABASE_URL", "sqlite://:memory:", "file"),
        ("DATABASE_URL", "sqlite://trunk.db", "three slashes"),
        ("DATABASE_URL", "sqlite:////data/what?.db", "?"),
        ("DATABASE_URL", "sqlite:///~/trunk.db", "whole path"),
        ("DATABASE_URL", "sqlite:///file:x?mode=memory&uri=true", "file"),
        ("TRUNK_AUDIT_KEY", "secret-0123456789-abcdefghijklm", "32 random characters or more"),
        ("TRUNK_AUDIT_KEY", "secret-secret-secret-secret-secret-", "openssl rand -hex 32"),
        ("TRUNK_AUDIT_KEY", "secret0123456789" * 3, "openssl rand -hex 32"),
        ("TRUNK_AUDIT_KEY", "secret 0123456789 abcdefghijklmnop", "openssl rand -hex 32"),
        ("TRUNK_AUDIT_KEY", ",".join(["secret-0123456789-abcdefghijklmn"] * 2), "the old one"),
        ("TRUNK_AUDIT_KEY", " , ", "one key"),
        ("PORT", "70000", "65535"),
        ("LOG_LEVEL", "LOUD", "INFO"),
        ("TRUNK_COMMAND", "trunk", "start with /"),
        ("TRUNK_OPERATORS", "U123,@asha", "@asha"),
        ("TRUNK_CHANNELS", "#voice", "#voice"),
        ("TRUNK_MAX_CALLS", "0", "greater than or equal to 1"),
    ],
)
def test_a_problem_names_its_variable_and_shows_no_secret(
    environment: pytest.MonkeyPatch, variable: str, value: str, word: str
) -> None:
    problems = loaded(environment, **{variable: value})
    assert isinstance(problems, Problems)
    assert len(problems.lines) == 1
    assert variable in problems.lines[0]
    assert word in problems.lines[0]
    assert "secret" not in problems.lines[0].replace("one secret", "")


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d?sslmode=require", "postgresql+psycopg://u:p@h/d?sslmode=require"),
        ("postgres://u%40srv:p%40q@h/d", "postgresql+psycopg://u%40srv:p%40q@h/d"),
        ("sqlite:////data/t.db", "sqlite+aiosqlite:////data/t.db"),
    ],
)
def test_database_urls_as_hosts_write_them(environment: pytest.MonkeyPatch, url: str, read: str) -> None:
    settings = loaded(environment, DATABASE_URL=url)
    assert isinstance(settings, Settings)
    assert settings.database_url.get_secret_value() == read


_ZWSP, _NBSP, _BOM = "\u200b", "\u00a0", "\ufeff"


_AROUND = (
    "{}\n",  # a mounted secret
    "{}\r\n",
    "  {}\t",
    _BOM + "{}",
    _NBSP + "{}" + _ZWSP,
    '"{}"',  # an env file that no shell reads
    "'{} '\n",
    "\u201c{}\u201d",
)


@pytest.mark.parametrize("field", sorted(_SAMPLES))
def test_what_stands_around_a_value_is_taken_off(environment: pytest.MonkeyPatch, field: str) -> None:
    plain = loaded(environment, **{field.upper(): _SAMPLES[field]})
    assert isinstance(plain, Settings)
    for around in _AROUND:
        assert loaded(environment, **{field.upper(): around.format(_SAMPLES[field])}) == plain


def test_there_is_a_sample_of_each_variable() -> None:
    assert set(_SAMPLES) == set(Settings.model_fields)


_NO_VALUE = {
    "{0}\n{0}": "cannot be seen",
    "{0}" + _ZWSP + "{0}": "cannot be seen",
    "{0}\x07{0}": "cannot be seen",
    "{0}" + _NBSP + "{0}": "no plain one",
    "{1}={0}": "holds its own name as well",
    "export {1}={0}": "holds its own name as well",
    "VOBIZ_AUTH_ID={0}": "VOBIZ_AUTH_ID",
    "SLACK_APP_TOKEN": "the name of a value, and not the value",
    "${{{1}}}": "the name of a value, and not the value",
    "<your value>": "the name of a value, and not the value",
}


@pytest.mark.parametrize("field", sorted(_SAMPLES))
def test_what_is_no_value_is_refused_for_each_variable(environment: pytest.MonkeyPatch, field: str) -> None:
    for value, words in _NO_VALUE.items():
        problems = loaded(environment, **{field.upper(): value.format("Sample", field.upper())})
        assert isinstance(problems, Problems), value
        (line,) = problems.lines
        assert line.startswith(f"{field.upper()}: ")
        assert words in line or "its own name" in line
        assert "Sample" not in line


@pytest.mark.parametrize(
    "field",
    [
        "slack_bot_token",
        "slack_app_token",
        "slack_signing_secret",
        "vobiz_auth_token",
        "vobiz_auth_id",
        "port",
    ],
)
def test_a_comment_behind_a_value_is_no_part_of_it(environment: pytest.MonkeyPatch, field: str) -> None:
    problems = loaded(environment, **{field.upper(): f"{_SAMPLES[field]} # of production"})
    assert isinstance(problems, Problems)
    assert [line.partition(":")[0] for line in problems.lines] == [field.upper()]
    assert "production" not in problems.lines[0]


@pytest.mark.parametrize("empty", ["", " ", "\n", '""', _BOM, _ZWSP + "' '"])
def test_a_variable_that_holds_nothing_is_not_set(environment: pytest.MonkeyPatch, empty: str) -> None:
    settings = loaded(environment, **dict.fromkeys(set(VARIABLES) - set(GOOD), empty))
    assert settings == loaded(environment, **dict.fromkeys(set(VARIABLES) - set(GOOD), ""))
    problems = loaded(environment, **dict.fromkeys(GOOD, empty))
    assert isinstance(problems, Problems)
    assert [line.split()[0] for line in problems.lines] == list(GOOD)
    assert all("is not set" in line for line in problems.lines)


@pytest.mark.parametrize("read", [load, load_database, load_command])
def test_a_dotenv_file_may_begin_with_a_byte_order_mark_and_end_its_lines_as_windows_does(
    environment: pytest.MonkeyPatch, tmp_path: Path, read: Callable[[], object]
) -> None:
    lines = [
        "DATABASE_URL=sqlite:///first.db",
        'TRUNK_COMMAND="/lines"  # ours',
        *map("=".join, GOOD.items()),
    ]
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    del environment
    found = read()
    assert not isinstance(found, Problems)
    assert getattr(found, "trunk_command", "/lines") == "/lines"
    assert "first.db" in getattr(found, "database_url", SecretStr("first.db")).get_secret_value()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VOBIZ_AUTH_TOKEN", "xoxb-1-secret"),
        ("SLACK_SIGNING_SECRET", "xoxb-1-secret"),
        ("SLACK_SIGNING_SECRET", "good,xapp-1-secret"),
        ("SLACK_BOT_TOKEN", "xapp-1-secret"),
        ("TRUNK_OPERATORS", "xoxb-1-secret"),
        ("TRUNK_OPERATORS", "U1AB,8f742231b10e8888abcd99yyyzzz85a5"),
        ("TRUNK_CHANNELS", "0123456789abcdef0123"),
        ("TRUNK_APPROVALS_CHANNEL", "xoxb-1-secret"),
        ("TRUNK_APPROVAL_FOR", "xoxb-1-secret"),
        ("DATABASE_URL", "xoxb-1-secret"),
        ("HOST", "xoxb-1-secret"),
        ("LOG_LEVEL", "xoxb-1-secret"),
    ],
)
def test_a_secret_in_the_wrong_variable_is_refused_and_not_shown(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    problems = loaded(environment, **{variable: value})
    assert isinstance(problems, Problems)
    (line,) = problems.lines
    assert line.startswith(f"{variable}: ")
    assert not any(part in line for part in ("1-secret", "8f742231", "0123456789"))


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("", ""),
        ("::", ""),
        ("[::]", ""),
        ("[::1]", "::1"),
        ("0.0.0.0", "0.0.0.0"),
        ("localhost", "localhost"),
    ],
)
def test_hosts_as_people_write_them(environment: pytest.MonkeyPatch, value: str, host: str) -> None:
    settings = loaded(environment, HOST=value)
    assert isinstance(settings, Settings)
    assert settings.host == host


def test_operators_are_people_groups_or_everyone(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment, TRUNK_OPERATORS=" U123, W456 ,S789,* ", TRUNK_CHANNELS="C1AB,G2AB")
    assert isinstance(settings, Settings)
    assert settings.policy.operators == Members(
        frozenset({"U123", "W456"}), frozenset({"S789"}), everyone=True
    )
    assert settings.policy.channels == {"C1AB", "G2AB"}


def test_the_record_has_one_key_or_two_while_it_is_rotated(environment: pytest.MonkeyPatch) -> None:
    keys = [f"{letter}-0123456789-abcdefghijklmnopqrst" for letter in "ab"]
    for given in (keys[:1], keys):
        settings = loaded(environment, TRUNK_AUDIT_KEY=" , ".join(given) + "\n")
        assert isinstance(settings, Settings)
        assert settings.audit_keys == tuple(key.encode() for key in given)
    assert loaded(environment, TRUNK_AUDIT_KEY="").audit_keys == ()  # type: ignore[union-attr]  # it is right
    for _ in range(1000):
        audit_key(SecretStr(secrets.token_hex(32)))
        audit_key(SecretStr(secrets.token_urlsafe(32)))


def test_settings_show_no_secret(environment: pytest.MonkeyPatch) -> None:
    assert "secret" not in repr(loaded(environment)).replace("slack_signing_secret", "")


def test_every_variable_is_explained_in_the_example_and_the_manual() -> None:
    root = Path(__file__).parent.parent
    for document in (".env.example", "docs/configuration.md"):
        text = (root / document).read_text()
        missing = [name for name in VARIABLES if name not in text]
        assert missing == [], document


def test_kinds_that_always_need_a_second_person(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment, TRUNK_APPROVAL_FOR=" create_trunk, delete_trunk,")
    assert isinstance(settings, Settings)
    assert settings.policy.approval_for == {"create_trunk", "delete_trunk"}
