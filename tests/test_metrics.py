"""The metrics themselves: documented, bounded, and without anybody's words."""

import math
import re
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.operation import LIVE, TRANSITIONS, Standing, State
from bot.domain.outcome import Unknown
from bot.domain.records import NewOperation, Record
from bot.domain.reference import new_operation_id
from bot.domain.transitions.sendings import begin, settle
from bot.runtime.metrics import Metrics
from bot.store.counts import Census, Counted
from bot.store.ledger import Ledger
from tests.conftest import TurnedClock

GUIDE: Final = (Path(__file__).parent.parent / "docs/operating.md").read_text()


def confirmed(account: str) -> NewOperation:
    """Return an operation as the ledger is given it."""
    return NewOperation(
        id=new_operation_id(),
        kind="create_trunk",
        version=1,
        request={"name": "Sales", "direction": "outbound", "calls": 10},
        seen={},
        subject="Sales",
        claims=(account,),
        steps=("create_trunk",),
        account=account,
        team="T1",
        channel="C1",
        requester="U1",
    )


def samples(metrics: Metrics) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the value of each sample by its name and the values of its labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_every_metric_is_in_the_guide_and_every_one_in_the_guide_exists() -> None:
    table = GUIDE.partition("## Metrics and alerts")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(trunk_bot_\w+)(?:\{([\w,]+)\})?` \|", table, re.MULTILINE)
    assert sorted(rows) == sorted((name, ",".join(labels)) for name, labels in Metrics().described.items())


def test_an_alert_on_an_increase_names_series_that_are_there_from_the_start() -> None:
    """`increase()` does not see the event with which a series appears."""
    table = GUIDE.partition("## Metrics and alerts")[2].partition("\n## ")[0]
    alerts = re.findall(r"`increase\((trunk_bot_\w+)\{([^}]*)\}", table)
    assert len(alerts) >= 2
    exposed = Metrics(("create",)).exposition().decode()
    for name, labels in alerts:
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', labels):
            for value in values.split("\\|"):
                assert re.search(rf'^{name}\{{[^}}]*{label}="{value}"', exposed, re.MULTILINE), value


def test_what_does_not_look_like_a_code_is_other() -> None:
    metrics = Metrics()
    for error in (
        "xoxb-1234",
        "U0ASHA001",
        "Sales East",
        "",
        "http_503",
        "not_in_channel",
        "é",
        "a" * 41,
        None,
    ):
        metrics.slack("chat.postMessage", error)
    assert samples(metrics)["trunk_bot_slack_calls_total"] == {
        ("none", "chat.postMessage"): 1,
        ("http_503", "chat.postMessage"): 1,
        ("not_in_channel", "chat.postMessage"): 1,
        ("other", "chat.postMessage"): 6,
    }


def test_no_metric_has_endless_series() -> None:
    metrics = Metrics()
    letters = [chr(ord("a") + number) for number in range(26)]
    for first in letters:
        for second in letters:
            metrics.delivered("channel", first + second)
    counted = samples(metrics)["trunk_bot_deliveries_total"]
    assert len(counted) == 151
    assert counted["other", "channel"] == 26 * 26 - 150
    metrics.delivered("channel", "aa")
    assert samples(metrics)["trunk_bot_deliveries_total"]["aa", "channel"] == 2


def test_two_bots_in_one_process_count_apart() -> None:
    one, two = Metrics(), Metrics()
    one.command("help", "told")
    assert set(samples(two)["trunk_bot_commands_total"].values()) == {0}
    assert samples(one)["trunk_bot_commands_total"]["told", "help"] == 1


def test_every_standing_is_counted_from_nought() -> None:
    moved = samples(Metrics())["trunk_bot_transitions_total"]
    assert moved == {(standing,): 0 for standing in Standing}


def test_what_could_not_be_counted_is_no_number() -> None:
    metrics = Metrics()
    metrics.counted({State.UNKNOWN: 2}, 30.0)
    assert samples(metrics)["trunk_bot_operations"][("unknown",)] == 2
    metrics.uncounted()
    known = samples(metrics)
    assert [math.isnan(value) for value in known["trunk_bot_operations"].values()] == [True] * len(LIVE)
    assert math.isnan(known["trunk_bot_oldest_unknown_seconds"][()])


def test_live_is_what_has_a_way_out() -> None:
    assert frozenset(TRANSITIONS) - {State.DRAFT} == LIVE


async def test_what_is_under_way_is_counted_and_not_at_each_scrape(
    database: AsyncEngine, clock: TurnedClock
) -> None:
    ledger, census = Ledger(database, clock), Census(database, clock)
    assert await census.count() == Counted({}, None)
    first, second, third = confirmed("MA_1"), confirmed("MA_2"), confirmed("MA_3")
    for new in (first, second, third):
        await ledger.accept(new, math.inf)
    intents = []
    for new in (first, second):
        intents.append(await ledger.change(new.id, begin))
        clock.time += 1
    sent_at = int(clock.now() * 1000) - 2000
    for intent in intents:
        assert isinstance(intent, Record)
        await ledger.change(intent.operation.id, partial(settle, sent=intent, outcome=Unknown("timeout")))
    assert await census.count() == Counted({}, None)
    clock.time += 3
    assert await census.count() == Counted({State.UNKNOWN: 2, State.ACCEPTED: 1}, sent_at)


async def test_a_database_that_does_not_say_is_not_nought(database: AsyncEngine, clock: TurnedClock) -> None:
    async with database.begin() as connection:
        await connection.execute(sa.text("ALTER TABLE operations RENAME TO gone"))
    assert await Census(database, clock).count() is None
