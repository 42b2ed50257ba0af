"""docs/monitoring asks only for metrics that the bot has, by labels that they carry."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from bot.domain.operation import LIVE, Standing
from bot.kinds.registry import KINDS
from bot.runtime.metrics import PREFIX, Metrics
from bot.sandbox.shape import items, mapping, text

MONITORING: Final = Path(__file__).parent.parent / "docs/monitoring"
GUIDE: Final = (MONITORING.parent / "operating.md").read_text()
ALERTS: Final = [
    mapping(rule)
    for group in items(mapping(yaml.safe_load((MONITORING / "alerts.yml").read_text()))["groups"])
    for rule in items(mapping(group)["rules"])
]
PANELS: Final = items(mapping(json.loads((MONITORING / "dashboard.json").read_text()))["panels"])
METRICS: Final = Metrics(KINDS.verbs).described
VALUES: Final[dict[str, set[str]]] = {"state": set(LIVE), "standing": set(Standing)}
# A metric, the labels that it is narrowed by, and the words that they are compared with.
_SELECTED: Final = re.compile(rf"\b({PREFIX}_\w+)(?:\{{([^}}]*)\}})?")
_MATCHER: Final = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')


def asked() -> Iterator[tuple[str, str]]:
    for rule in ALERTS:
        yield text(rule["alert"]), text(rule["expr"])
    for panel in map(mapping, PANELS):
        for target in items(panel["targets"]):
            yield text(panel["title"]), text(mapping(target)["expr"])


ASKED: Final = list(asked())


@pytest.mark.parametrize(("name", "query"), ASKED, ids=[name for name, _ in ASKED])
def test_what_is_asked_for_exists(name: str, query: str) -> None:
    found = _SELECTED.findall(query)
    assert found, f"{name} asks for nothing of ours"
    for metric, narrowed in found:
        labels = METRICS[re.sub(r"(?<=seconds)_(bucket|count|sum)$", "", metric)]
        for label, words in _MATCHER.findall(narrowed):
            assert label in labels, f"{name}: {metric} has no {label}"
            if label in VALUES:
                assert set(words.split("|")) <= VALUES[label]
    known = {label for metric, _ in found for label in METRICS.get(metric, ("le", "call"))}
    for grouped in re.findall(r"\bby \(([^)]*)\)", query):
        assert set(grouped.replace(" ", "").split(",")) <= known | {"le", "call"}


def test_every_alert_says_what_to_do_and_how_urgent_it_is() -> None:
    for rule in ALERTS:
        notes = mapping(rule["annotations"])
        assert text(notes["summary"]), rule
        assert text(notes["do"]), rule
        assert mapping(rule["labels"])["severity"] in {"page", "ticket"}


def test_every_metric_of_the_bot_is_on_the_dashboard() -> None:
    shown = "\n".join(query for _, query in ASKED[len(ALERTS) :])
    assert [name for name in METRICS if name not in shown] == []


def test_what_an_alert_quotes_of_the_log_is_in_the_guide() -> None:
    for rule in ALERTS:
        for quoted in re.findall(r"`([a-z]+ [a-z ]+)`", text(mapping(rule["annotations"])["do"])):
            assert f"`{quoted}`" in GUIDE
