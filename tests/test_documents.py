"""README, manifest and code say the same."""

import ast
import contextlib
import importlib
import importlib.metadata
import json
import os
import pkgutil
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Final
from urllib.parse import urlsplit

import yaml

import handlers
from bot.commands.parse import Begin, Doctor, Examine, Help, History, List, Show, Status, parse
from bot.domain.operation import TRANSITIONS
from bot.domain.policy import Allowed
from bot.kinds.base import Limits
from bot.kinds.registry import KINDS
from bot.sandbox.settings import Settings as SandboxSettings
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.people import BOT_NAME
from bot.server.front_door import PATH
from bot.store.database import HEAD
from bot.words.command_help import help_message

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text()
_EXTRAS: Final = re.compile(r"([A-Za-z0-9-]+)\[([a-z0-9,-]+)\]")
MANIFEST: Final = yaml.safe_load((ROOT / "manifest.yml").read_text())


def test_the_readme_draws_the_states_that_the_code_has() -> None:
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", README, re.MULTILINE))
    assert drawn == {(before, after) for before, afters in TRANSITIONS.items() for after in afters}


class Registered:
    """Stands where Bolt does and notes what listeners listen to."""

    def __init__(self) -> None:
        self.names: dict[str, set[str]] = {}

    def __getattr__(self, kind: str) -> Callable[[object], Callable[[object], None]]:
        def listen(what: object) -> Callable[[object], None]:
            if isinstance(what, str):
                self.names.setdefault(kind, set()).add(what)
            return lambda _listener: None

        return listen


def registered() -> dict[str, set[str]]:
    app = Registered()
    for module in pkgutil.iter_modules(handlers.__path__):
        register = getattr(importlib.import_module(f"handlers.{module.name}"), "register", None)
        if register is not None:
            register(app, SimpleNamespace(rules=SimpleNamespace(command="/trunk", kinds=KINDS)))
    return app.names


def test_the_manifest_sends_what_the_code_listens_to_and_nothing_else() -> None:
    features, events = MANIFEST["features"], MANIFEST["settings"]["event_subscriptions"]
    code = registered()
    assert {command["command"] for command in features["slash_commands"]} == code["command"]
    assert {shortcut["callback_id"] for shortcut in features["shortcuts"]} == code["shortcut"]
    assert set(events["bot_events"]) == code["event"]
    assert features["app_home"]["home_tab_enabled"] is True
    assert urlsplit(events["request_url"]).path == PATH


def called() -> set[str]:
    """Web API methods that the code calls, by slack-sdk's name or by Slack's own."""
    sdk = {name.replace("_", "").replace(".", "").lower(): name for name in METHODS}
    found: set[str] = set()
    for folder in ("bot", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Attribute(attr=name)) if (
                        plain := name.replace("_", "").lower()
                    ) in sdk and "_" in name:
                        found.add(sdk[plain])
                    case ast.Constant(value=str(text)):
                        found |= {name for name in METHODS if text == name or text.endswith(f"/{name}")}
    return found


def test_each_method_that_the_code_calls_has_its_scope_and_each_scope_its_method() -> None:
    """The sandbox knows which scopes a method takes, from its page at docs.slack.dev."""
    scopes = set(MANIFEST["oauth_config"]["scopes"]["bot"])
    methods = called() - {"apps.connections.open"}  # goes with the app token, which has a scope of its own
    assert {"auth.test", "views.open", "chat.postMessage", "usergroups.list"} <= methods
    assert [name for name in methods if METHODS[name].scopes and not scopes & set(METHODS[name].scopes)] == []
    needed = {scope for name in methods for scope in METHODS[name].scopes}
    assert scopes <= needed | {"commands"}  # which lets people type the command


def test_the_sandbox_offers_the_shortcuts_of_the_manifest() -> None:
    shown = [(each.callback_id, each.name, each.description) for each in SandboxSettings().shortcuts]
    declared = [
        (each["callback_id"], each["name"], each["description"]) for each in MANIFEST["features"]["shortcuts"]
    ]
    assert shown == declared


def test_the_version_is_told_and_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    told = subprocess.run(
        [sys.executable, "-m", "bot", "--version"], cwd=ROOT, capture_output=True, check=True
    )
    assert told.stdout.decode() == f"trunk-bot {project['version']}\n"


def test_an_image_has_all_that_serves_and_nothing_else() -> None:
    """What is left out of .dockerignore cannot be copied, and what is not copied cannot be imported."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", dockerfile, re.MULTILINE))
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert copied == let_in == {"requirements.txt", "bot", "handlers"}
    assert f"CMD {json.dumps((ROOT / 'Procfile').read_text().partition(': ')[2].split())}\n" in dockerfile
    assert "--require-hashes" in dockerfile
    assert dockerfile.rindex("\nUSER ") > dockerfile.rindex("\nCOPY ")


class Healthz(BaseHTTPRequestHandler):
    """Answers `/healthz` with 200, and anything else with 404."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_images_health_check_asks_the_bot_on_its_port_and_no_proxy() -> None:
    line = (
        (ROOT / "Dockerfile").read_text().partition("HEALTHCHECK")[2].partition("CMD ")[2].partition("\n")[0]
    )
    (_, *arguments) = json.loads(line)
    with HTTPServer(("127.0.0.1", 0), Healthz) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        proxy = {"http_proxy": "http://127.0.0.1:1"}
        for port, well in ((serving.server_port, True), (1, False)):
            given = {**os.environ, **proxy, "PORT": str(port)}
            done = subprocess.run([sys.executable, *arguments], env=given, capture_output=True, check=False)
            assert (done.returncode == 0) is well
        serving.shutdown()


def test_the_sandbox_names_the_bot_and_closes_its_dm_as_the_manifest_does() -> None:
    features = MANIFEST["features"]
    assert features["bot_user"]["display_name"] == BOT_NAME
    rules = SandboxSettings()
    assert features["app_home"]["home_tab_enabled"] == rules.home
    assert features["app_home"]["messages_tab_read_only_enabled"] == rules.messages_read_only


def test_help_manifest_and_readme_name_the_same_commands() -> None:
    (command,) = MANIFEST["features"]["slash_commands"]
    helped = set(re.findall(r"/trunk (\w+)", help_message("/trunk", Allowed(), KINDS, Limits(1000)).text))
    # Slack shows the hint to everybody; the doctor is for operators.
    assert helped - {"doctor"} == {part.split()[0] for part in command["usage_hint"].split(" | ")}
    assert helped == set(re.findall(r"^\| `/trunk (\w+)", README, re.MULTILINE))


def test_the_manifest_asks_for_the_scopes_that_the_sandbox_grants() -> None:
    """The sandbox refuses what is called without its scope, so its list is the least that works."""
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == SandboxSettings().scopes


def test_the_commands_in_the_readme_parse() -> None:
    typed = re.findall(r"^\| `/trunk ([^`]+)`", README, re.MULTILINE)
    parsed = [parse(text, KINDS.verbs, Limits(1000)) for text in typed]
    read, told = (List, Show, Examine), (Status, History, History, Doctor, Help)
    typed_for = [kind.name for kind in KINDS if kind.verb]
    changes = [Begin] * (len(typed_for) - 1)
    assert [type(command) for command in parsed] == [Begin, Begin, *read, *changes, *told]
    begun = [command.kind for command in parsed if isinstance(command, Begin)]
    assert begun == ["create_trunk", *typed_for]


def test_the_procfile_runs_what_the_readme_says() -> None:
    assert (ROOT / "Procfile").read_text() == "web: python -m bot\n"


def test_locked_requirements_carry_hashes_and_no_addresses() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[a-z][^\n]*==", text, re.MULTILINE)
        assert len(pins) > 40
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
        assert "--index" not in text


def test_a_locked_package_is_pinned_with_the_extras_that_others_ask_of_it() -> None:
    """Else pip 23 takes the newest `coverage[toml]` for a pinned `coverage`, and refuses it as not pinned."""
    text = (ROOT / "requirements-dev.txt").read_text()
    pinned: dict[str, set[str]] = {
        name: set(extras.split(",")) if extras else set()
        for name, extras in re.findall(r"^([a-z0-9-]+)(?:\[([a-z0-9,-]+)\])?==", text, re.MULTILINE)
    }
    asked: dict[str, set[str]] = {}
    for package in pinned:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # for another platform
            for line in importlib.metadata.requires(package) or []:
                requirement, _, condition = line.partition(";")
                if "extra ==" not in condition and (found := _EXTRAS.match(requirement)):
                    asked.setdefault(found[1].lower(), set()).update(found[2].split(","))
    assert {"coverage", "psycopg"} <= set(asked)
    assert {name: extras - pinned.get(name, set()) for name, extras in asked.items()} == {
        name: set() for name in asked
    }


def test_links_between_documents_lead_somewhere() -> None:
    for document in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_newest_migration_is_the_one_that_a_start_expects() -> None:
    modules = sorted(path.stem for path in (ROOT / "bot/store/migrations/versions").glob("m*.py"))
    assert modules[-1].removeprefix("m").split("_")[0] == HEAD
