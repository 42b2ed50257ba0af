"""What reaches the log: a reference on each line, exceptions without their words, of libraries one line."""

import asyncio
import gc
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.domain.reference import new_operation_id, reference
from bot.runtime.log import about, configure, now_about
from bot.server.request import begin
from bot.server.request import reference as request_reference

HUSH = "hush-hush"
_log = structlog.get_logger("bot.tests")


class Logged(io.StringIO):
    """What was logged, as JSON."""

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture(params=["json"])
def logged(request: pytest.FixtureRequest) -> Iterator[Logged]:
    root = logging.getLogger()
    before = root.handlers
    configure("DEBUG", request.param)
    stream = Logged()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers = before


async def test_a_line_carries_the_reference_of_what_it_is_about(logged: Logged) -> None:
    first, second = new_operation_id(), new_operation_id()
    _log.info("by itself")
    with about(first):
        _log.info("in a round")
    begin()
    request = request_reference()
    _log.info("in a request")
    now_about(second)
    _log.info("in a request about an operation")
    await asyncio.create_task(_says("in a task that it started"))
    begin()
    _log.info("in the next request")
    assert [(line["event"], line.get("ref"), line.get("request")) for line in logged.lines()] == [
        ("by itself", None, None),
        ("in a round", reference(first), None),
        ("in a request", request, None),
        ("in a request about an operation", reference(second), request),
        ("in a task that it started", reference(second), request),
        ("in the next request", request_reference(), None),
    ]


async def _says(words: str) -> None:
    _log.info(words)


@pytest.mark.parametrize("logged", ["json", "text"], indirect=True)
@pytest.mark.parametrize("name", ["bot.tests", "dbos", "uvicorn.error", "asyncio", "sqlalchemy.pool"])
def test_exceptions_say_what_and_where_and_not_their_words(logged: Logged, name: str) -> None:
    try:
        _raise()
    except ValueError:
        logger = structlog.get_logger(name) if name == "bot.tests" else logging.getLogger(name)
        logger.exception("it failed" if name == "bot.tests" else f"it failed\n[parameters: {HUSH}]")
    text = logged.getvalue()
    assert "ValueError" in text
    assert "test_log.py" in text
    assert "_raise" in text
    assert HUSH not in text
    assert text.count("\n") == 1


def _raise() -> None:
    quoted = HUSH
    raise ValueError(f"invalid: {quoted}") from KeyError(quoted)


async def test_a_task_that_nobody_waited_for_is_reported_without_its_words(logged: Logged) -> None:
    async def fail() -> None:
        _raise()

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    del task
    gc.collect()
    (line,) = logged.lines()
    assert (line["event"], line["error"]) == ("Task exception was never retrieved", "ValueError")
    assert HUSH not in logged.getvalue()


def test_a_librarys_line_is_cut(logged: Logged) -> None:
    logging.getLogger("aiohttp.client").warning("x" * 1000)
    (line,) = logged.lines()
    assert line["event"] == "x" * 300
