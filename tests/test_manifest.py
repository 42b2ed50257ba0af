"""`python -m bot manifest`: what Slack's schema takes, for HTTP and Socket Mode."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml

from bot.server.front_door import PATH
from bot.slack.manifest import EVENTS_PATH, PLACEHOLDER, Manifest, as_yaml, manifest, request_url

ROOT: Final = Path(__file__).parent.parent
LONG: Final = "https://trunk.example.com:8443/slack/events"

Rule = Callable[[object], bool]
Shape = Mapping[str, object]


def text(least: int, most: int, pattern: str = r"(?s).*") -> Rule:
    return lambda value: (
        isinstance(value, str) and least <= len(value) <= most and re.fullmatch(pattern, value) is not None
    )


def flag(value: object) -> bool:
    return isinstance(value, bool)


def whole(value: object) -> bool:
    return isinstance(value, int)


URL: Final = r"https://\S+"
# The part of the schema that we use; `?` marks what may be absent. Nothing else is allowed anywhere:
# most objects of it have `additionalProperties: false` (slackapi/manifest-schema, 2.0.0).
SCHEMA: Final[Shape] = {
    "_metadata": {"major_version": whole, "minor_version": whole},
    "display_information": {
        "name": text(1, 35),
        "description": text(1, 140),
        "background_color": text(4, 7, r"#([0-9a-fA-F]{3}){1,2}"),
    },
    "features": {
        "app_home": {
            "home_tab_enabled": flag,
            "messages_tab_enabled": flag,
            "messages_tab_read_only_enabled": flag,
        },
        "bot_user": {"display_name": text(1, 80), "always_online": flag},
        "slash_commands": [
            {
                "command": text(2, 32, r"/\S+"),
                "url?": text(1, 3000, URL),
                "description": text(1, 2000),
                "usage_hint": text(1, 1000),
                "should_escape": flag,
            }
        ],
        "shortcuts": [
            {
                "name": text(1, 24),
                "type": text(1, 10, "message|global"),
                "callback_id": text(1, 255),
                "description": text(1, 150),
            }
        ],
    },
    "oauth_config": {"scopes": {"bot": [text(1, 50)]}},
    "settings": {
        "event_subscriptions": {"request_url?": text(1, 3500, URL), "bot_events": [text(1, 50)]},
        "interactivity": {"is_enabled": flag, "request_url?": text(1, 3500, URL)},
        "org_deploy_enabled": flag,
        "socket_mode_enabled": flag,
        "token_rotation_enabled": flag,
    },
}


def faults(rule: object, value: object, at: str = "") -> Iterator[str]:
    """Name what the schema refuses."""
    if isinstance(rule, list):
        if not isinstance(value, list) or not 1 <= len(value) <= 50:
            yield f"{at}: not 1 to 50 items"
            return
        for number, item in enumerate(value):
            yield from faults(rule[0], item, f"{at}/{number}")
    elif isinstance(rule, Mapping):
        given = value if isinstance(value, dict) else {}
        known = {name.removesuffix("?") for name in rule}
        yield from (f"{at}/{name}: unknown" for name in given if name not in known)
        for name, inner in rule.items():
            if name.removesuffix("?") in given:
                yield from faults(inner, given[name.removesuffix("?")], f"{at}/{name}")
            elif not name.endswith("?"):
                yield f"{at}/{name}: missing"
    elif callable(rule) and not rule(value):
        yield f"{at}: {value!r}"


def read(made: Manifest) -> Manifest:
    """Read a manifest as Slack does: from its YAML."""
    result = yaml.safe_load(as_yaml(made))
    assert result == made
    return made


@pytest.mark.parametrize("command", ["/trunk", f"/{'x' * 31}", "/a:b", "/trunk#1", "/no", "/ü"])
@pytest.mark.parametrize("url", [None, LONG, request_url("https://h/" + "p" * 2900)])
def test_slacks_schema_takes_it(command: str, url: str | None) -> None:
    assert list(faults(SCHEMA, read(manifest(command, url)))) == []


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("display_information", "name", "x" * 36),
        ("display_information", "surprise", "x"),
        ("settings", "interactivity", {}),
        ("settings", "socket_mode_enabled", "yes"),
        ("features", "slash_commands", []),
    ],
)
def test_the_schema_here_refuses_something(section: str, key: str, value: object) -> None:
    made = manifest("/trunk", LONG)
    inner = made[section]
    assert isinstance(inner, dict)
    assert list(faults(SCHEMA, made | {section: inner | {key: value}}))


def test_over_http_everything_goes_to_one_address() -> None:
    made = as_yaml(manifest("/voice", LONG))
    assert re.findall(r"(\w*url): (\S+)", made) == [(k, LONG) for k in ("url", "request_url", "request_url")]
    assert "command: /voice" in made
    assert "socket_mode_enabled: false" in made


def test_in_socket_mode_there_is_no_address() -> None:
    made = as_yaml(manifest("/trunk", None))
    assert "url" not in made
    assert "https://" not in made
    assert "socket_mode_enabled: true" in made
    assert "is_enabled: true" in made


NO_ADDRESSES = (
    *("http://trunk.example.com", "trunk.example.com", "https://", "https:///slack", "https://:443"),
    *("https://user:pass@host", "https://host?x=1", "https://host#x", "https://host:99999"),
    *("https://[::1", "https://two words", "https://host\n", "ftp://host", "", "https://h:x"),
    "https://host/" + "x" * 3000,
)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://trunk.example.com", "https://trunk.example.com/slack/events"),
        ("https://trunk.example.com/", "https://trunk.example.com/slack/events"),
        ("https://trunk.example.com:8443/bot/events/", "https://trunk.example.com:8443/bot/events"),
        ("HTTPS://Trunk.example.com", "https://Trunk.example.com/slack/events"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]/slack/events"),
    ],
)
def test_an_address_is_https_with_a_host(given: str, url: str) -> None:
    assert request_url(given) == url


def test_what_is_no_such_address_is_refused() -> None:
    assert [given for given in NO_ADDRESSES if request_url(given) is not None] == []


def test_the_address_is_the_path_that_the_front_door_serves() -> None:
    assert EVENTS_PATH == PATH


def test_manifest_yml_is_what_the_command_prints_for_a_placeholder() -> None:
    """After a change: `python -m bot manifest --url https://YOUR-HOST > manifest.yml`."""
    assert (ROOT / "manifest.yml").read_text() == as_yaml(manifest("/trunk", request_url(PLACEHOLDER)))


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "manifest", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_needs_no_setting_and_honours_the_commands_name(tmp_path: Path) -> None:
    done = run(tmp_path, "--url", "https://trunk.example.com", TRUNK_COMMAND="/voice")
    assert (done.returncode, done.stderr) == (0, "")
    assert yaml.safe_load(done.stdout) == manifest("/voice", "https://trunk.example.com/slack/events")
    done = run(tmp_path, "--socket")
    assert yaml.safe_load(done.stdout) == manifest("/trunk", None)


@pytest.mark.parametrize(
    ("arguments", "environment", "word"),
    [
        ((), {}, "--socket"),
        (("--socket", "--url", "https://h"), {}, "one of the two"),
        (("--url", "http://h"), {}, "https://"),
        (("--socket",), {"TRUNK_COMMAND": "trunk"}, "TRUNK_COMMAND"),
    ],
    ids=["neither", "both", "http", "odd command"],
)
def test_what_can_not_be_made_is_said_and_exits_2(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], word: str
) -> None:
    done = run(tmp_path, *arguments, **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert word in done.stderr
