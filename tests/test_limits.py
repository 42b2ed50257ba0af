"""The page about limits: its figures are the code's, and the tests that it names are there."""

import re
from pathlib import Path
from typing import Final

from bot.domain.transitions.moves import FRESH, WATCHED
from bot.notify.approver_routes import _IN_PERSON, _TRIED
from bot.server.answers import KEPT_FOR
from bot.server.front_door import BODIES_MAX, BODY_WITHIN
from bot.server.http_protocol import LIMITS
from bot.slack.usergroups import REFRESH
from bot.store.secrets import SEALED_FOR, SHOWN_FOR
from bot.vobiz.calls import PAGE as RECORDS
from bot.vobiz.outcome import BODY_MAX
from bot.workflow.first_calls import PAUSE
from bot.workflow.schedule import _AGAIN, _EXAMINED
from handlers.submit import _LATELY

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs/limits.md").read_text()
SECTIONS: Final = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]


def test_each_table_names_the_tests_that_hold_it() -> None:
    for section in SECTIONS:
        title = section.partition("\n")[0]
        held = re.findall(r"`(tests/[^`]+)`", section.partition("Held by ")[2])
        assert held, title
        assert [name for name in held if "def test_" not in (ROOT / name).read_text()] == [], title


def test_each_row_says_what_happens_and_what_the_bot_does() -> None:
    rows = re.findall(r"^\|(.+)\|$", PAGE, re.MULTILINE)
    assert len(rows) > 70
    assert [row for row in rows if len(row.split(" | ")) != 2] == []


def test_the_figures_are_those_of_the_code() -> None:
    readings = [str(second) for second in _AGAIN]
    for figure in (
        f"after {LIMITS.headers:.0f} s (headers) or {BODY_WITHIN:.0f} s (body)",
        f"after {LIMITS.taken:.0f} to {2 * LIMITS.taken:.0f} s",
        f"More than {LIMITS.connections:,} connections",
        f"{BODIES_MAX // 1_000_000} MB of bodies",
        f"more than {FRESH // 1000} seconds between",
        f"in the last {_LATELY // 60_000} minutes",
        f"again {', '.join(readings[:-1])} and {readings[-1]} seconds after",
        f"until {_word(_IN_PERSON)} could be asked, among the first {_TRIED}",
        f"read for {WATCHED // 3_600_000} hours",
        f"More than {RECORDS} calls end",
        f"repeated {' and '.join(map(str, _EXAMINED))} seconds after",
        f"larger than {BODY_MAX // 1_000_000} MB",
        f"again for {SHOWN_FOR // 60_000} minutes from",
        f"erased {SEALED_FOR // 3_600_000} hours after it was made",
    ):
        assert figure in PAGE, figure
    assert REFRESH == KEPT_FOR == PAUSE / 1000 == 60, "the page says “a minute”"


def _word(number: int) -> str:
    return {5: "five"}[number]
