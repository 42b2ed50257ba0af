"""What strangers can cause does not fill the log, and nothing else is kept from it."""

import logging

import pytest

from bot.runtime.seldom import EVERY, Seldom

REFUSED = {"event": "request refused", "verdict": "wrong"}


def at(
    seconds: float, message: object, *, name: str = "bot.web", level: int = logging.WARNING
) -> logging.LogRecord:
    record = logging.LogRecord(name, level, "", 0, message, (), None)
    record.created = seconds
    return record


def test_the_same_line_is_said_once_in_ten_seconds_with_how_many_were_left_out() -> None:
    seldom = Seldom()
    assert seldom.filter(at(0, dict(REFUSED)))
    for moment in range(1, int(EVERY)):
        assert not seldom.filter(at(moment, dict(REFUSED)))
    line = dict(REFUSED)
    assert seldom.filter(at(EVERY, line))
    assert line == REFUSED | {"more": 9}
    line = dict(REFUSED)
    assert seldom.filter(at(EVERY * 2, line))
    assert line == REFUSED


@pytest.mark.parametrize(
    "other",
    [
        at(1, REFUSED | {"verdict": "stale"}),
        at(1, {"event": "request unreadable", "shape": "Press"}),
        at(1, "Invalid HTTP request received.", name="uvicorn.error"),
    ],
)
def test_another_kind_has_its_own_count(other: logging.LogRecord) -> None:
    seldom = Seldom()
    assert seldom.filter(at(0, dict(REFUSED)))
    assert seldom.filter(other)
    assert not seldom.filter(other)


@pytest.mark.parametrize(
    "other",
    [
        at(0, {"event": "not ready", "check": "slack"}),
        at(0, "Exception in ASGI application", name="uvicorn.error", level=logging.ERROR),
        at(0, "a library's line", name="dbos"),
    ],
)
def test_what_no_stranger_can_cause_is_always_said(other: logging.LogRecord) -> None:
    seldom = Seldom()
    assert [seldom.filter(other) for _ in range(3)] == [True] * 3
