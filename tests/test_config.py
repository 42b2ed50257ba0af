"""Settings: all problems at once, in words, and no secret in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config.settings import Problems, Settings, load, load_command, load_database
from bot.domain.policy import Members

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-secret-1",
    "SLACK_SIGNING_SECRET": "secret-2",
    "VOBIZ_AUTH_ID": "MA_1",
    "VOBIZ_AUTH_TOKEN": "secret-3",
}
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
        ("VOBIZ_AUTH_ID", "MA 1/../x", "letters"),
        ("VOBIZ_AUTH_TOKEN", "secret-3\u00e9", "ASCII"),
        ("VOBIZ_TIMEOUT", "0", "greater than 0"),
        ("VOBIZ_TIMEOUT", "soon", "number"),
        ("DATABASE_URL", "mysql://u:secret-4@h/d", "postgres://"),
        ("DATABASE_URL", "postgres://u:secret@secret@127.0.0.1:1/db", "%40"),
        ("DATABASE_URL", "postgres://u:secret@sec/secret@127.0.0.1/db", "%40"),
        ("DATABASE_URL", "postgres://u:secret@sec?secret@127.0.0.1/db", "%40"),
        ("DATABASE_URL", "sqlite:///:memory:", "file"),
        ("DATABASE_URL", "sqlite://:memory:", "file"),
        ("DATABASE_URL", "sqlite:///file:x?mode=memory&uri=true", "file"),
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


def test_operators_are_people_groups_or_everyone(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment, TRUNK_OPERATORS=" U123, W456 ,S789,* ", TRUNK_CHANNELS="C1AB,G2AB")
    assert isinstance(settings, Settings)
    assert settings.policy.operators == Members(
        frozenset({"U123", "W456"}), frozenset({"S789"}), everyone=True
    )
    assert settings.policy.channels == {"C1AB", "G2AB"}


def test_settings_show_no_secret(environment: pytest.MonkeyPatch) -> None:
    assert "secret" not in repr(loaded(environment)).replace("slack_signing_secret", "")


def test_every_variable_is_explained_in_the_example_and_the_readme() -> None:
    root = Path(__file__).parent.parent
    for document in (".env.example", "README.md"):
        text = (root / document).read_text()
        missing = [name for name in VARIABLES if name not in text]
        assert missing == [], document


def test_kinds_that_always_need_a_second_person(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment, TRUNK_APPROVAL_FOR=" create_trunk, delete_trunk,")
    assert isinstance(settings, Settings)
    assert settings.policy.approval_for == {"create_trunk", "delete_trunk"}
